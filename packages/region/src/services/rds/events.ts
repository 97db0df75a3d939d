import type { Context } from '../../kernel/context.ts';
import type { DbInstance, DbSnapshot, RdsState } from './state.ts';

/** Confirmed by docs: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html */
const messages = {
  'RDS-EVENT-0001': { text: 'Backing up DB instance', category: 'backup' },
  'RDS-EVENT-0002': { text: 'Finished DB Instance backup', category: 'backup' },
  'RDS-EVENT-0003': { text: 'DB instance deleted', category: 'deletion' },
  'RDS-EVENT-0004': { text: 'DB instance shutdown', category: 'availability' },
  'RDS-EVENT-0005': { text: 'DB instance created', category: 'creation' },
  'RDS-EVENT-0006': { text: 'DB instance restarted', category: 'availability' },
  'RDS-EVENT-0014': {
    text: 'Finished applying modification to DB instance class',
    category: 'configuration change',
  },
  'RDS-EVENT-0016': { text: 'Reset master credentials', category: 'configuration change' },
  'RDS-EVENT-0017': {
    text: 'Finished applying modification to allocated storage',
    category: 'configuration change',
  },
  'RDS-EVENT-0020': {
    text: 'Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.',
    category: 'recovery',
  },
  'RDS-EVENT-0021': { text: 'Recovery of the DB instance is complete', category: 'recovery' },
  'RDS-EVENT-0031': {
    text: 'The DB instance has failed due to an incompatible configuration or an underlying storage issue. Begin a point-in-time-restore for the DB instance.',
    category: 'failure',
  },
  'RDS-EVENT-0043': { text: 'Restored from snapshot', category: 'restoration' },
  'RDS-EVENT-0087': { text: 'DB instance stopped', category: 'notification' },
  'RDS-EVENT-0088': { text: 'DB instance started', category: 'notification' },
  'RDS-EVENT-0154': {
    text: 'DB instance is being started due to it exceeding the maximum allowed time being stopped.',
    category: 'notification',
  },
  'RDS-EVENT-0040': { text: 'Creating manual snapshot', category: 'creation' },
  'RDS-EVENT-0042': { text: 'Manual snapshot created', category: 'creation' },
  'RDS-EVENT-0041': { text: 'Deleted user snapshot', category: 'deletion' },
} as const;

export type RdsEventId = keyof typeof messages;

const dayMs = 24 * 3600 * 1000;
// Confirmed by API: DescribeEvents gives events of the last 14 days.
const retentionMs = 14 * dayMs;

/** Notes an event of an instance. `detail` follows the documented text. */
export function noteInstance(
  ctx: Context,
  state: RdsState,
  instance: DbInstance,
  id: RdsEventId,
  detail?: string,
): void {
  note(ctx, state, { type: 'db-instance', identifier: instance.identifier, arn: instance.arn }, id, detail);
}

export function noteSnapshot(ctx: Context, state: RdsState, snapshot: DbSnapshot, id: RdsEventId): void {
  note(ctx, state, { type: 'db-snapshot', identifier: snapshot.identifier, arn: snapshot.arn }, id);
}

interface Source {
  readonly type: 'db-instance' | 'db-snapshot';
  readonly identifier: string;
  readonly arn: string;
}

function note(ctx: Context, state: RdsState, source: Source, id: RdsEventId, detail?: string): void {
  const { text, category } = messages[id];
  for (const [key, { date }] of state.events.entries()) {
    if (date >= ctx.now - retentionMs) break;
    state.events.delete(key);
  }
  // The key orders events by time, also when the store reads them back.
  const key = `${String(ctx.now).padStart(15, '0')}-${String(state.events.size).padStart(9, '0')}`;
  state.events.put(key, {
    sourceIdentifier: source.identifier,
    sourceType: source.type,
    sourceArn: source.arn,
    message: detail === undefined ? text : `${text}: ${detail}`,
    categories: [category],
    date: ctx.now,
  });
}
