import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from './clients.ts';
import { cancelledText, Interruption } from './interruption.ts';

const target = { kind: 'local', pollMs: 0 } as Target;

function interrupted(count: number): { readonly signal: AbortSignal; readonly insisted: AbortSignal } {
  const [first, second] = [new AbortController(), new AbortController()];
  if (count > 0) first.abort();
  if (count > 1) second.abort();
  return { signal: first.signal, insisted: second.signal };
}

test('the first interruption cancels an update once, and the wait goes on', async () => {
  const notes: string[] = [];
  let cancelled = 0;
  const operation = { target, report: () => notes.push(''), ...interrupted(1) };
  const interruption = new Interruption(operation, 'shop', async () => {
    cancelled += 1;
    return true;
  });
  await interruption.pause(1);
  await interruption.pause(1);
  assert.equal(cancelled, 1);
  assert.equal(notes.length, 1);
  assert.equal(interruption.hasCancelled, true);
});

test('the second interruption leaves the rollback going', async () => {
  const first = new AbortController();
  const second = new AbortController();
  first.abort();
  const operation = { target, report: () => {}, signal: first.signal, insisted: second.signal };
  const interruption = new Interruption(operation, 'shop', async () => true);
  await interruption.pause(1);
  second.abort();
  await assert.rejects(interruption.pause(1), /goes on rolling back the stack shop/);
});

const leftGoing: readonly (readonly [
  what: string,
  count: number,
  cancel: (() => Promise<boolean>) | undefined,
])[] = [
  ['a creation, which cannot be cancelled', 1, undefined],
  ['an update that has gone too far', 1, async () => false],
  ['interrupted twice before it was noticed', 2, async () => true],
];
for (const [what, count, cancel] of leftGoing) {
  test(`left going on its own: ${what}`, async () => {
    const operation = { target, report: () => {}, ...interrupted(count) };
    await assert.rejects(new Interruption(operation, 'shop', cancel).pause(1), {
      name: 'Interrupted',
      message: /CloudFormation goes on with the stack shop/,
    });
  });
}

test('the end of a cancelled update is told by how the stack is', () => {
  assert.match(cancelledText('shop', 'UPDATE_ROLLBACK_COMPLETE'), /what ran before runs/);
  assert.match(cancelledText('shop', 'UPDATE_COMPLETE'), /complete before it could be cancelled/);
  assert.match(cancelledText('shop', 'UPDATE_ROLLBACK_FAILED'), /plimsoll doctor/);
});
