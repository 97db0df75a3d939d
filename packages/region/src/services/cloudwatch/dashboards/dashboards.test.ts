import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmRegion } from '../alarms/testing/alarm-region.ts';
import { checkBody } from './body.ts';

const cpu = {
  type: 'metric',
  x: 0,
  y: 0,
  width: 12,
  height: 6,
  properties: { region: 'eu-central-1', metrics: [['AWS/ECS', 'CPUUtilization', 'ServiceName', 'web']] },
};
const DashboardBody = JSON.stringify({ widgets: [cpu] });

test('a dashboard is put, listed, read as it was given, and deleted', async () => {
  const { call } = alarmRegion();
  for (const DashboardName of ['web-b', 'web-a'])
    assert.deepEqual(
      (await call('cloudwatch', 'putDashboard', { DashboardName, DashboardBody }))
        .DashboardValidationMessages,
      [],
    );
  const { DashboardEntries = [] } = await call('cloudwatch', 'listDashboards', {
    DashboardNamePrefix: 'web',
  });
  assert.deepEqual(
    DashboardEntries.map(({ DashboardName, Size }) => [DashboardName, Size]),
    [
      ['web-a', DashboardBody.length],
      ['web-b', DashboardBody.length],
    ],
  );
  const read = await call('cloudwatch', 'getDashboard', { DashboardName: 'web-a' });
  assert.deepEqual(read, {
    DashboardName: 'web-a',
    DashboardArn: 'arn:aws:cloudwatch::000000000000:dashboard/web-a',
    DashboardBody,
  });
  const names = (DashboardNames: string[]) => call('cloudwatch', 'deleteDashboards', { DashboardNames });
  await assert.rejects(names(['web-a', 'gone']), /Dashboard gone does not exist/);
  await call('cloudwatch', 'getDashboard', { DashboardName: 'web-a' });
  await names(['web-a', 'web-b']);
  await assert.rejects(call('cloudwatch', 'getDashboard', { DashboardName: 'web-a' }), /does not exist/);
});

test('an invalid body is refused with all that is wrong', async () => {
  const { call } = alarmRegion();
  const put = (body: string) =>
    call('cloudwatch', 'putDashboard', { DashboardName: 'web', DashboardBody: body });
  await assert.rejects(put('{'), /The field DashboardBody must be a valid JSON object/);
  await assert.rejects(
    put('{"widgets":[{"type":"pie"},{"type":"text","properties":{}}]}'),
    /The dashboard body is invalid, there are 2 validation errors: \[\n {2}\{\n {4}"dataPath": "\/widgets\/0\/type"/,
  );
});

test('a metric widget without a region is stored, and told', async () => {
  const { call } = alarmRegion();
  const widget = { ...cpu, properties: { metrics: cpu.properties.metrics } };
  const answer = await call('cloudwatch', 'putDashboard', {
    DashboardName: 'web',
    DashboardBody: JSON.stringify({ widgets: [widget] }),
  });
  assert.deepEqual(answer.DashboardValidationMessages, [
    { DataPath: '/widgets/0/properties', Message: "Should have required property 'region'" },
  ]);
});

for (const [name, widget, message] of [
  ['a widget without a type', { properties: {} }, "Should have required property 'type'"],
  ['a widget too wide', { ...cpu, width: 25 }, 'Should be <= 24'],
  ['a place that is no number', { ...cpu, x: '1' }, 'Should be integer'],
  ['a metric that is no list', metrics({ a: 1 }), 'Should be array'],
  ['dimensions as an object', metrics(['N', 'M', { a: 1 }, 'x']), /only "String" type is allowed/],
  ['half a dimension', metrics(['N', 'M', 'D']), 'Should NOT have more than 2 items'],
  ['a widget without metrics', { ...cpu, properties: {} }, "Should have required property 'metrics'"],
  [
    'an alarm widget without alarms',
    { type: 'alarm', properties: {} },
    "Should have required property 'alarms'",
  ],
] as const) {
  test(`a body with ${name} is refused`, () => {
    const [error] = checkBody({ widgets: [widget] }).errors;
    if (typeof message === 'string') assert.equal(error?.message, message);
    else assert.match(error?.message ?? '', message);
  });
}

test('an expression, a metric with options and a widget of annotations only are fine', () => {
  const rows = metrics(['N', 'M', 'D', 'v', { id: 'm1' }]);
  const expression = metrics([{ expression: 'm1 * 2', label: 'twice' }]);
  const lines = { type: 'metric', properties: { annotations: { alarms: ['arn'] } } };
  assert.deepEqual(checkBody({ widgets: [rows, expression, lines] }).errors, []);
});

function metrics(row: unknown) {
  return { ...cpu, properties: { region: 'eu-central-1', metrics: [row] } };
}
