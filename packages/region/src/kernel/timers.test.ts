import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from './instant.ts';
import { seededRandom } from './random.ts';
import { Tables } from './table.ts';
import { type Timer, Timers } from './timers.ts';

test('among any timers set, replaced, cancelled, dropped and undone, the next one is the first by deadline and order', () => {
  const random = seededRandom('timers');
  const tables = new Tables();
  const stored = tables.table<Timer>('kernel.timers');
  const passing = tables.passing<Timer>('kernel.passingTimers');
  const made = () => new Timers(stored, passing, (_service, name) => name === 'name-2');
  const timers = made();
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
        assert.ok(!timers.list().some((timer) => timer.subject === subject));
      }
    }
    if (random.below(3) === 0) tables.revertTo(savepoint);
    tables.takeChanges();
    assert.deepEqual(timers.next(), timers.list()[0]);
    const next = timers.next();
    if (next && random.below(2) === 0) timers.remove(next);
    const changes = tables.takeChanges();
    assert.ok(!changes.some(({ key }) => key.endsWith('name-2')));
  }
  assert.deepEqual(made().next(), timers.next());
});

test('a round is the timers of one name that come next and are due; what is not set again by its step is removed', () => {
  const tables = new Tables();
  const timers = new Timers(
    tables.table('kernel.timers'),
    tables.passing('kernel.passingTimers'),
    () => true,
  );
  const of = timers.of('elbv2');
  for (const subject of ['a', 'b']) of.set(subject, 'healthCheck', instant(1));
  of.set('c', 'deregistered', instant(2));
  of.set('d', 'healthCheck', instant(2));
  of.set('e', 'healthCheck', instant(3));
  const round = timers.takeRound(timers.list()[0] as Timer, instant(2));
  assert.deepEqual(
    round.map(({ subject }) => subject),
    ['a', 'b'],
  );
  of.set('a', 'healthCheck', instant(6));
  for (const timer of round) timers.removeUnlessSet(timer);
  assert.deepEqual(
    timers.list().map(({ subject }) => subject),
    ['c', 'd', 'e', 'a'],
  );
  assert.equal(timers.next()?.subject, 'c');
});
