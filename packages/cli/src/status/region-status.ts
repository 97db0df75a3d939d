import type { ClockReading } from '@plimsoll/region/clock-client.js';
import type { LocalDatabase, LocalListener } from '../region/local-status.ts';

/** What `plimsoll status --json` prints. Times are ISO 8601. */
export interface RegionStatus {
  readonly home: string;
  readonly isRunning: true;
  readonly pid: number;
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
  readonly clock: ClockReading;
  readonly stacks: readonly StackSummary[];
  readonly services: readonly ServiceStatus[];
  readonly loadBalancers: readonly {
    readonly dnsName: string;
    readonly listeners: readonly LocalListener[];
  }[];
  readonly databases: readonly LocalDatabase[];
  /** Warnings and errors that the region told since its start. */
  readonly messages: readonly { readonly code: string; readonly level: string; readonly text: string }[];
}

export interface StackSummary {
  readonly name: string;
  readonly status: string;
  readonly updated: string;
  /** What failed first in the last operation, if one failed. */
  readonly failure?: { readonly resource: string; readonly reason: string };
}

export interface ServiceStatus {
  readonly name: string;
  readonly cluster: string;
  readonly status: string;
  readonly url: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly deployments: readonly DeploymentSummary[];
  /** Running ones, then the last that stopped. */
  readonly tasks: readonly TaskSummary[];
  /** Newest first. */
  readonly events: readonly { readonly at: string; readonly message: string }[];
}

export interface DeploymentSummary {
  readonly status: string;
  readonly rolloutState: string;
  readonly rolloutStateReason: string;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
}

export interface TaskSummary {
  readonly id: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly availabilityZone: string;
  readonly address: string;
  readonly taskDefinition: string;
  /** As the load balancer sees it; of a task that has not stopped. */
  readonly targetHealth?: string;
  /** Why it stopped, and when. */
  readonly stopped?: string;
  readonly stoppedAt?: string;
}
