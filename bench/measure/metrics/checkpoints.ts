/**
 * How long the region's thread stands still while metrics have their checkpoint: each step with the JSON of its commit, in
 * this process, with the store on the disk and nothing else.
 */
import { median } from '../figure.ts';

const minute = 60_000;
const hour = 60 * minute;
/** Where a chunk of five minutes begins. */
const begin = Date.parse('2026-11-20T00:00:00Z') - (Date.parse('2026-11-20T00:00:00Z') % (5 * hour));

interface Step {
  readonly tookMs: number;
  /** Of all threads: those of the collector and of the store are in it. */
  readonly cpuMs: number;
}

export async function checkpoints(home: string, metrics: number): Promise<readonly string[]> {
  const { LevelStore } = await import('../../../packages/region/dist/store/level-store.js');
  const { MetricStore } = await import('../../../packages/region/dist/services/cloudwatch/metrics/store.js');
  const { PointList } = await import('../../../packages/region/dist/services/cloudwatch/metrics/log.js');
  const { Tables } = await import('../../../packages/region/dist/kernel/table.js');
  const level = await LevelStore.open(home);
  const tables = new Tables();
  const store = new MetricStore(tables, level);
  const records = Array.from(
    { length: metrics },
    (_, i) => store.streamOf('Bench', { MetricName: `Metric${i}` }, begin).record,
  );
  let added = records;
  /** A value a minute of every metric, of 17 digits. */
  const put = (from: number, to: number): void => {
    for (let at = from; at < to; at += minute) {
      const points = new PointList(at);
      for (const { id } of records) points.addValue(id, at, Math.sin(id * at) * 100);
      store.apply(store.append(at, points, added));
      added = [];
      tables.takeChanges();
    }
  };
  const checkpoint = async (now: number): Promise<Step[]> => {
    const steps: Step[] = [];
    const to = store.beginCheckpoint();
    for (;;) {
      const [since, cpu] = [performance.now(), process.cpuUsage()];
      const cleared = store.checkpoint(now, to);
      const committed = level.commit(tables.takeChanges());
      // Lets go what is in blocks, as the next request would.
      store.metrics();
      const { user, system } = process.cpuUsage(cpu);
      steps.push({ tookMs: performance.now() - since, cpuMs: (user + system) / 1000 });
      await committed;
      store.stored();
      if (!cleared) continue;
      await store.clear(cleared);
      return steps;
    }
  };
  put(begin, begin + 5 * hour);
  await checkpoint(begin + 5 * hour);
  put(begin + 28 * hour, begin + 29 * hour);
  const usual = await checkpoint(begin + 29 * hour);
  put(begin + 29 * hour, begin + 30 * hour);
  const rollingUp = await checkpoint(begin + 30 * hour);
  await level.close();
  return [
    told(`hourly checkpoint of ${metrics} metrics`, usual),
    told(`every fifth of ${metrics}, which makes five minutes and hours`, rollingUp),
  ];
}

function told(what: string, steps: readonly Step[]): string {
  const [took, cpu] = [steps.map(({ tookMs }) => tookMs), steps.map(({ cpuMs }) => cpuMs)];
  const figures = (each: readonly number[]): string =>
    `median ${median(each).toFixed(1)} ms, longest ${Math.max(...each).toFixed(1)} ms, together ${Math.round(each.reduce((a, b) => a + b))} ms`;
  return `${what}: ${steps.length} steps, ${figures(took)}; of CPU in all threads: ${figures(cpu)}`;
}
