import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { alarmTopic } from '../constructs/alarm-topic.ts';
import { databaseAlarms } from '../constructs/database-alarms.ts';
import type { RequestDimensions } from '../constructs/metrics.ts';
import { onCallDashboard } from '../constructs/on-call-dashboard.ts';
import { serviceAlarms } from '../constructs/service-alarms.ts';
import { read } from '../constructs/shared-parameter.ts';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { serviceParameters } from './names.ts';

export interface MonitoringStackProps extends StackProps {
  readonly definition: ResolvedEnvironment;
}

/** What tells people that something is wrong, and shows what: alarms, their topic and its mail, the dashboard. */
export class MonitoringStack extends Stack {
  readonly topic: Topic;
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { definition, ...props }: MonitoringStackProps) {
    super(scope, id, props);
    const dimensions = this.#dimensions(definition);
    this.topic = alarmTopic(this, definition);
    this.alarms = [...serviceAlarms(this, definition, dimensions), ...databaseAlarms(this, definition)];
    const action = new SnsAction(this.topic);
    for (const alarm of this.alarms) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    const dashboard = onCallDashboard(this, { definition, dimensions, alarms: this.alarms });
    new CfnOutput(this, 'AlarmTopicArn', { value: this.topic.topicArn });
    new CfnOutput(this, 'DashboardName', { value: dashboard.dashboardName });
  }

  #dimensions({ service, environment }: ResolvedEnvironment): RequestDimensions {
    const names = serviceParameters(service, environment);
    return {
      loadBalancer: read(this, 'LoadBalancer', names.loadBalancer).valueAsString,
      targetGroup: read(this, 'TargetGroup', names.targetGroup).valueAsString,
    };
  }
}
