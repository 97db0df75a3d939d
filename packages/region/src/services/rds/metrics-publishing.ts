/** At the end of each minute the running databases are measured; what comes back goes to CloudWatch in one step. */
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { type MinuteMetrics, publishMinute } from '../../kernel/metric-minutes.ts';
import { addDatabaseMetrics } from './metrics-data.ts';
import type { DatabasePlane, DatabaseUsage } from './ports.ts';
import type { DbInstance, RdsState } from './state.ts';

export interface MeasureAction {
  readonly kind: 'measure';
  readonly minute: Instant;
  readonly resourceIds: readonly string[];
}

export interface Measured {
  readonly kind: 'measured';
  readonly minute: Instant;
  readonly usages: readonly { readonly resourceId: string; readonly usage: DatabaseUsage }[];
}

/** Asks for a measurement of all databases that may run. */
export function beginMeasure(ctx: Context, state: RdsState, minute: Instant): void {
  const resourceIds = [...state.instances.values()].map(({ resourceId }) => resourceId);
  if (resourceIds.length === 0) return;
  ctx.perform({ kind: 'measure', minute, resourceIds } satisfies MeasureAction);
}

export async function measure(
  plane: DatabasePlane,
  { minute, resourceIds }: MeasureAction,
): Promise<Measured> {
  const usages = await Promise.all(
    resourceIds.map(async (resourceId) => {
      const usage = await plane.measure(resourceId);
      return usage && { resourceId, usage };
    }),
  );
  return { kind: 'measured', minute, usages: usages.filter((usage) => usage !== undefined) };
}

export const namespace = 'AWS/RDS';

export function publishMetrics(
  ctx: Context,
  state: RdsState,
  metrics: MinuteMetrics,
  { minute, usages }: Measured,
): void {
  const instances = new Map<string, DbInstance>();
  for (const instance of state.instances.values()) instances.set(instance.resourceId, instance);
  metrics.begin();
  for (const { resourceId, usage } of usages) {
    const instance = instances.get(resourceId);
    if (instance) addDatabaseMetrics(metrics, instance, usage);
  }
  publishMinute(ctx, minute, metrics);
}
