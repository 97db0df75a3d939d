import type { Context } from '../../../kernel/context.ts';
import { javaDouble } from './json.ts';
import { regionName } from './region-names.ts';
import {
  type AlarmRecord,
  type AlarmStatus,
  isCompositeAlarm,
  isMetricAlarm,
  type MetricAlarmRecord,
} from './state.ts';
import { longTime } from './times.ts';

/** The mail of an alarm as its recipient reads it. Confirmed by published mails of 2019 to 2025. */
export function mailText(ctx: Context, alarm: AlarmRecord, from: AlarmStatus): string {
  const { name, arn, configuration, state } = alarm;
  const when = longTime(state.transitioned);
  const where = regionName(ctx.region);
  return [
    `You are receiving this email because your Amazon CloudWatch Alarm "${name}" in the ${where} region has entered the ${state.value} state, because "${state.reason}" at "${when}".`,
    '',
    'View this alarm in the AWS Management Console:',
    `https://${ctx.region}.console.aws.amazon.com/cloudwatch/deeplink.js?region=${ctx.region}#alarmsV2:alarm/${encodeURIComponent(name)}`,
    '',
    'Alarm Details:',
    detail('Name', name),
    detail('Description', configuration.description ?? ''),
    detail('State Change', `${from.value} -> ${state.value}`),
    detail('Reason for State Change', state.reason),
    detail('Timestamp', when),
    detail('AWS Account', ctx.accountId),
    detail('Alarm Arn', arn),
    '',
    ...(isMetricAlarm(alarm) ? metricBlocks(alarm) : []),
    ...(isCompositeAlarm(alarm) ? ['Alarm Rule:', `- ${alarm.configuration.rule}`, ''] : []),
    '',
    'State Change Actions:',
    `- OK: ${actionList(configuration.okActions)}`,
    `- ALARM: ${actionList(configuration.alarmActions)}`,
    `- INSUFFICIENT_DATA: ${actionList(configuration.insufficientDataActions)}`,
    '',
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

function metricBlocks({ configuration }: MetricAlarmRecord): string[] {
  const { metric, queries = [], evaluationPeriods, datapointsToAlarm = evaluationPeriods } = configuration;
  const period =
    metric?.period ?? Math.max(...queries.map((query) => query.MetricStat?.Period ?? query.Period ?? 0));
  const missing = configuration.treatMissingData ?? 'missing';
  const threshold = [
    'Threshold:',
    `- The alarm is in the ALARM state when the metric is ${configuration.comparison} ${javaDouble(configuration.threshold)} for at least ${datapointsToAlarm} of the last ${evaluationPeriods} period(s) of ${period} seconds.`,
    '',
  ];
  if (!metric) {
    const expressions = queries.map((query) =>
      detail(
        query.Id ?? '',
        query.Expression ?? `${query.MetricStat?.Stat} of ${query.MetricStat?.Metric?.MetricName}`,
      ),
    );
    return [...threshold, 'Monitored Metrics:', ...expressions, detail('TreatMissingData', missing), ''];
  }
  const dimensions = metric.dimensions.map(({ Name, Value }) => `[${Name} = ${Value}]`).join(' ');
  return [
    ...threshold,
    'Monitored Metric:',
    wideDetail('MetricNamespace', metric.namespace),
    wideDetail('MetricName', metric.metricName),
    wideDetail('Dimensions', dimensions),
    wideDetail('Period', `${period} seconds`),
    wideDetail('Statistic', metric.statistic ?? metric.extendedStatistic ?? ''),
    wideDetail('Unit', metric.unit ?? 'not specified'),
    wideDetail('TreatMissingData', missing),
    '',
  ];
}

const detail = (name: string, value: string): string => `- ${`${name}:`.padEnd(28)}${value}`;

const wideDetail = (name: string, value: string): string => `- ${`${name}:`.padEnd(37)}${value}`;

const actionList = (actions: readonly string[]): string => actions.map((action) => `[${action}]`).join(' ');
