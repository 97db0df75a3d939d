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
  if (!detectable.test(status ?? '')) return { stack, resources: [] };
  const client = await target.clients.cloudformation();
  const { StackDriftDetectionId: id } = await client.send(new DetectStackDriftCommand({ StackName: stack }));
  for (;;) {
    const found = await client.send(
      new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId: id }),
    );
    if (found.DetectionStatus === 'DETECTION_FAILED')
      throw new UserError(
        `CloudFormation cannot tell what was changed by hand in ${stack}: ${found.DetectionStatusReason}`,
      );
    if (found.DetectionStatus === 'DETECTION_COMPLETE') break;
    await pause(target.pollMs, signal);
  }
  return { stack, resources: await driftedResources(client, stack) };
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

/** As a plan holds it: what differs by its path and a hash, since values need not be anybody's to read. */
export function forPlan({ resources }: Drift): readonly DriftedResource[] {
  return resources.map(({ logicalId, type, status, properties }) => ({
    logicalId,
    type,
    status,
    paths: properties.map(({ path }) => path),
    hash: hashOf(properties),
  }));
}
