import type {
  DescribeStackEventsInput,
  DescribeStackEventsOutput,
  DescribeStackResourceInput,
  DescribeStackResourceOutput,
  DescribeStackResourcesInput,
  DescribeStackResourcesOutput,
  DescribeStacksInput,
  DescribeStacksOutput,
  ListExportsInput,
  ListExportsOutput,
  ListImportsInput,
  ListImportsOutput,
  ListStackResourcesInput,
  ListStackResourcesOutput,
  ListStacksInput,
  ListStacksOutput,
  Parameter,
  Stack as StackAnswer,
} from '@aws-sdk/client-cloudformation';
import { toDate } from '../../../kernel/instant.ts';
import { stackWithIdDoesNotExist, validationError } from '../errors.ts';
import { importersOf } from '../outputs.ts';
import { exportsOf, templateOf } from '../scope.ts';
import type { CloudFormation } from '../spec.ts';
import { findStack, resourcesOf, type Stack, type StackResource } from '../state.ts';
import type { ParameterValue } from '../template/parameters.ts';
import { driftOfResource, driftOfStack } from './drift.ts';
import { page } from './paging.ts';

export function describeStacks(service: CloudFormation, input: DescribeStacksInput): DescribeStacksOutput {
  const { state } = service;
  if (input.StackName !== undefined) {
    return { Stacks: [describe(service, askedStack(service, input.StackName))] };
  }
  const all = newestFirst(state.stacks.filter((stack) => stack.status !== 'DELETE_COMPLETE'));
  const { items, nextToken } = page(all, 100, input.NextToken);
  return { Stacks: items.map((stack) => describe(service, stack)), NextToken: nextToken };
}

function askedStack({ state }: CloudFormation, name: string | undefined): Stack {
  const stack = findStack(state, name);
  if (!stack) throw stackWithIdDoesNotExist(name ?? '');
  return stack;
}

function newestFirst(stacks: readonly Stack[]): Stack[] {
  return [...stacks].sort((a, b) => b.creationTime - a.creationTime || (a.stackId < b.stackId ? -1 : 1));
}

function describe({ state }: CloudFormation, stack: Stack): StackAnswer {
  const isReviewed = stack.status === 'REVIEW_IN_PROGRESS';
  return {
    ...times(stack),
    StackId: stack.stackId,
    StackName: stack.stackName,
    ChangeSetId: stack.changeSetId,
    Description: isReviewed ? undefined : templateOf(state, stack.spec.templateKey).Description,
    Parameters: isReviewed ? [] : shownParameters(stack.spec.parameters),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.onFailure === 'DO_NOTHING',
    RollbackConfiguration: {},
    NotificationARNs: [],
    TimeoutInMinutes: stack.timeoutInMinutes,
    Capabilities: [...stack.spec.capabilities],
    Outputs: stack.outputs.map((output) => ({
      OutputKey: output.key,
      OutputValue: output.value,
      Description: output.description,
      ExportName: output.exportName,
    })),
    RoleARN: stack.spec.roleArn,
    Tags: [...stack.spec.tags],
    EnableTerminationProtection: stack.terminationProtection,
    DriftInformation: driftOfStack(state, stack),
    RetainExceptOnCreate: stack.retainExceptOnCreate,
    DeletionMode: stack.deletionMode,
  };
}

function times(stack: Stack) {
  return {
    CreationTime: toDate(stack.creationTime),
    LastUpdatedTime: stack.lastUpdatedTime === undefined ? undefined : toDate(stack.lastUpdatedTime),
    DeletionTime: stack.deletionTime === undefined ? undefined : toDate(stack.deletionTime),
  };
}

export function shownParameters(parameters: readonly ParameterValue[]): Parameter[] {
  return parameters.map(({ key, given, resolved, noEcho }) => ({
    ParameterKey: key,
    ParameterValue: noEcho ? '****' : given,
    ...(resolved === undefined ? {} : { ResolvedValue: noEcho ? '****' : resolved }),
  }));
}

export function listStacks({ state }: CloudFormation, input: ListStacksInput): ListStacksOutput {
  const wanted = input.StackStatusFilter ?? [];
  const all = newestFirst(
    state.stacks.filter((stack) => wanted.length === 0 || wanted.includes(stack.status)),
  );
  const { items, nextToken } = page(all, 100, input.NextToken);
  return {
    StackSummaries: items.map((stack) => ({
      ...times(stack),
      StackId: stack.stackId,
      StackName: stack.stackName,
      TemplateDescription: templateOf(state, stack.spec.templateKey).Description,
      StackStatus: stack.status,
      StackStatusReason: stack.statusReason,
      DriftInformation: driftOfStack(state, stack),
    })),
    NextToken: nextToken,
  };
}

