import { type Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { environmentOf } from '../stacks/names.ts';
import { type RequestDimensions, RequestMetrics, serviceMetric } from './metrics.ts';
import { serviceAlarm } from './service-alarm.ts';

/** The alarms on what users meet, and on the tasks that serve them. */
export function serviceAlarms(
  scope: Construct,
  definition: ResolvedEnvironment,
  dimensions: RequestDimensions,
): readonly Alarm[] {
  return [...requestAlarms(scope, definition, dimensions), ...taskAlarms(scope, definition)];
}

function requestAlarms(
  scope: Construct,
  { service, environment, alarms, scaling }: ResolvedEnvironment,
  dimensions: RequestDimensions,
): readonly Alarm[] {
  const requests = new RequestMetrics(dimensions);
  const prefix = environmentOf(service, environment);
  const mayHaveNoTargets = scaling.schedule !== undefined || scaling.min === 0;
  return [
    serviceAlarm(scope, 'LoadBalancerErrors', {
      alarmName: `${prefix}-load-balancer-errors`,
      alarmDescription: `The load balancer of ${service} answers more than ${alarms.loadBalancerErrorPercent} % of the requests with 5xx itself: tasks are missing, refuse connections or answer too late. Look at the tasks and why the last ones stopped.`,
      metric: requests.loadBalancerErrorPercent(mayHaveNoTargets),
      threshold: alarms.loadBalancerErrorPercent,
    }),
    serviceAlarm(scope, 'TargetErrors', {
      alarmName: `${prefix}-target-errors`,
      alarmDescription: `The tasks of ${service} answer more than ${alarms.targetErrorPercent} % of the requests with 5xx. Look at their log, and at what was released last.`,
      metric: requests.targetErrorPercent(),
      threshold: alarms.targetErrorPercent,
    }),
    serviceAlarm(scope, 'Latency', {
      alarmName: `${prefix}-latency`,
      alarmDescription: `One of 100 requests to ${service} takes longer than ${alarms.latencySeconds} s. Look at the CPU of tasks and database, and at slow queries.`,
      metric: requests.latency(99),
      threshold: alarms.latencySeconds,
    }),
    serviceAlarm(scope, 'UnhealthyTargets', {
      alarmName: `${prefix}-unhealthy-targets`,
      alarmDescription: `The load balancer finds tasks of ${service} unhealthy, and replacing them has not helped. Look at what their health check answers.`,
      metric: requests.unhealthyTargets,
      threshold: alarms.unhealthyTargets,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    }),
  ];
}

function taskAlarms(
  scope: Construct,
  { service, environment, alarms, scaling }: ResolvedEnvironment,
): readonly Alarm[] {
  const prefix = environmentOf(service, environment);
  const dimensions = { cluster: prefix, service };
  return [
    serviceAlarm(scope, 'Cpu', {
      alarmName: `${prefix}-cpu`,
      alarmDescription: `The tasks of ${service} use more than ${alarms.cpuPercent} % of their CPU, and scaling does not bring it down. It may be at its maximum of ${scaling.max}.`,
      metric: serviceMetric('CPUUtilization', dimensions),
      threshold: alarms.cpuPercent,
      minutes: [5, 5],
    }),
    serviceAlarm(scope, 'Memory', {
      alarmName: `${prefix}-memory`,
      alarmDescription: `The tasks of ${service} use more than ${alarms.memoryPercent} % of their memory; at 100 % they are killed. Look for a leak, or give them more.`,
      metric: serviceMetric('MemoryUtilization', dimensions),
      threshold: alarms.memoryPercent,
      minutes: [5, 5],
    }),
  ];
}
