import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { Interrupted, nameOf, UserError } from '../errors.ts';
import { pause } from '../wait.ts';
import type { Target } from './clients.ts';
import type { Operation } from './operation.ts';
import { stopText } from './task-text.ts';

export interface Migration {
  readonly service: string;
  readonly environment: string;
  /** The definition's `migrate`. */
  readonly command: readonly string[];
  /** Digest of the image that it runs from. */
  readonly imageDigest: string;
  /** Outputs of the service's stack: cluster, task definition, subnets. */
  readonly outputs: Readonly<Record<string, string>>;
}

/**
 * Runs the migrations of a release as a one-off task of its image, unless that image has migrated already.
 * @throws UserError if it does not end with exit code 0
 */
export async function migrate(operation: Operation, migration: Migration): Promise<void> {
  const { target, report } = operation;
  if ((await migratedImage(target, migration)) === migration.imageDigest) return;
  const text = migration.command.join(' ');
  report({ kind: 'step-started', step: 'migrate', text: `Migrating the database: ${text}` });
  const task = await runTask(target, migration, await taskDefinitionFor(target, migration));
  const stopped = await whenStopped(operation, migration, task);
  const exitCode = stopped.containers?.find(({ name }) => name === migration.service)?.exitCode;
  if (exitCode !== 0) throw migrationFailed(stopped);
  await rememberMigrated(target, migration);
  report({ kind: 'step-ended', step: 'migrate', text: 'Database migrated' });
}

/** Where the digest of the last image that migrated is kept. */
export function migratedParameter({
  service,
  environment,
}: Pick<Migration, 'service' | 'environment'>): string {
  return `/plimsoll/${environment}/${service}/migrated-image`;
}

async function migratedImage(target: Target, migration: Migration): Promise<string | undefined> {
  const client = await target.clients.ssm();
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: migratedParameter(migration) }));
    return Parameter?.Value;
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound') return undefined;
    throw error;
  }
}

async function rememberMigrated(target: Target, migration: Migration): Promise<void> {
  const client = await target.clients.ssm();
  await client.send(
    new PutParameterCommand({
      Name: migratedParameter(migration),
      Value: migration.imageDigest,
      Type: 'String',
      Overwrite: true,
      Description: 'Image whose migrations ran last; written by plimsoll deploy',
    }),
  );
}

export async function forgetMigrated(
  target: Target,
  migration: Pick<Migration, 'service' | 'environment'>,
): Promise<void> {
  const client = await target.clients.ssm();
  await client.send(new DeleteParameterCommand({ Name: migratedParameter(migration) })).catch((error) => {
    if (nameOf(error) !== 'ParameterNotFound') throw error;
  });
}

/** The family of the copies that only migrate. */
export function migrationFamily(family: string): string {
  return `${family}-migrate`;
}

/** The service's own task definition if it has the image already, else a copy with the new image, in a family beside it. */
async function taskDefinitionFor(target: Target, migration: Migration): Promise<string> {
  const ecs = await target.clients.ecs();
  const { taskDefinition, tags } = await ecs.send(
    new DescribeTaskDefinitionCommand({
      taskDefinition: migration.outputs['TaskDefinitionArn'],
      include: ['TAGS'],
    }),
  );
  if (taskDefinition === undefined)
    throw new UserError('The service has no task definition to migrate with.');
  const copy = migrationCopy(taskDefinition, migration);
  if (copy === undefined) return taskDefinition.taskDefinitionArn ?? '';
  const registered = await ecs.send(
    new RegisterTaskDefinitionCommand({ ...copy, ...(tags !== undefined && tags.length > 0 && { tags }) }),
  );
  return registered.taskDefinition?.taskDefinitionArn ?? '';
}

