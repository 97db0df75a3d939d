import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dimensions, MinuteMetrics } from './metric-minutes.ts';

const of = (name: string) => dimensions('Queue', name);

test('a metric that is told at the same place is the same object in the next minute, with the new value alone', () => {
  const metrics = new MinuteMetrics('App');
  metrics.addSamples('Depth', of('a'), 'Count', { values: [1, 2], counts: [3, 4] });
  metrics.add('Age', of('a'), 'Seconds', 5);
  const [depth, age] = metrics.all();
  metrics.begin();
  metrics.add('Depth', of('a'), 'Count', 6);
  metrics.addSamples('Age', of('a'), 'Seconds', { values: [7] });
  assert.deepEqual(metrics.all(), [depth, age]);
  assert.deepEqual([depth?.Value, depth?.Values, depth?.Counts], [6, undefined, undefined]);
  assert.deepEqual([age?.Value, age?.Values, age?.Counts], [undefined, [7], undefined]);
});

test('other names, dimensions or units at a place are another metric, which nobody knows yet', () => {
  const told = [
    ['Depth', of('a'), 'Count'],
    ['Depth', of('b'), 'Count'],
    ['Age', of('b'), 'Count'],
    ['Age', of('b'), 'Seconds'],
  ] as const;
  const metrics = new MinuteMetrics('App');
  const seen = new Set<object>();
  for (const [name, dimensions, unit] of told) {
    metrics.begin();
    metrics.add(name, dimensions, unit, 1);
    const [made] = metrics.all();
    assert.ok(made && made.keeper === undefined && !seen.has(made));
    made.keeper = metrics;
    seen.add(made);
    assert.deepEqual([made.MetricName, made.Dimensions, made.Unit], [name, dimensions, unit]);
  }
  metrics.begin();
  assert.deepEqual(metrics.all(), []);
});

test('dimensions that publishers share cannot be changed', () => {
  const shared = of('a');
  assert.equal(of('a'), shared);
  assert.throws(() => shared.push({ Name: 'x', Value: 'y' }));
  assert.throws(() => Object.assign(shared[0] ?? {}, { Value: 'z' }));
});
