/** At the end of each minute the running databases are measured; what comes back goes to CloudWatch in one step. */
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { publishMinute } from '../../kernel/metric-minutes.ts';
import { databaseMetrics } from './metrics-data.ts';
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

export function publishMetrics(ctx: Context, state: RdsState, { minute, usages }: Measured): void {
  const instances = new Map<string, DbInstance>();
  for (const instance of state.instances.values()) instances.set(instance.resourceId, instance);
  const metrics = usages.flatMap(({ resourceId, usage }) => {
    const instance = instances.get(resourceId);
    return instance ? databaseMetrics(instance, usage) : [];
  });
  publishMinute(ctx, minute, 'AWS/RDS', metrics);
}
