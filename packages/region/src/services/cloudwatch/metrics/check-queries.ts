import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { notModelled } from '../../../kernel/aws-error.ts';
import { missingParameter, validationError } from '../errors.ts';
import { MathSyntaxError, parseExpression } from './math/syntax.ts';
import { isPeriod } from './reader.ts';
import { statisticNamed } from './statistics.ts';
import { unitFault } from './units.ts';

/** Confirmed by API text (MetricDataQuery): queries of one request, characters of an expression. */
const limits = { queries: 500, expression: 2048 } as const;

/** Throws `ValidationError` for queries that AWS refuses before it reads any data: for GetMetricData and PutMetricAlarm. */
export function checkQueries(queries: readonly MetricDataQuery[], parameter = 'MetricDataQueries'): void {
  if (queries.length === 0) throw missingParameter(parameter);
  if (queries.length > limits.queries) {
    throw validationError(`The collection ${parameter} must not have a size greater than ${limits.queries}.`);
  }
  const ids = new Set<string>();
  for (const [i, query] of queries.entries()) {
    const path = `${parameter}.member.${i + 1}`;
    checkQuery(query, path);
    if (ids.has(query.Id ?? '')) {
      throw validationError(`The values for parameter id in ${parameter} are not unique.`);
    }
    ids.add(query.Id ?? '');
  }
}

function checkQuery(query: MetricDataQuery, path: string): void {
  const { Id, MetricStat: metricStat, Expression, Period } = query;
  if (Id === undefined) throw missingParameter(`${path}.Id`);
  if (!/^[a-z][a-zA-Z0-9_]{0,254}$/.test(Id)) {
    throw validationError(
      `The value ${Id} for parameter ${path}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  }
  if (query.AccountId !== undefined)
    throw notModelled('cloudwatch MetricDataQuery: member AccountId', 'cloudwatch');
  if (metricStat && Expression !== undefined) {
    throw validationError(
      `The parameters ${path}.Expression and ${path}.MetricStat are mutually exclusive and you have specified both.`,
    );
  }
  if (Period !== undefined && !isPeriod(Period)) throw invalidPeriod(`${path}.Period`);
  if (metricStat) checkMetricStat(metricStat, `${path}.MetricStat`);
  else if (Expression === undefined) throw missingParameter(`${path}.MetricStat`);
  else checkExpression(Expression, Id);
}

function checkMetricStat({ Metric, Period, Stat, Unit }: MetricStat, path: string): void {
  if (!Metric?.Namespace) throw missingParameter(`${path}.Metric.Namespace`);
  if (!Metric.MetricName) throw missingParameter(`${path}.Metric.MetricName`);
  if (Period === undefined) throw missingParameter(`${path}.Period`);
  if (!isPeriod(Period)) throw invalidPeriod(`${path}.Period`);
  if (Stat === undefined) throw missingParameter(`${path}.Stat`);
  if (!statisticNamed(Stat))
    throw validationError(`The value ${Stat} for parameter ${path}.Stat is not supported.`);
  const fault = unitFault(Unit, `${path}.Unit`);
  if (fault !== undefined) throw validationError(fault);
}

function checkExpression(expression: string, id: string): void {
  if (expression.length > limits.expression) {
    throw validationError(`Error in expression '${id}': it is longer than ${limits.expression} characters`);
  }
  if (/^\s*SELECT\b/i.test(expression)) throw notModelled('cloudwatch Metrics Insights query', 'cloudwatch');
  try {
    parseExpression(expression);
  } catch (error) {
    if (error instanceof MathSyntaxError)
      throw validationError(`Error in expression '${id}': ${error.message}`);
    throw error;
  }
}

function invalidPeriod(parameter: string): Error {
  return validationError(`The parameter ${parameter} must be 1, 5, 10, 20, 30 or a multiple of 60.`);
}
