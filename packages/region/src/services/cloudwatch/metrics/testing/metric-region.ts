/** A region of CloudWatch alone on virtual time, whose cold records are read from its commits; it can be started again. */
import type { Principal } from '../../../../kernel/context.ts';
import type { Change } from '../../../../kernel/table.ts';
import { type TestRegion, testRegion } from '../../../../testing/test-region.ts';
import type { ColdRecords } from '../../ports.ts';
import { cloudwatch } from '../../service.ts';
import { MetricStore } from '../store.ts';

export interface MetricRegion extends TestRegion {
  readonly store: MetricStore;
  /** The cold records that there are, by table and key. */
  readonly cold: ReadonlyMap<string, unknown>;
  /** Puts as one of AWS's services does. */
  callAsService(input: object): Promise<unknown>;
  /** The region as it starts again after a kill, at the same time. @param commits so many were stored; default: all */
  restarted(commits?: number): Promise<MetricRegion>;
}

export async function metricRegion(
  start = '2026-11-22T12:00:00Z',
  earlier: readonly (readonly Change[])[] = [],
): Promise<MetricRegion> {
  const cleared: { readonly before: number; readonly from: string; readonly to: string }[] = [];
  let commits = earlier;
  const records = (): Map<string, unknown> => coldRecords(commits, cleared);
  let store: MetricStore | undefined;
  const region = testRegion(
    (tables) => {
      const cold: ColdRecords = {
        async *readCold(table, { from, to }) {
          const prefix = `~${table}\u0000`;
          // As an iterator of the store's does: what is there now, whatever comes meanwhile.
          const all = records();
          const keys = [...all.keys()].filter((key) => key >= prefix + from && key < prefix + to);
          for (const key of keys.sort()) yield { key: key.slice(prefix.length), record: all.get(key) };
        },
        clearCold: async (table, { from, to }) => {
          const prefix = `~${table}\u0000`;
          cleared.push({ before: commits.length, from: prefix + from, to: prefix + to });
        },
      };
      store = new MetricStore(tables, cold);
      return [cloudwatch({ tables, metrics: store })];
    },
    { start, commits: earlier },
  );
  commits = region.commits;
  if (!store) throw new Error('the region has no metric store');
  await store.load();
  const made = store;
  return {
    ...region,
    store: made,
    get cold() {
      return records();
    },
    callAsService: (input) =>
      region.kernel.request({
        service: 'cloudwatch',
        operation: 'PutMetricData',
        input,
        caller: serviceCaller,
        requestId: 'test',
      }),
    restarted: (stored = region.commits.length) =>
      metricRegion(
        new Date(region.now()).toISOString(),
        remaining(
          region.commits.slice(0, stored),
          cleared.filter(({ before }) => before <= stored),
        ),
      ),
  };
}

const serviceCaller: Principal = {
  type: 'Service',
  arn: 'arn:aws:iam::000000000000:role/aws-service-role/ecs.amazonaws.com/region',
  accountId: '000000000000',
  userId: 'ecs.amazonaws.com',
};

type Cleared = readonly { readonly before: number; readonly from: string; readonly to: string }[];

function coldRecords(commits: readonly (readonly Change[])[], cleared: Cleared): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const { table, key, record } of remaining(commits, cleared).flat()) {
    if (table.startsWith('~')) found.set(`${table}\u0000${key}`, record);
  }
  return found;
}

function remaining(
  commits: readonly (readonly Change[])[],
  cleared: Cleared,
): readonly (readonly Change[])[] {
  return commits.map((changes, i) =>
    changes.filter(({ table, key }) => {
      const id = `${table}\u0000${key}`;
      return !cleared.some(({ before, from, to }) => i < before && id >= from && id < to);
    }),
  );
}
