import type { Change } from '@aws-sdk/client-cloudformation';
import type { StackArtifact, Synthesis } from '@plimsoll/blueprint';
import { createChangeSet, deleteChangeSet } from './change-set.ts';
import type { Operation } from './operation.ts';
import { parametersFor, resourcesOf } from './parameters.ts';
import { preparationFor } from './stack-status.ts';
import { describeStack } from './stacks.ts';

/**
 * What a deployment would do, in lines. For stacks that are there CloudFormation works it out; the others are counted,
 * since they read values that the first of them publishes. A new image is not among the changes: it is built afterwards.
 */
export async function previewRelease(operation: Operation, synthesis: Synthesis): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const stack of synthesis.stacks) lines.push(...(await previewStack(operation, stack)));
  return lines;
}

async function previewStack(operation: Operation, stack: StackArtifact): Promise<readonly string[]> {
  const client = await operation.target.clients.cloudformation();
  const existing = await describeStack(client, stack.name);
  switch (preparationFor(existing?.StackStatus)) {
    case 'create':
      return creation(stack, 'create');
    case 'delete-first':
      return creation(stack, `delete (${existing?.StackStatus}) and create`);
    case 'wait':
    case 'stuck':
      return [`  ${stack.name}: ${existing?.StackStatus}; its changes cannot be told now`];
    case 'update':
      break;
  }
  const parameters = parametersFor(stack, {});
  const changeSet = await createChangeSet(operation, { stack, type: 'UPDATE', parameters });
  if (changeSet === undefined) return [`  ${stack.name}: no changes of the template`];
  await deleteChangeSet(operation, changeSet);
  return [`  ${stack.name}: update`, ...changeSet.changes.map(changeText)];
}

function creation({ name, template }: StackArtifact, what: string): readonly string[] {
  const counts = new Map<string, number>();
  for (const { Type } of Object.values(resourcesOf(template))) counts.set(Type, (counts.get(Type) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `  ${name}: ${what}`,
    ...sorted.map(([type, count]) => `    + ${type}${count === 1 ? '' : ` × ${count}`}`),
  ];
}

const signs: Readonly<Record<string, string>> = { Add: '+', Remove: '-', Modify: '~' };

export function changeText({ ResourceChange: change }: Change): string {
  const { Action = '', ResourceType = '', LogicalResourceId = '', Replacement } = change ?? {};
  const replaced =
    Replacement === 'True' ? ' (replaced)' : Replacement === 'Conditional' ? ' (maybe replaced)' : '';
  return `    ${signs[Action] ?? Action} ${ResourceType} ${LogicalResourceId}${replaced}`;
}
