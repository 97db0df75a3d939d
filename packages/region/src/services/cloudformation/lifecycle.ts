/** A stack's statuses as one table: what may be asked in each, and where each phase of an operation leads. */
import type { StackStatus } from '@aws-sdk/client-cloudformation';

export type Phase =
  | 'CREATE_IN_PROGRESS'
  | 'ROLLBACK_IN_PROGRESS'
  | 'UPDATE_IN_PROGRESS'
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'DELETE_IN_PROGRESS';

export type OnFailure = 'ROLLBACK' | 'DO_NOTHING' | 'DELETE';

export interface PhaseOptions {
  readonly onFailure: OnFailure;
  /** The stack was complete at some time, so an update can go back to that. */
  readonly hasStableState: boolean;
}

/**
 * Where a phase leads.
 * Confirmed by docs: using-cfn-describing-stacks, stack-failure-options. A cleanup that fails leaves resources behind
 * but does not fail the stack.
 */
export function afterPhase(
  phase: Phase,
  outcome: 'succeeded' | 'failed',
  { onFailure, hasStableState }: PhaseOptions,
): StackStatus {
  const ok = outcome === 'succeeded';
  switch (phase) {
    case 'CREATE_IN_PROGRESS':
      return ok ? 'CREATE_COMPLETE' : afterFailedCreate[onFailure];
    case 'ROLLBACK_IN_PROGRESS':
      return ok ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED';
    case 'UPDATE_IN_PROGRESS':
      if (ok) return 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
      if (onFailure === 'DO_NOTHING') return 'UPDATE_FAILED';
      return hasStableState ? 'UPDATE_ROLLBACK_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS';
    case 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS':
      return 'UPDATE_COMPLETE';
    case 'UPDATE_ROLLBACK_IN_PROGRESS':
      return ok ? 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS' : 'UPDATE_ROLLBACK_FAILED';
    case 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS':
      return 'UPDATE_ROLLBACK_COMPLETE';
    case 'DELETE_IN_PROGRESS':
      return ok ? 'DELETE_COMPLETE' : 'DELETE_FAILED';
  }
}

const afterFailedCreate: { readonly [choice in OnFailure]: StackStatus } = {
  ROLLBACK: 'ROLLBACK_IN_PROGRESS',
  DO_NOTHING: 'CREATE_FAILED',
  DELETE: 'DELETE_IN_PROGRESS',
};

const phases: readonly StackStatus[] = [
  'CREATE_IN_PROGRESS',
  'ROLLBACK_IN_PROGRESS',
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'DELETE_IN_PROGRESS',
];

export function isPhase(status: StackStatus): status is Phase {
  return phases.includes(status);
}

/** What a failure does to the other steps of the phase. */
export function onStepFailure(phase: Phase, onFailure: OnFailure): 'stop' | 'continue' {
  if (phase === 'CREATE_IN_PROGRESS' || phase === 'UPDATE_IN_PROGRESS') {
    // Confirmed by docs: with rollback disabled, each independent path goes on.
    return onFailure === 'DO_NOTHING' ? 'continue' : 'stop';
  }
  return phase === 'UPDATE_ROLLBACK_IN_PROGRESS' ? 'stop' : 'continue';
}

export type Request = 'update' | 'delete' | 'cancelUpdate' | 'continueUpdateRollback' | 'rollback';

const allowed: { readonly [request in Request]: readonly StackStatus[] } = {
  update: [
    'CREATE_COMPLETE',
    'UPDATE_COMPLETE',
    'UPDATE_ROLLBACK_COMPLETE',
    'CREATE_FAILED',
    'UPDATE_FAILED',
  ],
  delete: [
    'CREATE_IN_PROGRESS',
    'CREATE_COMPLETE',
    'CREATE_FAILED',
    'ROLLBACK_IN_PROGRESS',
    'ROLLBACK_COMPLETE',
    'ROLLBACK_FAILED',
    'UPDATE_COMPLETE',
    'UPDATE_FAILED',
    'UPDATE_ROLLBACK_COMPLETE',
    'UPDATE_ROLLBACK_FAILED',
    'DELETE_FAILED',
    'REVIEW_IN_PROGRESS',
  ],
  cancelUpdate: ['UPDATE_IN_PROGRESS'],
  continueUpdateRollback: ['UPDATE_ROLLBACK_FAILED'],
  rollback: ['CREATE_FAILED', 'UPDATE_FAILED'],
};

export function canAsk(request: Request, status: StackStatus): boolean {
  return allowed[request].includes(status);
}