/** Newest first, also those of a deleted stack, which is asked for by its id. */
export function describeStackEvents(
  service: CloudFormation,
  input: DescribeStackEventsInput,
): DescribeStackEventsOutput {
  const stack = askedStack(service, input.StackName);
  const events = service.state.events
    .filter((event) => event.stackId === stack.stackId)
    .sort((a, b) => b.sequence - a.sequence);
  const { items, nextToken } = page(events, 100, input.NextToken);
  return {
    StackEvents: items.map((event) => ({
      StackId: event.stackId,
      EventId: event.eventId,
      StackName: event.stackName,
      OperationId: event.operationId,
      LogicalResourceId: event.logicalId,
      PhysicalResourceId: event.physicalId,
      ResourceType: event.type,
      Timestamp: toDate(event.timestamp),
      ResourceStatus: event.status,
      ResourceStatusReason: event.reason,
      ResourceProperties: event.properties,
      ClientRequestToken: event.token,
    })),
    NextToken: nextToken,
  };
}

function physicalIdOf(resource: StackResource): string | undefined {
  return resource.current?.physicalId ?? resource.lastPhysicalId;
}

function describeResource(service: CloudFormation, stack: Stack, resource: StackResource) {
  return {
    StackName: stack.stackName,
    StackId: stack.stackId,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: physicalIdOf(resource),
    ResourceType: resource.type,
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.statusReason,
    DriftInformation: driftOfResource(service, resource),
  };
}

export function describeStackResource(
  service: CloudFormation,
  input: DescribeStackResourceInput,
): DescribeStackResourceOutput {
  const stack = askedStack(service, input.StackName);
  const resource = resourcesOf(service.state, stack.stackId).find(
    ({ logicalId }) => logicalId === input.LogicalResourceId,
  );
  if (!resource) {
    throw validationError(
      `Resource ${input.LogicalResourceId ?? ''} does not exist for stack ${stack.stackName}`,
    );
  }
  const metadata = resource.current?.metadata;
  return {
    StackResourceDetail: {
      ...describeResource(service, stack, resource),
      LastUpdatedTimestamp: toDate(resource.timestamp),
      Metadata: metadata === undefined ? '{}' : JSON.stringify(metadata),
    },
  };
}

export function describeStackResources(
  service: CloudFormation,
  input: DescribeStackResourcesInput,
): DescribeStackResourcesOutput {
  const { state } = service;
  if (input.StackName === undefined && input.PhysicalResourceId === undefined) {
    throw validationError('Either StackName or PhysicalResourceId must be specified');
  }
  const owner = state.resources.find((resource) => physicalIdOf(resource) === input.PhysicalResourceId);
  if (input.StackName === undefined && !owner) {
    throw validationError(`Stack for ${input.PhysicalResourceId} does not exist`);
  }
  const stack = askedStack(service, input.StackName ?? owner?.stackId);
  const resources = resourcesOf(state, stack.stackId).filter(
    ({ logicalId }) => input.LogicalResourceId === undefined || logicalId === input.LogicalResourceId,
  );
  return {
    StackResources: resources.map((resource) => ({
      ...describeResource(service, stack, resource),
      Timestamp: toDate(resource.timestamp),
    })),
  };
}

export function listStackResources(
  service: CloudFormation,
  input: ListStackResourcesInput,
): ListStackResourcesOutput {
  const stack = askedStack(service, input.StackName);
  const { items, nextToken } = page(resourcesOf(service.state, stack.stackId), 100, input.NextToken);
  return {
    StackResourceSummaries: items.map((resource) => {
      const { StackName: _, StackId: __, ...summary } = describeResource(service, stack, resource);
      return { ...summary, LastUpdatedTimestamp: toDate(resource.timestamp) };
    }),
    NextToken: nextToken,
  };
}

export function listExports({ state }: CloudFormation, input: ListExportsInput): ListExportsOutput {
  const all = [...exportsOf(state)].sort((a, b) => (a.export < b.export ? -1 : 1));
  const { items, nextToken } = page(all, 100, input.NextToken);
  return {
    Exports: items.map((item) => ({
      ExportingStackId: item.stack.stackId,
      Name: item.export,
      Value: item.value,
    })),
    NextToken: nextToken,
  };
}

export function listImports({ state }: CloudFormation, input: ListImportsInput): ListImportsOutput {
  const name = input.ExportName ?? '';
  const importers = importersOf(state, name);
  if (importers.length === 0) throw validationError(`Export '${name}' is not imported by any stack.`);
  const { items, nextToken } = page(importers, 100, input.NextToken);
  return { Imports: items, NextToken: nextToken };
}
