import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import {
  flag,
  ignored,
  integer,
  listOf,
  mapOf,
  object,
  type Properties,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { inApiCase, inTemplateCase, retag, tagsOf } from './property-case.ts';

const pairs = listOf(object({ Name: text, Value: text }));

const container = object({
  Name: text,
  Image: text,
  Cpu: integer,
  Memory: integer,
  MemoryReservation: integer,
  PortMappings: listOf(
    object({ ContainerPort: integer, HostPort: integer, Protocol: text, Name: text, AppProtocol: text }),
  ),
  Essential: flag,
  EntryPoint: listOf(text),
  Command: listOf(text),
  Environment: pairs,
  Secrets: listOf(object({ Name: text, ValueFrom: text })),
  DependsOn: listOf(object({ ContainerName: text, Condition: text })),
  StopTimeout: integer,
  WorkingDirectory: text,
  DockerLabels: mapOf(text),
  LogConfiguration: object({ LogDriver: text, Options: mapOf(text) }),
  HealthCheck: object({
    Command: listOf(text),
    Interval: integer,
    Timeout: integer,
    Retries: integer,
    StartPeriod: integer,
  }),
  User: ignored('tasks run as the user of the region'),
  ReadonlyRootFilesystem: ignored('the file system of a task is not sealed'),
  LinuxParameters: ignored('Linux parameters are not applied'),
  Ulimits: ignored('limits are not applied'),
  Interactive: ignored('no terminal is attached'),
  PseudoTerminal: ignored('no terminal is attached'),
  StartTimeout: ignored('a dependency may take as long as it wants'),
  VersionConsistency: ignored('an image is resolved to its digest as each task starts'),
});

/** AWS::ECS::TaskDefinition: every change but of tags registers a new revision. `Ref` gives its ARN. */
export const taskDefinitionType: ResourceType = {
  name: 'AWS::ECS::TaskDefinition',
  properties: {
    Family: replaces(text),
    ContainerDefinitions: replaces(required(listOf(container))),
    Cpu: replaces(text),
    Memory: replaces(text),
    NetworkMode: replaces(text),
    RequiresCompatibilities: replaces(listOf(text)),
    ExecutionRoleArn: replaces(text),
    TaskRoleArn: replaces(text),
    RuntimePlatform: replaces(object({ CpuArchitecture: text, OperatingSystemFamily: text })),
    Tags: tags,
  },
  create: (ctx, properties) => {
    const { Tags, ...rest } = properties;
    const request = inApiCase(rest) as RegisterTaskDefinitionRequest;
    const { taskDefinition } = ctx.call('ecs', 'registerTaskDefinition', {
      ...request,
      family: request.family ?? ctx.generateName(255),
      tags: tagsOf(ctx, Tags),
    });
    return { physicalId: taskDefinition?.taskDefinitionArn ?? '' };
  },
  update: (ctx, { physicalId }, properties) => retag(ctx, physicalId, properties['Tags']),
  delete: (ctx, { physicalId }) => {
    const { taskDefinition } = ctx.call('ecs', 'describeTaskDefinition', { taskDefinition: physicalId });
    if (taskDefinition?.status === 'ACTIVE') {
      ctx.call('ecs', 'deregisterTaskDefinition', { taskDefinition: physicalId });
    }
  },
  read: (ctx, { physicalId }) => {
    const { taskDefinition, tags } = ctx.call('ecs', 'describeTaskDefinition', {
      taskDefinition: physicalId,
      include: ['TAGS'],
    });
    if (taskDefinition?.status !== 'ACTIVE') return undefined;
    const { family, containerDefinitions, cpu, memory, networkMode, requiresCompatibilities } =
      taskDefinition;
    const { executionRoleArn, taskRoleArn, runtimePlatform } = taskDefinition;
    return inTemplateCase({
      family,
      containerDefinitions,
      cpu,
      memory,
      networkMode,
      requiresCompatibilities,
      executionRoleArn,
      taskRoleArn,
      runtimePlatform,
      tags,
    }) as Properties;
  },
  attributes: (_ctx, { physicalId }) => ({ TaskDefinitionArn: physicalId }),
};
