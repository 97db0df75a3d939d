/** What CloudWatch is told of topics: https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';

export interface Measured {
  readonly name:
    | 'NumberOfMessagesPublished'
    | 'PublishSize'
    | 'NumberOfNotificationsDelivered'
    | 'NumberOfNotificationsFailed'
    | 'NumberOfNotificationsFilteredOut';
  readonly value: number;
}

/** In the namespace `AWS/SNS`, by topic. A measurement that is not taken keeps no message from going out. */
export function measure(ctx: Context, topicArn: string, measured: readonly Measured[]): void {
  if (measured.length === 0) return;
  try {
    ctx.as(itself(ctx)).call('cloudwatch', 'putMetricData', {
      Namespace: 'AWS/SNS',
      MetricData: measured.map(({ name, value }) => ({
        MetricName: name,
        Dimensions: [{ Name: 'TopicName', Value: topicArn.split(':').at(-1) }],
        Value: value,
        Unit: name === 'PublishSize' ? ('Bytes' as const) : ('Count' as const),
        Timestamp: new Date(ctx.now),
      })),
    });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
}

/** Namespaces of AWS take data from its services only, whoever publishes. */
function itself({ accountId }: Context) {
  return {
    type: 'Service',
    arn: `arn:aws:iam::${accountId}:role/aws-service-role/sns.amazonaws.com/region`,
    accountId,
    userId: 'sns.amazonaws.com',
  } as const;
}
