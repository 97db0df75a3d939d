import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface ServiceAlarmProps {
  readonly alarmName: string;
  /** What it means for users, and where to look first: this is read in the mail. */
  readonly alarmDescription: string;
  readonly metric: IMetric;
  readonly threshold: number;
  /** @default ComparisonOperator.GREATER_THAN_THRESHOLD */
  readonly comparisonOperator?: ComparisonOperator;
  /**
   * How many minutes of how many must be bad.
   * @default [3, 5]: a single bad minute tells nobody, and one good one does not silence
   */
  readonly minutes?: readonly [bad: number, of: number];
}

/** An alarm over minutes. Where there are no data, there is no traffic or there are no tasks: that is in order. */
export function serviceAlarm(scope: Construct, id: string, props: ServiceAlarmProps): Alarm {
  const { minutes: [datapointsToAlarm, evaluationPeriods] = [3, 5], ...rest } = props;
  return new Alarm(scope, id, {
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    ...rest,
    evaluationPeriods,
    datapointsToAlarm,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  } satisfies AlarmProps);
}
