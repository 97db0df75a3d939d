import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateExpression, type Scope } from './evaluate.ts';
import { isSeries, type Series, type Value } from './series.ts';
import { parseExpression } from './syntax.ts';

const minute = 60_000;
const _ = undefined;

/** A series of one-minute points from minute 0 on; `_` is a minute without a value. */
function series(label: string, ...points: readonly (number | undefined)[]): Series {
  const known = points.flatMap((value, i) => (value === undefined ? [] : [[i * minute, value] as const]));
  return { label, periodMs: minute, timestamps: known.map(([at]) => at), values: known.map(([, v]) => v) };
}

function calculate(expression: string, ...all: readonly Series[]): unknown {
  const length = 5;
  const scope: Scope = {
    periodMs: minute,
    timestamps: () => Array.from({ length }, (_, i) => i * minute),
    query: (id) => all.find(({ label }) => label === id),
    metrics: (part) => all.filter(({ label }) => label.includes(part)),
    search: () => all,
  };
  return plain(evaluateExpression(parseExpression(expression), scope), length);
}

function plain(value: Value, length: number): unknown {
  if (typeof value === 'number') return value;
  if (!isSeries(value)) return value.map((one) => plain(one, length));
  const points: (number | undefined)[] = Array.from({ length }, () => undefined);
  for (const [i, at] of value.timestamps.entries()) points[at / minute] = value.values[i];
  while (points.length > 0 && points.at(-1) === undefined) points.pop();
  return points;
}

const metric1 = series('m1', 30, 20, 0, 0);
const metric2 = series('m2', 20, _, 20, _);
const condition = series('m1', 1, 1, 0, 0, _);
const then = series('m2', 30, _, 0, 0, 30);
const otherwise = series('m3', 0, 0, 20, _, 20);
const [a, b] = [series('m1', 1, 2, _, 4), series('m2', 10, _, 30, 0)];

