import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { type RequestDimensions, RequestMetrics } from './metrics.ts';
import { serviceAlarm } from './service-alarm.ts';

/**
 * The alarms that take a release back. They stand in the service's own stack: ECS watches alarms by their names and needs
 * them when it starts a deployment, and the monitoring stack comes after the service. They look at the load balancer only,
 * so that the service can depend on them. They mail nobody: the release tells its end, and the monitoring stack's alarms
 * tell what stays.
 */
export function deploymentAlarms(
  scope: Construct,
  { service, environment, alarms }: ResolvedEnvironment,
  dimensions: RequestDimensions,
): readonly Alarm[] {
  const requests = new RequestMetrics(dimensions);
  // ECS watches for as long as the alarms need to see something: two minutes instead of five shorten each release.
  const minutes = [2, 2] as const;
  return [
    serviceAlarm(scope, 'DeploymentErrors', {
      alarmName: `${service}-${environment}-deployment-errors`,
      alarmDescription: 'Takes a release back while it is deployed: too many requests end with 5xx.',
      metric: requests.errorPercent(),
      threshold: alarms.targetErrorPercent,
      minutes,
    }),
    serviceAlarm(scope, 'DeploymentLatency', {
      alarmName: `${service}-${environment}-deployment-latency`,
      alarmDescription: 'Takes a release back while it is deployed: the slowest requests take too long.',
      metric: requests.latency(99),
      threshold: alarms.latencySeconds,
      minutes,
    }),
  ];
}
