import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmRegion, cpu, policy } from '../alarms/testing/alarm-region.ts';
import { htmlOfMarkdown } from './markdown.ts';
import { dashboardNames, dashboardPage } from './page.ts';

const widgets = [
  { type: 'text', width: 24, height: 2, properties: { markdown: '# Runbook\nCall **Ann** <script>' } },
  {
    type: 'metric',
    x: 0,
    y: 2,
    width: 12,
    height: 6,
    properties: { region: 'eu-central-1', title: 'Load & more', metrics: [['App', 'Load']], period: 60 },
  },
  {
    type: 'metric',
    properties: { view: 'singleValue', region: 'eu-central-1', metrics: [['App', 'Load']], period: 60 },
  },
  {
    type: 'alarm',
    properties: { title: 'Alarms', alarms: ['arn:aws:cloudwatch:eu-central-1:000000000000:alarm:cpu'] },
  },
  {
    type: 'alarm',
    properties: { states: ['OK'], alarms: ['arn:aws:cloudwatch:eu-central-1:000000000000:alarm:cpu'] },
  },
  { type: 'log', properties: { query: 'fields @message', title: 'Errors' } },
  { type: 'explorer', properties: {} },
  { type: 'metric', properties: { region: 'us-east-1', metrics: [['App', 'Load']] } },
  {
    type: 'metric',
    properties: { region: 'eu-central-1', title: 'Odd', metrics: [[{ expression: 'WHAT(' }]] },
  },
];

test('a dashboard is a page of its own: graphs, numbers, alarms, and what cannot be shown says so', async () => {
  const region = alarmRegion();
  await region.call('cloudwatch', 'putMetricAlarm', cpu);
  await region.call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmName: 'scales', AlarmActions: [policy] });
  await region.call('cloudwatch', 'putDashboard', {
    DashboardName: 'web',
    DashboardBody: JSON.stringify({ start: '-PT1H', widgets }),
  });
  await region.minutes(90, 95);
  const world = {
    tables: region.tables,
    metrics: region.metrics,
    region: 'eu-central-1',
    accountId: '000000000000',
    now: region.now(),
    queryLogs: async (query: string, { start, end }: { readonly start: number; readonly end: number }) => [
      [
        { field: 'hours', value: String((end - start) / 3_600_000) },
        { field: '@message', value: `<${query}>` },
        { field: '@ptr', value: 'x' },
      ],
    ],
  };
  assert.deepEqual(dashboardNames(region.tables), ['web']);
  const page = await dashboardPage(world, 'web');
  assert.ok(page);
  for (const part of [
    '<h2>Runbook</h2><p>Call <strong>Ann</strong> &lt;script&gt;</p>',
    'grid-column:1 / span 12;grid-row:3 / span 6',
    '>Load &amp; more</text>',
    '<b>95</b><span>Load</span>',
    '<span class="state ALARM">ALARM</span> <b>cpu</b>',
    '<span class="state ALARM">1 in ALARM</span> cpu · 1 of scaling',
    '<thead><tr><th>hours</th><th>@message</th></tr></thead>',
    '<td>1</td><td>&lt;fields @message&gt;</td>',
    'Widgets of the type explorer are not shown by this page.',
    'Metrics of us-east-1 are not here.',
    '<h2>Odd</h2><p class="note">ValidationError: Error in expression',
    'No alarm is in OK.',
  ])
    assert.ok(page.includes(part), `${part} in ${page}`);
  assert.doesNotMatch(page, /<script|src=|https?:\/\//);
  assert.equal(await dashboardPage(world, 'gone'), undefined);
});

test('a text widget shows what people mostly write', () => {
  assert.equal(
    htmlOfMarkdown('## On call\n\n- `web` **down**\n- see [the book](https://x.y/z)\n\nline\nnext'),
    '<h3>On call</h3><ul><li><code>web</code> <strong>down</strong></li><li>see <a href="https://x.y/z" rel="noreferrer">the book</a></li></ul><p>line<br>next</p>',
  );
  assert.equal(
    htmlOfMarkdown('| who | when |\n|---|:-:|\n| Ann | **now** |'),
    '<table><tr><th>who</th><th>when</th></tr><tr><td>Ann</td><td><strong>now</strong></td></tr></table>',
  );
});
