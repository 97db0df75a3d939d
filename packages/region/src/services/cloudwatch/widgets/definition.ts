import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { type AlarmsState, alarmNameOf, isMetricAlarm, type MetricAlarmRecord } from '../alarms/state.ts';
import { validationError } from '../errors.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from './fields.ts';
import { type LineStyle, metricsOfRows } from './rows.ts';

export interface AxisOptions {
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
}

export interface HorizontalAnnotation {
  readonly value: number;
  readonly label: string;
  readonly colour: string;
  readonly fill?: 'above' | 'below';
  readonly axis: 'left' | 'right';
}

export interface VerticalAnnotation {
  /** Milliseconds. */
  readonly at: number;
  readonly label: string;
  readonly colour: string;
}

/** A metric widget: what to read and how to draw it. */
export interface WidgetDefinition {
  readonly title: string;
  readonly view: string;
  readonly isStacked: boolean;
  readonly width: number;
  readonly height: number;
  /** Milliseconds; the end is exclusive. */
  readonly range: { readonly start: number; readonly end: number };
  readonly queries: readonly MetricDataQuery[];
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly axes: { readonly left: AxisOptions; readonly right: AxisOptions };
  readonly horizontal: readonly HorizontalAnnotation[];
  readonly vertical: readonly VerticalAnnotation[];
  readonly hasLegend: boolean;
  /** East of UTC. */
  readonly timezoneMinutes: number;
}

export interface DefinitionContext {
  readonly now: number;
  /** Where the graph is not told when it begins: milliseconds before now. */
  readonly defaultRangeMs: number;
  readonly alarms: AlarmsState;
}

/** Reads the properties of a metric widget, as GetMetricWidgetImage and dashboards have them. */
export function widgetDefinition(json: unknown, context: DefinitionContext): WidgetDefinition {
  const properties = fieldsOf(json);
  const range = shownRange(properties, context);
  const annotations = fieldsOf(properties['annotations']);
  const alarms = listOf(annotations['alarms']).flatMap((arn) => alarmNamed(context.alarms, arn));
  const defaults = {
    stat: textOf(properties['stat']) ?? 'Average',
    period: numberOf(properties['period']) ?? 300,
  };
  const rows = metricsOfRows(listOf(properties['metrics']), defaults);
  const axes = fieldsOf(properties['yAxis']);
  return {
    title: textOf(properties['title']) ?? alarms[0]?.name ?? '',
    view: textOf(properties['view']) ?? 'timeSeries',
    isStacked: properties['stacked'] === true,
    width: size(properties['width'], 600),
    height: size(properties['height'], 400),
    range,
    queries: rows.queries.length > 0 ? rows.queries : alarms.flatMap(queriesOfAlarm),
    styles: rows.styles,
    axes: { left: axisOptions(axes['left']), right: axisOptions(axes['right']) },
    horizontal: [
      ...alarms.map(thresholdOf),
      ...listOf(annotations['horizontal']).flatMap(horizontalAnnotation),
    ],
    vertical: listOf(annotations['vertical']).flatMap(verticalAnnotation),
    hasLegend: fieldsOf(properties['legend'])['position'] !== 'hidden',
    timezoneMinutes: timezoneMinutes(textOf(properties['timezone'])),
  };
}

/** Confirmed by docs: images are up to 2000 pixels wide and high. */
function size(value: unknown, otherwise: number): number {
  const pixels = numberOf(value) ?? otherwise;
  if (pixels < 1 || pixels > 2000) throw validationError('width and height must be between 1 and 2000');
  return Math.round(pixels);
}

/** The time that a widget shows, in milliseconds. */
export function shownRange(
  properties: Fields,
  { now, defaultRangeMs }: Pick<DefinitionContext, 'now' | 'defaultRangeMs'>,
): { readonly start: number; readonly end: number } {
  const end = instantOf(properties['end'], now) ?? now;
  const start = instantOf(properties['start'], now) ?? end - defaultRangeMs;
  if (start >= end) throw validationError('start must be before end');
  return { start, end };
}

/** `-PT3H`, `-P1D`, `PT0H` or a date. */
function instantOf(value: unknown, now: number): number | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const parts = /^(-?)P(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (parts) {
    const [months, weeks, days, hours, minutes, seconds] = parts.slice(2).map((part) => Number(part ?? 0));
    const inDays = (months ?? 0) * 30 + (weeks ?? 0) * 7 + (days ?? 0);
    const length = (inDays * 24 + (hours ?? 0)) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
    return now + (parts[1] === '-' ? -1 : 1) * length * 1000;
  }
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw validationError(`Invalid date: ${text}`);
  return at;
}

function timezoneMinutes(zone: string | undefined): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2})(\d{2})$/.exec(zone ?? '+0000') ?? [];
  if (sign === undefined) throw validationError(`Invalid timezone: ${zone}`);
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function axisOptions(value: unknown): AxisOptions {
  const options = fieldsOf(value);
  const [min, max, label] = [numberOf(options['min']), numberOf(options['max']), textOf(options['label'])];
  return {
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(label !== undefined && { label }),
  };
}

const alarmColour = '#d13212';

/** A band, which is two values in a list, is drawn as its two lines. */
function horizontalAnnotation(value: unknown): HorizontalAnnotation[] {
  if (Array.isArray(value)) return value.flatMap(horizontalAnnotation);
  const options = fieldsOf(value);
  const level = numberOf(options['value']);
  if (level === undefined || options['visible'] === false) return [];
  const fill = options['fill'];
  return [
    {
      value: level,
      label: textOf(options['label']) ?? '',
      colour: textOf(options['color']) ?? alarmColour,
      axis: options['yAxis'] === 'right' ? 'right' : 'left',
      ...((fill === 'above' || fill === 'below') && { fill }),
    },
  ];
}

function verticalAnnotation(value: unknown): VerticalAnnotation[] {
  if (Array.isArray(value)) return value.flatMap(verticalAnnotation);
  const options = fieldsOf(value);
  const at = Date.parse(textOf(options['value']) ?? '');
  if (Number.isNaN(at) || options['visible'] === false) return [];
  return [{ at, label: textOf(options['label']) ?? '', colour: textOf(options['color']) ?? '#414d5c' }];
}

function alarmNamed(state: AlarmsState, arn: unknown): MetricAlarmRecord[] {
  const alarm = state.alarms.get(alarmNameOf(textOf(arn) ?? ''));
  return isMetricAlarm(alarm) ? [alarm] : [];
}

function queriesOfAlarm({
  configuration: { metric, queries = [] },
}: MetricAlarmRecord): readonly MetricDataQuery[] {
  if (!metric) return queries;
  return [
    {
      Id: 'm1',
      Label: metric.metricName,
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.metricName,
          Dimensions: [...metric.dimensions],
        },
        Period: metric.period,
        Stat: metric.statistic ?? metric.extendedStatistic,
        ...(metric.unit !== undefined && { Unit: metric.unit }),
      },
    },
  ];
}

function thresholdOf({ configuration }: MetricAlarmRecord): HorizontalAnnotation {
  const { threshold, comparison, evaluationPeriods, datapointsToAlarm = evaluationPeriods } = configuration;
  const sign = { Greater: '>', Less: '<' }[comparison.startsWith('Greater') ? 'Greater' : 'Less'];
  const operator = comparison.includes('OrEqual') ? `${sign}=` : sign;
  return {
    value: threshold,
    label: `${operator} ${threshold} for ${datapointsToAlarm} of ${evaluationPeriods} datapoints`,
    colour: alarmColour,
    axis: 'left',
  };
}
