import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { seededRandom } from '../../../kernel/random.ts';
import { evaluateExpression } from '../metrics/math/evaluate.ts';
import { isSeries } from '../metrics/math/series.ts';
import { parseExpression } from '../metrics/math/syntax.ts';
import { minuteValueOf } from './minute-value.ts';

const ids = ['a', 'b', 'c'];
const metrics: MetricDataQuery[] = ids.map((Id) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'App', MetricName: Id }, Period: 60, Stat: 'Sum' },
  ReturnData: false,
}));
const minuteOf = (Expression: string, data = new Map<string, number>()) =>
  minuteValueOf(
    [...metrics, { Id: 'e', Expression }],
    ({ metricName }) =>
      () =>
        data.get(metricName),
  );

test('the value of one minute is what metric math makes of that minute, whatever data there are', () => {
  const random = seededRandom('minute');
  const pick = <T>(of: readonly T[]): T => of[random.below(of.length)] as T;
  const expression = (depth: number): string => {
    const inner = (): string => expression(depth - 1);
    switch (depth === 0 ? random.below(2) : 2 + random.below(5)) {
      case 0:
        return pick(ids);
      case 1:
        return String(random.below(3));
      case 2:
        return `IF(${pick(ids)} > ${inner()}, ${inner()})`;
      case 3:
        return `IF(${pick(ids)} - ${inner()}, ${inner()}, ${inner()})`;
      case 4:
        return `FILL(${pick(ids)} * ${inner()}, ${random.below(3)})`;
      case 5:
        return `-(${inner()})`;
      default:
        return `(${inner()} ${pick(['+', '-', '*', '/', '^', '>', '==', '&&', '||'])} ${inner()})`;
    }
  };
  for (let i = 0; i < 3000; i += 1) {
    const data = new Map(ids.filter(() => random.below(3) > 0).map((id) => [id, random.below(5) - 2]));
    const text = `${pick(ids)} + ${expression(1 + random.below(3))}`;
    const minute = minuteOf(text, data);
    assert.ok(minute, text);
    const expected = evaluateExpression(parseExpression(text), {
      periodMs: 60_000,
      timestamps: () => [0],
      query: (id) => {
        const value = data.get(id);
        const [timestamps, values] = value === undefined ? [[], []] : [[0], [value]];
        return { label: id, periodMs: 60_000, timestamps, values };
      },
      metrics: () => [],
      search: () => [],
    });
    assert.ok(typeof expected === 'object' && isSeries(expected));
    assert.equal(minute(0), expected.values[0], text);
  }
});

test('what needs other minutes, arrays or longer periods is no value of one minute', () => {
  for (const text of [
    'RATE(a)',
    'FILL(a, REPEAT)',
    'SUM(METRICS())',
    'a + RUNNING_SUM(b)',
    'e',
    'x',
    '1',
    ')',
  ])
    assert.equal(minuteOf(text), undefined, text);
  const [query] = metrics;
  const longer = { ...query, MetricStat: { ...query?.MetricStat, Period: 300 }, ReturnData: true };
  assert.equal(
    minuteValueOf([longer as MetricDataQuery], () => () => 0),
    undefined,
  );
});
