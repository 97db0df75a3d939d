/** Held to 4 of the issue of releases: kill -9 of tasks and of the region itself during a release. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultyRegion } from '../faults/testing/faulty-region.ts';
import { hasProcessTable, processesWith } from '../faults/testing/process-table.ts';
import { until } from '../faults/testing/until.ts';
import { scenarioPlanes } from './testing/planes.ts';
import { ReleasedService } from './testing/released-service.ts';
import { Visitors } from './testing/visitors.ts';

/** Until the end of a program is known, requests go to it: milliseconds for a process, an engine is slower; on a busy machine too. */
const noticedWithinMs = 2000;

const noTable = hasProcessTable ? false : 'needs /proc';

for (const { name, skip, start } of await scenarioPlanes()) {
  test(`a release under load goes on to its end when its tasks and its region are killed, ${name} plane`, {
    skip: skip || noTable,
    timeout: 300_000,
  }, async (t) => {
    const region = await start(t);
    const service = await ReleasedService.create(region, { version: 'one' });
    const url = `http://127.0.0.1:${region.httpPort}/`;

    await t.test('a task that is killed takes at most its requests in flight with it', async (t) => {
      const visitors = new Visitors({ url, perSecond: 100, connections: 64, keepAlive: true });
      await service.release(await service.push({ version: 'two' }));
      const kills: number[] = [];
      for (const version of ['one', 'two']) {
        await until(`${version} serves`, () => visitors.answersOf(version) > 0);
        kills.push(performance.now());
        killOne(region);
      }
      assert.equal(await service.settled(), 'UPDATE_COMPLETE');
      const { failures } = await visitors.stop();
      t.diagnostic(`${failures.length} requests failed`);
      const late = failures.flatMap(({ at, text }) => {
        const sinceKill = Math.min(...kills.filter((kill) => kill < at).map((kill) => at - kill));
        return sinceKill < noticedWithinMs ? [] : [`${Math.round(sinceKill)} ms after a kill: ${text}`];
      });
      assert.deepEqual(late, []);
    });

    await t.test('a region that is killed twice goes on with the release at its next start', async () => {
      const digest = await service.push({ version: 'three' });
      await service.release(digest);
      for (let kills = 0; kills < 2; kills += 1) {
        await until(
          'the service is updated',
          async () =>
            (await service.describe()).deployments?.some(({ runningCount }) => (runningCount ?? 0) > 0) ===
            true,
        );
        await region.kill();
        await region.start();
      }
      assert.equal(await service.settled(), 'UPDATE_COMPLETE');
      assert.deepEqual(await service.failures(), []);
      const visitors = new Visitors({ url, perSecond: 100, connections: 64, keepAlive: true });
      await until('visitors are answered', () => visitors.answersOf('three') >= 100);
      assert.deepEqual((await visitors.stop()).failures, []);
    });
    assert.deepEqual(region.errors, []);
  });
}

/** SIGKILL to a process of a task, chosen at random, as any of its region is told by its environment. */
function killOne(region: FaultyRegion): void {
  const ofRegion = processesWith(`AWS_ENDPOINT_URL=${region.endpoint}`);
  const programs = ofRegion.filter(({ command }) => command.endsWith('node dist/main.js'));
  const chosen = programs[Math.floor(Math.random() * programs.length)];
  if (chosen === undefined) throw new Error('no task runs');
  process.kill(chosen.pid, 'SIGKILL');
}