/** Undefined if the task definition runs the image already. */
export function migrationCopy(
  current: TaskDefinition,
  { service, imageDigest }: Pick<Migration, 'service' | 'imageDigest'>,
): RegisterTaskDefinitionCommandInput | undefined {
  const containers = current.containerDefinitions ?? [];
  const app = containers.find(({ name }) => name === service);
  if (app?.image?.endsWith(`@${imageDigest}`)) return undefined;
  const image = `${app?.image?.replace(/@.*$/, '')}@${imageDigest}`;
  const { cpu, memory, networkMode, executionRoleArn, taskRoleArn, requiresCompatibilities } = current;
  const { runtimePlatform, ephemeralStorage, volumes } = current;
  return {
    family: migrationFamily(current.family ?? service),
    containerDefinitions: containers.map((container) =>
      container.name === service ? { ...container, image } : container,
    ),
    ...(cpu !== undefined && { cpu }),
    ...(memory !== undefined && { memory }),
    ...(networkMode !== undefined && { networkMode }),
    ...(executionRoleArn !== undefined && { executionRoleArn }),
    ...(taskRoleArn !== undefined && { taskRoleArn }),
    ...(requiresCompatibilities !== undefined && { requiresCompatibilities }),
    ...(runtimePlatform !== undefined && { runtimePlatform }),
    ...(ephemeralStorage !== undefined && { ephemeralStorage }),
    ...(volumes !== undefined && volumes.length > 0 && { volumes }),
  };
}

async function runTask(target: Target, migration: Migration, taskDefinition: string): Promise<Task> {
  const { outputs, service, command } = migration;
  const ecs = await target.clients.ecs();
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: outputs['ClusterName'],
      taskDefinition,
      launchType: 'FARGATE',
      startedBy: 'plimsoll migrate',
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: (outputs['TaskSubnetIds'] ?? '').split(','),
          securityGroups: [outputs['TaskSecurityGroupId'] ?? ''],
          assignPublicIp: 'DISABLED',
        },
      },
      overrides: { containerOverrides: [{ name: service, command: [...command] }] },
    }),
  );
  const [task] = tasks;
  if (task !== undefined) return task;
  const reasons = failures.map(({ reason }) => reason).join(', ');
  throw new UserError(`The migration could not be started: ${reasons || 'ECS gave no reason'}`);
}

async function whenStopped(operation: Operation, migration: Migration, task: Task): Promise<Task> {
  const { target, signal } = operation;
  const ecs = await target.clients.ecs();
  const { clusterArn: cluster = '', taskArn = '' } = task;
  const seen = new Set<string>();
  for (;;) {
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
    await showLog(operation, migration, taskArn, seen);
    const [current] = tasks;
    if (current?.lastStatus === 'STOPPED') {
      await showLog(operation, migration, taskArn, seen);
      return current;
    }
    await pause(target.pollMs, signal).catch(async () => {
      await ecs.send(
        new StopTaskCommand({ cluster, task: taskArn, reason: 'plimsoll deploy was interrupted' }),
      );
      throw new Interrupted('Interrupted: the migration is being stopped; nothing was released.');
    });
  }
}

/** Shows what the task wrote since the last look. Its log stream appears with its first line. */
async function showLog(
  { target, report }: Operation,
  { service, outputs }: Migration,
  taskArn: string,
  seen: Set<string>,
): Promise<void> {
  const { LogGroupName: logGroupName } = outputs;
  if (logGroupName === undefined) return;
  const client = await target.clients.logs();
  const stream = `${service}/${service}/${taskArn.split('/').at(-1)}`;
  try {
    const { events = [] } = await client.send(
      new FilterLogEventsCommand({ logGroupName, logStreamNames: [stream] }),
    );
    for (const { eventId = '', message = '' } of events) {
      if (seen.has(eventId)) continue;
      seen.add(eventId);
      report({ kind: 'task-log', text: message.trimEnd() });
    }
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException') throw error;
  }
}

function migrationFailed(task: Task): UserError {
  return new UserError([
    `The migration failed: ${stopText(task)}`,
    'The release stops here: the service runs as before. Correct the migration, then `plimsoll deploy`.',
  ]);
}
