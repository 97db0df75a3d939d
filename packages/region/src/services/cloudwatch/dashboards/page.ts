/**
 * A dashboard as one HTML page that needs nothing else: graphs are SVG in the page, there is no script and no network. It
 * shows what was true when it was made, and says when that was.
 */
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Tables } from '../../../kernel/table.ts';
import { isScalingPolicy } from '../alarms/actions.ts';
import { type AlarmRecord, type AlarmsState, alarmNameOf, openAlarms } from '../alarms/state.ts';
import { checkQueries } from '../metrics/check-queries.ts';
import { evaluate } from '../metrics/queries.ts';
import { MetricReader } from '../metrics/reader.ts';
import type { MetricStore } from '../metrics/store.ts';
import { type ChartSeries, chart } from '../widgets/chart.ts';
import { shownRange, type WidgetDefinition, widgetDefinition } from '../widgets/definition.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../widgets/fields.ts';
import { escapeHtml, svgOf } from '../widgets/svg.ts';
import { shortNumber } from '../widgets/ticks.ts';
import { logTable, type QueryLogs } from './log-table.ts';
import { htmlOfMarkdown } from './markdown.ts';
import { type DashboardRecord, openDashboards } from './state.ts';
import { columnPixels, gapPixels, rowPixels, style } from './style.ts';

export interface DashboardWorld {
  readonly tables: Tables;
  readonly metrics: MetricStore;
  readonly region: string;
  readonly accountId: string;
  readonly now: number;
  /** Absent: log widgets are not shown. */
  readonly queryLogs?: QueryLogs;
}

export function dashboardNames(tables: Tables): readonly string[] {
  return [...openDashboards(tables).values()].map(({ name }) => name).sort();
}

/** Undefined when there is no dashboard of this name. */
export async function dashboardPage(world: DashboardWorld, name: string): Promise<string | undefined> {
  const dashboard = openDashboards(world.tables).get(name);
  if (!dashboard) return undefined;
  const body = fieldsOf(JSON.parse(dashboard.body));
  const alarms = openAlarms(world.tables);
  const widgets = await Promise.all(
    listOf(body['widgets']).map((widget) => widgetHtml(world, alarms, body, fieldsOf(widget))),
  );
  return pageOf(world, dashboard, alarms, widgets);
}

function pageOf(
  { region, now }: DashboardWorld,
  { name }: DashboardRecord,
  alarms: AlarmsState,
  widgets: readonly string[],
): string {
  const inAlarm = alarms.alarms.filter(({ state }) => state.value === 'ALARM');
  // An idle service is in ALARM for what would scale it in: that calls nobody.
  const raised = inAlarm.filter((alarm) => !isForScalingOnly(alarm));
  const made = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
  const summary =
    raised.length === 0
      ? '<span class="state OK">no alarm</span>'
      : `<span class="state ALARM">${raised.length} in ALARM</span> ${escapeHtml(raised.map((alarm) => alarm.name).join(', '))}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)} · ${escapeHtml(region)}</title>
<style>${style}</style>
</head>
<body>
<header><h1>${escapeHtml(name)}</h1><p>${escapeHtml(region)} · as of ${made} UTC on the region's clock · ${summary}${inAlarm.length > raised.length ? ` · ${inAlarm.length - raised.length} of scaling` : ''}</p></header>
<main>
${widgets.join('\n')}
</main>
</body>
</html>
`;
}

async function widgetHtml(
  world: DashboardWorld,
  alarms: AlarmsState,
  body: Fields,
  widget: Fields,
): Promise<string> {
  const properties = { ...rangeOf(body), ...fieldsOf(widget['properties']) };
  const content = await contentOf(world, alarms, widget, properties).catch((error: unknown) => {
    // A widget that cannot be shown says why; the others are shown.
    if (error instanceof AwsError) return `${heading(properties)}${note(`${error.code}: ${error.message}`)}`;
    throw error;
  });
  return `<section style="${placeOf(widget)}">${content}</section>`;
}

function isForScalingOnly({ configuration: { alarmActions } }: AlarmRecord): boolean {
  return alarmActions.length > 0 && alarmActions.every(isScalingPolicy);
}

