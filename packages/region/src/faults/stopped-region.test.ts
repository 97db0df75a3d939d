/** SIGTERM and SIGINT: everything ends within 10 s, whatever is under way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultyRegion } from './testing/faulty-region.ts';
import { Ledger } from './testing/ledger.ts';
import { hasProcessTable } from './testing/process-table.ts';

const options = { skip: hasProcessTable ? false : 'needs /proc', timeout: 120_000 };
const limitMs = 10_000;

test(
  'a region ends in order during a deployment and with a request in flight, and goes on at its next start',
  options,
  async (t) => {
    const region = await FaultyRegion.create(t);
    const ledger = new Ledger(region);
    await region.start();
    await ledger.pushImage();

    await t.test('SIGINT during a deployment', async () => {
      await ledger.create();
      await ledger.untilEvent('Database', 'CREATE_IN_PROGRESS');
      await stopsInTime(region, 'SIGINT');
      await region.start();
      assert.equal(await ledger.settled(), 'CREATE_COMPLETE');
      await region.untilAnswered('/health', 'UP');
    });

    await t.test('SIGTERM with a request in flight, which is answered whole', async () => {
      const slow = await fetch(`http://127.0.0.1:${region.httpPort}/slow`);
      const stopping = stopsInTime(region, 'SIGTERM');
      assert.equal(await slow.text(), 'half whole');
      await stopping;
    });
    assert.deepEqual(region.errors, []);
  },
);

async function stopsInTime(region: FaultyRegion, signal: 'SIGTERM' | 'SIGINT'): Promise<void> {
  const begin = Date.now();
  const { code, left } = await region.stop(signal);
  assert.deepEqual({ code, left }, { code: 0, left: [] });
  assert.ok(Date.now() - begin < limitMs, `it took ${Date.now() - begin} ms`);
}
