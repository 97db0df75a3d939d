/** What is wrong with a stack, by its status and the events of its last operation, and what leads out of it. Pure. */
import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import { firstFailure, isStackItself } from '../deploy/stack-events.ts';

export type Remedy =
  /** Delete the stack, leaving these resources where they are. */
  | { readonly kind: 'delete'; readonly retain: readonly string[] }
  /** ContinueUpdateRollback, passing over these resources. */
  | { readonly kind: 'continue-rollback'; readonly skip: readonly string[] }
  /** RollbackStack: an update failed and was told not to roll back. */
  | { readonly kind: 'rollback' }
  | { readonly kind: 'cancel-update' };

export interface Diagnosis {
  readonly stack: string;
  readonly status: string;
  /** Whether nothing more will happen by itself, or has not for long. */
  readonly isWedged: boolean;
  /** What happened, most telling first. */
  readonly findings: readonly string[];
  readonly remedy?: Remedy;
  /** Resources that `--skip` may name. */
  readonly skippable: readonly string[];
}

/** An operation that changed nothing for so long is worth a look. Chosen: a release takes less. */
export const longMs = 10 * 60_000;

/**
 * @param events of the last operation, oldest first
 * @param nowMs on the clock of the region
 * @returns undefined for a stack that works
 */
export function diagnose(stack: Stack, events: readonly StackEvent[], nowMs: number): Diagnosis | undefined {
  const { StackName = '', StackStatus: status = '' } = stack;
  const base = { stack: StackName, status, isWedged: true, skippable: [] };
  switch (status) {
    case 'ROLLBACK_COMPLETE':
    case 'ROLLBACK_FAILED':
    case 'CREATE_FAILED':
      return {
        ...base,
        findings: ['Its creation failed; CloudFormation takes nothing but its deletion.', ...cause(events)],
        remedy: { kind: 'delete', retain: [] },
      };
    case 'UPDATE_FAILED':
      return {
        ...base,
        findings: ['An update failed and was told not to roll back.', ...cause(events)],
        remedy: { kind: 'rollback' },
      };
    case 'UPDATE_ROLLBACK_FAILED':
      return {
        ...base,
        findings: [
          'An update failed, and so did the way back. Repair what failed and go on, or skip it with --skip.',
          ...cause(events),
          ...failuresOf(events, 'UPDATE_FAILED'),
        ],
        skippable: idsIn(events, 'UPDATE_FAILED'),
        remedy: { kind: 'continue-rollback', skip: [] },
      };
    case 'DELETE_FAILED':
      return {
        ...base,
        findings: [
          'Its deletion failed. Remove what holds the resource and delete again, or keep it with --skip.',
          ...failuresOf(events, 'DELETE_FAILED'),
        ],
        skippable: idsIn(events, 'DELETE_FAILED'),
        remedy: { kind: 'delete', retain: [] },
      };
    case 'REVIEW_IN_PROGRESS':
      return {
        ...base,
        findings: ['It has a change set that was never executed, and nothing else.'],
        remedy: { kind: 'delete', retain: [] },
      };
    default:
      return status.endsWith('_IN_PROGRESS') ? inProgress(base, events, nowMs) : undefined;
  }
}

/** A service that ECS has no more. */
export interface GoneService {
  readonly service: string;
  readonly cluster: string;
}

/**
 * With what is wrong where a stack's ECS service was deleted past it: CloudFormation can neither update the service nor roll
 * it back, whatever the stack's status says, and a rollback that skips it only seems to help. A stack whose deletion is
 * the way out anyhow, or that is at work, is told as it is.
 */
export function withGone(
  stack: Stack,
  found: Diagnosis | undefined,
  gone: GoneService | undefined,
): Diagnosis | undefined {
  const { StackName = '', StackStatus: status = '', EnableTerminationProtection: isProtected } = stack;
  if (gone === undefined || found?.remedy?.kind === 'delete' || status.endsWith('_IN_PROGRESS')) return found;
  const { service, cluster } = gone;
  return {
    stack: StackName,
    status,
    isWedged: true,
    findings: [
      `Its ECS service ${service} is gone from the cluster ${cluster}: every update of the stack fails.`,
      `Make a service of that name there again, or delete the stack: \`plimsoll deploy\` makes it anew.`,
      ...(isProtected ? ['Termination protection is on: it is yours to lift.'] : []),
      ...(found?.findings ?? []),
    ],
    ...(isProtected ? {} : { remedy: { kind: 'delete', retain: [] } }),
    skippable: [],
  };
}

