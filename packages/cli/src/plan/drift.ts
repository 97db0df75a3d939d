/**
 * What was changed by hand: CloudFormation compares what its stacks made with what is there. On AWS that takes a while; types
 * that it cannot compare are left out, as are properties that no template gives.
 */
import {
  type CloudFormationClient,
  DescribeStackDriftDetectionStatusCommand,
  DetectStackDriftCommand,
  type PropertyDifference,
  paginateDescribeStackResourceDrifts,
  paginateListStackResources,
  type Stack,
  type StackResourceDrift,
} from '@aws-sdk/client-cloudformation';
import type { Operation } from '../deploy/operation.ts';
import { resourcesOf } from '../deploy/parameters.ts';
import { templateOf } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';
import { pause } from '../wait.ts';
import { type DriftedResource, hashOf } from './plan-document.ts';

export interface Drift {
  readonly stack: string;
  readonly resources: readonly DriftOfResource[];
  /** What nothing is known of, by name, with the reason: whole stacks, resources, types. */
  readonly notCompared: readonly NotCompared[];
}

interface NotCompared {
  readonly kind: 'stack' | 'resource' | 'type';
  readonly what: string;
  readonly why: string;
}

export interface DriftOfResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: 'MODIFIED' | 'DELETED';
  readonly properties: readonly {
    readonly path: string;
    readonly expected: string;
    readonly actual: string;
  }[];
}

/** CloudFormation looks at no other stacks. */
const detectable = /^(CREATE_COMPLETE|UPDATE_COMPLETE|UPDATE_ROLLBACK_COMPLETE|UPDATE_ROLLBACK_FAILED)$/;

/** What was changed by hand in the stack. Nothing is known of one that is at work or has failed. */
export async function driftOfStack(
  { target, signal }: Operation,
  { StackName: stack = '', StackStatus: status }: Stack,
): Promise<Drift> {
  if (!detectable.test(status ?? ''))
    return { stack, resources: [], notCompared: [{ kind: 'stack', what: stack, why: `it is ${status}` }] };
  const client = await target.clients.cloudformation();
  const { StackDriftDetectionId: id } = await client.send(new DetectStackDriftCommand({ StackName: stack }));
  const failures = await untilDetected(client, id, () => pause(target.pollMs, signal));
  const [resources, unchecked] = await Promise.all([
    driftedResources(client, stack),
    uncheckedTypes(client, stack),
  ]);
  return { stack, resources, notCompared: [...failures, ...unchecked] };
}

/** @returns what could not be looked at */
async function untilDetected(
  client: CloudFormationClient,
  StackDriftDetectionId: string | undefined,
  wait: () => Promise<void>,
): Promise<readonly NotCompared[]> {
  for (;;) {
    const { DetectionStatus, DetectionStatusReason } = await client.send(
      new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId }),
    );
    if (DetectionStatus === 'DETECTION_FAILED') return failuresIn(DetectionStatusReason ?? '');
    if (DetectionStatus === 'DETECTION_COMPLETE') return [];
    await wait();
  }
}

/**
 * Confirmed by users: the reason is JSON of a summary and of failures by resource; of other resources there are results.
 * https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/801
 */
export function failuresIn(reason: string): readonly NotCompared[] {
  try {
    const { Failures = [] } = JSON.parse(reason) as {
      Failures?: readonly { readonly Resource: string; readonly FailureReason: string }[];
    };
    return Failures.map(({ Resource, FailureReason }) => ({
      kind: 'resource',
      what: Resource,
      why: FailureReason,
    }));
  } catch {
    return [{ kind: 'resource', what: 'some resource', why: reason }];
  }
}

/** Types that CloudFormation does not compare. What has drifted is listed without them. */
async function uncheckedTypes(
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly NotCompared[]> {
  const types = new Set<string>();
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    for (const { ResourceType = '', DriftInformation } of StackResourceSummaries)
      if (DriftInformation?.StackResourceDriftStatus === 'NOT_CHECKED') types.add(ResourceType);
  }
  const why = 'CloudFormation did not: it does not compare the type, or a rollback skipped the resource';
  return [...types].map((what) => ({ kind: 'type', what, why }));
}

async function driftedResources(
  client: CloudFormationClient,
  stack: string,
): Promise<readonly DriftOfResource[]> {
  const drifts: StackResourceDrift[] = [];
  const pages = paginateDescribeStackResourceDrifts(
    { client },
    { StackName: stack, StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'] },
  );
  for await (const page of pages) drifts.push(...(page.StackResourceDrifts ?? []));
  if (drifts.length === 0) return [];
  const scheduled = scheduledIn(await templateOf(client, stack));
  return drifts.map((drift) => ofResource(drift, scheduled)).filter(isDrifted);
}

/** Scalable targets whose schedule sets their capacity: that is nobody's hand. */
function scheduledIn(template: string): ReadonlySet<string> {
  try {
    const resources = Object.entries(resourcesOf(JSON.parse(template) as Readonly<Record<string, unknown>>));
    const scheduled = resources.filter(
      ([, { Properties }]) => Properties?.['ScheduledActions'] !== undefined,
    );
    return new Set(scheduled.map(([logicalId]) => logicalId));
  } catch {
    return new Set();
  }
}

function ofResource(drift: StackResourceDrift, scheduled: ReadonlySet<string>): DriftOfResource {
  const { LogicalResourceId: logicalId = '', PropertyDifferences: differences = [] } = drift;
  const byHand = ({ PropertyPath = '' }: PropertyDifference): boolean =>
    !(scheduled.has(logicalId) && /^\/(Min|Max)Capacity$/.test(PropertyPath));
  return {
    logicalId,
    physicalId: drift.PhysicalResourceId ?? '',
    type: drift.ResourceType ?? '',
    status: drift.StackResourceDriftStatus === 'DELETED' ? 'DELETED' : 'MODIFIED',
    properties: differences.filter(byHand).map((difference) => ({
      path: (difference.PropertyPath ?? '').slice(1).replaceAll('/', '.'),
      expected: difference.ExpectedValue ?? '',
      actual: difference.ActualValue ?? '',
    })),
  };
}

function isDrifted({ status, properties }: DriftOfResource): boolean {
  return status === 'DELETED' || properties.length > 0;
}

/**
 * As a plan holds it: what differs by its path and a hash, since values need not be anybody's to read.
 * @throws UserError where CloudFormation could not look at all that it compares
 */
export function forPlan({ stack, resources, notCompared }: Drift): readonly DriftedResource[] {
  const failures = notCompared.filter(({ kind }) => kind === 'resource');
  if (failures.length > 0)
    throw new UserError([
      `CloudFormation cannot tell what was changed by hand in ${stack}:`,
      ...failures.map(({ what, why }) => `  ${what}: ${why}`),
    ]);
  return resources.map(({ logicalId, type, status, properties }) => ({
    logicalId,
    type,
    status,
    paths: properties.map(({ path }) => path),
    hash: hashOf(properties),
  }));
}
