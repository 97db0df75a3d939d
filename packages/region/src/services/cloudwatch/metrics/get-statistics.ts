import type {
  Datapoint,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { Later } from '../../../kernel/service.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '../errors.ts';
import type { Sample } from './chunk.ts';
import { metricIdentity } from './identity.ts';
import { isPeriod, MetricReader, type PeriodQuery, roundedStart } from './reader.ts';
import { isSimpleStatistic, type Statistic, statisticNamed } from './statistics.ts';
import type { MetricStore } from './store.ts';
import { unitFault } from './units.ts';

/** Confirmed by API text: data points of one answer, and extended statistics of one question. */
const limits = { points: 1440, extendedStatistics: 10 } as const;

export function getMetricStatistics(
  ctx: Context,
  store: MetricStore,
  input: GetMetricStatisticsInput,
): GetMetricStatisticsOutput | Later<GetMetricStatisticsOutput> {
  const query = checkQuery(input, ctx.now);
  const statistics = checkStatistics(input);
  const reader = new MetricReader(store, ctx.now);
  const answer = (): GetMetricStatisticsOutput => ({
    Label: input.MetricName ?? '',
    Datapoints: datapoints(reader, query, statistics, input.Unit),
  });
  const now = answer();
  if (reader.isComplete) return now;
  return new Later(() => reader.whole(answer));
}

interface Asked {
  readonly simple: readonly (readonly [name: string, statistic: Statistic])[];
  readonly extended: readonly (readonly [name: string, statistic: Statistic])[];
}

function checkQuery(input: GetMetricStatisticsInput, now: number): PeriodQuery {
  for (const name of ['Namespace', 'MetricName', 'StartTime', 'EndTime', 'Period'] as const) {
    if (input[name] === undefined || input[name] === '') throw missingParameter(name);
  }
  const { Namespace = '', MetricName = '', Dimensions, StartTime, EndTime, Period = 0 } = input;
  const fault = unitFault(input.Unit, 'Unit');
  if (fault !== undefined) throw invalidParameterValue(fault);
  const [from, end] = [StartTime?.getTime() ?? 0, EndTime?.getTime() ?? 0];
  if (from === end) throw invalidParameterValue('The parameter StartTime must not equal parameter EndTime.');
  if (from > end) {
    throw invalidParameterCombination('The parameter StartTime must be less than the parameter EndTime.');
  }
  if (!isPeriod(Period)) {
    throw invalidParameterValue('The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.');
  }
  const periodMs = Period * 1000;
  const start = roundedStart(from, periodMs, now);
  const points = Math.ceil((end - start) / periodMs);
  if (points > limits.points) {
    throw invalidParameterCombination(
      `You have requested up to ${points} datapoints, which exceeds the limit of ${limits.points}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const metric = metricIdentity(Namespace, MetricName, Dimensions);
  return { metric, periodMs, start, end, needsDistribution: input.ExtendedStatistics !== undefined };
}

function checkStatistics({ Statistics = [], ExtendedStatistics = [] }: GetMetricStatisticsInput): Asked {
  if (Statistics.length === 0 && ExtendedStatistics.length === 0) {
    throw invalidParameterCombination(
      'At least one of the parameters Statistics and ExtendedStatistics must be specified.',
    );
  }
  if (Statistics.length > 0 && ExtendedStatistics.length > 0) {
    throw invalidParameterCombination(
      'The parameters Statistics and ExtendedStatistics are mutually exclusive and you have specified both.',
    );
  }
  if (ExtendedStatistics.length > limits.extendedStatistics) {
    throw invalidParameterValue(
      `The collection ExtendedStatistics must not have a size greater than ${limits.extendedStatistics}.`,
    );
  }
  const find = (name: string, path: string, isFitting: boolean): readonly [string, Statistic] => {
    const statistic = isFitting ? statisticNamed(name) : undefined;
    if (!statistic) throw invalidParameterValue(`The value ${name} for parameter ${path} is not supported.`);
    return [name, statistic];
  };
  return {
    simple: Statistics.map((name, i) => find(name, `Statistics.member.${i + 1}`, isSimpleStatistic(name))),
    extended: ExtendedStatistics.map((name, i) =>
      find(name, `ExtendedStatistics.member.${i + 1}`, !isSimpleStatistic(name)),
    ),
  };
}

/** Confirmed by API text: without a unit, all data come back, each with the unit that it was put with. */
function datapoints(
  reader: MetricReader,
  query: PeriodQuery,
  asked: Asked,
  unit: StandardUnit | undefined,
): Datapoint[] {
  const streams = reader.store.find(query.metric)?.streams ?? [];
  const units = unit === undefined ? new Set(streams.map(({ record }) => record.unit)) : new Set([unit]);
  return [...units].flatMap((each) =>
    reader.periods({ ...query, unit: each }).flatMap(({ timestamp, sample }) => {
      const values = valuesOf(sample, asked);
      return values ? [{ Timestamp: new Date(timestamp), ...values, Unit: each as StandardUnit }] : [];
    }),
  );
}

/** Absent when the period has none of what was asked for. */
function valuesOf(sample: Sample, { simple, extended }: Asked): Datapoint | undefined {
  const pairs = (of: Asked['simple']): (readonly [string, number])[] =>
    of.flatMap(([name, statistic]) => {
      const value = statistic.of(sample);
      return value === undefined ? [] : [[name, value] as const];
    });
  if (simple.length > 0) return Object.fromEntries(pairs(simple));
  const found = pairs(extended);
  return found.length > 0 ? { ExtendedStatistics: Object.fromEntries(found) } : undefined;
}
