import {
  ContinueUpdateRollbackCommand,
  DeleteStackCommand,
  RollbackStackCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { failureText } from '../deploy/failure.ts';
import type { Operation } from '../deploy/operation.ts';
import { eventsFromNow, followOperation } from '../deploy/stack-operation.ts';
import { cancelUpdate, describeStack, setTerminationProtection } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';
import type { Remedy } from './diagnosis.ts';

/** Does what leads out of it and shows how. @throws UserError if it does not come to a good end */
export async function cure(operation: Operation, stack: Stack, remedy: Remedy): Promise<void> {
  const { StackName: name = '', StackId: id = name, StackStatus: status } = stack;
  const client = await operation.target.clients.cloudformation();
  const events = await eventsFromNow(operation, id);
  await start();
  // One that only had a change set goes at once, without an event.
  if (status === 'REVIEW_IN_PROGRESS' && (await describeStack(client, name)) === undefined) return;
  operation.report({
    kind: 'stack-started',
    stack: name,
    verb: remedy.kind === 'delete' ? 'delete' : 'update',
  });
  const result = await followOperation(operation, name, events);
  if (result.status.endsWith('_FAILED')) throw new UserError(failureText(name, result));

  async function start(): Promise<void> {
    switch (remedy.kind) {
      case 'delete':
        // Whatever it was to protect was never made, or its deletion was asked for before.
        if (stack.EnableTerminationProtection) await setTerminationProtection(client, name, false);
        await client.send(
          new DeleteStackCommand({
            StackName: id,
            ...(remedy.retain.length > 0 && { RetainResources: [...remedy.retain] }),
          }),
        );
        return;
      case 'continue-rollback':
        await client.send(
          new ContinueUpdateRollbackCommand({
            StackName: id,
            ...(remedy.skip.length > 0 && { ResourcesToSkip: [...remedy.skip] }),
          }),
        );
        return;
      case 'rollback':
        await client.send(new RollbackStackCommand({ StackName: id }));
        return;
      case 'cancel-update':
        if (!(await cancelUpdate(client, id)))
          throw new UserError(`The update of ${name} has gone too far to be cancelled.`);
    }
  }
}
