/**
 * The work of one phase of a stack operation, as data: steps, and what each must wait for. `advance` says what may
 * happen next; doing it is elsewhere (engine.ts). An operation is a row in a table, so a restart goes on where it was.
 */
export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';

interface StepBase {
  /** Unique in the phase. */
  readonly id: string;
  readonly logicalId: string;
  /** Ids of the steps that must be done first. */
  readonly after: readonly string[];
  readonly state: StepState;
  /** While it runs: when it was started, and which event ends it. */
  readonly startedAt?: number;
  readonly verb?: 'CREATE' | 'UPDATE' | 'DELETE';
  /** What its resource said it waits for when it was last asked. */
  readonly waitingOn?: string;
}

/** Brings a resource to what the template says: creates, updates, replaces, or leaves it. */
export interface DeployStep extends StepBase {
  readonly work: 'deploy';
}

/** Brings a resource back to what it was before the update. */
export interface RestoreStep extends StepBase {
  readonly work: 'restore';
}

/** Removes one copy of a resource, or leaves it behind as its policy says. */
export interface DeleteStep extends StepBase {
  readonly work: 'delete';
  readonly policy: 'Delete' | 'Retain' | 'Snapshot';
  /** Its physical id. Absent: nothing was ever made. */
  readonly copyId?: string;
  /** The copy that the logical id stands for, or one that was replaced by it. */
  readonly of: 'resource' | 'old copy';
}

export type Step = DeployStep | RestoreStep | DeleteStep;

export interface Decision {
  readonly start: readonly string[];
  /** Running steps that nobody waits for any longer. */
  readonly cancel: readonly string[];
  /** The phase is over. */
  readonly outcome?: 'succeeded' | 'failed';
  /** Why it is not over: the steps it waits for. */
  readonly waitingOn: readonly string[];
}

/**
 * @param onFailure `stop`: the first failure ends the phase and cancels what runs. `continue`: only what needs a failed
 *   step is left undone (deletions, and updates whose rollback is disabled).
 */
export function advance(steps: readonly Step[], onFailure: 'stop' | 'continue'): Decision {
  const hasFailed = steps.some((step) => step.state === 'failed');
  const running = steps.filter((step) => step.state === 'running').map((step) => step.id);
  if (hasFailed && onFailure === 'stop') {
    return { start: [], cancel: running, outcome: 'failed', waitingOn: [] };
  }
  const done = new Set(steps.filter((step) => step.state === 'done').map((step) => step.id));
  const start = steps
    .filter((step) => step.state === 'waiting' && step.after.every((id) => done.has(id)))
    .map((step) => step.id);
  if (start.length > 0 || running.length > 0) return { start, cancel: [], waitingOn: running };
  // Nothing runs and nothing can start: what still waits, waits for a failed step.
  const outcome = steps.every((step) => step.state === 'done') ? 'succeeded' : 'failed';
  return { start: [], cancel: [], outcome, waitingOn: [] };
}
