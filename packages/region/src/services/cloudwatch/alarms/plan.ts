import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { type Expression, MathSyntaxError, parseExpression } from '../metrics/math/syntax.ts';
import { type EvaluationRule, rangeLength } from './evaluation.ts';
import type { MetricAlarmConfiguration } from './state.ts';

/** What an alarm's evaluation needs, worked out once per configuration. */
export interface Plan {
  readonly rule: EvaluationRule;
  readonly periodMs: number;
  /** The evaluation range's length. */
  readonly rangeMs: number;
  /** Whether the newest period alone has the value that it has in a longer range, and periods are minutes. */
  readonly isByMinute: boolean;
  /** Set where too few samples of this percentile keep the state. */
  readonly ignoredPercentile?: number;
}

const plans = new WeakMap<MetricAlarmConfiguration, Plan>();

export function planOf(configuration: MetricAlarmConfiguration): Plan {
  const known = plans.get(configuration);
  if (known) return known;
  const plan = makePlan(configuration);
  plans.set(configuration, plan);
  return plan;
}

function makePlan(configuration: MetricAlarmConfiguration): Plan {
  const { metric, queries, evaluationPeriods, datapointsToAlarm, threshold, comparison } = configuration;
  const periodMs = 1000 * (metric?.period ?? periodOf(queries ?? []));
  const percentile = percentileOf(metric?.extendedStatistic);
  // Confirmed by docs: alarms on AWS/DynamoDB always ignore missing data, whatever they were given.
  const treatMissingData =
    metric?.namespace === 'AWS/DynamoDB' ? 'ignore' : (configuration.treatMissingData ?? 'missing');
  return {
    rule: {
      evaluationPeriods,
      datapointsToAlarm: datapointsToAlarm ?? evaluationPeriods,
      threshold,
      comparison,
      treatMissingData,
    },
    periodMs,
    rangeMs: rangeLength(evaluationPeriods) * periodMs,
    isByMinute: metric ? metric.period === 60 : isByMinute(queries ?? []),
    ...(configuration.lowSamples === 'ignore' &&
      percentile !== undefined && { ignoredPercentile: percentile }),
  };
}

function isByMinute(queries: readonly MetricDataQuery[]): boolean {
  return queries.every(({ Expression: text, MetricStat, Period = 60 }) => {
    if (text === undefined) return MetricStat?.Period === 60;
    const expression = Period === 60 ? expressionOf(text) : undefined;
    return expression !== undefined && isPointwise(expression);
  });
}

/** Absent: it is none of metric math, which its evaluation tells. */
function expressionOf(text: string): Expression | undefined {
  try {
    return parseExpression(text);
  } catch (error) {
    if (error instanceof MathSyntaxError) return undefined;
    throw error;
  }
}

/** Whether each point of a result comes of the points at its own time: of arithmetic, `IF`, and `FILL` with a number. */
function isPointwise(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'name':
      return true;
    case 'negation':
      return isPointwise(expression.of);
    case 'operation':
      return isPointwise(expression.left) && isPointwise(expression.right);
    case 'call': {
      const { name, arguments: given } = expression;
      if (name === 'FILL')
        return given[0] !== undefined && isPointwise(given[0]) && given[1]?.kind === 'number';
      return name === 'IF' && given.every(isPointwise);
    }
    default:
      return false;
  }
}

/** The period of an alarm on queries: the longest of what they read. */
export function periodOf(queries: readonly MetricDataQuery[]): number {
  return Math.max(...queries.map(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? 0), 10);
}

export function percentileOf(statistic: string | undefined): number | undefined {
  const [, percentile] = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(statistic ?? '') ?? [];
  return percentile === undefined ? undefined : Number(percentile);
}
