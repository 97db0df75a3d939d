/**
 * Applies a plan: executes its change sets in order, makes those of derived waves when their time has come and compares them
 * with what was shown, and plans nothing anew. It can be ended at any moment and called again: what a stack's last change
 * set was tells what is done.
 */
import {
  type CloudFormationClient,
  DeleteChangeSetCommand,
  DescribeStackEventsCommand,
  ExecuteChangeSetCommand,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import type { StackArtifact } from '@plimsoll/blueprint';
import { createChangeSet, deleteChangeSet } from '../deploy/change-set.ts';
import { failureText } from '../deploy/failure.ts';
import { runSteps } from '../deploy/graph.ts';
import { ensureLocalBoundary } from '../deploy/local-boundary.ts';
import type { Operation } from '../deploy/operation.ts';
import { throughOutage } from '../deploy/outage.ts';
import { eventsFromNow, followOperation, followRunning } from '../deploy/stack-operation.ts';
import { hasSucceeded, isSettled, outputsOf, preparationFor } from '../deploy/stack-status.ts';
import { describeStack, setTerminationProtection, templateOf } from '../deploy/stacks.ts';
import { messageOf, nameOf, UserError } from '../errors.ts';
import { changesOf, isExecutable } from './change-sets.ts';
import { differencesBetween } from './compare.ts';
import { driftOfStack, forPlan } from './drift.ts';
import { fingerprintOf, movedSince } from './fingerprint.ts';
import { pictureOf } from './picture.ts';
import { warningText } from './picture-text.ts';
import {
  type Fingerprint,
  isChanging,
  type PlanFile,
  type PlannedStack,
  PlanRefusal,
} from './plan-document.ts';
import { lossesOf } from './warnings.ts';

export interface ApplyHooks {
  /** Has the plan's image in the repository; called before the stack that runs it. */
  ensureImage(): Promise<void>;
  /** Runs the plan's migrations with the outputs of the service's stack. */
  migrate(outputs: Readonly<Record<string, string>>): Promise<void>;
}

export interface ClaimedHooks extends ApplyHooks {
  /** Called before each change. @throws PlanRefusal if the environment is not this apply's any more */
  assertHeld(): Promise<void>;
}

/** @throws PlanRefusal before anything is changed; UserError if a stack failed, with where things stand */
export async function applyPlan(operation: Operation, plan: PlanFile, hooks: ClaimedHooks): Promise<void> {
  assertAllowed(plan);
  await assertUnmoved(operation, plan);
  const ended: string[] = [];
  for (const wave of plan.waves) {
    try {
      await runSteps(
        wave.stacks.map((stack) => ({
          name: stack.name,
          dependsOn: [],
          run: async () => {
            await throughOutage(operation, stack.name, () => hooks.assertHeld());
            if (plan.kind === 'destroy') await removeStack(operation, plan, stack);
            else await applyStack(operation, plan, { stack, hooks });
            ended.push(stack.name);
          },
        })),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError([error.message, ...whereThingsStand(plan, ended)]);
    }
  }
}

/** What was allowed when the plan was made is part of it. */
function assertAllowed(plan: PlanFile): void {
  const lost = lossesOf(plan, plan.allowedDataLoss);
  if (lost.length === 0) return;
  throw new PlanRefusal(
    [
      'This plan would lose data, and does not say that it may:',
      ...lost.map((warning) => `  ${warningText(warning)}`),
    ].join('\n'),
  );
}

/** Everything that can be known before is: a stale plan changes nothing. */
async function assertUnmoved(operation: Operation, plan: PlanFile): Promise<void> {
  const client = await operation.target.clients.cloudformation();
  const stacks = plan.waves.flatMap((wave) => wave.stacks);
  const looks = await Promise.all(stacks.map((stack) => movesOf(operation, client, plan, stack)));
  const moved = looks.flatMap((moves) => moves ?? []);
  if (moved.length === 0) return;
  const ended = stacks.filter((_, index) => looks[index] === undefined).map(({ name }) => name);
  throw new PlanRefusal(
    [
      'This plan is stale:',
      ...moved.map((text) => `  ${text}`),
      ...(ended.length === 0
        ? ['Nothing was changed. Make a new plan.']
        : ['Nothing more was changed.', ...whereThingsStand(plan, ended)]),
    ].join('\n'),
  );
}

/** How the stack has moved since it was planned; undefined where this plan's own apply moved it. */
async function movesOf(
  operation: Operation,
  client: CloudFormationClient,
  plan: PlanFile,
  stack: PlannedStack,
): Promise<readonly string[] | undefined> {
  if (plan.kind === 'destroy' && (await isRemovedBy(client, stack, plan))) return undefined;
  const present = await describeStack(client, stack.name);
  if (isOfPlan(present, stack, plan)) return undefined;
  const moved = movedSince(stack.name, stack.base, await fingerprintNow(operation, client, stack, present));
  if (moved.length > 0 || !stack.changeSet || (await isExecutable(client, stack.changeSet))) return moved;
  return [`the change set of ${stack.name} is gone or was executed`];
}

async function fingerprintNow(
  operation: Operation,
  client: CloudFormationClient,
  { name, base, action }: PlannedStack,
  present: Stack | undefined,
): Promise<Fingerprint | undefined> {
  const isReviewed = preparationFor(present?.StackStatus) === 'create';
  if (present === undefined || (isReviewed && action !== 'delete')) return undefined;
  const template = isReviewed ? '{}' : await templateOf(client, name);
  const drifted = base?.drifted && forPlan(await driftOfStack(operation, present));
  return fingerprintOf(present, template, drifted);
}

/** Of the change sets that a derived wave makes. */
export function changeSetName({ hash }: Pick<PlanFile, 'hash'>): string {
  return `plimsoll-plan-${hash.slice(0, 12)}`;
}

/** Whether the stack's last operation was this plan's. */
function isOfPlan(present: Stack | undefined, { changeSet }: PlannedStack, plan: PlanFile): boolean {
  const last = present?.ChangeSetId;
  if (last === undefined || preparationFor(present?.StackStatus) === 'create') return false;
  return last === changeSet?.id || last.includes(`:changeSet/${changeSetName(plan)}/`);
}

interface StackOfPlan {
  readonly stack: PlannedStack;
  readonly hooks: ClaimedHooks;
}

async function applyStack(
  operation: Operation,
  plan: PlanFile,
  { stack, hooks }: StackOfPlan,
): Promise<void> {
  const client = await operation.target.clients.cloudformation();
  // What only looks, or may be done twice, is done again where nobody answered.
  const again = <T>(work: () => Promise<T>): Promise<T> => throughOutage(operation, stack.name, work);
  const look = (): Promise<Stack | undefined> => again(() => describeStack(client, stack.name));
  const runsImage = stack.parameters.some(({ value }) => value === plan.image?.digest);
  const present = await look();
  if (isOfPlan(present, stack, plan)) {
    await goOn(operation, client, stack, present);
  } else {
    const changeSet = stack.exactness === 'exact' ? stack.changeSet : await madeNow(operation, plan, stack);
    if (changeSet === undefined) operation.report({ kind: 'stack-unchanged', stack: stack.name });
    else {
      if (runsImage) await again(() => hooks.ensureImage());
      if (runsImage && stack.action === 'update') await hooks.migrate(outputsOf(present));
      await again(() => hooks.assertHeld());
      await execute(operation, client, stack, changeSet);
    }
  }
  if (runsImage && stack.action === 'create') await hooks.migrate(outputsOf(await look()));
  const { EnableTerminationProtection: isProtected = false } = (await look()) ?? {};
  if (isProtected !== stack.terminationProtection)
    await again(() => setTerminationProtection(client, stack.name, stack.terminationProtection));
}

/** An apply of this plan was here before: its operation has ended, or is waited for. */
async function goOn(
  operation: Operation,
  client: CloudFormationClient,
  { name }: PlannedStack,
  present: Stack | undefined,
): Promise<void> {
  const { StackStatus: status = '', StackId: id = name } = present ?? {};
  if (!isSettled(status)) await followRunning(operation, name, id);
  const { StackStatus: final = '' } = (await describeStack(client, name)) ?? {};
  if (!hasSucceeded(final))
    throw new UserError(
      `The stack ${name} is ${final} after this plan was applied to it: plimsoll doctor --stack ${name}`,
    );
  operation.report({ kind: 'note', text: `  ${name}: applied already` });
}

async function execute(
  operation: Operation,
  client: CloudFormationClient,
  { name, action, template }: PlannedStack,
  changeSet: { readonly id: string; readonly stackId: string },
): Promise<void> {
  await ensureLocalBoundary(operation, template);
  const events = await eventsFromNow(operation, changeSet.stackId);
  try {
    await client.send(new ExecuteChangeSetCommand({ ChangeSetName: changeSet.id }));
  } catch (error) {
    // The last of all guards, and AWS's own: a change set is executed once.
    if (!/^(InvalidChangeSetStatus|ChangeSetNotFound)/.test(nameOf(error))) throw error;
    throw new UserError(
      `Somebody else executed or deleted the change set of ${name} meanwhile: ${messageOf(error)}`,
    );
  }
  operation.report({ kind: 'stack-started', stack: name, verb: action === 'create' ? 'create' : 'update' });
  const result = await followOperation(operation, name, events);
  if (!hasSucceeded(result.status)) throw new UserError(failureText(name, result, { byPlan: true }));
}

/**
 * The change set of a derived stack; undefined if nothing changes, as was shown.
 * @throws UserError if it is not what was shown; then nothing of it is done
 */
async function madeNow(
  operation: Operation,
  plan: PlanFile,
  stack: PlannedStack,
): Promise<{ readonly id: string; readonly stackId: string } | undefined> {
  const client = await operation.target.clients.cloudformation();
  const present = await describeStack(client, stack.name);
  const isThere = preparationFor(present?.StackStatus) !== 'create';
  // An apply of this plan may have ended between making and executing it.
  if (present !== undefined)
    await client.send(
      new DeleteChangeSetCommand({ StackName: stack.name, ChangeSetName: changeSetName(plan) }),
    );
  const changeSet = await createChangeSet(operation, {
    stack: artifactOf(stack),
    type: isThere ? 'UPDATE' : 'CREATE',
    parameters: stack.parameters.map(({ name, value }) => ({ ParameterKey: name, ParameterValue: value })),
    name: changeSetName(plan),
  });
  const actual =
    changeSet === undefined ? [] : pictureOf(await changesOf(client, changeSet.id), stack.template);
  const differences = differencesBetween(stack.changes, actual);
  if (differences.length === 0) return changeSet;
  if (changeSet !== undefined) await deleteChangeSet(operation, changeSet);
  throw new UserError([
    `What would change in ${stack.name} is not what the plan shows, so it is not applied:`,
    ...differences.map((text) => `  ${text}`),
  ]);
}

/** Which removal the deletion belongs to: AWS keeps the events of a deleted stack for 90 days. */
async function isRemovedBy(
  client: CloudFormationClient,
  { base }: PlannedStack,
  plan: PlanFile,
): Promise<boolean> {
  if (base === undefined) return false;
  const stack = await describeStack(client, base.stackId);
  if (!stack?.StackStatus?.startsWith('DELETE_')) return false;
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: base.stackId }));
  return StackEvents[0]?.ClientRequestToken === changeSetName(plan);
}

