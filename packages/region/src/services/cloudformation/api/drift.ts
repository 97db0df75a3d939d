/** Detection happens at once here; AWS takes a while, so clients ask until it is complete, and find it so. */
import type {
  DescribeStackDriftDetectionStatusInput,
  DescribeStackDriftDetectionStatusOutput,
  DescribeStackResourceDriftsInput,
  DescribeStackResourceDriftsOutput,
  DetectStackDriftInput,
  DetectStackDriftOutput,
  StackResourceDrift,
} from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import type { Properties, ReadContext } from '../../../kernel/resource-type.ts';
import { driftOf } from '../drift.ts';
import { validationError } from '../errors.ts';
import { resourceContext } from '../resource-context.ts';
import type { CloudFormation } from '../spec.ts';
import {
  type DriftedResource,
  resourcesOf,
  type Stack,
  type StackDrift,
  type StackResource,
  stackOf,
} from '../state.ts';
import { page } from './paging.ts';

// Confirmed by docs: these statuses only.
const detectable = /^(CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE|UPDATE_ROLLBACK_FAILED)$/;

export function detectStackDrift(
  ctx: Context,
  service: CloudFormation,
  input: DetectStackDriftInput,
): DetectStackDriftOutput {
  const { state } = service;
  const stack = stackOf(state, input.StackName);
  if (!detectable.test(stack.status)) {
    throw validationError(
      `Drift detection cannot be performed on stack [${stack.stackId}] while it is in ${stack.status} state`,
    );
  }
  const wanted = input.LogicalResourceIds;
  const resources = resourcesOf(state, stack.stackId).filter(
    ({ logicalId }) => wanted === undefined || wanted.length === 0 || wanted.includes(logicalId),
  );
  const drift: StackDrift = {
    stackId: stack.stackId,
    detectionId: ctx.random.uuid(),
    at: ctx.now,
    resources: resources.flatMap((resource) => look(ctx, service, stack, resource)),
  };
  state.drifts.put(stack.stackId, drift);
  return { StackDriftDetectionId: drift.detectionId };
}

function look(
  ctx: Context,
  { state, types }: CloudFormation,
  stack: Stack,
  { logicalId, current }: StackResource,
): readonly DriftedResource[] {
  const type = current && types().get(current.type);
  if (!current || !type?.read) return [];
  const context: ReadContext = {
    ...resourceContext(ctx, stack, logicalId, current.stackTags),
    isOfStack: (physicalId) =>
      state.resources.find((other) => other.current?.physicalId === physicalId) !== undefined,
  };
  const { physicalId, properties } = current;
  const common = { logicalId, physicalId, type: type.name };
  const actual = present(() => type.read?.(context, { physicalId, properties }) ?? {});
  if (actual === undefined) return [{ ...common, status: 'DELETED', differences: [] }];
  const compared = Object.keys(actual).filter((name) => name in properties);
  const differences = driftOf(type, properties, actual);
  return [
    {
      ...common,
      status: differences.length === 0 ? 'IN_SYNC' : 'MODIFIED',
      differences,
      expected: JSON.stringify(Object.fromEntries(compared.map((name) => [name, properties[name]]))),
      actual: JSON.stringify(Object.fromEntries(compared.map((name) => [name, actual[name]]))),
    },
  ];
}

/** What is read; undefined if the service says that there is no such thing. */
function present(read: () => Properties): Properties | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AwsError && /NotFound|NoSuch|DoesNotExist/i.test(error.code)) return undefined;
    throw error;
  }
}

export function describeStackDriftDetectionStatus(
  { state }: CloudFormation,
  { StackDriftDetectionId: id = '' }: DescribeStackDriftDetectionStatusInput,
): DescribeStackDriftDetectionStatusOutput {
  const drift = state.drifts.find(({ detectionId }) => detectionId === id);
  if (!drift) throw validationError(`Stack drift detection with id ${id} does not exist`);
  return {
    StackId: drift.stackId,
    StackDriftDetectionId: id,
    StackDriftStatus: statusOf(drift),
    DetectionStatus: 'DETECTION_COMPLETE',
    DriftedStackResourceCount: drift.resources.filter(({ status }) => status !== 'IN_SYNC').length,
    Timestamp: toDate(drift.at),
  };
}

export function statusOf({ resources }: StackDrift): 'DRIFTED' | 'IN_SYNC' {
  return resources.some(({ status }) => status !== 'IN_SYNC') ? 'DRIFTED' : 'IN_SYNC';
}

export function describeStackResourceDrifts(
  { state }: CloudFormation,
  input: DescribeStackResourceDriftsInput,
): DescribeStackResourceDriftsOutput {
  const stack = stackOf(state, input.StackName);
  const wanted = input.StackResourceDriftStatusFilters ?? [];
  const drift = state.drifts.get(stack.stackId);
  const found = (drift?.resources ?? []).filter(
    ({ status }) => wanted.length === 0 || wanted.includes(status),
  );
  const { items, nextToken } = page(found, input.MaxResults ?? 100, input.NextToken);
  return {
    StackResourceDrifts: items.map(
      (resource): StackResourceDrift => ({
        StackId: stack.stackId,
        LogicalResourceId: resource.logicalId,
        PhysicalResourceId: resource.physicalId,
        ResourceType: resource.type,
        StackResourceDriftStatus: resource.status,
        ExpectedProperties: resource.expected,
        ActualProperties: resource.actual,
        PropertyDifferences: [...resource.differences],
        Timestamp: toDate(drift?.at ?? stack.creationTime),
      }),
    ),
    NextToken: nextToken,
  };
}
