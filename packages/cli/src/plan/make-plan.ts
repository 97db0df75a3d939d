/**
 * Works out a plan: CloudFormation makes the change sets that can be made now; what has to wait for other stacks is worked
 * out from templates. Nothing is changed by it but that change sets are there, and stacks in REVIEW_IN_PROGRESS for those.
 */
import type { CloudFormationClient, Parameter, Stack } from '@aws-sdk/client-cloudformation';
import type { ResolvedEnvironment, StackArtifact, Synthesis } from '@plimsoll/blueprint';
import { createChangeSet, deleteChangeSet } from '../deploy/change-set.ts';
import type { Operation } from '../deploy/operation.ts';
import { parametersFor, resourcesOf } from '../deploy/parameters.ts';
import { preparationFor } from '../deploy/stack-status.ts';
import { describeStack, templateOf } from '../deploy/stacks.ts';
import { isDeployed } from '../deploy/unchanged.ts';
import { UserError } from '../errors.ts';
import { changesOf } from './change-sets.ts';
import { fingerprintOf } from './fingerprint.ts';
import { pictureOf, type ResourceChange } from './picture.ts';
import {
  type Fingerprint,
  hashOf,
  type Plan,
  type PlannedImage,
  type PlannedStack,
  planFormat,
  type Wave,
} from './plan-document.ts';

export interface PlanInput {
  readonly resolved: ResolvedEnvironment;
  readonly synthesis: Synthesis;
  readonly image?: PlannedImage;
  readonly account: string;
  readonly commit?: Plan['commit'];
  readonly now: Date;
  readonly validForMs: number;
}

interface Planned {
  readonly stack: PlannedStack;
  /** 0: exact. Others wait for the wave before. */
  readonly wave: number;
}

/** @throws UserError if a stack cannot be planned as it stands */
export async function makePlan(operation: Operation, input: PlanInput): Promise<Plan> {
  const { resolved, synthesis, image, account, commit, now, validForMs } = input;
  const client = await operation.target.clients.cloudformation();
  const present = new Map(
    await Promise.all(
      synthesis.stacks.map(async (stack) => [stack.name, await lookAt(client, stack)] as const),
    ),
  );
  const planned = new Map<string, Planned>();
  for (const stack of synthesis.stacks) {
    const wave = waveOf(stack, planned);
    planned.set(stack.name, {
      stack: await planStack(operation, { stack, present: present.get(stack.name), wave, image }),
      wave,
    });
  }
  return {
    format: planFormat,
    kind: 'apply',
    service: resolved.service,
    environment: resolved.environment,
    region: resolved.region,
    account,
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + validForMs).toISOString(),
    ...(commit && { commit }),
    definitionHash: hashOf(resolved),
    ...(image && { image }),
    ...(resolved.migrate && { migrate: resolved.migrate }),
    waves: wavesOf([...planned.values()]),
  };
}

interface Present {
  readonly stack: Stack;
  readonly fingerprint: Fingerprint;
}

async function lookAt(client: CloudFormationClient, { name }: StackArtifact): Promise<Present | undefined> {
  const stack = await describeStack(client, name);
  const preparation = preparationFor(stack?.StackStatus);
  if (stack === undefined || preparation === 'create') return undefined;
  if (preparation === 'update')
    return { stack, fingerprint: fingerprintOf(stack, await templateOf(client, name)) };
  throw new UserError([
    `The stack ${name} is ${stack.StackStatus}: what would change cannot be told.`,
    preparation === 'wait'
      ? 'Plan again when its operation is over: plimsoll status'
      : `What failed, and the way out: plimsoll doctor --stack ${name}`,
  ]);
}

/** A stack waits for those that it reads from, where they change. */
function waveOf({ dependsOn }: StackArtifact, planned: ReadonlyMap<string, Planned>): number {
  const before = dependsOn.flatMap((name) => planned.get(name) ?? []);
  const changing = before.filter(({ stack }) => stack.action !== 'none');
  return Math.max(0, ...changing.map(({ wave }) => wave + 1));
}

interface StackInput {
  readonly stack: StackArtifact;
  readonly present: Present | undefined;
  readonly wave: number;
  readonly image: PlannedImage | undefined;
}

async function planStack(
  operation: Operation,
  { stack, present, wave, image }: StackInput,
): Promise<PlannedStack> {
  const parameters = parametersFor(stack, { imageDigest: image?.digest });
  const common = {
    name: stack.name,
    template: stack.template,
    parameters: parameters.map(({ ParameterKey = '', ParameterValue = '' }) => ({
      name: ParameterKey,
      value: ParameterValue,
    })),
    tags: stack.tags,
    terminationProtection: stack.terminationProtection,
    ...(present && { base: present.fingerprint }),
  };
  if (present === undefined && wave > 0)
    return { ...common, action: 'create', changes: additionsOf(stack.template) };
  if (present !== undefined && wave === 0 && (await isUnchanged(operation, present, stack, parameters)))
    return { ...common, action: 'none', changes: [] };
  const type = present === undefined ? 'CREATE' : 'UPDATE';
  const changeSet = await createChangeSet(operation, { stack, type, parameters });
  if (changeSet === undefined) return { ...common, action: 'none', changes: [] };
  const client = await operation.target.clients.cloudformation();
  const changes = pictureOf(await changesOf(client, changeSet.id));
  const action = type === 'CREATE' ? 'create' : 'update';
  if (wave === 0)
    return { ...common, action, changes, changeSet: { id: changeSet.id, stackId: changeSet.stackId } };
  await deleteChangeSet(operation, changeSet);
  return { ...common, action, changes };
}

async function isUnchanged(
  { target }: Operation,
  { stack: deployed }: Present,
  stack: StackArtifact,
  parameters: readonly Parameter[],
): Promise<boolean> {
  const isProtected = deployed.EnableTerminationProtection ?? false;
  return isProtected === stack.terminationProtection && isDeployed(target, deployed, stack, parameters);
}

/** Of a stack that is not there and cannot be yet: all of its template, with references as they are written. */
export function additionsOf(template: Readonly<Record<string, unknown>>): readonly ResourceChange[] {
  return pictureOf(
    Object.entries(resourcesOf(template)).map(([id, { Type, Properties }]) => ({
      Type: 'Resource',
      ResourceChange: {
        Action: 'Add',
        LogicalResourceId: id,
        ResourceType: Type,
        AfterContext: JSON.stringify({ Properties: Properties ?? {} }),
      },
    })),
  );
}

function wavesOf(planned: readonly Planned[]): readonly Wave[] {
  const last = Math.max(0, ...planned.map(({ wave }) => wave));
  return Array.from({ length: last + 1 }, (_, number) => ({
    exactness: number === 0 ? ('exact' as const) : ('derived' as const),
    stacks: planned.filter(({ wave }) => wave === number).map(({ stack }) => stack),
  }));
}
