import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { regionClock } from '../clock-client.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const BUCKET = 'access-logs-of-web';

describe('access logs by real clients', () => {
  let region: RegionProcess;
  before(async () => {
    region = await startRegionProcess();
  });
  after(() => region.close());

  test('a request to a load balancer is in an object of the bucket after five minutes', async () => {
    const s3 = new S3Client({ ...region.client, forcePathStyle: true });
    await bucketForLogs(s3);
    const port = await loadBalancerThatLogs(region);
    const [answer] = await once(get({ port, path: '/hello?a=b', agent: false }), 'response');
    assert.equal(answer.statusCode, 418);
    answer.resume();
    // The balancer reports once a second; the log is written at the end of the next period.
    const logs = await eventually(async () => {
      await regionClock(region.client.endpoint).advance(300);
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
      return Contents.flatMap(({ Key }) => (Key?.endsWith('.log.gz') ? [Key] : []));
    });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: logs[0] }));
    const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
    assert.match(
      text,
      /^http \S+Z app\/web\/\w{16} 127\.0\.0\.1:\d+ - -1 -1 -1 418 - \d+ \d+ "GET http:\/\/localhost:80\/hello\?a=b HTTP\/1\.1" .*"fixed-response"/,
    );
  });
});

async function bucketForLogs(s3: S3Client): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${BUCKET}/AWSLogs/*`,
      },
    ],
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
}

/** Returns the local port of its listener, which answers every request with 418. */
async function loadBalancerThatLogs(region: RegionProcess): Promise<number> {
  const ec2 = new EC2Client(region.client);
  const elb = new ElasticLoadBalancingV2Client(region.client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const subnets = ['a', 'b'].map((zone, i) =>
    ec2.send(
      new CreateSubnetCommand({
        VpcId: Vpc?.VpcId,
        CidrBlock: `10.0.${i}.0/24`,
        AvailabilityZone: `eu-central-1${zone}`,
      }),
    ),
  );
  const Subnets = (await Promise.all(subnets)).flatMap(({ Subnet }) => Subnet?.SubnetId ?? []);
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'web', Subnets, Scheme: 'internal' }),
  );
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  const Attributes = [
    { Key: 'access_logs.s3.enabled', Value: 'true' },
    { Key: 'access_logs.s3.bucket', Value: BUCKET },
  ];
  await elb.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
  const FixedResponseConfig = { StatusCode: '418', ContentType: 'text/plain', MessageBody: 'tea' };
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig }],
    }),
  );
  return listenerPort(region);
}

async function listenerPort(region: RegionProcess): Promise<number> {
  const urls = await eventually(async () => {
    const status = await fetch(`${region.client.endpoint}/_plimsoll/status`);
    const { loadBalancers } = (await status.json()) as {
      loadBalancers: { listeners: { url?: string }[] }[];
    };
    return loadBalancers.flatMap(({ listeners }) => listeners.flatMap(({ url }) => url ?? []));
  });
  return Number(new URL(urls[0] ?? '').port);
}

/** Asks until there is something, for 30 s at most. */
async function eventually<T>(ask: () => Promise<readonly T[]>): Promise<readonly T[]> {
  for (let tries = 0; tries < 120; tries += 1) {
    const found = await ask();
    if (found.length > 0) return found;
    await delay(250);
  }
  throw new Error('nothing came');
}
