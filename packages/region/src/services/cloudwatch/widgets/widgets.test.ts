import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { openAlarms } from '../alarms/state.ts';
import { alarmRegion, cpu } from '../alarms/testing/alarm-region.ts';
import { chart } from './chart.ts';
import { widgetDefinition } from './definition.ts';
import { metricsOfRows } from './rows.ts';
import { timeTicks, valueTicks } from './ticks.ts';

const defaults = { stat: 'Average', period: 300 };

test('rows of metrics repeat what stands above them', () => {
  const { queries } = metricsOfRows(
    [
      ['AWS/ECS', 'CPUUtilization', 'ClusterName', 'c', 'ServiceName', 'web', { id: 'm1', visible: false }],
      ['.', 'MemoryUtilization', '.', '.', '.', 'api'],
      ['...', 'jobs', { stat: 'p99', period: 60, yAxis: 'right', color: '#123456' }],
      [{ expression: 'm1 / 2', label: 'half', id: 'e1' }],
    ],
    defaults,
  );
  const shown = queries.map(({ Id, MetricStat, Expression, ReturnData }) => [
    Id,
    ReturnData,
    Expression ?? MetricStat?.Metric?.MetricName,
    MetricStat?.Metric?.Dimensions?.map(({ Value }) => Value),
    MetricStat?.Stat,
    MetricStat?.Period,
  ]);
  assert.deepEqual(shown, [
    ['m1', false, 'CPUUtilization', ['c', 'web'], 'Average', 300],
    ['q1', true, 'MemoryUtilization', ['c', 'api'], 'Average', 300],
    ['q2', true, 'MemoryUtilization', ['c', 'jobs'], 'p99', 60],
    ['e1', true, 'm1 / 2', undefined, undefined, undefined],
  ]);
});

test('metrics of one name are labelled by what tells them apart', () => {
  const labels = (...rows: unknown[]) => metricsOfRows(rows, defaults).queries.map(({ Label }) => Label);
  assert.deepEqual(labels(['N', 'A'], ['N', 'B']), ['A', 'B']);
  assert.deepEqual(labels(['N', 'A', 'D', 'x'], ['N', 'A', 'D', 'y']), ['A x', 'A y']);
  assert.deepEqual(labels(['N', 'A'], ['N', 'A', { stat: 'p99' }]), ['A Average', 'A p99']);
});

for (const [least, most, expected] of [
  [0, 100, ['0', '20', '40', '60', '80', '100']],
  [0, 0.003, ['0', '0.001', '0.002', '0.003']],
  [0, 23_000, ['0', '5k', '10k', '15k', '20k', '25k']],
  [-5, 5, ['-6', '-4', '-2', '0', '2', '4', '6']],
] as const) {
  test(`an axis from ${least} to ${most} has round marks`, () => {
    assert.deepEqual(
      valueTicks(least, most).map(({ label }) => label),
      expected,
    );
  });
}

test('times are marked at the wall clock of the zone', () => {
  const start = Date.parse('2026-11-22T09:10:00Z');
  const range = { start, end: start + 3 * 3_600_000 };
  assert.deepEqual(
    timeTicks(range, 4, 60).map(({ label }) => label),
    ['11:00', '12:00', '13:00'],
  );
  assert.deepEqual(
    timeTicks(range, 8, 330).map(({ label }) => label),
    ['15:00', '15:30', '16:00', '16:30', '17:00', '17:30'],
  );
});

test('labels of lines that are close stand apart, and nothing is drawn beside the plot', () => {
  const at = Date.parse('2026-11-27T12:00:00Z');
  const horizontal = [1, 5].map((value) => ({ value, label: `alarm ${value}` }));
  const definition = widgetDefinition(
    { metrics: [['N', 'A', { id: 'a' }]], start: '-PT1H', annotations: { horizontal } },
    { now: at, defaultRangeMs: 3_600_000, alarms: openAlarms(alarmRegion().tables) },
  );
  const early = { id: 'a', label: 'A', periodSeconds: 60, values: [90, 100] };
  const { shapes } = chart(definition, [{ ...early, timestamps: [at - 3_630_000, at - 3_570_000] }]);
  const labels = shapes.flatMap((shape) =>
    shape.kind === 'text' && shape.text.startsWith('alarm') ? [shape.anchor] : [],
  );
  assert.deepEqual(labels, ['end', 'start']);
  const drawn = shapes.flatMap((shape) => (shape.kind === 'line' && shape.width === 1.8 ? shape.points : []));
  assert.deepEqual(
    drawn.map(({ x }) => x >= 56),
    [true, true],
  );
});

async function picture(widget: object) {
  const region = alarmRegion();
  for (const value of [10, 90, 20]) {
    await region.put(value);
    await region.advance(60);
  }
  const MetricWidget = JSON.stringify({ width: 200, height: 150, period: 60, ...widget });
  const answer = await region.call('cloudwatch', 'getMetricWidgetImage', { MetricWidget });
  return Buffer.from(answer.MetricWidgetImage ?? []);
}

test('an image is a PNG of the size that was asked for, with the colour of its line', async () => {
  const png = await picture({ start: '-PT5M', metrics: [['App', 'Load', { color: '#ff0000' }]] });
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [200, 150]);
  const at = png.indexOf('IDAT');
  const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
  assert.equal(rows.length, 150 * (1 + 3 * 200));
  let red = 0;
  for (let y = 0; y < 150; y += 1) {
    for (let x = 0; x < 200; x += 1) {
      const pixel = rows.subarray(y * 601 + 1 + x * 3, y * 601 + 4 + x * 3);
      if (pixel.equals(Buffer.from([255, 0, 0]))) red += 1;
    }
  }
  // The line, 1.8 pixels wide over some hundred, and the square in the legend.
  assert.ok(red > 100, `${red} red pixels`);
});

test('an alarm can be drawn by its ARN, and without data the image says so', async () => {
  const region = alarmRegion();
  await region.call('cloudwatch', 'putMetricAlarm', cpu);
  const alarms = ['arn:aws:cloudwatch:eu-central-1:000000000000:alarm:cpu'];
  const { MetricWidgetImage } = await region.call('cloudwatch', 'getMetricWidgetImage', {
    MetricWidget: JSON.stringify({ annotations: { alarms } }),
  });
  assert.ok((MetricWidgetImage?.length ?? 0) > 1000);
});

for (const [name, widget, message] of [
  ['without metrics', {}, /has no metrics/],
  ['too wide', { width: 2001, metrics: [['N', 'M']] }, /width and height/],
  [
    'that ends before it begins',
    { start: '-PT1H', end: '-PT2H', metrics: [['N', 'M']] },
    /start must be before/,
  ],
  ['of another view, by name', { view: 'pie', metrics: [['N', 'M']] }, /view pie is not modelled/],
  ['of another region, by name', { region: 'us-east-1', metrics: [['N', 'M']] }, /region us-east-1 is not/],
] as const) {
  test(`an image ${name} is refused`, async () => {
    await assert.rejects(picture(widget), message);
  });
}