/**
 * The remedy with what the user wants skipped.
 * @returns the names that cannot be skipped instead, if there are some
 */
export function withSkipped(
  { remedy, skippable }: Diagnosis,
  skip: readonly string[],
): { readonly remedy: Remedy | undefined; readonly unknown: readonly string[] } {
  const unknown = skip.filter((name) => !skippable.includes(name));
  if (unknown.length > 0) return { remedy: undefined, unknown };
  if (remedy?.kind === 'continue-rollback') return { remedy: { ...remedy, skip }, unknown };
  if (remedy?.kind === 'delete') return { remedy: { ...remedy, retain: skip }, unknown };
  return { remedy, unknown };
}

/** What a remedy does, for a person who is to agree to it. */
export function remedyText(stack: string, remedy: Remedy): string {
  switch (remedy.kind) {
    case 'delete':
      return `delete the stack ${stack}${listed(', keeping ', remedy.retain)}`;
    case 'continue-rollback':
      return `continue the rollback of ${stack}${listed(', skipping ', remedy.skip)}`;
    case 'rollback':
      return `roll ${stack} back to its last complete state`;
    case 'cancel-update':
      return `cancel the update of ${stack} and roll it back`;
  }
}

function listed(before: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${before}${names.join(', ')}`;
}

function inProgress(
  base: Omit<Diagnosis, 'findings'>,
  events: readonly StackEvent[],
  nowMs: number,
): Diagnosis {
  const since = events.at(-1)?.Timestamp?.getTime() ?? nowMs;
  const isWedged = nowMs - since >= longMs;
  const minutes = Math.floor((nowMs - since) / 60_000);
  const waiting = idsIn(events, /_IN_PROGRESS$/);
  const findings = [
    minutes === 0
      ? 'An operation is under way.'
      : `An operation is under way; nothing happened for ${minutes} min.`,
    ...(waiting.length === 0 ? [] : [`It waits for ${waiting.join(', ')}.`]),
  ];
  if (!isWedged) return { ...base, isWedged, findings };
  if (base.status === 'UPDATE_IN_PROGRESS') return { ...base, findings, remedy: { kind: 'cancel-update' } };
  if (base.status === 'CREATE_IN_PROGRESS')
    return { ...base, findings, remedy: { kind: 'delete', retain: [] } };
  return { ...base, findings };
}

/** The first failure of the operation, of which the others are consequences. */
function cause(events: readonly StackEvent[]): readonly string[] {
  const failure = firstFailure(events);
  return failure === undefined ? [] : [`First failure: ${failureLine(failure)}`];
}

/** The resources that have failed at last, and why. */
function failuresOf(events: readonly StackEvent[], status: string): readonly string[] {
  return lastOfEach(events)
    .filter((event) => event.ResourceStatus === status)
    .map(failureLine);
}

function failureLine({ LogicalResourceId, ResourceType, ResourceStatusReason }: StackEvent): string {
  return `${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason ?? 'no reason given'}`;
}

function idsIn(events: readonly StackEvent[], status: string | RegExp): readonly string[] {
  return lastOfEach(events)
    .filter(({ ResourceStatus = '' }) =>
      typeof status === 'string' ? ResourceStatus === status : status.test(ResourceStatus),
    )
    .map(({ LogicalResourceId = '' }) => LogicalResourceId);
}

function lastOfEach(events: readonly StackEvent[]): readonly StackEvent[] {
  const last = new Map<string, StackEvent>();
  for (const event of events) if (!isStackItself(event)) last.set(event.LogicalResourceId ?? '', event);
  return [...last.values()];
}
