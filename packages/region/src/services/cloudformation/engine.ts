/**
 * Moves stack operations on. A review asks each running step whether it is done, lets `advance` decide, and starts what
 * may start; when a phase is over the lifecycle table says where it leads. Everything is in tables: after a restart a
 * review of each operation is all it takes.
 */
import type { StackStatus } from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import { setStackStatus, stackWithId } from './events.ts';
import { afterPhase, isPhase, onStepFailure, type Phase } from './lifecycle.ts';
import { advance, type Decision, type Step } from './operation.ts';
import { deployedOutputs } from './outputs.ts';
import { planSteps } from './plan.ts';
import { evaluationOf, instantiate } from './scope.ts';
import { actingPrincipal } from './service-role.ts';
import { policyDenial } from './stack-policy.ts';
import {
  type CloudFormationState,
  changeSetsOf,
  type Operation,
  resourceKey,
  resourcesOf,
  type Stack,
} from './state.ts';
import { begin, cancel, poll } from './steps.ts';
import type { ResourceTypes, Work } from './work.ts';

export interface Engine {
  readonly state: CloudFormationState;
  readonly types: ResourceTypes;
}

/** What the service hands to itself: look at an operation again. */
export interface ReviewEvent {
  readonly kind: 'review';
  readonly stackId: string;
}

// Chosen: state changes raise a review at once; this only bounds how late a waiting that runs out of time is noticed.
const reviewSeconds = 60;
// Confirmed by docs: deleted stacks are listed for 90 days.
const deletedStackDays = 90;

/** Begins an operation: the stack must have its new spec already. */
export function startOperation(
  engine: Engine,
  ctx: Context,
  stackId: string,
  status: Phase,
  operation: Omit<Operation, 'stackId' | 'steps' | 'caller' | 'startedAt'>,
  reason = 'User Initiated',
): void {
  engine.state.operations.put(stackId, {
    ...operation,
    stackId,
    steps: [],
    caller: actingPrincipal(ctx, stackWithId(engine.state, stackId).spec.roleArn),
    startedAt: ctx.now,
  });
  // Known: what was found of a stack is void once it changes; AWS shows NOT_CHECKED again.
  engine.state.drifts.delete(stackId);
  enter(engine, ctx, stackId, status, reason);
}

/**
 * The next review is a step of its own, after what has come in meanwhile: a large stack keeps no request waiting. As a
 * timer it is stored with what made it necessary.
 */
function reviewSoon(ctx: Context, stackId: string): void {
  ctx.timers.set(stackId, 'review', ctx.now);
}

export function onReviewTimer(engine: Engine, ctx: Context, stackId: string): void {
  if (!engine.state.operations.has(stackId)) return;
  ctx.timers.set(stackId, 'review', after(ctx.now, reviewSeconds));
  review(engine, ctx, stackId);
}

/** Ends the forward phase of an operation as failed: its time is over, or a user cancelled it. */
export function interrupt(engine: Engine, ctx: Context, stackId: string, interruption: string): void {
  const operation = engine.state.operations.get(stackId);
  const { status } = stackWithId(engine.state, stackId);
  if (!operation || (status !== 'CREATE_IN_PROGRESS' && status !== 'UPDATE_IN_PROGRESS')) return;
  engine.state.operations.put(stackId, { ...operation, interruption });
  reviewSoon(ctx, stackId);
}

/**
 * Moves one operation on. A fault of our own ends its phase as failed: it is told to the host, and the stack gets to a
 * status from which the user can go on, which one in progress for ever is not.
 */
export function review(engine: Engine, ctx: Context, stackId: string): void {
  try {
    ctx.attempt(() => moveOn(engine, ctx, stackId));
  } catch (error) {
    const operation = engine.state.operations.get(stackId);
    const { status, stableSpec } = stackWithId(engine.state, stackId);
    if (!operation || !isPhase(status)) throw error;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    ctx.warn(
      'stack-operation-failed',
      `${stackId} in ${status} failed by a fault of the region's own: ${text}`,
    );
    const options = { onFailure: operation.onFailure, hasStableState: stableSpec !== undefined };
    const reason = `Internal failure: ${error instanceof Error ? error.message : text}`;
    enter(engine, ctx, stackId, afterPhase(status, 'failed', options), reason);
  }
}

