/** Tasks that use more CPU than they reserve stand still at times: also then they end with their region. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FaultyRegion } from './testing/faulty-region.ts';
import { Ledger } from './testing/ledger.ts';
import { descendantsOf, hasProcessTable, type Seen, stillRunning } from './testing/process-table.ts';
import { until } from './testing/until.ts';

const options = { skip: hasProcessTable ? false : 'needs /proc', timeout: 180_000 };

test(
  'a region that is killed or stopped while its tasks stand still leaves nothing behind',
  options,
  async (t) => {
    const region = await FaultyRegion.create(t);
    const ledger = new Ledger(region);
    await region.start();
    await ledger.pushImage();
    await ledger.create();
    assert.equal(await ledger.settled(), 'CREATE_COMPLETE');

    await t.test('killed', async () => {
      await untilStandingStill(region);
      const children = await region.kill();
      assert.ok(children.length > 5);
      await until('what it had started has ended', () => stillRunning(children).length === 0);
    });
    await t.test('stopped', async () => {
      await region.start();
      await untilStandingStill(region);
      const { code, left } = await region.stop();
      assert.deepEqual({ code, left }, { code: 0, left: [] });
    });
    assert.deepEqual(region.errors, []);
  },
);

/** The task starts programs that use all they get, until they are stopped for it. */
async function untilStandingStill(region: FaultyRegion): Promise<void> {
  await region.untilAnswered('/busy', 'busy');
  const busy = (): Seen[] => descendantsOf(region.pid).filter(({ command }) => command.includes('for (;;);'));
  await until('all that is busy stands still', () => {
    const found = busy();
    return found.length >= 4 && found.every(({ pid }) => stateOf(pid) === 'T');
  });
}

function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2)[0];
  } catch {
    return undefined;
  }
}
