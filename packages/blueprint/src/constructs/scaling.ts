import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { FargateService, ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Schedule as Hours } from '../definition/office-hours.ts';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';

/**
 * Application Auto Scaling of a service's tasks: the range, a target-tracking policy for each figure that is held, and the
 * two ends of the hours. The range is what brings a new service from one task to its minimum.
 */
export function scaleTasks(
  service: FargateService,
  targetGroup: ApplicationTargetGroup,
  scaling: ResolvedEnvironment['scaling'],
): ScalableTaskCount {
  const { min, max, cpu, memory, requestsPerTarget, cooldowns, schedule } = scaling;
  const tasks = service.autoScaleTaskCount({ minCapacity: min, maxCapacity: max });
  const waits = {
    scaleInCooldown: Duration.seconds(cooldowns.in),
    scaleOutCooldown: Duration.seconds(cooldowns.out),
  };
  tasks.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: cpu, ...waits });
  if (memory !== undefined) {
    tasks.scaleOnMemoryUtilization('Memory', { targetUtilizationPercent: memory, ...waits });
  }
  if (requestsPerTarget !== undefined) {
    tasks.scaleOnRequestCount('Requests', { requestsPerTarget, targetGroup, ...waits });
  }
  if (schedule !== undefined) runDuring(tasks, schedule, { min, max });
  return tasks;
}

// Both ends set minimum and maximum: with a maximum of zero no policy can start a task in the night.
function runDuring(
  tasks: ScalableTaskCount,
  { start, end, days, timezone }: Hours,
  { min, max }: { readonly min: number; readonly max: number },
): void {
  const timeZone = TimeZone.of(timezone);
  tasks.scaleOnSchedule('HoursStart', {
    schedule: cron(start, days),
    timeZone,
    minCapacity: min,
    maxCapacity: max,
  });
  tasks.scaleOnSchedule('HoursEnd', { schedule: cron(end, days), timeZone, minCapacity: 0, maxCapacity: 0 });
}

function cron(time: Hours['start'], weekDay: Hours['days']): Schedule {
  const [hour = '', minute = ''] = time.split(':');
  return Schedule.cron({ hour: String(Number(hour)), minute: String(Number(minute)), weekDay });
}
