/** Starting, watching and cancelling the steps of an operation. */
import type { Context } from '../../kernel/context.ts';
import type { ResourceType, Stability } from '../../kernel/resource-type.ts';
import { deploy } from './deploy.ts';
import type { Deployment } from './deployment.ts';
import { setResourceStatus } from './events.ts';
import type { Step } from './operation.ts';
import { handlerFailure, handlerMessage, resourceContext } from './resource-context.ts';
import { remove, restore, restored } from './undo.ts';
import { copyOf, failed, gone, record, recordOf, typeOf, type Work } from './work.ts';

// Chosen: AWS gives up on each type at its own time and publishes few of them; an ECS service has three hours.
const stabilizationLimitMs = 3 * 3600 * 1000;

/** A step that may start, as it is after its start: what is there at once is done at once. */
export function begin(work: Work, step: Step): Step {
  const started = start(work, step);
  return started.state === 'running' ? poll(work, started) : started;
}

function start(work: Work, step: Step): Step {
  switch (step.work) {
    case 'deploy':
      return deploy(work, step);
    case 'restore':
      return restore(work, step);
    case 'delete':
      return remove(work, step);
  }
}

/** A running step, as it is now. */
export function poll(work: Work, step: Step): Step {
  const { ctx, stack } = work;
  const copy = copyOf(work, step);
  if (!copy) throw new Error(`${step.logicalId} runs without a resource`);
  const type = typeOf(work, copy.type);
  const question = step.work === 'delete' ? type.deleted : type.stable;
  const resources = resourceContext(ctx, stack, step.logicalId, copy.stackTags);
  let answer: Stability;
  try {
    answer = question ? ask(ctx, () => question.call(type, resources, copy)) : { kind: 'stable' };
  } catch (error) {
    return failed(work, step, handlerFailure(ctx, error));
  }
  if (answer.kind === 'failed') {
    return failed(work, step, handlerMessage(ctx, answer.reason, answer.code ?? 'NotStabilized'));
  }
  if (answer.kind === 'stable') return completed(work, step, type, copy);
  if (ctx.now - (step.startedAt ?? ctx.now) < stabilizationLimitMs) {
    return step.waitingOn === answer.on ? step : { ...step, waitingOn: answer.on };
  }
  const text = `Exceeded attempts to wait: ${answer.on}`;
  return failed(work, step, handlerMessage(ctx, text, 'NotStabilized'));
}

class Answer<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}

/** Asks and undoes whatever asking wrote: a question that changed something would make itself be asked again at once. */
function ask<T>(ctx: Context, question: () => T): T {
  try {
    return ctx.attempt(() => {
      throw new Answer(question());
    });
  } catch (thrown) {
    if (thrown instanceof Answer) return thrown.value as T;
    throw thrown;
  }
}

/** Ends a step that nobody waits for any longer. */
export function cancel(work: Work, step: Step): Step {
  const resource = record(work, step.logicalId);
  const verb = step.verb ?? 'CREATE';
  if (resource && step.work !== 'delete') {
    const reason = verb === 'CREATE' ? 'Resource creation cancelled' : 'Resource update cancelled';
    setResourceStatus(work.ctx, work.state, resource, `${verb}_FAILED`, { reason });
  }
  return { ...step, state: 'cancelled' };
}

function completed(work: Work, step: Step, type: ResourceType, copy: Deployment): Step {
  if (step.work === 'delete') return gone(work, step, 'DELETE_COMPLETE');
  const { ctx, state, stack } = work;
  const resource = recordOf(work, step.logicalId);
  let attributes: Deployment['attributes'];
  try {
    attributes = type.attributes?.(resourceContext(ctx, stack, step.logicalId, copy.stackTags), copy) ?? {};
  } catch (error) {
    return failed(work, step, handlerFailure(ctx, error));
  }
  const current = { ...copy, attributes };
  setResourceStatus(
    ctx,
    state,
    step.work === 'restore' ? restored(resource, current) : { ...resource, current },
    `${step.verb === 'CREATE' ? 'CREATE' : 'UPDATE'}_COMPLETE`,
  );
  return { ...step, state: 'done' };
}
