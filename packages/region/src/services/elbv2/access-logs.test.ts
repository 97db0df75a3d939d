import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedRequest } from './ports.ts';
import { balanced, type ElbRegion, elbRegion } from './testing/elb-region.ts';
import { logDeliveryPolicy } from './testing/fake-buckets.ts';

const BUCKET = 'logs-of-web';
const DELIVERY = { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' };
const LOGS = 'AWSLogs/000000000000';

async function logging(region: ElbRegion, prefix = '') {
  region.buckets.policies.set(BUCKET, logDeliveryPolicy(BUCKET, DELIVERY));
  const { loadBalancerArn } = await balanced(region);
  await switchOn(region, loadBalancerArn, BUCKET, prefix);
  return loadBalancerArn;
}

function switchOn({ call }: ElbRegion, LoadBalancerArn: string, bucket: string, prefix = '') {
  return call('elbv2', 'modifyLoadBalancerAttributes', {
    LoadBalancerArn,
    Attributes: [
      { Key: 'access_logs.s3.enabled', Value: 'true' },
      { Key: 'access_logs.s3.bucket', Value: bucket },
      { Key: 'access_logs.s3.prefix', Value: prefix },
    ],
  });
}

function logged(region: ElbRegion, loadBalancerArn: string, ...middles: readonly string[]): void {
  const requests = middles.map(
    (middle): LoggedRequest => ({ type: 'http', startedAt: 8000, endedAt: 8250, middle, tail: '"forward"' }),
  );
  region.plane.log([{ loadBalancerArn, sentAt: 9000, requests }]);
}

function logFiles({ buckets }: ElbRegion): [string, string][] {
  return [...buckets.objects].flatMap(([key, { text, form }]) => (form === 'gzip' ? [[key, text]] : []));
}

test('switching access logs on writes a test file and makes the balancer report its requests', async () => {
  const region = elbRegion();
  const loadBalancerArn = await logging(region, 'my/web');
  await region.advance(0);
  const test = region.buckets.objects.get(`${BUCKET}/my/web/${LOGS}/ELBAccessLogTestFile`);
  assert.match(test?.text ?? '', /^Enable AccessLog for ELB: web at 2026-11-22T12:00:/);
  assert.equal(region.plane.configurations.get(loadBalancerArn)?.logsRequests, true);
});

test('every five minutes the requests become an object, named and timed by the clock of the region', async () => {
  const region = elbRegion();
  const loadBalancerArn = await logging(region, 'my');
  await region.advance(60);
  logged(region, loadBalancerArn, 'first', 'second');
  await region.advance(600);
  const files = logFiles(region);
  assert.equal(files.length, 1, 'nothing is written for a period without requests');
  const [key, text] = files[0] ?? ['', ''];
  const id = loadBalancerArn.split('/').at(-1);
  assert.match(
    key,
    new RegExp(
      `^${BUCKET}/my/${LOGS}/elasticloadbalancing/eu-central-1/2026/11/22/` +
        `000000000000_elasticloadbalancing_eu-central-1_app\\.web\\.${id}_20261122T1205Z_127\\.0\\.0\\.1_[a-z0-9]{8}\\.log\\.gz$`,
    ),
  );
  // The batch came at 12:01:02: the requests ended 0.75 s before that and began a second before.
  assert.equal(
    text,
    'http 2026-11-22T12:01:01.250000Z first 2026-11-22T12:01:01.000000Z "forward"\n' +
      'http 2026-11-22T12:01:01.250000Z second 2026-11-22T12:01:01.000000Z "forward"\n',
  );
});

test('what was logged is delivered when access logs are switched off, and when the load balancer is deleted', async () => {
  for (const end of [
    (region: ElbRegion, LoadBalancerArn: string) =>
      region.call('elbv2', 'modifyLoadBalancerAttributes', {
        LoadBalancerArn,
        Attributes: [{ Key: 'access_logs.s3.enabled', Value: 'false' }],
      }),
    (region: ElbRegion, LoadBalancerArn: string) =>
      region.call('elbv2', 'deleteLoadBalancer', { LoadBalancerArn }),
  ]) {
    const region = elbRegion();
    const loadBalancerArn = await logging(region);
    logged(region, loadBalancerArn, 'one');
    await region.advance(0);
    await end(region, loadBalancerArn);
    await region.advance(0);
    assert.equal(logFiles(region).length, 1);
  }
});

for (const [what, policy] of [
  ['no bucket', undefined],
  [
    'a bucket whose policy allows another service',
    logDeliveryPolicy(BUCKET, { Service: 'delivery.logs.amazonaws.com' }),
  ],
  ['a bucket whose policy is for another bucket', logDeliveryPolicy('other', DELIVERY)],
  ['the account of another region', logDeliveryPolicy(BUCKET, { AWS: 'arn:aws:iam::127311923021:root' })],
] as const) {
  test(`access logs to ${what} are refused`, async () => {
    const region = elbRegion();
    if (policy !== undefined) region.buckets.policies.set(BUCKET, policy);
    const { loadBalancerArn } = await balanced(region);
    await assert.rejects(switchOn(region, loadBalancerArn, BUCKET), {
      code: 'InvalidConfigurationRequest',
      message: `Access Denied for bucket: ${BUCKET}. Please check S3bucket permission`,
    });
  });
}

test("the account of Elastic Load Balancing in the bucket's policy is accepted, as the CDK writes it", async () => {
  const region = elbRegion();
  region.buckets.policies.set(BUCKET, logDeliveryPolicy(BUCKET, { AWS: 'arn:aws:iam::054676820928:root' }));
  const { loadBalancerArn } = await balanced(region);
  await switchOn(region, loadBalancerArn, BUCKET);
});

test('a log that S3 does not take is lost, and the region says so', async () => {
  const region = elbRegion();
  const loadBalancerArn = await logging(region);
  region.buckets.policies.delete(BUCKET);
  logged(region, loadBalancerArn, 'one');
  await region.advance(600);
  assert.equal(logFiles(region).length, 0);
  assert.ok(region.messages.some(({ code }) => code === 'access-log-not-delivered'));
});

test('what was logged before a restart is delivered after it, with what is logged then', async () => {
  const before = elbRegion();
  const loadBalancerArn = await logging(before);
  logged(before, loadBalancerArn, 'before');
  await before.advance(0);
  const region = elbRegion(before.commits);
  region.buckets.policies.set(BUCKET, logDeliveryPolicy(BUCKET, DELIVERY));
  await region.advance(1);
  logged(region, loadBalancerArn, 'after');
  await region.advance(600);
  assert.equal(logFiles(region).length, 1);
  assert.match(logFiles(region)[0]?.[1] ?? '', / before .*\n.* after /);
});

test('connection logs and health check logs are refused by name', async () => {
  const region = elbRegion();
  const { loadBalancerArn } = await balanced(region);
  for (const kind of ['connection_logs', 'health_check_logs']) {
    await assert.rejects(
      region.call('elbv2', 'modifyLoadBalancerAttributes', {
        LoadBalancerArn: loadBalancerArn,
        Attributes: [{ Key: `${kind}.s3.enabled`, Value: 'true' }],
      }),
      new RegExp(`${kind}\\.s3\\.enabled`),
    );
  }
});
