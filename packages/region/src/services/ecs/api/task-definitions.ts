import type {
  Compatibility,
  ContainerDefinition,
  DeleteTaskDefinitionsRequest,
  DeleteTaskDefinitionsResponse,
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { clientException, invalidParameter, taskDefinitionNotFound } from '../errors.ts';
import { fargateSize } from '../fargate.ts';
import { findTaskDefinition, page } from '../lookups.ts';
import type { EcsState, TaskDefinitionRecord } from '../state.ts';
import { checkContainer, checkNoCycle } from './container-definition.ts';
import { checkTags } from './tags.ts';

export function registerTaskDefinition(
  ctx: Context,
  state: EcsState,
  input: RegisterTaskDefinitionRequest,
): RegisterTaskDefinitionResponse {
  checkTaskDefinition(ctx, input);
  const { tags = [], family = '', containerDefinitions = [], ...definition } = input;
  checkTags(tags);
  const revision = (state.families.get(family) ?? 0) + 1;
  const name = `${family}:${revision}`;
  const arn = ctx.arn('ecs', `task-definition/${name}`);
  const size = fargateSize(input.cpu, input.memory);
  const record: TaskDefinitionRecord = {
    arn,
    family,
    revision,
    status: 'ACTIVE',
    registeredAt: ctx.now,
    registeredBy: ctx.caller.arn,
    definition: {
      ...definition,
      ...size,
      family,
      networkMode: 'awsvpc',
      taskDefinitionArn: arn,
      revision,
      volumes: [],
      placementConstraints: [],
      compatibilities: ['EC2', 'FARGATE'] satisfies Compatibility[],
      containerDefinitions: containerDefinitions.map(withDefaults),
    },
  };
  state.families.put(family, revision);
  state.taskDefinitions.put(name, record);
  if (tags.length > 0) state.tags.put(arn, tags);
  return { taskDefinition: described(record), tags };
}

/** Texts Known. */
function checkTaskDefinition(ctx: Context, input: RegisterTaskDefinitionRequest): void {
  const { family, containerDefinitions = [], networkMode, requiresCompatibilities = [] } = input;
  if (!family) throw clientException('Family should not be null or empty.');
  if (!/^[\w-]{1,255}$/.test(family)) throw clientException('Family contains invalid characters.');
  if (requiresCompatibilities.some((compatibility) => compatibility !== 'FARGATE')) {
    throw notModelled(
      `ecs RegisterTaskDefinition: requiresCompatibilities ${requiresCompatibilities}`,
      'ecs',
    );
  }
  if (networkMode !== 'awsvpc') throw clientException("Fargate only supports network mode 'awsvpc'.");
  fargateSize(input.cpu, input.memory);
  checkPlatform(input);
  if (containerDefinitions.length === 0)
    throw clientException('Container definitions should not be null or empty.');
  for (const container of containerDefinitions) checkContainer(ctx, container, input);
  checkNoCycle(containerDefinitions);
  const names = containerDefinitions.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw clientException(`Container.name must be unique in the task definition: ${twice}`);
  if (containerDefinitions.every(({ essential }) => essential === false)) {
    throw clientException(
      'Invalid setting for container definitions. At least one container must be essential.',
    );
  }
}

function checkPlatform(input: RegisterTaskDefinitionRequest): void {
  if ((input.volumes ?? []).length > 0) throw notModelled('ecs RegisterTaskDefinition: volumes', 'ecs');
  if ((input.placementConstraints ?? []).length > 0) {
    throw notModelled('ecs RegisterTaskDefinition: placementConstraints', 'ecs');
  }
  const { operatingSystemFamily = 'LINUX', cpuArchitecture = 'X86_64' } = input.runtimePlatform ?? {};
  if (operatingSystemFamily !== 'LINUX') {
    throw notModelled(`ecs RegisterTaskDefinition: operatingSystemFamily ${operatingSystemFamily}`, 'ecs');
  }
  if (cpuArchitecture !== 'X86_64' && cpuArchitecture !== 'ARM64') {
    throw clientException(`Invalid cpuArchitecture: ${cpuArchitecture}`);
  }
}

/** What AWS adds to a container definition as it answers it. */
function withDefaults(container: ContainerDefinition): ContainerDefinition {
  return {
    cpu: 0,
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...container,
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      protocol: 'tcp',
      ...mapping,
      hostPort: mapping.containerPort,
    })),
  };
}

export function described(record: TaskDefinitionRecord): TaskDefinition {
  return {
    ...record.definition,
    containerDefinitions: [...record.definition.containerDefinitions],
    status: record.status,
    registeredAt: toDate(record.registeredAt),
    registeredBy: record.registeredBy,
    ...(record.deregisteredAt === undefined ? {} : { deregisteredAt: toDate(record.deregisteredAt) }),
    ...(record.deleteRequestedAt === undefined
      ? {}
      : { deleteRequestedAt: toDate(record.deleteRequestedAt) }),
  };
}

