/**
 * The health of one target as a pure table: status and event in, status out.
 *
 *   unused ──groupUsed──▶ initial ──passed──▶ healthy ──failed × unhealthy threshold──▶ unhealthy
 *     ▲                      │                   ▲                                         │
 *     └──groupUnused── any   └─failed × threshold│◀──────passed × healthy threshold────────┘
 *   any ──deregistered──▶ draining ──(deregistration delay)──▶ gone
 *
 * Confirmed by docs: a new target is healthy after one success; the healthy threshold is for the way back.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export type TargetStatus =
  | { readonly state: 'unused'; readonly reason: 'Target.NotInUse'; readonly description: string }
  | {
      readonly state: 'initial';
      readonly reason: 'Elb.RegistrationInProgress' | 'Elb.InitialHealthChecking';
      readonly description: string;
      readonly failures: number;
    }
  | { readonly state: 'healthy'; readonly failures: number }
  | {
      readonly state: 'unhealthy';
      readonly reason: FailureReason;
      readonly description: string;
      readonly successes: number;
    }
  | {
      readonly state: 'draining';
      readonly reason: 'Target.DeregistrationInProgress';
      readonly description: string;
    }
  | {
      readonly state: 'unavailable';
      readonly reason: 'Target.HealthCheckDisabled';
      readonly description: string;
    };

export type FailureReason = 'Target.ResponseCodeMismatch' | 'Target.Timeout' | 'Target.FailedHealthChecks';

export type TargetEvent =
  | { readonly kind: 'groupUsed' }
  | { readonly kind: 'groupUnused' }
  | { readonly kind: 'zoneDisabled' }
  | { readonly kind: 'checkStarted' }
  | { readonly kind: 'checkPassed' }
  | { readonly kind: 'checkFailed'; readonly reason: FailureReason; readonly description: string }
  | { readonly kind: 'checksDisabled' }
  | { readonly kind: 'deregistered' };

export interface Thresholds {
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
}

export const unused: TargetStatus = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
};

const inDisabledZone: TargetStatus = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target is in an Availability Zone that is not enabled for the load balancer',
};

export const registering: TargetStatus = {
  state: 'initial',
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
  failures: 0,
};

const draining: TargetStatus = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
};

const unavailable: TargetStatus = {
  state: 'unavailable',
  reason: 'Target.HealthCheckDisabled',
  description: 'Health checks are disabled',
};

/** The status after an event; the same object when it changes nothing. */
export function next(status: TargetStatus, event: TargetEvent, thresholds: Thresholds): TargetStatus {
  // A deregistered target only waits for the end of its delay, whatever else happens.
  if (status.state === 'draining') return status;
  switch (event.kind) {
    case 'deregistered':
      return draining;
    case 'groupUnused':
      return isSame(status, unused) ? status : unused;
    case 'zoneDisabled':
      return isSame(status, inDisabledZone) ? status : inDisabledZone;
    case 'groupUsed':
      return status.state === 'unused' ? registering : status;
    case 'checksDisabled':
      return status.state === 'unused' || status.state === 'unavailable' ? status : unavailable;
    case 'checkStarted':
      return started(status);
    case 'checkPassed':
      return passed(status, thresholds);
    case 'checkFailed':
      return failed(status, event, thresholds);
  }
}

function started(status: TargetStatus): TargetStatus {
  if (status.state === 'unavailable') return registering;
  if (status.state !== 'initial' || status.reason === 'Elb.InitialHealthChecking') return status;
  return {
    ...status,
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  };
}

function passed(status: TargetStatus, { healthyThresholdCount }: Thresholds): TargetStatus {
  switch (status.state) {
    case 'initial':
      return { state: 'healthy', failures: 0 };
    case 'healthy':
      return status.failures === 0 ? status : { state: 'healthy', failures: 0 };
    case 'unhealthy': {
      const successes = status.successes + 1;
      return successes >= healthyThresholdCount
        ? { state: 'healthy', failures: 0 }
        : { ...status, successes };
    }
    default:
      return status;
  }
}

function failed(
  status: TargetStatus,
  { reason, description }: Extract<TargetEvent, { kind: 'checkFailed' }>,
  { unhealthyThresholdCount }: Thresholds,
): TargetStatus {
  switch (status.state) {
    case 'initial':
    case 'healthy': {
      const failures = status.failures + 1;
      // Chosen: a new target that only fails leaves `initial` at the unhealthy threshold; AWS publishes no figure.
      if (failures < unhealthyThresholdCount) return { ...status, failures };
      return { state: 'unhealthy', reason, description, successes: 0 };
    }
    case 'unhealthy':
      return { ...status, reason, description, successes: 0 };
    default:
      return status;
  }
}

function isSame(a: TargetStatus, b: TargetStatus): boolean {
  return a.state === b.state && 'description' in a && 'description' in b && a.description === b.description;
}
