import {
  type CloudFormationClient,
  ExecuteChangeSetCommand,
  type Parameter,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { StackArtifact } from '@plimsoll/blueprint';
import { UserError } from '../errors.ts';
import { createChangeSet } from './change-set.ts';
import { failureText } from './failure.ts';
import { ensureLocalBoundary } from './local-boundary.ts';
import type { Operation } from './operation.ts';
import { eventsFromNow, followOperation, followRunning } from './stack-operation.ts';
import { hasSucceeded, preparationFor } from './stack-status.ts';
import { cancelUpdate, describeStack, setTerminationProtection, startDeletion } from './stacks.ts';
import { isDeployed } from './unchanged.ts';

/**
 * Brings one stack to its template and parameters by a change set, and shows what happens.
 * @throws UserError with the reason if it does not come to that
 */
export async function deployStack(
  operation: Operation,
  stack: StackArtifact,
  parameters: readonly Parameter[],
): Promise<void> {
  const { report, target } = operation;
  const client = await target.clients.cloudformation();
  const existing = await prepared(operation, client, stack);
  if (existing !== undefined && (await isDeployed(target, existing, stack, parameters))) {
    report({ kind: 'stack-unchanged', stack: stack.name });
  } else {
    await change(operation, client, { stack, existing, parameters });
  }
  if ((existing?.EnableTerminationProtection ?? false) !== stack.terminationProtection)
    await setTerminationProtection(client, stack.name, stack.terminationProtection);
}

/** The stack as it can be worked on; undefined if it is to be created. */
async function prepared(
  operation: Operation,
  client: CloudFormationClient,
  { name }: StackArtifact,
): Promise<Stack | undefined> {
  const { report } = operation;
  const existing = await describeStack(client, name);
  const { StackId: id = name, StackStatus: status } = existing ?? {};
  switch (preparationFor(status)) {
    case 'create':
      return undefined;
    case 'update':
      return existing;
    case 'wait':
      report({ kind: 'note', text: `${name} is ${status} from before; waiting for its end.` });
      await followRunning(operation, name, id);
      return prepared(operation, client, { name } as StackArtifact);
    case 'delete-first':
      report({
        kind: 'note',
        text: `${name} is ${status}: its creation failed; it is deleted and made anew.`,
      });
      await deleteFailed(operation, client, existing);
      return undefined;
    case 'stuck':
      throw stuck(name, existing);
  }
}

async function deleteFailed(
  operation: Operation,
  client: CloudFormationClient,
  stack: Stack | undefined,
): Promise<void> {
  const { StackName: name = '', StackId: id = name } = stack ?? {};
  if (stack?.EnableTerminationProtection) await setTerminationProtection(client, name, false);
  const events = await eventsFromNow(operation, id);
  await startDeletion(client, name);
  operation.report({ kind: 'stack-started', stack: name, verb: 'delete' });
  const result = await followOperation(operation, name, events);
  if (!hasSucceeded(result.status)) throw new UserError(failureText(name, result));
}

async function change(
  operation: Operation,
  client: CloudFormationClient,
  wanted: {
    readonly stack: StackArtifact;
    readonly existing: Stack | undefined;
    readonly parameters: readonly Parameter[];
  },
): Promise<void> {
  const { stack, existing, parameters } = wanted;
  const { name } = stack;
  const type = existing === undefined ? 'CREATE' : 'UPDATE';
  const changeSet = await createChangeSet(operation, { stack, type, parameters });
  if (changeSet === undefined) {
    operation.report({ kind: 'stack-unchanged', stack: name });
    return;
  }
  await ensureLocalBoundary(operation, stack.template);
  const events = await eventsFromNow(operation, changeSet.stackId);
  await client.send(new ExecuteChangeSetCommand({ ChangeSetName: changeSet.id }));
  operation.report({ kind: 'stack-started', stack: name, verb: type === 'CREATE' ? 'create' : 'update' });
  const cancel =
    type === 'CREATE' ? undefined : (): Promise<boolean> => cancelUpdate(client, changeSet.stackId);
  const result = await followOperation(operation, name, events, [], cancel);
  if (!hasSucceeded(result.status)) throw new UserError(failureText(name, result));
}

function stuck(name: string, stack: Stack | undefined): UserError {
  const { StackStatus: status, StackStatusReason: reason = '' } = stack ?? {};
  return new UserError([
    `The stack ${name} is ${status}: CloudFormation takes no update.`,
    reason,
    `What failed, and the way out: plimsoll doctor --stack ${name}`,
  ]);
}
