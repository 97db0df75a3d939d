/** A region with CloudWatch, and a topic and a scaling policy that note what alarms tell them. */
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../../kernel/aws-error.ts';
import { operation, type ServiceModule } from '../../../../kernel/service.ts';
import type { Change, Tables } from '../../../../kernel/table.ts';
import { testRegion } from '../../../../testing/test-region.ts';
import { MetricStore } from '../../metrics/store.ts';
import { cloudwatch } from '../../service.ts';

export interface Published {
  readonly TopicArn: string;
  readonly Subject: string;
  readonly Message: string;
}

interface Told {
  readonly alarmName: string;
  readonly state: string;
  readonly metricValue?: number;
}

export const topic = 'arn:aws:sns:eu-central-1:000000000000:ops';
export const policy =
  'arn:aws:autoscaling:eu-central-1:000000000000:scalingPolicy:1:resource/ecs/service/c/s:policyName/p';

export const cpu = {
  AlarmName: 'cpu',
  Namespace: 'App',
  MetricName: 'Load',
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 50,
  ComparisonOperator: 'GreaterThanThreshold',
} satisfies PutMetricAlarmInput;

export interface AlarmRegionOptions {
  /** State of an earlier run. */
  readonly commits?: readonly (readonly Change[])[];
  readonly start?: number;
  /** What every topic answers. */
  readonly refuses?: string;
}

export function alarmRegion({ commits, start, refuses }: AlarmRegionOptions = {}) {
  const published: Published[] = [];
  const told: Told[] = [];
  const sns: ServiceModule = {
    name: 'sns',
    operations: {
      Publish: operation<Published & { MessageStructure: string }, object>({
        accepts: ['TopicArn', 'Subject', 'Message', 'MessageStructure'],
        handler: (_ctx, input) => {
          if (refuses !== undefined) throw new AwsError('NotFound', refuses);
          published.push(input);
          return {};
        },
      }),
    },
  };
  const scaling: ServiceModule = {
    name: 'applicationautoscaling',
    operations: {},
    onEvent: (_ctx, event: Told) => void told.push(event),
  };
  let metrics: MetricStore | undefined;
  const modules = (tables: Tables): readonly ServiceModule[] => {
    metrics = new MetricStore(tables);
    return [cloudwatch({ tables, metrics }), sns, scaling];
  };
  const made = testRegion(modules, {
    ...(commits && { commits }),
    ...(start !== undefined && { start: new Date(start).toISOString() }),
  });
  const put = (value: number, MetricName = 'Load') =>
    made.call('cloudwatch', 'putMetricData', {
      Namespace: 'App',
      MetricData: [{ MetricName, Value: value, Timestamp: new Date(made.now()) }],
    });
  const describe = async (name = 'cpu') => {
    const { MetricAlarms, CompositeAlarms } = await made.call('cloudwatch', 'describeAlarms', {
      AlarmNames: [name],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    });
    return MetricAlarms?.[0] ?? CompositeAlarms?.[0];
  };
  /** A value each minute. */
  const minutes = async (...values: readonly (number | undefined)[]) => {
    for (const value of values) {
      if (value !== undefined) await put(value);
      await made.advance(60);
    }
    // Past the evaluation that follows the minute.
    await made.advance(10);
  };
  const history = async (type?: 'StateUpdate' | 'Action' | 'ConfigurationUpdate') => {
    const { AlarmHistoryItems = [] } = await made.call('cloudwatch', 'describeAlarmHistory', {
      ...(type && { HistoryItemType: type }),
      ScanBy: 'TimestampAscending',
    });
    return AlarmHistoryItems;
  };
  if (!metrics) throw new Error('the region was not made');
  return { ...made, metrics, published, told, put, describe, minutes, history };
}
