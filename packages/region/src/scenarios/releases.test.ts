/** Held to 1 of the issue of releases: versions take turns under load, no request fails, no answer is mixed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scenarioPlanes } from './testing/planes.ts';
import { ReleasedService } from './testing/released-service.ts';
import { Visitors } from './testing/visitors.ts';

for (const { name, skip, start } of await scenarioPlanes()) {
  test(`releases under load, ${name} plane: no request fails, each is answered by one version`, {
    skip,
    timeout: 300_000,
  }, async (t) => {
    const region = await start(t);
    const service = await ReleasedService.create(region, { version: 'one' });
    const digests = [await service.push({ version: 'one' }), await service.push({ version: 'two' })] as const;
    const visit = (keepAlive: boolean): Visitors =>
      new Visitors({
        url: `http://127.0.0.1:${region.httpPort}/`,
        perSecond: 75,
        connections: 64,
        keepAlive,
      });
    const visitors = [visit(true), visit(false)];
    for (const digest of [digests[1], digests[0], digests[1]]) {
      await service.release(digest);
      assert.equal(await service.settled(), 'UPDATE_COMPLETE');
    }
    for (const visits of await Promise.all(visitors.map((each) => each.stop()))) {
      assert.deepEqual(visits.failures, []);
      t.diagnostic(JSON.stringify(visits));
      assert.ok((visits.answered['one'] ?? 0) > 0 && (visits.answered['two'] ?? 0) > 0);
    }
  });
}
