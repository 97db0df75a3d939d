import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { validationError } from '../errors.ts';
import { type Fields, fieldsOf, numberOf, textOf } from './fields.ts';

/** How one line of a graph looks. */
export interface LineStyle {
  readonly colour?: string;
  readonly axis: 'left' | 'right';
}

export interface GraphedMetrics {
  readonly queries: readonly MetricDataQuery[];
  /** By the query's id. */
  readonly styles: ReadonlyMap<string, LineStyle>;
}

export interface RowDefaults {
  readonly stat: string;
  readonly period: number;
}

/**
 * The `metrics` of a widget as queries. A row is `["Namespace", "Metric", "Dimension", "value", …, {options}]`; `.` repeats
 * the field above and `...` all fields that are left out. `[{"expression": "m1 / m2"}]` is a row too.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Metric-Widget-Structure.html
 */
export function metricsOfRows(rows: readonly unknown[], defaults: RowDefaults): GraphedMetrics {
  const styles = new Map<string, LineStyle>();
  let above: readonly string[] = [];
  const used = new Set(rows.map((row) => textOf(optionsOf(row)['id'])));
  const queries = rows.map((row, index) => {
    if (!Array.isArray(row)) throw validationError(`metrics/${index}: Should be array`);
    const options = optionsOf(row);
    const id = textOf(options['id']) ?? freeId(index, used);
    const colour = textOf(options['color']);
    styles.set(id, {
      axis: options['yAxis'] === 'right' ? 'right' : 'left',
      ...(colour !== undefined && { colour }),
    });
    const expression = textOf(options['expression']);
    if (expression !== undefined)
      return { ...commonQuery(id, options), Expression: expression, ...periodOf(options) };
    above = expand(
      row.filter((field) => typeof field === 'string'),
      above,
    );
    return { ...commonQuery(id, options), MetricStat: metricStat(above, options, defaults, index) };
  });
  return { queries: withLabels(queries), styles };
}

function optionsOf(row: unknown): Fields {
  return fieldsOf(Array.isArray(row) ? row.at(-1) : undefined);
}

function freeId(index: number, used: ReadonlySet<string | undefined>): string {
  const id = `q${index}`;
  return used.has(id) ? `plimsoll_${id}` : id;
}

function commonQuery(Id: string, options: Fields): MetricDataQuery {
  const label = textOf(options['label']);
  return {
    Id,
    ReturnData: options['visible'] !== false,
    ...(label !== undefined && { Label: label }),
  };
}

function periodOf(options: Fields): { Period?: number } {
  const period = numberOf(options['period']);
  return period === undefined ? {} : { Period: period };
}

function expand(fields: readonly string[], above: readonly string[]): readonly string[] {
  const dots = fields.indexOf('...');
  if (dots < 0) return fields.map((field, i) => (field === '.' ? (above[i] ?? field) : field));
  const [head, tail] = [fields.slice(0, dots), fields.slice(dots + 1)];
  const left = above.slice(head.length, Math.max(head.length, above.length - tail.length));
  return expand([...head, ...left, ...tail], above);
}

function metricStat(
  fields: readonly string[],
  options: Fields,
  { stat, period }: RowDefaults,
  index: number,
) {
  const [Namespace, MetricName, ...dimensions] = fields;
  if (Namespace === undefined || MetricName === undefined || dimensions.length % 2 !== 0)
    throw validationError(`metrics/${index}: Should have a namespace, a metric and pairs of dimensions`);
  return {
    Metric: {
      Namespace,
      MetricName,
      Dimensions: dimensions.flatMap((Name, i) =>
        i % 2 === 0 ? [{ Name, Value: dimensions[i + 1] ?? '' }] : [],
      ),
    },
    Stat: textOf(options['stat']) ?? stat,
    Period: numberOf(options['period']) ?? period,
  };
}

/** Metrics of the same name are told apart by the values of their dimensions, then by their statistic. */
function withLabels(queries: readonly MetricDataQuery[]): MetricDataQuery[] {
  const name = ({ MetricStat }: MetricDataQuery): string => MetricStat?.Metric?.MetricName ?? '';
  const longer = (query: MetricDataQuery): string =>
    [name(query), ...(query.MetricStat?.Metric?.Dimensions ?? []).map(({ Value }) => Value)].join(' ');
  const longest = (query: MetricDataQuery): string => `${longer(query)} ${query.MetricStat?.Stat}`;
  const isAlone = (label: (query: MetricDataQuery) => string, query: MetricDataQuery): boolean =>
    queries.filter((other) => other.MetricStat && label(other) === label(query)).length === 1;
  return queries.map((query) => {
    if (query.Label !== undefined || !query.MetricStat) return query;
    const label = [name, longer].find((one) => isAlone(one, query)) ?? longest;
    return { ...query, Label: label(query) };
  });
}
