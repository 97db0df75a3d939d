/**
 * Deletes stacks through CloudFormation, those that others read from last, and tells what deletion policies kept. What
 * protects a stack from accidents is lifted first: whoever destroys says so by the command.
 */
import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import {
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { UserError } from '../errors.ts';
import { failureText } from './failure.ts';
import { runSteps } from './graph.ts';
import { forgetMigrated, migrationFamily } from './migration.ts';
import type { Operation } from './operation.ts';
import { deleteRetained, type Kept } from './retained.ts';
import { eventsFromNow, followOperation, followRunning } from './stack-operation.ts';
import { hasSucceeded, isSettled, outputsOf } from './stack-status.ts';
import { allStacks, setTerminationProtection, startDeletion } from './stacks.ts';

/** @returns what was kept, and why */
export async function destroyStacks(operation: Operation): Promise<readonly Kept[]> {
  const client = await operation.target.clients.cloudformation();
  const stacks = (await allStacks(client)).filter(({ ParentId }) => ParentId === undefined);
  const kept: Kept[] = [];
  await runSteps(
    stacks.map((stack) => ({
      name: stack.StackName ?? '',
      dependsOn: readersOf(stack, stacks),
      run: async () => {
        const events = await destroyStack(operation, stack);
        kept.push(...(await deleteRetained(operation, stack.StackName ?? '', events)));
      },
    })),
  );
  return [...kept, ...(await snapshots(operation))];
}

/** The stacks that read a parameter of this one, or say by their tags that they stand on it: they go before it. */
export function readersOf(stack: Stack, all: readonly Stack[]): readonly string[] {
  const level = levelOf(stack);
  return all
    .filter((other) => other !== stack && levelOf(other) > level)
    .map(({ StackName = '' }) => StackName);
}

/**
 * How far up a stack stands: who reads nothing from others stands lowest, who runs an image higher, who watches that
 * highest, so that nobody is told that a service goes which is to go. Stacks meet only through SSM parameters whose names
 * tell who publishes them.
 */
export function levelOf({ Parameters = [] }: Stack): number {
  const names = Parameters.map(({ ParameterKey = '' }) => ParameterKey);
  if (names.includes('ImageDigest')) return 2;
  const read = Parameters.map(({ ParameterValue = '' }) => ParameterValue);
  if (read.some((name) => /^\/plimsoll\/[^/]+\/[^/]+\/service\//.test(name))) return 3;
  return read.some((name) => name.startsWith('/plimsoll/')) ? 1 : 0;
}

export interface Destruction {
  /** Is in each of the deletion's events, so that one knows later whose it was. */
  readonly token?: string;
  /** Databases that stay, and stay protected. */
  readonly kept?: ReadonlySet<string>;
}

/**
 * Deletes one stack through CloudFormation, lifting what protects it.
 * @returns the deletion's events
 */
export async function destroyStack(
  operation: Operation,
  stack: Stack,
  { token, kept = new Set() }: Destruction = {},
): Promise<readonly StackEvent[]> {
  const { target, report } = operation;
  const { StackName: name = '', StackId: id = name, StackStatus: status = '' } = stack;
  const client = await target.clients.cloudformation();
  if (!isSettled(status) && status !== 'REVIEW_IN_PROGRESS') await followRunning(operation, name, id);
  await removeMigrationTraces(operation, stack);
  if (stack.EnableTerminationProtection) {
    report({ kind: 'note', text: `  ${name}: termination protection lifted` });
    await setTerminationProtection(client, name, false);
  }
  for (const database of await protectedDatabases(operation, stack, kept))
    await liftDeletionProtection(operation, name, database);
  const events = await eventsFromNow(operation, id);
  report({ kind: 'stack-started', stack: name, verb: 'delete' });
  await startDeletion(client, name, token);
  const result = await followOperation(operation, name, events);
  if (!hasSucceeded(result.status)) throw new UserError(failureText(name, result));
  return result.events;
}

/** Databases of the stack that refuse to be deleted, by their identifiers. */
export async function protectedDatabases(
  { target }: Operation,
  stack: Stack,
  kept: ReadonlySet<string>,
): Promise<readonly string[]> {
  const tags = Object.fromEntries((stack.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const rds = await target.clients.rds();
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
  return DBInstances.flatMap(({ DBInstanceIdentifier: id = '', DeletionProtection, TagList = [] }) => {
    const owner = TagList.find(({ Key }) => Key === 'aws:cloudformation:stack-name')?.Value;
    const isOurs =
      owner === stack.StackName ||
      (owner === undefined && id === `${tags['plimsoll:service']}-${tags['plimsoll:environment']}`);
    return DeletionProtection && isOurs && !kept.has(id) ? [id] : [];
  });
}

async function liftDeletionProtection(
  { target, report }: Operation,
  stack: string,
  id: string,
): Promise<void> {
  report({ kind: 'note', text: `  ${stack}: deletion protection of the database ${id} lifted` });
  const rds = await target.clients.rds();
  await rds.send(
    new ModifyDBInstanceCommand({
      DBInstanceIdentifier: id,
      DeletionProtection: false,
      ApplyImmediately: true,
    }),
  );
}

/** What migrations of this service made beside its stack. */
async function removeMigrationTraces({ target }: Operation, stack: Stack): Promise<void> {
  const family = outputsOf(stack)['TaskDefinitionArn']?.split('/').at(-1)?.replace(/:\d+$/, '');
  if (family === undefined) return;
  const tags = Object.fromEntries((stack.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const { 'plimsoll:service': service, 'plimsoll:environment': environment } = tags;
  if (service !== undefined && environment !== undefined)
    await forgetMigrated(target, { service, environment });
  const ecs = await target.clients.ecs();
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: migrationFamily(family) }),
  );
  for (const taskDefinition of taskDefinitionArns) {
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    await ecs.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinition] }));
  }
}

async function snapshots({ target }: Operation): Promise<readonly Kept[]> {
  const rds = await target.clients.rds();
  const { DBSnapshots = [] } = await rds.send(new DescribeDBSnapshotsCommand({}));
  return DBSnapshots.map(({ DBSnapshotIdentifier: id, DBInstanceIdentifier: instance }) => ({
    what: `snapshot ${id}`,
    why: `the last state of the database ${instance}`,
  }));
}
