/**
 * Works out a plan: CloudFormation makes the change sets that can be made now; what has to wait for other stacks is worked
 * out from templates. Nothing is changed by it but that change sets are there, and stacks in REVIEW_IN_PROGRESS for those.
 */
import {
  type CloudFormationClient,
  DeleteChangeSetCommand,
  ListChangeSetsCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { ResolvedEnvironment, StackArtifact, Synthesis } from '@plimsoll/blueprint';
import { createChangeSet, deleteChangeSet } from '../deploy/change-set.ts';
import type { Operation } from '../deploy/operation.ts';
import { parametersFor, resourcesOf } from '../deploy/parameters.ts';
import { preparationFor } from '../deploy/stack-status.ts';
import { describeStack, startDeletion, templateOf } from '../deploy/stacks.ts';
import { isDeployed } from '../deploy/unchanged.ts';
import { UserError } from '../errors.ts';
import { changesOf } from './change-sets.ts';
import { type ComingValues, comingFrom, withComing, withoutStandIns } from './coming-values.ts';
import { driftOfStack, forPlan } from './drift.ts';
import { fingerprintOf } from './fingerprint.ts';
import { pictureOf, type ResourceChange } from './picture.ts';
import {
  type Fingerprint,
  hashOf,
  type Plan,
  type PlannedImage,
  type PlannedStack,
  planFormat,
} from './plan-document.ts';
import { type Placed, unsettledOf, waveOf, wavesOf } from './waves.ts';

export interface PlanInput {
  readonly resolved: ResolvedEnvironment;
  readonly synthesis: Synthesis;
  /** Awaited after the look at the stacks. */
  readonly image: Promise<PlannedImage | undefined>;
  readonly account: string;
  readonly commit?: Plan['commit'];
  readonly allowedDataLoss: readonly string[];
  readonly now: Date;
  readonly validForMs: number;
}

/** @throws UserError if a stack cannot be planned as it stands */
export async function makePlan(operation: Operation, input: PlanInput): Promise<Plan> {
  const { resolved, synthesis, account, commit, now, validForMs } = input;
  const client = await operation.target.clients.cloudformation();
  const present = new Map(
    await Promise.all(
      synthesis.stacks.map(async (stack) => [stack.name, await lookAt(operation, client, stack)] as const),
    ),
  );
  const image = await input.image;
  const exported = exportedBy([...present.values()]);
  const placed = new Map<string, Placed>();
  for (const stack of synthesis.stacks) {
    const before = [...placed.values()].map((one) => one.stack);
    const unsettled = unsettledOf(stack, before);
    const coming = comingFrom(before, exported);
    placed.set(stack.name, {
      stack: await planStack(operation, {
        stack,
        present: present.get(stack.name),
        unsettled,
        coming,
        image,
      }),
      wave: waveOf(stack, placed),
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
    ...(resolved.local?.plane === 'container' && { plane: 'container' as const }),
    allowedDataLoss: input.allowedDataLoss,
    waves: wavesOf([...placed.values()]),
  };
}

/** Takes back what only a plan that is kept needs: its change sets, and the stacks that are there for them alone. */
export async function discard(operation: Operation, { waves }: Plan): Promise<void> {
  const client = await operation.target.clients.cloudformation();
  for (const { name, base, changeSet } of waves.flatMap(({ stacks }) => stacks)) {
    if (changeSet === undefined) continue;
    await client.send(new DeleteChangeSetCommand({ ChangeSetName: changeSet.id }));
    if (base !== undefined) continue;
    const { Summaries = [] } = await client.send(new ListChangeSetsCommand({ StackName: name }));
    if (Summaries.length === 0) await startDeletion(client, changeSet.stackId);
  }
}

interface Present {
  readonly stack: Stack;
  readonly fingerprint: Fingerprint;
}

function exportedBy(present: readonly (Present | undefined)[]): ReadonlySet<string> {
  const outputs = present.flatMap((one) => one?.stack.Outputs ?? []);
  return new Set(outputs.flatMap(({ ExportName }) => ExportName ?? []));
}

async function lookAt(
  operation: Operation,
  client: CloudFormationClient,
  { name }: StackArtifact,
): Promise<Present | undefined> {
  const stack = await describeStack(client, name);
  const preparation = preparationFor(stack?.StackStatus);
  if (stack === undefined || preparation === 'create') return undefined;
  if (preparation === 'update') {
    const [template, drift] = await Promise.all([templateOf(client, name), driftOfStack(operation, stack)]);
    return { stack, fingerprint: fingerprintOf(stack, template, forPlan(drift)) };
  }
  throw new UserError([
    `The stack ${name} is ${stack.StackStatus}: what would change cannot be told.`,
    preparation === 'wait'
      ? 'Plan again when its operation is over: plimsoll status'
      : `What failed, and the way out: plimsoll doctor --stack ${name}`,
  ]);
}

interface StackInput {
  readonly stack: StackArtifact;
  readonly present: Present | undefined;
  readonly unsettled: readonly string[];
  readonly coming: ComingValues;
  readonly image: PlannedImage | undefined;
}

async function planStack(operation: Operation, input: StackInput): Promise<PlannedStack> {
  const { stack, present, unsettled, coming, image } = input;
  const parameters = parametersFor(stack, { imageDigest: image?.digest });
  const was = present?.stack.EnableTerminationProtection ?? false;
  const isDerived = unsettled.length > 0;
  const common = {
    name: stack.name,
    exactness: isDerived ? ('derived' as const) : ('exact' as const),
    ...(isDerived && { unsettled }),
    template: stack.template,
    parameters: parameters.map(({ ParameterKey = '', ParameterValue = '' }) => ({
      name: ParameterKey,
      value: ParameterValue,
    })),
    tags: stack.tags,
    terminationProtection: stack.terminationProtection,
    ...(was !== stack.terminationProtection && { terminationProtectionWas: was }),
    ...(present && { base: present.fingerprint }),
  };
  if (present === undefined && isDerived)
    return { ...common, action: 'create', changes: additionsOf(stack.template) };
  const isSame =
    present && !isDerived && (await isDeployed(operation.target, present.stack, stack, parameters));
  if (isSame) return { ...common, action: 'none', changes: [] };
  const type = present === undefined ? 'CREATE' : 'UPDATE';
  const looked = isDerived ? withComing(stack, coming) : stack;
  const changeSet = await createChangeSet(operation, { stack: looked, type, parameters });
  if (changeSet === undefined) return { ...common, action: 'none', changes: [] };
  const client = await operation.target.clients.cloudformation();
  const listed = await changesOf(client, changeSet.id);
  const changes = pictureOf(isDerived ? withoutStandIns(listed) : listed, stack.template);
  const action = type === 'CREATE' ? 'create' : 'update';
  if (!isDerived)
    return { ...common, action, changes, changeSet: { id: changeSet.id, stackId: changeSet.stackId } };
  await deleteChangeSet(operation, changeSet);
  return { ...common, action, changes };
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
