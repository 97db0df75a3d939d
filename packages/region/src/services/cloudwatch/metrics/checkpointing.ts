/**
 * Checkpoints go shard by shard, each in a step and a commit of its own, so that requests are answered in between. A region
 * that is killed on the way finds some shards with the new checkpoint and some with the one before; either is whole.
 */
import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import type { ClearedRange } from './blocks.ts';
import type { MetricStore } from './store.ts';
import { hour } from './tiers.ts';

/** The name of the timer after which blocks are made; set by the first data after the last time. */
export const checkpointTimer = 'metrics.checkpoint';

/** As an event: the next shard is to have its checkpoint. As an action: the step before is stored. */
export interface CheckpointStep {
  readonly kind: 'checkpoint';
  /** How far the log was when it began. */
  readonly to: number;
}

export interface StoredCheckpoint extends CheckpointStep {
  /** At the end: what it made superfluous. */
  readonly cleared?: readonly ClearedRange[] | undefined;
}

/** Has a checkpoint made within the hour, at once when the log has become long. */
export function planCheckpoint(ctx: Context, store: MetricStore): void {
  const due = ctx.timers.due('store', checkpointTimer);
  const wanted = store.isCheckpointUrgent ? ctx.now : after(ctx.now, hour / 1000);
  if (due === undefined || due > wanted) ctx.timers.set('store', checkpointTimer, wanted);
}

export function beginCheckpoint(ctx: Context, store: MetricStore): void {
  ctx.perform({ kind: 'checkpoint', to: store.beginCheckpoint() } satisfies StoredCheckpoint);
}

export function continueCheckpoint(ctx: Context, store: MetricStore, { to }: CheckpointStep): void {
  const cleared = store.checkpoint(ctx.now, to);
  ctx.perform({ kind: 'checkpoint', to, cleared } satisfies StoredCheckpoint);
}

export async function afterCheckpoint(
  store: MetricStore,
  { to, cleared }: StoredCheckpoint,
): Promise<CheckpointStep | undefined> {
  store.stored();
  if (!cleared) return { kind: 'checkpoint', to };
  await store.clear(cleared);
  return undefined;
}
