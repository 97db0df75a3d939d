/** HTTPS listeners and their certificates, at the API and in templates. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CertificateOptions, testCertificate } from '../../testing/certificates.ts';
import { balanced, type ElbRegion, elbRegion, forward, SUBNETS } from './testing/elb-region.ts';
import { localLoadBalancers } from './views.ts';

async function imported({ call }: ElbRegion, options: CertificateOptions = {}, CertificateArn?: string) {
  const { certificate, privateKey } = testCertificate({ names: ['app.example.com'], ...options });
  const answer = await call('acm', 'importCertificate', {
    CertificateArn,
    Certificate: Buffer.from(certificate),
    PrivateKey: Buffer.from(privateKey),
  });
  return { arn: answer.CertificateArn ?? '', certificate };
}

/** A load balancer with HTTP on 80, and with HTTPS on 443. */
async function secured(region: ElbRegion) {
  const { loadBalancerArn, targetGroupArn, listenerArn: httpListenerArn } = await balanced(region);
  const { arn, certificate } = await imported(region);
  const created = await region.call('elbv2', 'createListener', {
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTPS',
    Port: 443,
    Certificates: [{ CertificateArn: arn }],
    DefaultActions: [forward(targetGroupArn)],
  });
  await region.advance(1);
  const [listener] = created.Listeners ?? [];
  return {
    loadBalancerArn,
    targetGroupArn,
    httpListenerArn,
    certificateArn: arn,
    certificate,
    listener,
    listenerArn: listener?.ListenerArn ?? '',
  };
}

function tlsOf({ plane }: ElbRegion, loadBalancerArn: string) {
  const { listeners = [] } = plane.configurations.get(loadBalancerArn) ?? {};
  return listeners.find(({ port }) => port === 443)?.tls;
}

test('an HTTPS listener has its certificate and, when none is given, the policy of 2016', async () => {
  const region = elbRegion();
  const { loadBalancerArn, listener, certificateArn, certificate } = await secured(region);
  assert.equal(listener?.Protocol, 'HTTPS');
  assert.equal(listener?.SslPolicy, 'ELBSecurityPolicy-2016-08');
  assert.deepEqual(listener?.Certificates, [{ CertificateArn: certificateArn }]);
  assert.deepEqual(listener?.MutualAuthentication, { Mode: 'off' });
  const tls = tlsOf(region, loadBalancerArn);
  assert.equal(tls?.minVersion, 'TLSv1');
  assert.equal(tls?.maxVersion, 'TLSv1.2');
  assert.equal(tls?.ciphers[0], 'ECDHE-ECDSA-AES128-GCM-SHA256');
  assert.equal(tls?.defaultCertificate.certificate, certificate);
  assert.match(tls?.defaultCertificate.privateKey ?? '', /PRIVATE KEY/);
  assert.deepEqual(localLoadBalancers(region.tables)[0]?.listeners, [
    { listenerPort: 80, url: 'http://localhost:10080' },
    { listenerPort: 443, url: 'https://localhost:10443' },
  ]);
});

