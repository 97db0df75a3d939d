import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import type { Tables } from '../../../kernel/table.ts';
import type { Timer } from '../../../kernel/timers.ts';
import { type MetricIdentity, metricIdentity } from '../metrics/identity.ts';
import { MinuteReading } from '../metrics/minute-reading.ts';
import { evaluate } from '../metrics/queries.ts';
import { MetricReader } from '../metrics/reader.ts';
import { type Statistic, statisticNamed } from '../metrics/statistics.ts';
import type { MetricStore } from '../metrics/store.ts';
import { endSuppression, suppressedBy } from './composite.ts';
import type { DataPoint } from './evaluation.ts';
import { type AlarmMetrics, evaluateAlarms } from './evaluator.ts';
import { alarmOperations } from './operations.ts';
import { isEvaluation, scheduleEvaluation } from './schedule.ts';
import { type AlarmMetric, openAlarms } from './state.ts';
import { WatchedAlarms } from './watched.ts';

/** The alarms of CloudWatch: what its module adds for them. */
export function alarmsPart(
  tables: Tables,
  store: MetricStore,
): {
  readonly operations: ServiceModule['operations'];
  onStart(ctx: Context): void;
  onTimer(ctx: Context, timer: Timer): void;
} {
  const state = openAlarms(tables);
  const watched = new WatchedAlarms(state, (metric) => openMinutes(store, metric));
  const metricsAt = (now: number): AlarmMetrics => alarmMetrics(store, now);
  return {
    operations: alarmOperations(state),
    onStart: (ctx) => scheduleEvaluation(ctx, state),
    onTimer(ctx, timer) {
      if (isEvaluation(timer)) evaluateAlarms(ctx, state, { watched, metricsAt }, timer);
      const suppressed = suppressedBy(timer);
      if (suppressed !== undefined) endSuppression(ctx, state, suppressed);
    },
  };
}

/** What reading an alarm's metric needs, worked out once per configuration. */
interface PreparedMetric {
  readonly identity: MetricIdentity;
  readonly statistic: Statistic;
}

const prepared = new WeakMap<AlarmMetric, PreparedMetric>();

function prepare(metric: AlarmMetric): PreparedMetric {
  const known = prepared.get(metric);
  if (known) return known;
  const name = metric.statistic ?? metric.extendedStatistic ?? '';
  const statistic = statisticNamed(name);
  if (!statistic) throw new Error(`${name} was checked when the alarm was put`);
  const identity = metricIdentity(metric.namespace, metric.metricName, metric.dimensions);
  const made = { identity, statistic };
  prepared.set(metric, made);
  return made;
}

function openMinutes(store: MetricStore, metric: AlarmMetric): MinuteReading {
  const { identity, statistic } = prepare(metric);
  return new MinuteReading(store, { metric: identity, unit: metric.unit, statistic });
}

/** Reads for one evaluation of all alarms, at the end of the newest period. */
function alarmMetrics(store: MetricStore, now: number): AlarmMetrics {
  const reader = new MetricReader(store, now);
  return {
    sequence: store.applied,
    points(metric, start, end) {
      const { identity, statistic } = prepare(metric);
      const { needsDistribution } = statistic;
      const periodMs = metric.period * 1000;
      const query = { metric: identity, unit: metric.unit, periodMs, start, end, needsDistribution };
      const points: DataPoint[] = [];
      for (const { timestamp, sample } of reader.periods(query)) {
        const value = statistic.of(sample);
        if (value !== undefined) points.push({ timestamp, value, sampleCount: sample.count });
      }
      return points;
    },
    queryPoints(queries, start, end) {
      const [series] = evaluate(reader, queries, { start, end });
      return (series?.timestamps ?? []).map((timestamp, index) => ({
        timestamp,
        value: series?.values[index] ?? Number.NaN,
      }));
    },
  };
}
