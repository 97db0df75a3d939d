/**
 * Works out the removal of an environment: its stacks, those that read from others first, with what their policies keep. What
 * others use stays, and what a kept resource stands in. Nothing is changed by it.
 */
import {
  type CloudFormationClient,
  paginateListStackResources,
  type Stack,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import { levelOf, protectedDatabases } from '../deploy/destroy.ts';
import type { Operation } from '../deploy/operation.ts';
import { resourcesOf } from '../deploy/parameters.ts';
import { isSettled } from '../deploy/stack-status.ts';
import { allStacks, templateOf } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { ResourceChange } from './picture.ts';
import { hashOf, type KeptResource, type Plan, type PlannedStack, planFormat } from './plan-document.ts';
import { fateOf, isOfEnvironment, sharedBy, standsInNetwork } from './removal.ts';
import { wavesOf } from './waves.ts';

export interface DestroyInput {
  readonly resolved: ResolvedEnvironment;
  readonly account: string;
  readonly commit?: Plan['commit'];
  readonly allowedDataLoss: readonly string[];
  readonly now: Date;
  readonly validForMs: number;
}

/** @throws UserError if a stack is being worked on */
export async function makeDestroyPlan(operation: Operation, input: DestroyInput): Promise<Plan> {
  const { resolved, account, commit, allowedDataLoss, now, validForMs } = input;
  const client = await operation.target.clients.cloudformation();
  const all = (await allStacks(client)).filter(({ ParentId }) => ParentId === undefined);
  const ours = all.filter((stack) => isOfEnvironment(stack, resolved));
  const removals = await Promise.all(ours.map((stack) => removalOf(operation, client, stack)));
  const kept = removals.flatMap((removal) => removal.planned.kept ?? []);
  const highest = Math.max(0, ...ours.map(levelOf));
  const placed = removals.map(({ planned, stack }) => {
    const staysFor = sharedBy(stack, all, resolved) ?? standsInNetwork(stack, kept);
    return {
      stack: staysFor === undefined ? planned : leftAlone(planned, staysFor),
      wave: highest - levelOf(stack),
    };
  });
  return {
    format: planFormat,
    kind: 'destroy',
    service: resolved.service,
    environment: resolved.environment,
    region: resolved.region,
    account,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + validForMs).toISOString(),
    ...(commit && { commit }),
    definitionHash: hashOf(resolved),
    allowedDataLoss,
    waves: wavesOf(placed),
  };
}

async function removalOf(
  operation: Operation,
  client: CloudFormationClient,
  stack: Stack,
): Promise<{ readonly stack: Stack; readonly planned: PlannedStack }> {
  const { StackName: name = '', StackStatus: status = '', StackId: id = name } = stack;
  if (!isSettled(status) && status !== 'REVIEW_IN_PROGRESS')
    throw new UserError(`The stack ${name} is ${status}: plan again when its operation is over.`);
  const text = status === 'REVIEW_IN_PROGRESS' ? '{}' : await templateOf(client, name);
  const resources = await resourcesThere(client, id);
  const kept: KeptResource[] = [];
  const changes: ResourceChange[] = [];
  for (const resource of resources) {
    const { LogicalResourceId: logicalId = '', ResourceType: type = '' } = resource;
    const physicalId = resource.PhysicalResourceId ?? '';
    const fate = fateOf(type, declarationsOf(text)[logicalId]);
    if (fate === 'retained') kept.push({ logicalId, type, physicalId, why: 'its DeletionPolicy retains it' });
    else {
      const removed = {
        logicalId,
        type,
        physicalId,
        action: 'remove',
        replacement: 'no',
        properties: [],
      } as const;
      changes.push({ ...removed, oldOne: fate });
    }
  }
  const databases = await protectedDatabases(
    operation,
    stack,
    new Set(kept.map(({ physicalId }) => physicalId)),
  );
  const lifts = [
    ...(stack.EnableTerminationProtection ? ['termination protection of the stack'] : []),
    ...databases.map((database) => `deletion protection of the database ${database}`),
  ];
  return {
    stack,
    planned: {
      name,
      action: 'delete',
      exactness: 'exact',
      template: {},
      parameters: [],
      tags: {},
      terminationProtection: false,
      base: fingerprintOf(stack, text),
      changes,
      kept,
      ...(lifts.length > 0 && { lifts }),
    },
  };
}

function leftAlone(planned: PlannedStack, staysFor: string): PlannedStack {
  const { lifts: _, ...rest } = planned;
  return { ...rest, action: 'none', changes: [], kept: [], staysFor };
}

async function resourcesThere(
  client: CloudFormationClient,
  stackId: string,
): Promise<readonly StackResourceSummary[]> {
  const found: StackResourceSummary[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: stackId }))
    found.push(...(page.StackResourceSummaries ?? []));
  return found.filter(({ ResourceStatus }) => ResourceStatus !== 'DELETE_COMPLETE');
}

/** Of a template in YAML nothing is known but CloudFormation's defaults. */
function declarationsOf(template: string): ReturnType<typeof resourcesOf> {
  try {
    return resourcesOf(JSON.parse(template) as Readonly<Record<string, unknown>>);
  } catch {
    return {};
  }
}
