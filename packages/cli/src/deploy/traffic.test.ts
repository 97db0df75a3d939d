import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Target } from './clients.ts';
import { TrafficWatch } from './traffic.ts';

const service = { loadBalancers: [{ targetGroupArn: 'group' }] };

test('on AWS traffic comes from CloudWatch: the newest minute by the second, and sums since the release began', async () => {
  const asked: (MetricDataQuery[] | undefined)[] = [];
  const sums: Readonly<Record<string, number[]>> = {
    RequestCount: [5400, 6000],
    HTTPCode_Target_5XX_Count: [3],
    HTTPCode_ELB_5XX_Count: [],
  };
  const LoadBalancerArns = ['arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/app/shop/0123'];
  const target = {
    clients: {
      elbv2: async () => ({ send: async () => ({ TargetGroups: [{ LoadBalancerArns }] }) }),
      cloudwatch: async () => ({
        send: async ({ input }: { readonly input: { readonly MetricDataQueries?: MetricDataQuery[] } }) => {
          asked.push(input.MetricDataQueries);
          return {
            MetricDataResults: input.MetricDataQueries?.map(({ Id, MetricStat }) => ({
              Id,
              Values: sums[MetricStat?.Metric?.MetricName ?? ''],
            })),
          };
        },
      }),
    },
  } as unknown as Target;
  const watch = new TrafficWatch(target);
  const traffic = { requestsPerSecond: 90, requests: 11_400, failed: 3 };
  assert.deepEqual(await watch.look(service), traffic);
  assert.deepEqual(asked[0]?.[0]?.MetricStat?.Metric?.Dimensions, [
    { Name: 'LoadBalancer', Value: 'app/shop/0123' },
  ]);
  assert.deepEqual(await watch.look(service), traffic);
  assert.equal(asked.length, 1, 'CloudWatch is asked every 20 s');
});

test('a service without a load balancer has no traffic to tell', async () => {
  assert.equal(await new TrafficWatch({} as Target).look({}), undefined);
});