/** Those marked are the documentation's own examples (using-metric-math). */
const cases: readonly (readonly [expression: string, given: readonly Series[], result: unknown])[] = [
  ['(m1 < m2)', [metric1, metric2], [0, 0, 1, 0]], // documentation
  ['(m1 >= 30)', [metric1], [1, 0, 0, 0]], // documentation
  ['(m1 > 15 AND m2 > 15)', [metric1, metric2], [1, 0, 0, 0]], // documentation
  ['(m1 > 15 && m2 > 15)', [metric1, metric2], [1, 0, 0, 0]],
  ['m1 > 25 OR m2 > 15', [metric1, metric2], [1, 0, 1, 0]],
  ['IF(m1, m2, m3)', [condition, then, otherwise], [30, 0, 20]], // documentation
  ['IF(m1, 5, m3)', [condition, otherwise], [5, 5, 20]], // documentation
  ['IF(m1, m2, 5)', [condition, then], [30, 0, 5, 5]], // documentation
  ['IF(m1, m2)', [condition, then], [30, 0]],
  ['IF(m1<25, m1)', [metric1], [_, 20, 0, 0]],
  ['IF(m1<25, 10, 2)', [metric1], [2, 10, 10, 10]],
  ['IF(1 > 2, m1, m2)', [a, b], [10, _, 30, 0]],
  ['m1 + m2', [a, b], [11, 2, 30, 4]],
  ['m1 - m2', [a, b], [-9, 2, -30, 4]],
  // A missing value is 0, and what is divided by zero is dropped.
  ['m1 / m2', [a, b], [0.1, _, 0]],
  ['100 * m1 / m2', [a, b], [10, _, 0]],
  ['5 * m1', [a], [5, 10, _, 20]],
  ['-m1', [a], [-1, -2, _, -4]],
  ['m1 ^ 2', [a], [1, 4, _, 16]],
  ['-m1 ^ 2 + 1', [a], [0, -3, _, -15]],
  ['2 + 3 * 4 ^ 2', [], 50],
  ['(2 + 3) * 4', [], 20],
  ['1e2 - .5', [], 99.5],
  ['SUM(100 / [m1, m2])', [a, series('m2', 50, 25)], [102, 54, _, 25]],
  [
    '[m1, m2] / m1',
    [a, b],
    [
      [1, 1, _, 1],
      [10, 0, _, 0],
    ],
  ],
  [
    'METRICS() * 100',
    [a, b],
    [
      [100, 200, _, 400],
      [1000, _, 3000, 0],
    ],
  ],
  ['SUM(METRICS("2"))', [a, b], [10, _, 30, 0]],
  ['SUM([m1, m2])', [a, b], [11, 2, 30, 4]],
  ['AVG([m1, m2])', [a, b], [5.5, 1, 15, 2]],
  ['MIN([m1, m2])', [a, b], [1, 2, 30, 0]],
  ['MAX([m1, m2])', [a, b], [10, 2, 30, 4]],
  ['STDDEV([m1, m2])', [series('m1', 2), series('m2', 4)], [1]],
  ['DATAPOINT_COUNT([m1, m2])', [a, b], [2, 1, 1, 2]],
  ['SUM(m1)', [a], 7],
  ['AVG(m1)', [a], 7 / 3],
  ['MIN(m1)', [a], 1],
  ['MAX(m1)', [a], 4],
  ['DATAPOINT_COUNT(m1)', [a], 3],
  ['m1 - MIN(m1)', [a], [0, 1, _, 3]],
  ['ABS(m1 - m2)', [a, b], [9, 2, 30, 4]],
  ['CEIL(m1 / 3)', [a], [1, 1, _, 2]],
  ['FLOOR(m1 / 3)', [a], [0, 0, _, 1]],
  ['LOG10(m1)', [series('m1', 1, 10, 0)], [0, 1]],
  ['DIFF(m1)', [a], [_, 1, _, 2]],
  ['DIFF_TIME(m1)', [a], [_, 60, _, 120]],
  ['RATE(m1)', [series('m1', 0, 60, _, 0)], [_, 1, _, -0.5]],
  ['RUNNING_SUM(m1)', [a], [1, 3, _, 7]],
  ['FILL(m1, 9)', [a], [1, 2, 9, 4, 9]],
  ['FILL(m1, REPEAT)', [a], [1, 2, 2, 4, 4]],
  ['FILL(m1, LINEAR)', [a], [1, 2, 3, 4]],
  ['FILL(m1, m2)', [a, b], [1, 2, 30, 4]],
  ['FILL(m1, MIN(m1))', [a], [1, 2, 1, 4, 1]],
  ['METRIC_COUNT(METRICS())', [a, b], 2],
  ['PERIOD(m1)', [a], 60],
  ['m1 / PERIOD(m1)', [series('m1', 60)], [1]],
  ['TIME_SERIES(MAX(m1))', [a], [4, 4, 4, 4, 4]],
  [
    'SORT(METRICS(), SUM, DESC)',
    [a, b],
    [
      [10, _, 30, 0],
      [1, 2, _, 4],
    ],
  ],
  ['SORT(METRICS(), MIN, ASC, 1)', [a, b], [[10, _, 30, 0]]],
  ['SLICE(SORT(METRICS(), AVG, ASC), 1)', [a, b], [[10, _, 30, 0]]],
  ['SLICE(METRICS(), 0, 1)', [a, b], [[1, 2, _, 4]]],
  ['FIRST(METRICS())', [a, b], [1, 2, _, 4]],
  ['LAST(METRICS())', [a, b], [10, _, 30, 0]],
  ['IF(FIRST(SORT(METRICS(), AVG, DESC))>5, 1, 0)', [a, b], [1, _, 1, 0]], // documentation
  ['REMOVE_EMPTY(METRICS())', [a, series('m2')], [[1, 2, _, 4]]],
  ['MINUTE(m1)', [a], [0, 1, 2, 3, 4]],
  ['DAY(m1)', [a], [4, 4, 4, 4, 4]],
  ['YEAR(m1)', [a], [1970, 1970, 1970, 1970, 1970]],
  ['EPOCH(m1)', [a], [0, 60, 120, 180, 240]],
  ["SUM(SEARCH('{App} x', 'Sum', 60))", [a, b], [11, 2, 30, 4]],
];
for (const [expression, given, result] of cases) {
  test(`metric math: ${expression}`, () => assert.deepEqual(calculate(expression, ...given), result));
}

const refused: readonly (readonly [expression: string, reason: RegExp])[] = [
  ['m1 +', /Unexpected end of the expression/],
  ['m1 m2', /Unexpected 'm2'/],
  ['(m1', /Expected '\)'/],
  ['m1 ? 2', /Unexpected character '\?'/],
  ['m9', /undefined: m9/],
  ['MEDIAN(m1)', /The function MEDIAN does not exist/],
  ['METRICS() + METRICS()', /Unsupported operand types/],
  ['SUM(3)', /The arguments of the function SUM are not valid/],
  ['MAX(m1, m2)', /The arguments of the function MAX are not valid/],
  ['FILL(m1, 0, 1)', /The arguments of the function FILL are not valid/],
  ['IF(m1, 1, 2, 3)', /The arguments of the function IF are not valid/],
  ['ABS()', /The arguments of the function ABS are not valid/],
  ['ANOMALY_DETECTION_BAND(m1)', /function ANOMALY_DETECTION_BAND is not modelled/],
  ['toString(m1)', /The function toString does not exist/],
];
for (const [expression, reason] of refused) {
  test(`metric math refuses ${expression}`, () => assert.throws(() => calculate(expression, a, b), reason));
}
