/**
 * A rehearsal: what was seen when a plan was applied to a region of its own under load, released badly and rolled back.
 * Pure data, written beside the plan; `plimsoll apply --require-rehearsal` reads the plan's hash and whether it passed.
 */
export interface Rehearsal {
  readonly format: typeof rehearsalFormat;
  /** Of the plan that was rehearsed. */
  readonly planHash: string;
  readonly passed: boolean;
  /** ISO 8601, by the machine's clock. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly load: RehearsalLoad;
  /** In the order in which they were taken; what follows a failure that cannot be gone on from is not there. */
  readonly steps: readonly RehearsalStep[];
  readonly alarms: readonly FiredAlarm[];
  readonly rolledBack: readonly RolledBack[];
  /** Where the region was not what the target is: images that others stood in for, data that is not there. */
  readonly notes: readonly string[];
}

export const rehearsalFormat = 'plimsoll-rehearsal/1';

export interface RehearsalLoad {
  /** Requests per second that were asked for. */
  readonly rate: number;
  readonly sent: number;
  /** Whole answers, of any status. */
  readonly answered: number;
  readonly failed: number;
  /** By kind: `status 503`, `connection refused`, … */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface RehearsalStep {
  readonly name: string;
  readonly seconds: number;
  readonly ok: boolean;
  /** What was seen, or why it failed. */
  readonly text: string;
}

export interface FiredAlarm {
  readonly name: string;
  /** ISO 8601, by the region's clock. */
  readonly at: string;
  readonly reason: string;
}

/** A release that was taken back. */
export interface RolledBack {
  readonly step: string;
  readonly stack: string;
  readonly reason: string;
}
