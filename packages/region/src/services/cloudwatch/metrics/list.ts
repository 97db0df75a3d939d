import type { ListMetricsInput, ListMetricsOutput } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../../../kernel/page.ts';
import { invalidParameterValue } from '../errors.ts';
import type { MetricStore } from './store.ts';
import type { Metric } from './stream.ts';
import { day, hour } from './tiers.ts';

/** Confirmed by API text. */
const [pageSize, filters] = [500, 30];

export function listMetrics(ctx: Context, store: MetricStore, input: ListMetricsInput): ListMetricsOutput {
  const { RecentlyActive } = input;
  if (RecentlyActive !== undefined && RecentlyActive !== 'PT3H') {
    throw invalidParameterValue(`The value ${RecentlyActive} for parameter RecentlyActive is invalid.`);
  }
  if ((input.Dimensions ?? []).length > filters) {
    throw invalidParameterValue(`The collection Dimensions must not have a size greater than ${filters}.`);
  }
  // Confirmed by API text: metrics without new data for two weeks are not listed.
  const since = ctx.now - (RecentlyActive ? 3 * hour : 14 * day);
  const found = [...store.metrics()].filter((metric) => isWanted(metric, input, since));
  const { items, nextToken } = page(found, input.NextToken, pageSize, () =>
    invalidParameterValue('The value for parameter NextToken is invalid.'),
  );
  return {
    Metrics: items.map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: dimensions.map(([Name, Value]) => ({ Name, Value })),
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

function isWanted(metric: Metric, input: ListMetricsInput, since: number): boolean {
  if (input.Namespace !== undefined && metric.namespace !== input.Namespace) return false;
  if (input.MetricName !== undefined && metric.name !== input.MetricName) return false;
  const hasAll = (input.Dimensions ?? []).every(({ Name, Value }) =>
    metric.dimensions.some(([name, value]) => name === Name && (Value === undefined || value === Value)),
  );
  return hasAll && metric.streams.some(({ seen }) => seen >= since);
}
