/**
 * Held to 1 of the issue of releases: versions take turns under load, no request fails, no answer is mixed. The whole of it,
 * 500 requests a second for two minutes and ten releases, is run with PLIMSOLL_SCENARIO=full.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../faults/testing/until.ts';
import { scenarioPlanes } from './testing/planes.ts';
import { ReleasedService } from './testing/released-service.ts';
import { the } from './testing/template.ts';
import { type VisitorOptions, Visitors } from './testing/visitors.ts';

interface Form {
  /** At the same time. */
  readonly visitors: readonly Pick<VisitorOptions, 'perSecond' | 'keepAlive'>[];
  /** Sent by each of them, at least. */
  readonly requests: number;
  readonly releases: number;
}

const forms: readonly Form[] =
  process.env['PLIMSOLL_SCENARIO'] === 'full'
    ? [true, false].map((keepAlive) => ({
        visitors: [{ perSecond: 500, keepAlive }],
        requests: 60_000,
        releases: 10,
      }))
    : [
        {
          visitors: [true, false].map((keepAlive) => ({ perSecond: 75, keepAlive })),
          requests: 0,
          releases: 3,
        },
      ];

for (const { name, skip, start } of await scenarioPlanes({ severalWorkers: true })) {
  test(`releases under load, ${name} plane: no request fails, each is answered by one version`, {
    skip,
    timeout: 900_000,
  }, async (t) => {
    const region = await start(t);
    const service = await ReleasedService.create(region, { version: 'one' }, { template: shortDelay });
    const digests = {
      one: await service.push({ version: 'one' }),
      two: await service.push({ version: 'two' }),
    };
    const url = `http://127.0.0.1:${region.httpPort}/`;
    let next: keyof typeof digests = 'two';
    for (const { visitors, requests, releases } of forms) {
      const visiting = visitors.map((options) => new Visitors({ ...options, url, connections: 64 }));
      for (let release = 0; release < releases; release += 1) {
        await service.release(digests[next], { template: shortDelay });
        assert.equal(await service.settled(), 'UPDATE_COMPLETE');
        next = next === 'one' ? 'two' : 'one';
      }
      await until(`${requests} requests`, () => visiting.every(({ sent }) => sent >= requests), 300);
      for (const visits of await Promise.all(visiting.map((each) => each.stop()))) {
        t.diagnostic(JSON.stringify(visits));
        assert.deepEqual(visits.failures, []);
        assert.deepEqual(new Set(Object.keys(visits.answered)), new Set(['one', 'two']));
      }
    }
    assert.deepEqual(region.errors, []);
  });
}

/** So that ten releases, one after the other, take two minutes. */
function shortDelay(template: Parameters<typeof the>[0]): void {
  the(template, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties['TargetGroupAttributes'] = [
    { Key: 'deregistration_delay.timeout_seconds', Value: '5' },
  ];
}
