import type { ContainerDefinition, HealthStatus } from '@aws-sdk/client-ecs';
import { type Instant, instant } from '../../kernel/instant.ts';
import type { ServiceRecord, TaskDefinitionRecord, TaskRecord } from './state.ts';

/** Confirmed by docs: a task without any check counts as healthy 40 seconds after RUNNING. */
const uncheckedHealthyAfterMs = 40_000;

export interface TaskHealth {
  readonly health: 'healthy' | 'unhealthy' | 'unknown';
  /** Why it is unhealthy. */
  readonly failed?: 'container' | 'target';
  /** When it must be looked at again, though nothing happens. */
  readonly reviewAt?: Instant;
}

/** What the service scheduler thinks of a task: container checks and load balancer both, the grace period aside. */
export function taskHealth(
  task: TaskRecord,
  definition: TaskDefinitionRecord,
  service: ServiceRecord,
  now: Instant,
): TaskHealth {
  if (task.lastStatus !== 'RUNNING' || task.startedAt === undefined) return { health: 'unknown' };
  const checks = [
    ...containerChecks(task, definition),
    ...task.targets.map(({ state }) => targetCheck(state)),
  ];
  if (checks.length === 0) return unchecked(task.startedAt, now);
  if (checks.every((check) => check === 'healthy')) return { health: 'healthy' };
  if (!checks.includes('unhealthy')) return { health: 'unknown' };
  // Confirmed by docs: the grace period ignores load balancer and container checks after the start.
  const graceEnds = instant(task.startedAt + (service.healthCheckGracePeriodSeconds ?? 0) * 1000);
  if (now < graceEnds) return { health: 'unknown', reviewAt: graceEnds };
  const failed = containerChecks(task, definition).includes('unhealthy') ? 'container' : 'target';
  return { health: 'unhealthy', failed };
}

function unchecked(startedAt: Instant, now: Instant): TaskHealth {
  const healthyAt = instant(startedAt + uncheckedHealthyAfterMs);
  return now >= healthyAt ? { health: 'healthy' } : { health: 'unknown', reviewAt: healthyAt };
}

function containerChecks(task: TaskRecord, definition: TaskDefinitionRecord): TaskHealth['health'][] {
  return definition.definition.containerDefinitions.filter(isChecked).map(({ name }) => {
    const status = task.containers.find((container) => container.name === name)?.healthStatus;
    return status === 'HEALTHY' ? 'healthy' : status === 'UNHEALTHY' ? 'unhealthy' : 'unknown';
  });
}

function isChecked(container: ContainerDefinition): boolean {
  return container.essential !== false && container.healthCheck !== undefined;
}

function targetCheck(state: string): TaskHealth['health'] {
  if (state === 'healthy' || state === 'unavailable') return 'healthy';
  return state === 'unhealthy' ? 'unhealthy' : 'unknown';
}

/** Known: UNHEALTHY if any essential container is, else UNKNOWN if any is, else HEALTHY. */
export function healthStatusOf(task: TaskRecord, definition: TaskDefinitionRecord): HealthStatus {
  const statuses = definition.definition.containerDefinitions
    .filter((container) => container.essential !== false)
    .map(
      ({ name }) => task.containers.find((container) => container.name === name)?.healthStatus ?? 'UNKNOWN',
    );
  if (statuses.includes('UNHEALTHY')) return 'UNHEALTHY';
  return statuses.includes('UNKNOWN') ? 'UNKNOWN' : 'HEALTHY';
}
