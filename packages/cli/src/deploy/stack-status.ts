import type { Stack } from '@aws-sdk/client-cloudformation';

/** What has to happen before a stack in this status can be given a change set. */
export type Preparation =
  /** Nothing: there is no stack, or only a change set that was never executed. */
  | 'create'
  | 'update'
  /** A first creation failed: CloudFormation takes nothing but a deletion. */
  | 'delete-first'
  /** Somebody's operation is under way. */
  | 'wait'
  /** Only a person can go on. */
  | 'stuck';

export function preparationFor(status: string | undefined): Preparation {
  if (status === undefined || status === 'REVIEW_IN_PROGRESS' || status === 'DELETE_COMPLETE')
    return 'create';
  if (status.endsWith('_IN_PROGRESS')) return 'wait';
  if (status === 'ROLLBACK_COMPLETE' || status === 'ROLLBACK_FAILED' || status === 'CREATE_FAILED')
    return 'delete-first';
  if (status === 'DELETE_FAILED' || status === 'UPDATE_ROLLBACK_FAILED') return 'stuck';
  return 'update';
}

/** Whether nothing more will happen to the stack by itself. */
export function isSettled(status: string): boolean {
  return !status.endsWith('_IN_PROGRESS');
}

/** Whether the operation did what was asked for, rather than roll back. */
export function hasSucceeded(status: string): boolean {
  return status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE' || status === 'DELETE_COMPLETE';
}

export function outputsOf(stack: Stack | undefined): Readonly<Record<string, string>> {
  const outputs = stack?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
}
