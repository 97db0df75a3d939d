import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CounterReport, LoadBalancing } from '../../services/elbv2/ports.ts';
import { Traffic } from './traffic.ts';

test('traffic is what targets and the balancer answered; failed is 5xx; a second without a report is none', () => {
  let now = 0;
  let counted: (reports: readonly CounterReport[]) => void = () => {};
  const plane = {
    watchCounters: (listener: typeof counted) => {
      counted = listener;
    },
  } as LoadBalancing;
  const traffic = new Traffic(() => now);
  const passedOn: unknown[] = [];
  traffic.watch(plane).watchCounters((reports) => passedOn.push(reports));
  const report = {
    loadBalancerArn: 'a',
    counters: { HTTPCode_ELB_5XX_Count: 2, HTTPCode_ELB_502_Count: 2, NewConnectionCount: 9 },
    targetGroups: [
      {
        targetGroupArn: 't',
        counters: { RequestCount: 99, HTTPCode_Target_2XX_Count: 90, HTTPCode_Target_5XX_Count: 1 },
      },
    ],
  };
  counted([report]);
  counted([report]);
  assert.deepEqual(traffic.of('a'), { requestsPerSecond: 93, requests: 186, failedRequests: 6 });
  now += 2000;
  assert.deepEqual(traffic.of('a'), { requestsPerSecond: 0, requests: 186, failedRequests: 6 });
  assert.deepEqual(traffic.of('b'), { requestsPerSecond: 0, requests: 0, failedRequests: 0 });
  assert.deepEqual(passedOn, [[report], [report]]);
});
