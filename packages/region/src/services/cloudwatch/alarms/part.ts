import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import type { Tables } from '../../../kernel/table.ts';
import type { Timer } from '../../../kernel/timers.ts';
import { evaluateQueries, readStatistic } from '../metrics/read.ts';
import type { MetricStore } from '../metrics/store.ts';
import { endSuppression, suppressionTimer } from './composite.ts';
import type { DataPoint } from './evaluation.ts';
import { type AlarmMetrics, evaluateAlarms } from './evaluator.ts';
import { alarmOperations } from './operations.ts';
import { isEvaluation } from './schedule.ts';
import { openAlarms } from './state.ts';

/** The alarms of CloudWatch: what its module adds for them. */
export function alarmsPart(
  tables: Tables,
  store: MetricStore,
): {
  readonly operations: ServiceModule['operations'];
  onTimer(ctx: Context, timer: Timer): void;
} {
  const state = openAlarms(tables);
  const metrics = alarmMetrics(store);
  return {
    operations: alarmOperations(state),
    onTimer(ctx, timer) {
      if (isEvaluation(timer)) evaluateAlarms(ctx, state, metrics, timer);
      else if (timer.name === suppressionTimer) endSuppression(ctx, state, timer.subject);
    },
  };
}

function alarmMetrics(store: MetricStore): AlarmMetrics {
  return {
    points: (metric, start, end) =>
      readStatistic(
        store,
        {
          Namespace: metric.namespace,
          MetricName: metric.metricName,
          Dimensions: metric.dimensions,
          period: metric.period,
          statistic: metric.statistic ?? metric.extendedStatistic ?? '',
          unit: metric.unit,
        },
        start,
        end,
      ),
    queryPoints: (queries, start, end) => {
      const [series] = evaluateQueries(store, queries, { start, end }, { now: end });
      return (series?.timestamps ?? []).map(
        (timestamp, index): DataPoint => ({ timestamp, value: series?.values[index] ?? Number.NaN }),
      );
    },
  };
}