export function describeTaskDefinition(
  _ctx: Context,
  state: EcsState,
  input: DescribeTaskDefinitionRequest,
): DescribeTaskDefinitionResponse {
  const record = findTaskDefinition(state, input.taskDefinition ?? '');
  if (record === undefined) throw taskDefinitionNotFound();
  const tags = input.include?.includes('TAGS') ? { tags: [...(state.tags.get(record.arn) ?? [])] } : {};
  return { taskDefinition: described(record), ...tags };
}

export function deregisterTaskDefinition(
  ctx: Context,
  state: EcsState,
  input: DeregisterTaskDefinitionRequest,
): DeregisterTaskDefinitionResponse {
  const reference = input.taskDefinition ?? '';
  if (!reference.slice(reference.lastIndexOf('/') + 1).includes(':')) {
    throw invalidParameter('The specified task definition must include a revision.');
  }
  const record = findTaskDefinition(state, reference);
  if (record === undefined) throw taskDefinitionNotFound();
  if (record.status !== 'ACTIVE') throw invalidParameter('The specified task definition is inactive.');
  const inactive: TaskDefinitionRecord = { ...record, status: 'INACTIVE', deregisteredAt: ctx.now };
  state.taskDefinitions.put(`${record.family}:${record.revision}`, inactive);
  return { taskDefinition: described(inactive) };
}

/** Confirmed by API text: INACTIVE ones only, up to 10; DELETE_IN_PROGRESS until nothing refers to them. */
export function deleteTaskDefinitions(
  ctx: Context,
  state: EcsState,
  input: DeleteTaskDefinitionsRequest,
): DeleteTaskDefinitionsResponse {
  const references = input.taskDefinitions ?? [];
  if (references.length < 1 || references.length > 10) {
    throw invalidParameter('taskDefinitions must have between 1 and 10 items.');
  }
  const results = references.map((reference) => deleteOne(ctx, state, reference));
  return {
    taskDefinitions: results.flatMap((result) => (result.kind === 'deleted' ? [result.taskDefinition] : [])),
    failures: results.flatMap((result) => (result.kind === 'failed' ? [result.failure] : [])),
  };
}

function deleteOne(ctx: Context, state: EcsState, reference: string) {
  const record = findTaskDefinition(state, reference);
  const failed = (reason: string) => ({ kind: 'failed', failure: { arn: reference, reason } }) as const;
  if (record === undefined) return failed('The specified task definition does not exist.');
  if (record.status === 'ACTIVE') {
    return failed(
      'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
    );
  }
  const deleting: TaskDefinitionRecord = {
    ...record,
    status: 'DELETE_IN_PROGRESS',
    deleteRequestedAt: ctx.now,
  };
  const isUsed =
    [...state.tasks.values()].some((task) => task.taskDefinition === record.arn) ||
    [...state.services.values()].some((service) =>
      [...service.deployments, service.lastCompleted].some(
        (one) => one?.revision.taskDefinition === record.arn,
      ),
    );
  const name = `${record.family}:${record.revision}`;
  if (isUsed) state.taskDefinitions.put(name, deleting);
  else {
    state.taskDefinitions.delete(name);
    state.tags.delete(record.arn);
  }
  return { kind: 'deleted', taskDefinition: described(deleting) } as const;
}

export function listTaskDefinitions(
  _ctx: Context,
  state: EcsState,
  input: ListTaskDefinitionsRequest,
): ListTaskDefinitionsResponse {
  const status = input.status ?? 'ACTIVE';
  const records = state.taskDefinitions
    .filter((one) => one.status === status && (input.familyPrefix ?? one.family) === one.family)
    .sort((a, b) => a.family.localeCompare(b.family) || a.revision - b.revision);
  if (input.sort === 'DESC') records.reverse();
  const { items, nextToken } = page(records, input);
  return {
    taskDefinitionArns: items.map(({ arn }) => arn),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

export function listTaskDefinitionFamilies(
  _ctx: Context,
  state: EcsState,
  input: ListTaskDefinitionFamiliesRequest,
): ListTaskDefinitionFamiliesResponse {
  const status = input.status ?? 'ALL';
  const isActive = (family: string): boolean => findTaskDefinition(state, family) !== undefined;
  const families = [...state.families.entries()]
    .map(([family]) => family)
    .filter((family) => family.startsWith(input.familyPrefix ?? ''))
    .filter((family) => status === 'ALL' || (status === 'ACTIVE') === isActive(family))
    .sort();
  const { items, nextToken } = page(families, input);
  return { families: items, ...(nextToken === undefined ? {} : { nextToken }) };
}
