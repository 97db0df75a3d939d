/**
 * A deployment's rollout: when it is complete, when it has failed, and what a failed task means for it. Pure.
 *
 * Confirmed by docs: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export type ServiceDeploymentStatus =
  | 'IN_PROGRESS'
  | 'STOPPED'
  | 'SUCCESSFUL'
  | 'ROLLBACK_REQUESTED'
  | 'ROLLBACK_IN_PROGRESS'
  | 'ROLLBACK_SUCCESSFUL'
  | 'ROLLBACK_FAILED';

export type RolloutState = 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';

export type RolloutEvent =
  /** All desired tasks run and are healthy, and those of other deployments are gone. */
  | 'settled'
  /** The circuit breaker's threshold is reached. */
  | 'tripped'
  /** StopServiceDeployment, or a lifecycle hook, asks to go back. */
  | 'stopped'
  /** The service goes back to this deployment. */
  | 'revived';

const rollouts: { readonly [state in RolloutState]: { readonly [event in RolloutEvent]?: RolloutState } } = {
  IN_PROGRESS: { settled: 'COMPLETED', tripped: 'FAILED', stopped: 'FAILED', revived: 'IN_PROGRESS' },
  // A completed rollout is no longer monitored.
  COMPLETED: { settled: 'COMPLETED', revived: 'IN_PROGRESS' },
  FAILED: {},
};

/**
 * What StopServiceDeployment means for a service deployment in a status; undefined where it is over. Confirmed by docs:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
 */
export function statusWhenStopped(status: ServiceDeploymentStatus): ServiceDeploymentStatus | undefined {
  switch (status) {
    case 'IN_PROGRESS':
      return 'ROLLBACK_REQUESTED';
    case 'ROLLBACK_REQUESTED':
    case 'ROLLBACK_IN_PROGRESS':
      return status;
    default:
      return undefined;
  }
}

/** The state after the event; undefined when it means nothing in this state. */
export function nextRollout(state: RolloutState, event: RolloutEvent): RolloutState | undefined {
  return rollouts[state][event];
}

export interface BreakerSettings {
  readonly enable: boolean;
  readonly rollback: boolean;
  /** Default true: a task that becomes healthy sets the count to 0. */
  readonly resetOnHealthyTask?: boolean;
  readonly thresholdConfiguration?: {
    readonly type: 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT' | 'COUNT';
    readonly value: number;
  };
}

/** How many failed tasks fail a deployment. Confirmed by docs: 50 % of the latest desired count, at least 3, at most 200. */
export function breakerThreshold(settings: BreakerSettings, desiredCount: number): number {
  const { type, value } = settings.thresholdConfiguration ?? { type: 'BOUNDED_PERCENT', value: 50 };
  const share = Math.ceil((desiredCount * value) / 100);
  switch (type) {
    case 'BOUNDED_PERCENT':
      return Math.min(200, Math.max(3, share));
    case 'UNBOUNDED_PERCENT':
      return Math.max(1, share);
    case 'COUNT':
      return value;
  }
}

/** What the breaker and the launch throttle know of a deployment. */
export interface Failures {
  /** `failedTasks` of the API: the breaker's count. */
  readonly failedTasks: number;
  /** Tasks in a row that ended without having been RUNNING. */
  readonly failedLaunches: number;
}

export type TaskOutcome =
  | 'running'
  | 'healthy'
  /** Ended before it was RUNNING. */
  | 'failedToStart'
  /** Stopped for its load balancer's or container's health checks. */
  | 'failedHealthChecks'
  /** Ended by itself after RUNNING, before it was ever healthy. */
  | 'diedUnproven'
  /** Ended by itself after it had been healthy: the application's matter, not the deployment's. */
  | 'diedProven';

/**
 * Confirmed by AWS (containers-roadmap 1206, 2021-12): reaching RUNNING does not reset the count, becoming healthy does.
 * Chosen: a task that dies between the two counts, or an image that exits at once would never fail its deployment.
 */
export function countOutcome(failures: Failures, outcome: TaskOutcome, resetOnHealthyTask = true): Failures {
  switch (outcome) {
    case 'running':
      return { ...failures, failedLaunches: 0 };
    case 'healthy':
      return { failedTasks: resetOnHealthyTask ? 0 : failures.failedTasks, failedLaunches: 0 };
    case 'failedToStart':
      return { failedTasks: failures.failedTasks + 1, failedLaunches: failures.failedLaunches + 1 };
    case 'failedHealthChecks':
    case 'diedUnproven':
      return { ...failures, failedTasks: failures.failedTasks + 1 };
    case 'diedProven':
      return failures;
  }
}

/** Chosen: after so many failed launches in a row the service says that it cannot start tasks consistently. */
export const inconsistentLaunches = 4;

/**
 * Seconds until the next launch after so many that failed in a row. Confirmed by docs: the interval grows to 27 minutes,
 * and tasks that were RUNNING are never throttled. Chosen: the steps, since AWS publishes none.
 */
export function launchDelaySeconds(failedLaunches: number): number {
  if (failedLaunches < 1) return 0;
  if (failedLaunches < inconsistentLaunches) return 1;
  return Math.min(27 * 60, 10 * 2 ** (failedLaunches - inconsistentLaunches));
}