function moveOn(engine: Engine, ctx: Context, stackId: string): void {
  const { state } = engine;
  const operation = state.operations.get(stackId);
  if (!operation) return;
  const { status } = stackWithId(state, stackId);
  if (!isPhase(status)) throw new Error(`an operation of a stack in ${status}`);
  const work = workOn(engine, ctx, operation);
  const polled = operation.steps.map((step) => (step.state === 'running' ? poll(work, step) : step));
  const decision: Decision =
    operation.interruption === undefined
      ? advance(polled, onStepFailure(status, operation.onFailure))
      : { start: [], cancel: idsOf(polled, 'running'), outcome: 'failed', waitingOn: [] };
  const steps = polled.map((step) => {
    if (decision.start.includes(step.id)) return begin(work, step);
    return decision.cancel.includes(step.id) ? cancel(work, step) : step;
  });
  if (decision.outcome !== undefined) {
    leave(engine, ctx, { ...operation, steps }, status, decision.outcome);
    return;
  }
  const before = new Map(operation.steps.map((step) => [step.id, step]));
  const changed = steps.filter((step) => step !== before.get(step.id));
  if (changed.length > 0) state.operations.put(stackId, { ...operation, steps });
  // A step that only waits for something else now gives no other step reason to move.
  if (changed.some((step) => step.state !== before.get(step.id)?.state)) {
    reviewSoon(ctx, stackId);
  }
}

function idsOf(steps: readonly Step[], state: Step['state']): string[] {
  return steps.filter((step) => step.state === state).map((step) => step.id);
}

function workOn(engine: Engine, ctx: Context, operation: Operation): Work {
  const { state, types } = engine;
  const stack = stackWithId(state, operation.stackId);
  const asCaller = ctx.as(operation.caller);
  return { ctx: asCaller, state, types, stack, operation, evaluation: evaluationOf(asCaller, state, stack) };
}

/** A phase is over: the lifecycle table says what comes next. */
function leave(
  engine: Engine,
  ctx: Context,
  operation: Operation,
  phase: Phase,
  outcome: 'succeeded' | 'failed',
): void {
  const { state } = engine;
  const { stackId, onFailure } = operation;
  state.operations.put(stackId, operation);
  let refusal: string | undefined;
  if (outcome === 'succeeded' && (phase === 'CREATE_IN_PROGRESS' || phase === 'UPDATE_IN_PROGRESS')) {
    refusal = publishOutputs(engine, ctx, operation);
  }
  const result = refusal === undefined ? outcome : 'failed';
  const hasStableState = stackWithId(state, stackId).stableSpec !== undefined;
  const next = afterPhase(phase, result, { onFailure, hasStableState });
  const reason = result === 'failed' ? (refusal ?? failureReason(operation, phase, next)) : undefined;
  enter(engine, ctx, stackId, next, reason);
}