function rangeOf({ start, end }: Fields): Fields {
  return { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
}

function placeOf(widget: Fields): string {
  const { x, y, width, height } = sizeOf(widget);
  const column = x === undefined ? `span ${width}` : `${x + 1} / span ${width}`;
  const row = y === undefined ? `span ${height}` : `${y + 1} / span ${height}`;
  return `grid-column:${column};grid-row:${row}`;
}

/** Confirmed by docs: six by six where a widget does not say. */
function sizeOf(widget: Fields) {
  return {
    x: numberOf(widget['x']),
    y: numberOf(widget['y']),
    width: numberOf(widget['width']) ?? 6,
    height: numberOf(widget['height']) ?? 6,
  };
}

// Confirmed by docs: three hours where neither dashboard nor widget says.
const defaultRangeMs = 3 * 3_600_000;

async function contentOf(
  world: DashboardWorld,
  alarms: AlarmsState,
  widget: Fields,
  properties: Fields,
): Promise<string> {
  switch (widget['type']) {
    case 'text':
      return `<div class="text">${htmlOfMarkdown(textOf(properties['markdown']) ?? '')}</div>`;
    case 'alarm':
      return alarmList(world, alarms, properties);
    case 'metric':
      return metricHtml(world, alarms, widget, properties);
    case 'log':
      return logHtml(world, properties);
    default:
      return `${heading(properties)}${note(`Widgets of the type ${String(widget['type'])} are not shown by this page.`)}`;
  }
}

async function logHtml(world: DashboardWorld, properties: Fields): Promise<string> {
  const { queryLogs, now } = world;
  if (queryLogs === undefined) return `${heading(properties)}${note('There are no logs here.')}`;
  const range = shownRange(properties, { now, defaultRangeMs });
  const rows = await queryLogs(textOf(properties['query']) ?? '', range);
  return `${heading(properties)}${rows.length === 0 ? note('Nothing found.') : logTable(rows)}`;
}

async function metricHtml(
  world: DashboardWorld,
  alarms: AlarmsState,
  widget: Fields,
  properties: Fields,
): Promise<string> {
  const region = textOf(properties['region']) ?? world.region;
  if (region !== world.region) return `${heading(properties)}${note(`Metrics of ${region} are not here.`)}`;
  const definition = widgetDefinition(
    { ...properties, ...pixelsOf(widget) },
    { now: world.now, defaultRangeMs, alarms },
  );
  if (definition.queries.length === 0) return `${heading(properties)}${note('No metrics to show.')}`;
  const series = await read(world, definition);
  if (definition.view === 'timeSeries') return svgOf(chart(definition, series));
  const isNumber = definition.view === 'singleValue' || definition.view === 'gauge';
  const said = isNumber ? '' : note(`Shown as numbers: the view ${definition.view} is not drawn.`);
  return `${heading(properties)}${numbers(series)}${said}`;
}

/** A graph has the proportions of its place: see `style.ts` for those of a column and a row. */
function pixelsOf(widget: Fields) {
  const { width, height } = sizeOf(widget);
  const pixels = (count: number, each: number): number => Math.min(2000, count * each - gapPixels);
  return { width: pixels(width, columnPixels), height: pixels(height, rowPixels) };
}

async function read(
  world: DashboardWorld,
  { queries, range }: WidgetDefinition,
): Promise<readonly ChartSeries[]> {
  checkQueries(queries, 'metrics');
  const reader = new MetricReader(world.metrics, world.now);
  const answer = () => evaluate(reader, queries, range, world);
  const now = answer();
  return reader.isComplete ? now : reader.whole(answer);
}

function numbers(series: readonly ChartSeries[]): string {
  const items = series.map(({ label, values }) => {
    const last = values.at(-1);
    return `<div><b>${last === undefined ? '–' : shortNumber(last)}</b><span>${escapeHtml(label)}</span></div>`;
  });
  return `<div class="numbers">${items.join('')}</div>`;
}

function alarmList({ now }: DashboardWorld, { alarms }: AlarmsState, properties: Fields): string {
  // Confirmed by docs (dashboard body): with `states`, the alarms in these states only.
  const states = listOf(properties['states']);
  const items = listOf(properties['alarms']).flatMap((arn) => {
    const name = alarmNameOf(textOf(arn) ?? '');
    const alarm = alarms.get(name);
    const isShown = !alarm || states.length === 0 || states.includes(alarm.state.value);
    return isShown ? [alarmItem(name, alarm, now)] : [];
  });
  if (items.length === 0) return `${heading(properties)}${note(`No alarm is in ${states.join(' or ')}.`)}`;
  return `${heading(properties)}<ul class="alarms">${items.join('')}</ul>`;
}

function alarmItem(name: string, alarm: AlarmRecord | undefined, now: number): string {
  if (!alarm) return `<li><span class="state">gone</span> <b>${escapeHtml(name)}</b></li>`;
  const { value, reason, transitioned } = alarm.state;
  const [day, at] = new Date(transitioned).toISOString().split('T');
  const isToday = day === new Date(now).toISOString().slice(0, 10);
  const since = `${isToday ? '' : `${day} `}${at?.slice(0, 5)}`;
  return `<li title="${escapeHtml(reason)}"><span class="state ${value}">${value.replace('_', ' ')}</span> <b>${escapeHtml(name)}</b> <small>since ${since} UTC</small></li>`;
}

function heading(properties: Fields): string {
  const title = textOf(properties['title']);
  return title === undefined ? '' : `<h2>${escapeHtml(title)}</h2>`;
}

const note = (text: string): string => `<p class="note">${escapeHtml(text)}</p>`;
