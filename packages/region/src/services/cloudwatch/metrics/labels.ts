/**
 * Labels of results, with values in them: `${LABEL}`, `${MAX}`, `${PROP('MetricName')}`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 */
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Series } from './math/series.ts';

const statistics: Readonly<Record<string, (values: readonly number[]) => number>> = {
  AVG: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  DATAPOINT_COUNT: (values) => values.length,
  FIRST: (values) => values.at(0) ?? Number.NaN,
  FIRST_LAST_RANGE: (values) => (values.at(-1) ?? Number.NaN) - (values.at(0) ?? Number.NaN),
  LAST: (values) => values.at(-1) ?? Number.NaN,
  MAX: (values) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  MIN: (values) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  MIN_MAX_RANGE: (values) => Math.max(...values) - Math.min(...values),
  SUM: (values) => values.reduce((a, b) => a + b, 0),
};

/** Where the region and account are that labels may name. */
export interface LabelPlace {
  readonly region: string;
  readonly accountId: string;
}

/** The label of one of a query's series: what the user gave, with its values put in, or the series' own. */
export function labelOf(
  given: string | undefined,
  series: Series,
  place: LabelPlace,
  isOneOfMany: boolean,
): string {
  if (given === undefined) return series.label;
  // Confirmed by docs (metric math): of several series each one is called after the expression and the metric.
  if (!given.includes('${')) return isOneOfMany ? `${given} ${series.label}`.trim() : given;
  return given.replace(/\$\{([^}]*)\}/g, (_, variable: string) => variableValue(variable, series, place));
}

function variableValue(variable: string, series: Series, place: LabelPlace): string {
  if (variable === 'LABEL') return series.label;
  const [, property] = /^PROP\('([^']*)'\)$/.exec(variable) ?? [];
  if (property !== undefined) return propertyOf(property, series, place);
  const statistic = Object.hasOwn(statistics, variable) ? statistics[variable] : undefined;
  if (!statistic) throw notModelled(`cloudwatch dynamic label \${${variable}}`, 'cloudwatch');
  // Chosen: three decimals; AWS does not say how it writes numbers.
  return series.values.length === 0 ? '--' : String(Number(statistic(series.values).toFixed(3)));
}

function propertyOf(name: string, { properties, periodMs }: Series, place: LabelPlace): string {
  const dimension = name.startsWith('Dim.') ? name.slice('Dim.'.length) : undefined;
  if (dimension !== undefined) {
    return properties?.dimensions.find(([known]) => known === dimension)?.[1] ?? '';
  }
  const values: Readonly<Record<string, string | undefined>> = {
    AccountId: place.accountId,
    MetricName: properties?.name,
    Namespace: properties?.namespace,
    Period: String(periodMs / 1000),
    Region: place.region,
    Stat: properties?.statistic,
  };
  return values[name] ?? '';
}

/** Names several found metrics by what tells them apart; a single one by its metric's name. */
export function distinguishing(all: readonly Series[]): readonly Series[] {
  const parts = all.map(({ label, properties }) =>
    properties
      ? [properties.namespace, ...properties.dimensions.map(([, value]) => value), properties.name]
      : [label],
  );
  return all.map((series, i) => {
    const own = (parts[i] ?? []).filter((part, at) => parts.some((other) => other[at] !== part));
    return own.length > 0 ? { ...series, label: own.join(' ') } : series;
  });
}
