/** Target groups whose targets speak HTTP/2 or gRPC. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProtocolEnum } from '@aws-sdk/client-elastic-load-balancing-v2';
import { testCertificate } from '../../testing/certificates.ts';
import { matchesCode } from './matcher.ts';
import { type ElbRegion, elbRegion, forward, healthOf, newLoadBalancer } from './testing/elb-region.ts';

async function newGroup({ call }: ElbRegion, change: object = {}) {
  const { TargetGroups: [group] = [] } = await call('elbv2', 'createTargetGroup', {
    Name: 'calls',
    Protocol: 'HTTP',
    ProtocolVersion: 'GRPC',
    Port: 50051,
    VpcId: 'vpc-1',
    TargetType: 'ip',
    HealthCheckIntervalSeconds: 10,
    ...change,
  });
  return group ?? {};
}

async function listenerFor(region: ElbRegion, TargetGroupArn: string, Protocol: ProtocolEnum) {
  const LoadBalancerArn = await newLoadBalancer(region, 'web');
  const { certificate, privateKey } = testCertificate({ names: ['a.example.com'] });
  const { CertificateArn } = await region.call('acm', 'importCertificate', {
    Certificate: Buffer.from(certificate),
    PrivateKey: Buffer.from(privateKey),
  });
  const { Listeners } = await region.call('elbv2', 'createListener', {
    LoadBalancerArn,
    Protocol,
    Port: 443,
    ...(Protocol === 'HTTPS' && { Certificates: [{ CertificateArn }] }),
    DefaultActions: [forward(TargetGroupArn)],
  });
  return { LoadBalancerArn, ListenerArn: Listeners?.[0]?.ListenerArn };
}

test('a target group of gRPC calls /AWS.ALB/healthcheck and expects 12, when nothing else is given', async () => {
  const group = await newGroup(elbRegion());
  assert.equal(group.ProtocolVersion, 'GRPC');
  assert.equal(group.HealthCheckPath, '/AWS.ALB/healthcheck');
  assert.deepEqual(group.Matcher, { GrpcCode: '12' });
  const http2 = await newGroup(elbRegion(), { ProtocolVersion: 'HTTP2' });
  assert.equal(http2.ProtocolVersion, 'HTTP2');
  assert.equal(http2.HealthCheckPath, '/');
  assert.deepEqual(http2.Matcher, { HttpCode: '200' });
});

for (const [what, change, message] of [
  ['codes of HTTP for gRPC', { Matcher: { HttpCode: '200' } }, /HTTP codes cannot be specified.*'GRPC'/],
  [
    'codes of gRPC for HTTP/1.1',
    { ProtocolVersion: 'HTTP1', Matcher: { GrpcCode: '0' } },
    /GRPC codes.*'HTTP1'/,
  ],
  [
    'codes of gRPC for HTTP/2',
    { ProtocolVersion: 'HTTP2', Matcher: { GrpcCode: '0' } },
    /GRPC codes.*'HTTP2'/,
  ],
  ['a code above 99', { Matcher: { GrpcCode: '100' } }, /'100' must be within '0-99'/],
  ['a code that is none', { Matcher: { GrpcCode: 'ok' } }, /'ok'/],
] as const) {
  test(`a target group is refused: ${what}`, async () => {
    await assert.rejects(newGroup(elbRegion(), change), { code: 'ValidationError', message });
  });
}

test('codes of gRPC are numbers, lists and ranges', () => {
  for (const [matcher, code, matches] of [
    ['12', 12, true],
    ['0,12', 0, true],
    ['0-99', 16, true],
    ['1-5', 0, false],
  ] as const)
    assert.equal(matchesCode(matcher, code), matches, `${matcher} ${code}`);
});

for (const ProtocolVersion of ['HTTP2', 'GRPC'] as const) {
  test(`a target group of ${ProtocolVersion} needs a listener of HTTPS`, async () => {
    const region = elbRegion();
    const { TargetGroupArn = '' } = await newGroup(region, { ProtocolVersion });
    await assert.rejects(listenerFor(region, TargetGroupArn, 'HTTP'), {
      code: 'InvalidLoadBalancerAction',
      message: `Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${ProtocolVersion}'`,
    });
    const another = elbRegion();
    const group = await newGroup(another, { ProtocolVersion });
    const { LoadBalancerArn, ListenerArn } = await listenerFor(another, group.TargetGroupArn ?? '', 'HTTPS');
    await another.advance(2);
    const [told] = another.plane.configurations.get(LoadBalancerArn)?.targetGroups ?? [];
    assert.equal(told?.protocolVersion, ProtocolVersion);
    await assert.rejects(another.call('elbv2', 'modifyListener', { ListenerArn, Protocol: 'HTTP' }), {
      code: 'InvalidLoadBalancerAction',
    });
  });
}

test('targets are checked by calls of gRPC', async () => {
  const region = elbRegion();
  const { TargetGroupArn = '' } = await newGroup(region, { Matcher: { GrpcCode: '0' } });
  await listenerFor(region, TargetGroupArn, 'HTTPS');
  region.plane.outcomes.set('10.0.0.1:50051', { kind: 'answered', statusCode: 0 });
  region.plane.outcomes.set('10.0.0.2:50051', { kind: 'answered', statusCode: 12 });
  await region.call('elbv2', 'registerTargets', {
    TargetGroupArn,
    Targets: [{ Id: '10.0.0.1' }, { Id: '10.0.0.2' }],
  });
  await region.advance(40);
  assert.deepEqual(await healthOf(region, TargetGroupArn), [
    'healthy',
    'unhealthy Target.ResponseCodeMismatch',
  ]);
  assert.deepEqual(region.plane.probes[0], {
    ip: '10.0.0.1',
    port: 50051,
    path: '/AWS.ALB/healthcheck',
    timeoutSeconds: 5,
    protocolVersion: 'GRPC',
  });
});

test('a stack with a target group of gRPC: created as it says, without drift, replaced for another version', async () => {
  const region = elbRegion();
  const stack = async (operation: 'createStack' | 'updateStack', change: object) => {
    const Properties = {
      Port: 50051,
      Protocol: 'HTTP',
      TargetType: 'ip',
      VpcId: 'vpc-1',
      ProtocolVersion: 'GRPC',
      HealthCheckPath: '/grpc.health.v1.Health/Check',
      Matcher: { GrpcCode: '0' },
      ...change,
    };
    const TemplateBody = JSON.stringify({
      Resources: { Calls: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties } },
    });
    await region.call('cloudformation', operation, { StackName: 's', TemplateBody });
    await region.advance(10);
    const { Stacks } = await region.call('cloudformation', 'describeStacks', { StackName: 's' });
    return Stacks?.[0]?.StackStatus;
  };
  const group = async () => (await region.call('elbv2', 'describeTargetGroups', {})).TargetGroups?.[0];
  assert.equal(await stack('createStack', {}), 'CREATE_COMPLETE');
  assert.deepEqual((await group())?.Matcher, { GrpcCode: '0' });
  const { StackDriftDetectionId } = await region.call('cloudformation', 'detectStackDrift', {
    StackName: 's',
  });
  await region.advance(5);
  const drift = await region.call('cloudformation', 'describeStackDriftDetectionStatus', {
    StackDriftDetectionId,
  });
  assert.equal(drift.StackDriftStatus, 'IN_SYNC');
  assert.equal(await stack('updateStack', { Matcher: { GrpcCode: '0-99' } }), 'UPDATE_COMPLETE');
  const before = await group();
  assert.deepEqual(before?.Matcher, { GrpcCode: '0-99' });
  const http1 = { ProtocolVersion: 'HTTP1', HealthCheckPath: '/', Matcher: { HttpCode: '200' } };
  assert.equal(await stack('updateStack', http1), 'UPDATE_COMPLETE');
  assert.notEqual((await group())?.TargetGroupArn, before?.TargetGroupArn);
});
