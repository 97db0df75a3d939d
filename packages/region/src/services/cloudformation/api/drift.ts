/** Detection happens at once here; AWS takes a while, so clients ask until it is complete, and find it so. */
import type {
  DescribeStackDriftDetectionStatusInput,
  DescribeStackDriftDetectionStatusOutput,
  DescribeStackResourceDriftsInput,
  DescribeStackResourceDriftsOutput,
  DetectStackDriftInput,
  DetectStackDriftOutput,
  DetectStackResourceDriftInput,
  DetectStackResourceDriftOutput,
  StackDriftInformation,
  StackResourceDrift,
  StackResourceDriftInformation,
} from '@aws-sdk/client-cloudformation';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { validationError } from '../errors.ts';
import { isCompared, isSkipped, look } from '../look.ts';
import type { CloudFormation } from '../spec.ts';
import {
  type CloudFormationState,
  type DriftDetection,
  type ResourceDrift,
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
  const stack = detectableStack(service, input.StackName);
  const wanted = input.LogicalResourceIds ?? [];
  const resources = resourcesOf(service.state, stack.stackId).filter((resource) =>
    wanted.length === 0 ? !isSkipped(resource) : wanted.includes(resource.logicalId),
  );
  const failures: Failure[] = [];
  const looked = resources.flatMap((resource) => {
    try {
      return look(ctx, service, stack, resource) ?? [];
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      failures.push({ Resource: resource.logicalId, FailureReason: error.message });
      return [];
    }
  });
  const drift = keep(ctx, service, stack, looked);
  const detection: DriftDetection = {
    id: ctx.random.uuid(),
    at: ctx.now,
    status: failures.length > 0 ? 'UNKNOWN' : statusOf(drift),
    drifted: looked.filter(isDrifted).length,
    ...(failures.length > 0 && { failure: failureReason(failures) }),
  };
  service.state.drifts.put(stack.stackId, { ...drift, detection });
  return { StackDriftDetectionId: detection.id };
}

function detectableStack({ state }: CloudFormation, name: string | undefined): Stack {
  const stack = stackOf(state, name);
  if (detectable.test(stack.status)) return stack;
  throw validationError(
    `Drift detection cannot be performed on stack [${stack.stackId}] while it is in ${stack.status} state`,
  );
}

interface Failure {
  readonly Resource: string;
  readonly FailureReason: string;
}

// Confirmed by users: this form. https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/801
function failureReason(failures: readonly Failure[]): string {
  const names = failures.map(({ Resource }) => Resource).join(',');
  return JSON.stringify({ Summary: `Failed to detect drift on resources [${names}]`, Failures: failures });
}

/** Adds what was found to what is known of the stack's other resources. */
function keep(
  ctx: Context,
  { state }: CloudFormation,
  { stackId }: Stack,
  looked: readonly ResourceDrift[],
): StackDrift {
  const known = state.drifts.get(stackId);
  const others = (known?.resources ?? []).filter(
    ({ logicalId }) => !looked.some((one) => one.logicalId === logicalId),
  );
  const resources = [...others, ...looked].sort((a, b) => (a.logicalId < b.logicalId ? -1 : 1));
  const drift = { ...known, stackId, at: ctx.now, resources };
  state.drifts.put(stackId, drift);
  return drift;
}

/** Confirmed by docs: the status of the whole stack follows. https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/detect-drift-resource.html */
export function detectStackResourceDrift(
  ctx: Context,
  service: CloudFormation,
  { StackName, LogicalResourceId: wanted = '' }: DetectStackResourceDriftInput,
): DetectStackResourceDriftOutput {
  const stack = detectableStack(service, StackName);
  const resource = resourcesOf(service.state, stack.stackId).find(({ logicalId }) => logicalId === wanted);
  if (!resource) throw validationError(`Resource ${wanted} does not exist for stack ${stack.stackName}`);
  const found = look(ctx, service, stack, resource);
  // Chosen: AWS's words for a type that it does not compare are not documented.
  if (!found) throw validationError(`Drift detection is not supported for resource type ${resource.type}`);
  keep(ctx, service, stack, [found]);
  return { StackResourceDrift: describe(stack, found) };
}

export function describeStackDriftDetectionStatus(
  { state }: CloudFormation,
  { StackDriftDetectionId: id = '' }: DescribeStackDriftDetectionStatusInput,
): DescribeStackDriftDetectionStatusOutput {
  const drift = state.drifts.find(({ detection }) => detection?.id === id);
  if (!drift?.detection) throw validationError(`Stack drift detection with id ${id} does not exist`);
  const { at, status, drifted, failure } = drift.detection;
  return {
    StackId: drift.stackId,
    StackDriftDetectionId: id,
    StackDriftStatus: status,
    // Confirmed by docs: failed is what failed for one resource; what was found of the others is there.
    DetectionStatus: failure === undefined ? 'DETECTION_COMPLETE' : 'DETECTION_FAILED',
    DetectionStatusReason: failure,
    DriftedStackResourceCount: drifted,
    Timestamp: toDate(at),
  };
}

export function describeStackResourceDrifts(
  { state }: CloudFormation,
  input: DescribeStackResourceDriftsInput,
): DescribeStackResourceDriftsOutput {
  const stack = stackOf(state, input.StackName);
  const wanted = input.StackResourceDriftStatusFilters ?? [];
  const found = (state.drifts.get(stack.stackId)?.resources ?? []).filter(
    ({ status }) => wanted.length === 0 || wanted.includes(status),
  );
  const { items, nextToken } = page(found, input.MaxResults ?? 100, input.NextToken);
  return { StackResourceDrifts: items.map((resource) => describe(stack, resource)), NextToken: nextToken };
}

function describe({ stackId }: Stack, resource: ResourceDrift): StackResourceDrift {
  return {
    StackId: stackId,
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    StackResourceDriftStatus: resource.status,
    ExpectedProperties: resource.expected,
    ActualProperties: resource.actual,
    PropertyDifferences: [...resource.differences],
    Timestamp: toDate(resource.at),
  };
}

function statusOf({ resources }: StackDrift): 'DRIFTED' | 'IN_SYNC' {
  return resources.some(isDrifted) ? 'DRIFTED' : 'IN_SYNC';
}

function isDrifted({ status }: ResourceDrift): boolean {
  return status !== 'IN_SYNC';
}

/** As queries show it of a stack. */
export function driftOfStack(state: CloudFormationState, { stackId }: Stack): StackDriftInformation {
  const drift = state.drifts.get(stackId);
  if (!drift) return { StackDriftStatus: 'NOT_CHECKED' };
  return { StackDriftStatus: statusOf(drift), LastCheckTimestamp: toDate(drift.at) };
}

/** As queries show it of a resource: of a type that is not compared it stays unchecked. */
export function driftOfResource(
  service: CloudFormation,
  resource: StackResource,
): StackResourceDriftInformation {
  const drift = service.state.drifts.get(resource.stackId);
  const found = drift?.resources.find(({ logicalId }) => logicalId === resource.logicalId);
  if (!found || !isCompared(service, resource)) return { StackResourceDriftStatus: 'NOT_CHECKED' };
  return { StackResourceDriftStatus: found.status, LastCheckTimestamp: toDate(found.at) };
}
