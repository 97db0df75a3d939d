import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuBudget, charged, needsLimit, newBudget, nextLookMs } from './cpu-budget.ts';

const quarter = (balanceMs: number, isStopped = false): CpuBudget => ({ share: 0.25, balanceMs, isStopped });

for (const [what, before, usedMs, elapsedMs, expected] of [
  ['an idle task keeps the savings of one second', quarter(250), 0, 5000, quarter(250)],
  ['what is used is earned again', quarter(100), 20, 200, quarter(130)],
  ['no debt is larger than what a fifth of a second earns', quarter(250), 3000, 1000, quarter(-50, true)],
  ['who has spent all stands still', quarter(10), 40, 100, quarter(-5, true)],
  ['and goes on standing still until a turn is earned', quarter(-5, true), 0, 100, quarter(20, true)],
  ['then it runs', quarter(20, true), 0, 20, quarter(25)],
  [
    'a machine that looks late owes the task what it earned, up to its savings',
    quarter(0, true),
    0,
    400,
    quarter(100),
  ],
] as const) {
  test(`CPU budget: ${what}`, () => assert.deepEqual(charged(before, usedMs, elapsedMs), expected));
}

for (const [what, budget, expected] of [
  ['with all savings, before a core could spend them', newBudget(0.25), 333],
  ['with little left, soon', quarter(15), 20],
  ['never at once', quarter(1), 10],
  ['a task that stands still, when its turn is earned', quarter(-5, true), 120],
  ['a large task is reckoned with twice its share', newBudget(4), 1000],
] as const) {
  test(`CPU budget: the next look is ${what}`, () => assert.equal(Math.round(nextLookMs(budget)), expected));
}

for (const [share, cores] of [
  [0.25, 1],
  [1, 2],
  [4, 2],
] as const) {
  test(`a task of ${share} cores ${share < cores ? 'is' : 'is not'} limited on a machine of ${cores}`, () =>
    assert.equal(needsLimit(share, cores), share < cores));
}

test('a task that wants more gets its share over time, in turns of about a tenth of a second', () => {
  let budget = newBudget(0.25);
  let used = 0;
  const stops: number[] = [];
  for (let now = 0; now < 20_000; ) {
    const wait = nextLookMs(budget);
    const burnt = budget.isStopped ? 0 : wait;
    if (budget.isStopped && now > 2000) stops.push(wait);
    budget = charged(budget, burnt, wait);
    used += burnt;
    now += wait;
  }
  assert.ok(Math.abs(used / 20_000 - 0.25) < 0.02, `${used / 20_000}`);
  assert.ok(Math.max(...stops) <= 150, `${Math.max(...stops)}`);
});