const refusals: readonly (readonly [string, object, string, RegExp])[] = [
  [
    'no certificate',
    { Certificates: undefined },
    'ValidationError',
    /^A certificate must be specified for HTTPS listeners$/,
  ],
  ['two certificates', { Certificates: [{}, {}] }, 'ValidationError', /Exactly one certificate/],
  [
    'a certificate that is not there',
    { Certificates: [{ CertificateArn: 'arn:x' }] },
    'CertificateNotFound',
    /arn:x/,
  ],
  [
    'one that is said to be the default',
    { Certificates: [{ CertificateArn: 'arn:x', IsDefault: true }] },
    'ValidationError',
    /IsDefault/,
  ],
  [
    'a server certificate of IAM',
    { Certificates: [{ CertificateArn: 'arn:aws:iam::1:server-certificate/x' }] },
    'NotModelled',
    /server certificates of IAM/,
  ],
  ['an unknown policy', { SslPolicy: 'ELBSecurityPolicy-1999' }, 'SSLPolicyNotFound', /1999/],
  ['a FIPS policy', { SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04' }, 'NotModelled', /FIPS/],
  ['an ALPN policy', { AlpnPolicy: ['HTTP2Preferred'] }, 'ALPNPolicyNotFound', /not supported/],
  [
    'mutual TLS',
    { MutualAuthentication: { Mode: 'verify', TrustStoreArn: 'x' } },
    'NotModelled',
    /mutual authentication mode verify/,
  ],
  ['the protocol TLS', { Protocol: 'TLS' }, 'UnsupportedProtocol', /'TLS'/],
  ['a certificate for HTTP', { Protocol: 'HTTP' }, 'ValidationError', /HTTPS listeners only/],
  [
    'a policy for HTTP',
    { Protocol: 'HTTP', Certificates: undefined, SslPolicy: 'ELBSecurityPolicy-2016-08' },
    'ValidationError',
    /security policy can be specified for HTTPS/,
  ],
  [
    'a redirect to HTTP',
    { DefaultActions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTP', StatusCode: 'HTTP_301' } }] },
    'InvalidLoadBalancerAction',
    /redirect to HTTP/,
  ],
];

for (const [what, change, code, message] of refusals) {
  test(`an HTTPS listener is refused: ${what}`, async () => {
    const region = elbRegion();
    const { loadBalancerArn: LoadBalancerArn, targetGroupArn } = await balanced(region);
    const { arn } = await imported(region);
    const given = {
      LoadBalancerArn,
      Protocol: 'HTTPS' as const,
      Port: 443,
      Certificates: [{ CertificateArn: arn }],
      DefaultActions: [forward(targetGroupArn)],
      ...change,
    };
    await assert.rejects(region.call('elbv2', 'createListener', given), { code, message });
  });
}

test('a certificate without a fully-qualified name is refused, as AWS refuses it', async () => {
  const region = elbRegion();
  const { listenerArn: ListenerArn } = await secured(region);
  for (const names of [['localhost'], ['10.0.0.1']]) {
    const { arn: CertificateArn } = await imported(region, { names });
    await assert.rejects(
      region.call('elbv2', 'addListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] }),
      { code: 'UnsupportedCertificate', message: /must have a fully-qualified domain name/ },
    );
  }
});

test('a listener becomes one of HTTPS and one of HTTP again', async () => {
  const region = elbRegion();
  const { httpListenerArn: ListenerArn, certificateArn: CertificateArn } = await secured(region);
  const modify = async (change: object) =>
    (await region.call('elbv2', 'modifyListener', { ListenerArn, ...change })).Listeners?.[0];
  await assert.rejects(modify({ Protocol: 'HTTPS' }), {
    code: 'ValidationError',
    message: /must be specified/,
  });
  const https = await modify({ Protocol: 'HTTPS', Certificates: [{ CertificateArn }] });
  assert.equal(https?.SslPolicy, 'ELBSecurityPolicy-2016-08');
  const changed = await modify({ SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' });
  assert.deepEqual(changed?.Certificates, [{ CertificateArn }]);
  assert.equal(changed?.SslPolicy, 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06');
  const http = await modify({ Protocol: 'HTTP' });
  assert.equal(http?.SslPolicy, undefined);
  assert.equal(http?.Certificates, undefined);
});

test('further certificates are added and removed one by one; the default one stays', async () => {
  const region = elbRegion();
  const {
    listenerArn: ListenerArn,
    certificateArn,
    httpListenerArn,
    loadBalancerArn,
  } = await secured(region);
  const { arn: more } = await imported(region, { names: ['b.example.com'] });
  const add = (CertificateArn: string) =>
    region.call('elbv2', 'addListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
  const remove = (CertificateArn: string) =>
    region.call('elbv2', 'removeListenerCertificates', { ListenerArn, Certificates: [{ CertificateArn }] });
  const listed = async () =>
    ((await region.call('elbv2', 'describeListenerCertificates', { ListenerArn })).Certificates ?? []).map(
      ({ CertificateArn, IsDefault }) => `${CertificateArn === more ? 'more' : 'first'} ${IsDefault}`,
    );
  assert.deepEqual((await add(more)).Certificates, [{ CertificateArn: more, IsDefault: false }]);
  await add(more);
  assert.deepEqual(await listed(), ['first true', 'more false']);
  assert.deepEqual(
    tlsOf(region, loadBalancerArn)?.certificates.map(({ names }) => names),
    [['b.example.com']],
  );
  await add(certificateArn);
  assert.deepEqual(await listed(), ['first true', 'more false', 'first false']);
  await remove(certificateArn);
  await remove(more);
  await remove(more);
  assert.deepEqual(await listed(), ['first true']);
  await assert.rejects(remove(certificateArn), { code: 'OperationNotPermitted' });
  await assert.rejects(
    region.call('elbv2', 'addListenerCertificates', {
      ListenerArn: httpListenerArn,
      Certificates: [{ CertificateArn: more }],
    }),
    { code: 'ValidationError' },
  );
});

test('a load balancer has at most 25 certificates beside the default ones', async () => {
  const region = elbRegion();
  const { listenerArn: ListenerArn } = await secured(region);
  const key = testCertificate().key;
  const add = async (i: number) => {
    const { arn: CertificateArn } = await imported(region, { names: [`a${i}.example.com`], key });
    return region.call('elbv2', 'addListenerCertificates', {
      ListenerArn,
      Certificates: [{ CertificateArn }],
    });
  };
  for (let i = 0; i < 25; i += 1) await add(i);
  await assert.rejects(add(25), { code: 'TooManyCertificates' });
});

test('a certificate in use tells by whom, and is not deleted until it is not', async () => {
  const region = elbRegion();
  const { listenerArn: ListenerArn, loadBalancerArn, certificateArn: CertificateArn } = await secured(region);
  const used = await region.call('acm', 'describeCertificate', { CertificateArn });
  assert.deepEqual(used.Certificate?.InUseBy, [loadBalancerArn]);
  await assert.rejects(region.call('acm', 'deleteCertificate', { CertificateArn }), {
    code: 'ResourceInUseException',
    message: `Certificate ${CertificateArn} in account 000000000000 is in use.`,
  });
  await region.call('elbv2', 'deleteListener', { ListenerArn });
  await region.call('acm', 'deleteCertificate', { CertificateArn });
});

test('a certificate that is imported again is served by the listeners that have it', async () => {
  const region = elbRegion();
  const { loadBalancerArn, certificateArn } = await secured(region);
  const { certificate } = await imported(region, { names: ['new.example.com'] }, certificateArn);
  await region.advance(1);
  assert.equal(tlsOf(region, loadBalancerArn)?.defaultCertificate.certificate, certificate);
});

test('listeners and their certificates are back after a restart', async () => {
  const region = elbRegion();
  const { loadBalancerArn, certificate } = await secured(region);
  const again = elbRegion(region.commits);
  await again.advance(1);
  assert.equal(tlsOf(again, loadBalancerArn)?.defaultCertificate.certificate, certificate);
});

test('policies are described with protocols, ciphers and their order', async () => {
  const { call } = elbRegion();
  const { SslPolicies = [] } = await call('elbv2', 'describeSSLPolicies', {
    Names: ['ELBSecurityPolicy-TLS13-1-2-Res-2021-06'],
  });
  assert.deepEqual(SslPolicies, [
    {
      Name: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      SslProtocols: ['TLSv1.3', 'TLSv1.2'],
      Ciphers: [
        'TLS_AES_128_GCM_SHA256',
        'TLS_AES_256_GCM_SHA384',
        'TLS_CHACHA20_POLY1305_SHA256',
        'ECDHE-ECDSA-AES128-GCM-SHA256',
        'ECDHE-RSA-AES128-GCM-SHA256',
        'ECDHE-ECDSA-AES256-GCM-SHA384',
        'ECDHE-RSA-AES256-GCM-SHA384',
      ].map((Name, i) => ({ Name, Priority: i + 1 })),
      SupportedLoadBalancerTypes: ['application', 'network'],
    },
  ]);
  const all =
    (await call('elbv2', 'describeSSLPolicies', { LoadBalancerType: 'application' })).SslPolicies ?? [];
  assert.equal(new Set(all.map(({ Name }) => Name)).size, all.length);
  await assert.rejects(call('elbv2', 'describeSSLPolicies', { Names: ['x'] }), { code: 'SSLPolicyNotFound' });
});

test('a stack with an HTTPS listener and more certificates: created, changed in place, deleted', async () => {
  const region = elbRegion();
  const [first, second, third] = [
    (await imported(region)).arn,
    (await imported(region, { names: ['b.example.com'] })).arn,
    (await imported(region, { names: ['c.example.com'] })).arn,
  ];
  const deploy = async (operation: 'createStack' | 'updateStack', main: string, more: readonly string[]) => {
    const template = stackOf(main, more);
    await region.call('cloudformation', operation, {
      StackName: 's',
      TemplateBody: JSON.stringify(template),
    });
    await region.advance(10);
    const { Stacks } = await region.call('cloudformation', 'describeStacks', { StackName: 's' });
    return Stacks?.[0]?.StackStatus;
  };
  assert.equal(await deploy('createStack', first, [second]), 'CREATE_COMPLETE');
  const { StackResources = [] } = await region.call('cloudformation', 'describeStackResources', {
    StackName: 's',
  });
  const ListenerArn = StackResources.find(
    ({ LogicalResourceId }) => LogicalResourceId === 'Https',
  )?.PhysicalResourceId;
  const certificates = async () =>
    ((await region.call('elbv2', 'describeListenerCertificates', { ListenerArn })).Certificates ?? []).map(
      ({ CertificateArn }) => CertificateArn,
    );
  assert.deepEqual(await certificates(), [first, second]);
  const drift = async () => {
    const { StackDriftDetectionId } = await region.call('cloudformation', 'detectStackDrift', {
      StackName: 's',
    });
    await region.advance(5);
    const status = await region.call('cloudformation', 'describeStackDriftDetectionStatus', {
      StackDriftDetectionId,
    });
    return status.StackDriftStatus;
  };
  assert.equal(await drift(), 'IN_SYNC');
  await region.call('elbv2', 'removeListenerCertificates', {
    ListenerArn,
    Certificates: [{ CertificateArn: second }],
  });
  assert.equal(await drift(), 'DRIFTED');
  assert.equal(await deploy('updateStack', second, [third]), 'UPDATE_COMPLETE');
  assert.deepEqual(await certificates(), [second, third]);
  await region.call('cloudformation', 'deleteStack', { StackName: 's' });
  await region.advance(10);
  for (const CertificateArn of [first, second, third])
    await region.call('acm', 'deleteCertificate', { CertificateArn });
});

function stackOf(main: string, more: readonly string[]) {
  return {
    Resources: {
      LoadBalancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Subnets: SUBNETS } },
      Https: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'LoadBalancer' },
          Port: 443,
          Protocol: 'HTTPS',
          SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
          Certificates: [{ CertificateArn: main }],
          DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
        },
      },
      More: {
        Type: 'AWS::ElasticLoadBalancingV2::ListenerCertificate',
        Properties: {
          ListenerArn: { Ref: 'Https' },
          Certificates: more.map((CertificateArn) => ({ CertificateArn })),
        },
      },
    },
  };
}