/** All resources are there: the outputs too, unless what remains to be done is refused. Gives the reason then. */
function publishOutputs(engine: Engine, ctx: Context, operation: Operation): string | undefined {
  const { state } = engine;
  const { stack, evaluation, ctx: asCaller } = workOn(engine, ctx, operation);
  try {
    const { resources } = instantiate(evaluation);
    for (const { logicalId, type, current } of resourcesOf(state, stack.stackId)) {
      if (!current || resources.has(logicalId)) continue;
      const denial = policyDenial({ stack, operation }, logicalId, type, 'delete');
      if (denial !== undefined) return denial;
    }
    const outputs = deployedOutputs(asCaller, state, stack, evaluation);
    state.stacks.put(stack.stackId, { ...stack, outputs });
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
}

/** Known: AWS's wording. */
function failureReason(operation: Operation, phase: Phase, next: StackStatus): string {
  const tail = next === 'ROLLBACK_IN_PROGRESS' ? 'Rollback requested by user.' : '';
  const deletion = next === 'DELETE_IN_PROGRESS' ? 'Delete requested by user.' : '';
  if (operation.interruption !== undefined) return [operation.interruption, tail].filter(Boolean).join(' ');
  const stopped = operation.steps.filter((step) => step.state === 'failed' || step.state === 'cancelled');
  const sentence = (what: string, steps: readonly Step[]) =>
    steps.length === 0
      ? ''
      : `The following resource(s) failed to ${what}: [${steps.map((step) => step.logicalId).join(', ')}]. `;
  if (
    phase === 'CREATE_IN_PROGRESS' ||
    phase === 'UPDATE_IN_PROGRESS' ||
    phase === 'UPDATE_ROLLBACK_IN_PROGRESS'
  ) {
    const created = stopped.filter((step) => step.verb === 'CREATE');
    const updated = stopped.filter((step) => step.verb !== 'CREATE');
    return sentence('create', created) + sentence('update', updated) + tail + deletion;
  }
  return sentence('delete', stopped);
}

/** Enters a status: plans its steps, or ends the operation when it is a final one. */
function enter(engine: Engine, ctx: Context, stackId: string, status: StackStatus, reason?: string): void {
  const { state } = engine;
  const before = stackWithId(state, stackId);
  if (status === 'UPDATE_ROLLBACK_IN_PROGRESS' && before.stableSpec) {
    state.stacks.put(stackId, { ...before, spec: before.stableSpec });
  }
  setStackStatus(ctx, state, stackId, status, reason);
  const operation = state.operations.get(stackId);
  if (!operation) throw new Error(`no operation for ${stackId}`);
  if (!isPhase(status)) {
    finish(engine, ctx, operation, status);
    return;
  }
  state.operations.put(stackId, {
    ...dropInterruption(operation),
    steps: plan(engine, ctx, operation, status),
  });
  reviewSoon(ctx, stackId);
}

function dropInterruption({ interruption: _, ...operation }: Operation): Operation {
  return operation;
}

function plan(engine: Engine, ctx: Context, operation: Operation, phase: Phase): readonly Step[] {
  const { state } = engine;
  const stack = stackWithId(state, operation.stackId);
  return planSteps({
    phase,
    resources: resourcesOf(state, stack.stackId),
    graph: () => instantiate(evaluationOf(ctx.as(operation.caller), state, stack)).graph,
    ...(operation.retainResources ? { retainResources: operation.retainResources } : {}),
    ...(stack.retainExceptOnCreate === undefined ? {} : { retainExceptOnCreate: stack.retainExceptOnCreate }),
  });
}

function finish(engine: Engine, ctx: Context, operation: Operation, status: StackStatus): void {
  const { state } = engine;
  const { stackId } = operation;
  state.operations.delete(stackId);
  ctx.timers.drop(stackId);
  if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE' || status === 'UPDATE_ROLLBACK_COMPLETE') {
    settle(state, stackId);
  }
  if (status === 'DELETE_COMPLETE') {
    state.stacks.put(stackId, { ...stackWithId(state, stackId), deletionTime: ctx.now });
    for (const { changeSetId } of changeSetsOf(state, stackId)) state.changeSets.delete(changeSetId);
    ctx.timers.set(stackId, 'forget', after(ctx.now, deletedStackDays * 86_400));
  }
  const changeSet = state.changeSets.get(operation.changeSetId ?? '');
  if (changeSet) {
    const executed = status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE';
    const executionStatus = executed ? 'EXECUTE_COMPLETE' : 'EXECUTE_FAILED';
    state.changeSets.put(changeSet.changeSetId, { ...changeSet, executionStatus });
  }
  dropUnusedTemplates(state, stackWithId(state, stackId));
}

/** The stack is complete: there is nothing to roll back to any longer but this. */
function settle(state: CloudFormationState, stackId: string): void {
  const stack = stackWithId(state, stackId);
  state.stacks.put(stackId, { ...stack, stableSpec: stack.spec });
  for (const resource of resourcesOf(state, stackId)) {
    const key = resourceKey(stackId, resource.logicalId);
    const { rollback: _, ...rest } = resource;
    if (resource.current && resource.status !== 'DELETE_FAILED')
      state.resources.put(key, { ...rest, oldCopies: [] });
    else state.resources.delete(key);
  }
}

function dropUnusedTemplates(state: CloudFormationState, stack: Stack): void {
  const used = [
    stack.spec.templateKey,
    stack.stableSpec?.templateKey,
    ...changeSetsOf(state, stack.stackId).map((changeSet) => changeSet.spec.templateKey),
  ];
  for (const [key] of [...state.templates.entries()]) {
    if (!key.startsWith(`${stack.stackId}\u0000`) || used.includes(key)) continue;
    state.templates.delete(key);
    state.parsed.delete(key);
  }
}

/** Forgets a stack that was deleted 90 days ago. */
export function forget({ state }: Engine, stackId: string): void {
  for (const { logicalId } of resourcesOf(state, stackId))
    state.resources.delete(resourceKey(stackId, logicalId));
  for (const [key, event] of [...state.events.entries()])
    if (event.stackId === stackId) state.events.delete(key);
  for (const [key] of [...state.templates.entries()]) {
    if (key.startsWith(`${stackId}\u0000`)) state.templates.delete(key);
  }
  state.drifts.delete(stackId);
  state.stacks.delete(stackId);
}
