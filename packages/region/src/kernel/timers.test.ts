import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from './instant.ts';
import { seededRandom } from './random.ts';
import { Tables } from './table.ts';
import { type Timer, Timers } from './timers.ts';

test('among any timers set, replaced, cancelled, dropped and undone, the next one is the first by deadline and order', () => {
  const random = seededRandom('timers');
  const tables = new Tables();
  const table = tables.table<Timer>('kernel.timers');
  const timers = new Timers(table);
  const of = timers.of('ecs');
  for (let step = 0; step < 5000; step += 1) {
    const savepoint = tables.savepoint();
    for (let write = random.below(4); write >= 0; write -= 1) {
      const subject = `task-${random.below(30)}`;
      const dice = random.below(10);
      if (dice < 7) of.set(subject, `name-${random.below(3)}`, instant(random.below(200)));
      else if (dice < 9) of.cancel(subject, `name-${random.below(3)}`);
      else {
        of.drop(subject);
        assert.ok(!table.find((timer) => timer.subject === subject));
      }
    }
    if (random.below(3) === 0) tables.revertTo(savepoint);
    tables.takeChanges();
    assert.deepEqual(timers.next(), timers.list()[0]);
    const next = timers.next();
    if (next && random.below(2) === 0) timers.remove(next);
    tables.takeChanges();
  }
  assert.deepEqual(new Timers(table).next(), timers.next());
});
