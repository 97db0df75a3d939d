import type { ContainerAction } from './containers.ts';
import { type MeasureAction, type Measured, measure } from './metrics-publishing.ts';
import type { TaskRunner, TaskRunnerEvent } from './ports.ts';

/** What comes back from the task runner, as events of this service. */
export type EcsEvent =
  | {
      readonly kind: 'pulled';
      readonly taskId: string;
      readonly container: string;
      readonly imageDigest: string;
    }
  | {
      readonly kind: 'pullFailed';
      readonly taskId: string;
      readonly container: string;
      readonly detail: string;
    }
  | { readonly kind: 'started'; readonly taskId: string; readonly container: string }
  | {
      readonly kind: 'startFailed';
      readonly taskId: string;
      readonly container: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'checked';
      readonly taskId: string;
      readonly container: string;
      readonly passed: boolean;
    }
  | TaskRunnerEvent;

/** Runs an action. Never rejects for those of containers: a rejection would put their secrets into an error report. */
export async function runAction(
  runner: TaskRunner,
  action: ContainerAction | MeasureAction,
): Promise<EcsEvent | Measured | undefined> {
  if (action.kind === 'measure') return measure(runner, action);
  try {
    return await run(runner, action);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return failureOf(action, text);
  }
}

async function run(runner: TaskRunner, action: ContainerAction): Promise<EcsEvent | undefined> {
  switch (action.kind) {
    case 'pull': {
      const { taskId, container } = action;
      const outcome = await runner.pullImage(action.image, action.puller);
      return outcome.kind === 'pulled'
        ? { kind: 'pulled', taskId, container, imageDigest: outcome.imageDigest }
        : { kind: 'pullFailed', taskId, container, detail: outcome.detail };
    }
    case 'start': {
      const { taskId, container } = action;
      const outcome = await runner.startContainer(action.spec);
      return outcome.kind === 'started'
        ? { kind: 'started', taskId, container }
        : { kind: 'startFailed', taskId, container, reason: outcome.reason };
    }
    case 'signal':
      await runner.signalContainer(action.runtimeId, action.signal);
      return undefined;
    case 'check': {
      const { taskId, container, command, timeoutSeconds } = action;
      const { passed } = await runner.checkContainer(action.runtimeId, { command, timeoutSeconds });
      return { kind: 'checked', taskId, container, passed };
    }
  }
}

function failureOf(action: ContainerAction, text: string): EcsEvent | undefined {
  switch (action.kind) {
    case 'pull':
      return { kind: 'pullFailed', taskId: action.taskId, container: action.container, detail: text };
    case 'start':
      return {
        kind: 'startFailed',
        taskId: action.taskId,
        container: action.container,
        reason: `CannotStartContainerError: ${text}`,
      };
    case 'check':
      return { kind: 'checked', taskId: action.taskId, container: action.container, passed: false };
    case 'signal':
      return undefined;
  }
}
