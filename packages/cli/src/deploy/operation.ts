import type { Target } from './clients.ts';
import type { Report } from './progress.ts';

/** What everything that changes stacks needs. */
export interface Operation {
  readonly target: Target;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Aborted when the user interrupts again. With it, the first interruption cancels an update that this command started. */
  readonly insisted?: AbortSignal;
  /** The command that goes on where this one was interrupted. Default: `plimsoll deploy`. */
  readonly resumedBy?: string;
}
