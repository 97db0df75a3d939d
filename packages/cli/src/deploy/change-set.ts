import {
  type Change,
  type CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetOutput,
  type Parameter,
} from '@aws-sdk/client-cloudformation';
import type { StackArtifact } from '@plimsoll/blueprint';
import { UserError } from '../errors.ts';
import { pause } from '../wait.ts';
import type { Operation } from './operation.ts';

export interface ChangeSet {
  readonly id: string;
  readonly stackId: string;
  readonly changes: readonly Change[];
}

export interface ChangeSetRequest {
  readonly stack: StackArtifact;
  readonly type: 'CREATE' | 'UPDATE';
  readonly parameters: readonly Parameter[];
  /** Default: one that tells the time. */
  readonly name?: string;
}

/**
 * Has CloudFormation work out what it would do.
 * @returns undefined if it would do nothing
 * @throws UserError if it refuses the template
 */
export async function createChangeSet(
  operation: Operation,
  { stack, type, parameters, name = `plimsoll-${Date.now()}` }: ChangeSetRequest,
): Promise<ChangeSet | undefined> {
  const client = await operation.target.clients.cloudformation();
  const { Id: id = '', StackId: stackId = '' } = await client.send(
    new CreateChangeSetCommand({
      StackName: stack.name,
      ChangeSetName: name,
      ChangeSetType: type,
      TemplateBody: JSON.stringify(stack.template),
      Parameters: [...parameters],
      Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })),
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      ...serviceRole(operation),
    }),
  );
  const described = await whenCreated(operation, client, id);
  if (described.Status === 'CREATE_COMPLETE') {
    return { id, stackId, changes: described.Changes ?? [] };
  }
  await client.send(new DeleteChangeSetCommand({ ChangeSetName: id }));
  const reason = described.StatusReason ?? '';
  if (isEmpty(reason)) return undefined;
  throw new UserError(`CloudFormation refuses the stack ${stack.name}: ${reason}`);
}

export async function deleteChangeSet(operation: Operation, { id }: ChangeSet): Promise<void> {
  const client = await operation.target.clients.cloudformation();
  await client.send(new DeleteChangeSetCommand({ ChangeSetName: id }));
}

/**
 * The role that CloudFormation makes the stack's resources by, instead of by the caller's own rights: whoever applies a plan
 * in a pipeline may execute change sets and nothing else. A local region has no such role unless it was deployed there.
 */
function serviceRole({ target }: Operation): { readonly RoleARN?: string } {
  const role = process.env['PLIMSOLL_CLOUDFORMATION_ROLE'];
  return role && target.kind === 'aws' ? { RoleARN: role } : {};
}

/** CloudFormation tells an empty change set by its reason only. */
export function isEmpty(reason: string): boolean {
  return /didn't contain changes|No updates are to be performed/.test(reason);
}

async function whenCreated(
  { target, signal }: Operation,
  client: CloudFormationClient,
  id: string,
): Promise<DescribeChangeSetOutput> {
  for (;;) {
    const described = await client.send(new DescribeChangeSetCommand({ ChangeSetName: id }));
    if (described.Status === 'CREATE_COMPLETE' || described.Status === 'FAILED') return described;
    await pause(Math.min(target.pollMs, 1_000) / 3, signal);
  }
}