async function removeStack(operation: Operation, plan: PlanFile, stack: PlannedStack): Promise<void> {
  const { name, base, kept = [] } = stack;
  const client = await operation.target.clients.cloudformation();
  if (stack.action === 'none' || base === undefined) {
    operation.report({ kind: 'stack-unchanged', stack: name });
    return;
  }
  const present = await describeStack(client, base.stackId);
  if (present?.StackStatus === 'DELETE_COMPLETE') {
    operation.report({ kind: 'note', text: `  ${name}: removed already` });
    return;
  }
  if (present?.StackStatus === 'DELETE_IN_PROGRESS') {
    const result = await followRunning(operation, name, base.stackId);
    if (hasSucceeded(result.status)) return;
    throw new UserError(failureText(name, result, { byPlan: true }));
  }
  if (present === undefined) throw new UserError(`The stack ${name} is gone.`);
  // It loads the clients of services that no other apply needs.
  const { destroyStack } = await import('../deploy/destroy.ts');
  await destroyStack(operation, present, {
    token: changeSetName(plan),
    kept: new Set(kept.map(({ physicalId }) => physicalId)),
  });
}

function artifactOf({ name, template, tags, terminationProtection }: PlannedStack): StackArtifact {
  return { name, template, tags, terminationProtection, templateFile: '', parameters: {}, dependsOn: [] };
}

function whereThingsStand({ waves }: PlanFile, ended: readonly string[]): readonly string[] {
  const changing = waves.flatMap(({ stacks }) => stacks.filter(isChanging));
  const done = changing.filter(({ name }) => ended.includes(name)).map(({ name }) => name);
  const left = changing.filter(({ name }) => !ended.includes(name)).map(({ name }) => name);
  return [
    `Of this plan: applied ${done.length === 0 ? 'nothing' : done.join(', ')}; not applied ${left.join(', ')}.`,
    'Correct the cause and make a new plan; what is applied stays.',
  ];
}
