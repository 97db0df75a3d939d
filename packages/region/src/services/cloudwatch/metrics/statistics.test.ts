import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { merge, type Sample } from './chunk.ts';
import { distributionOf } from './distribution.ts';
import { statisticNamed } from './statistics.ts';

function sampleOf(values: readonly number[]): Sample {
  const sum = values.reduce((total, value) => total + value, 0);
  const [min, max] = [Math.min(...values), Math.max(...values)];
  return { count: values.length, sum, min, max, distribution: distributionOf(values, []) };
}

const tenths = sampleOf(Array.from({ length: 10 }, (_, i) => i + 1));

const cases: readonly (readonly [statistic: string, value: number])[] = [
  ['SampleCount', 10],
  ['Sum', 55],
  ['Average', 5.5],
  ['Minimum', 1],
  ['Maximum', 10],
  ['p0', 1],
  ['p50', 5],
  ['p90', 9],
  ['p99.9', 10],
  ['p100', 10],
  // Confirmed by docs: tm90 is the average without the highest tenth; the interquartile mean is TM(25%:75%).
  ['tm90', 5],
  ['TM(:90%)', 5],
  ['TM(10%:90%)', 5.5],
  ['IQM', 5.5],
  ['TM(2:4)', 3.5],
  ['wm80', (1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 8 + 8) / 10],
  ['WM(20%:80%)', (2 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 8 + 8) / 10],
  ['tc90', 9],
  ['TC(2:4)', 2],
  ['ts90', 45],
  ['TS(80%:)', 19],
  ['PR(:3)', 30],
  ['PR(2:4)', 20],
];
for (const [name, value] of cases) {
  test(`${name} of 1 to 10 is ${value}`, () => {
    const found = statisticNamed(name)?.of(tenths) ?? Number.NaN;
    assert.ok(Math.abs(found - value) < 1e-9, `${found}`);
  });
}

test('there is no such statistic', () => {
  for (const name of [
    'average',
    'p',
    'p101',
    'p-1',
    'TM(10%:5)',
    'TM(:)',
    'PR(10%:90%)',
    'XX(1:2)',
    'toString',
  ]) {
    assert.equal(statisticNamed(name), undefined, name);
  }
});

test('percentiles need the values: none of statistic sets, none where a value is negative', () => {
  const p90 = statisticNamed('p90');
  const set = { count: 3, sum: 9, min: 2, max: 4 };
  assert.equal(p90?.of(set), undefined);
  assert.equal(p90?.of({ count: 3, sum: 9, min: 3, max: 3 }), 3);
  assert.equal(p90?.of({ count: 1, sum: 9, min: 9, max: 9 }), 9);
  assert.equal(p90?.of(merge(tenths, set, true)), undefined);
  assert.equal(p90?.of(sampleOf([-1, 5])), undefined);
});

const latencies = fc.array(fc.double({ min: 0.0001, max: 1e6, noNaN: true }), {
  minLength: 1,
  maxLength: 400,
});

test('a percentile is within one in a hundred of the value at its rank, however the values were merged', () => {
  fc.assert(
    fc.property(
      latencies,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 100 }),
      (values, size, p) => {
        const parts: Sample[] = [];
        for (let i = 0; i < values.length; i += size) parts.push(sampleOf(values.slice(i, i + size)));
        const all = parts.reduce((a, b) => merge(a, b, true));
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length - 1e-9) - 1)] ?? Number.NaN;
        const found = statisticNamed(`p${p}`)?.of(all) ?? Number.NaN;
        assert.ok(Math.abs(found - exact) <= 0.0101 * exact, `p${p}: ${found}, not ${exact}`);
      },
    ),
  );
});

test('count, sum, minimum and maximum do not depend on how values were put together', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2 }), fc.nat(), (values, at) => {
      const cut = 1 + (at % (values.length - 1));
      const { distribution: _, ...whole } = sampleOf(values);
      const parts = merge(sampleOf(values.slice(0, cut)), sampleOf(values.slice(cut)), false);
      assert.deepEqual({ count: parts.count, sum: parts.sum, min: parts.min, max: parts.max }, whole);
    }),
  );
});
