/**
 * Held to 2 of the issue of the closed loop, live: real load on real tasks at twenty times real time. CPU that the tasks use
 * moves the metric, the metric moves the alarms, the alarms move the task count; no request fails while tasks go.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ApplicationAutoScalingClient,
  DescribeScalingActivitiesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { until } from '../faults/testing/until.ts';
import { scenarioPlanes } from './testing/planes.ts';
import { defaultListen } from './testing/program.ts';
import { cluster, ReleasedService, service } from './testing/released-service.ts';
import { Visitors } from './testing/visitors.ts';

const rate = 20;
const [min, max] = [2, 5];
const holdMs = (5 * 60_000) / rate;

/**
 * Each request costs 20 ms of CPU: a task of a quarter of a core is fully used by twelve a second. Health checks cost nothing:
 * at twenty times real time there are twenty times as many of them.
 */
const costly = `
server.prependListener('request', ({ url }) => {
  if (url === '/health') return;
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system > 20_000) return;
  }
});
${defaultListen}`;

const resource = {
  ServiceNamespace: 'ecs',
  ResourceId: `service/${cluster}/${service}`,
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;

const [processes] = await scenarioPlanes();

test('load scales out, holds, and scales in when it is gone; never outside the limits, no request fails', {
  timeout: 600_000,
  // It needs most of a core for itself, which a machine that runs other tests has not.
  skip: process.env['PLIMSOLL_SCENARIO'] === 'full' ? false : 'needs PLIMSOLL_SCENARIO=full',
}, async (t) => {
  const region = await processes?.start(t, { rate });
  assert.ok(region);
  const released = await ReleasedService.create(region, { version: 'one', listen: costly });
  const scaling = new ApplicationAutoScalingClient(region.client);
  await scaling.send(new RegisterScalableTargetCommand({ ...resource, MinCapacity: min, MaxCapacity: max }));
  await scaling.send(
    new PutScalingPolicyCommand({
      ...resource,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 60,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    }),
  );
  const counts: number[] = [];
  const desired = async (): Promise<number> => {
    const { desiredCount = 0 } = await released.describe();
    if (counts.at(-1) !== desiredCount) counts.push(desiredCount);
    await pause(200);
    return desiredCount;
  };
  const url = `http://127.0.0.1:${region.httpPort}/`;
  const busy = new Visitors({ url, perSecond: 20, connections: 16, keepAlive: true });
  await until('a scale-out', async () => (await desired()) > min, 120);
  await until('its tasks', async () => ((await released.describe()).runningCount ?? 0) > min, 60);
  const scaledOut = await desired();
  const holdsUntil = performance.now() + holdMs;
  await until(
    'five minutes of the region that it holds',
    async () => {
      assert.ok((await desired()) >= scaledOut, 'no scale-in while the load goes on');
      return performance.now() > holdsUntil;
    },
    120,
  );
  const busyVisits = await busy.stop();
  const calm = new Visitors({ url, perSecond: 4, connections: 16, keepAlive: true });
  await until('the scale-in', async () => (await desired()) === min, 300);
  await until('its end', async () => ((await released.describe()).runningCount ?? 0) === min, 60);
  const calmVisits = await calm.stop();
  const { ScalingActivities = [] } = await scaling.send(new DescribeScalingActivitiesCommand(resource));
  t.diagnostic(JSON.stringify({ counts, sent: busyVisits.sent + calmVisits.sent }));
  assert.deepEqual([busyVisits.failures, calmVisits.failures], [[], []]);
  assert.ok(
    counts.every((count) => count >= min && count <= max),
    counts.join(),
  );
  assert.ok(
    ScalingActivities.every(({ StatusCode }) => StatusCode === 'Successful' || StatusCode === 'Overridden'),
    JSON.stringify(ScalingActivities),
  );
  assert.match(ScalingActivities[0]?.Cause ?? '', /-AlarmLow-.* in state ALARM triggered policy cpu$/);
  assert.match(ScalingActivities.at(-1)?.Cause ?? '', /-AlarmHigh-.* in state ALARM triggered policy cpu$/);
  assert.deepEqual(region.errors, []);
});
