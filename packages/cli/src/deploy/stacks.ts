import {
  CancelUpdateStackCommand,
  type CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStacks,
  type Stack,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { messageOf, nameOf } from '../errors.ts';

/** The stack by name or id; undefined if there is none. */
export async function describeStack(client: CloudFormationClient, name: string): Promise<Stack | undefined> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0];
  } catch (error) {
    if (nameOf(error) === 'ValidationError' && /does not exist/.test(messageOf(error))) return undefined;
    throw error;
  }
}

/** Every stack of the region that is not deleted. */
export async function allStacks(client: CloudFormationClient): Promise<readonly Stack[]> {
  const stacks: Stack[] = [];
  for await (const page of paginateDescribeStacks({ client }, {})) stacks.push(...(page.Stacks ?? []));
  return stacks;
}

/** The template as it was given. */
export async function templateOf(client: CloudFormationClient, name: string): Promise<string> {
  const { TemplateBody } = await client.send(
    new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
  );
  return TemplateBody ?? '';
}

export async function setTerminationProtection(
  client: CloudFormationClient,
  name: string,
  isProtected: boolean,
): Promise<void> {
  await client.send(
    new UpdateTerminationProtectionCommand({ StackName: name, EnableTerminationProtection: isProtected }),
  );
}

/** @returns false if the stack is not being updated, or the update has gone too far to be taken back */
export async function cancelUpdate(client: CloudFormationClient, name: string): Promise<boolean> {
  try {
    await client.send(new CancelUpdateStackCommand({ StackName: name }));
    return true;
  } catch (error) {
    if (nameOf(error) === 'ValidationError') return false;
    throw error;
  }
}

export async function startDeletion(
  client: CloudFormationClient,
  name: string,
  token?: string,
): Promise<void> {
  await client.send(
    new DeleteStackCommand({ StackName: name, ...(token !== undefined && { ClientRequestToken: token }) }),
  );
}
