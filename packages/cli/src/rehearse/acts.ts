/** What is done in a rehearsal, each answering what was seen. */

import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { PackedImage } from '@plimsoll/region/planes/images/pack.js';
import type { Target } from '../deploy/clients.ts';
import { deployStack } from '../deploy/deploy-stack.ts';
import { runSteps } from '../deploy/graph.ts';
import { migrate, migratedParameter } from '../deploy/migration.ts';
import type { Operation } from '../deploy/operation.ts';
import { runningCount } from '../deploy/release.ts';
import { outputsOf } from '../deploy/stack-status.ts';
import { describeStack, templateOf } from '../deploy/stacks.ts';
import { nameOf, UserError } from '../errors.ts';
import { publish } from '../image/registry.ts';
import { applyAlone } from '../plan/apply.ts';
import { fingerprintOf } from '../plan/fingerprint.ts';
import { type Fingerprint, isChanging, type PlanFile } from '../plan/plan-document.ts';
import { localStatus, localUrl } from '../region/local-status.ts';
import { whenHealthy } from '../region/readiness.ts';
import { type DeployedService, deployedService } from '../releases/deployed-service.ts';
import { chooseRollback } from '../releases/release-history.ts';
import { type DeployedStack, deployedStack } from './deployed-state.ts';
import { badImage, twinOf } from './images.ts';
import type { OwnRegion } from './own-region.ts';
import { rehearsedPlan, translate } from './rehearsed-plan.ts';
import type { RehearsalImages } from './stand-ins.ts';

export interface Stage {
  readonly region: OwnRegion;
  /** In the region of the rehearsal, with the signal of the step. */
  readonly operation: Operation;
  readonly plan: PlanFile;
  /** As it is at the target. */
  readonly deployed: readonly DeployedStack[];
  readonly images: RehearsalImages;
  /** Whether the database there was migrated. */
  readonly isMigrated: boolean;
}

/** Local regions have no other. */
const account = '000000000000';

/** The stacks as they are at the target, with the image that runs there. */
export async function makeAsItIs(stage: Stage): Promise<string> {
  const { deployed, images } = stage;
  const here = translate(deployed, pairsOf(stage));
  await runSteps(
    here.map((stack) => ({
      name: stack.artifact.name,
      dependsOn: here.filter(({ level }) => level < stack.level).map(({ artifact }) => artifact.name),
      run: () => makeStack(stage, stack),
    })),
  );
  const image = images.running === undefined ? '' : `, with the image ${shortened(images.running.digest)}`;
  return `${deployed.length} stacks${image}`;
}

async function makeStack(stage: Stage, { artifact, parameters }: DeployedStack): Promise<void> {
  const { operation, images, isMigrated } = stage;
  const { running } = images;
  const runsImage = parameters.some(({ ParameterValue }) => ParameterValue === running?.digest);
  if (runsImage && running !== undefined) await push(stage, running);
  await deployStack(operation, artifact, parameters);
  if (!runsImage || running === undefined || !isMigrated) return;
  const stack = await describeStack(await operation.target.clients.cloudformation(), artifact.name);
  await migrateBy(stage, running.digest, outputsOf(stack));
}

function pairsOf({ plan, images }: Stage): readonly (readonly [string, string])[] {
  return [[plan.account, account], ...images.standIns];
}

/** The plan itself, by its waves. Each change set is compared with what the plan shows before it is executed. */
export async function applyThere(stage: Stage): Promise<string> {
  const { operation, plan, images } = stage;
  const bases = await basesOf(operation.target, plan);
  const there = rehearsedPlan(plan, { account, bases, standIns: images.standIns });
  await applyAlone(operation, there, {
    ensureImage: () => push(stage, images.planned),
    migrate: (outputs) => migrateBy(stage, images.planned.digest, outputs),
  });
  const changed = plan.waves.flatMap(({ stacks }) => stacks.filter(isChanging).map(({ name }) => name));
  return `what the plan shows and nothing else: ${changed.join(', ')}`;
}

/** The stacks that have just gone back to what they were. */
export async function stacksRolledBack({ operation, plan }: Stage): Promise<readonly string[]> {
  const client = await operation.target.clients.cloudformation();
  const names = plan.waves.flatMap(({ stacks }) => stacks.map(({ name }) => name));
  const stacks = await Promise.all(names.map((name) => describeStack(client, name)));
  return stacks.flatMap((stack) => (stack?.StackStatus?.includes('ROLLBACK') ? [stack.StackName ?? ''] : []));
}

async function basesOf({ clients }: Target, { waves }: PlanFile): Promise<ReadonlyMap<string, Fingerprint>> {
  const client = await clients.cloudformation();
  const bases = new Map<string, Fingerprint>();
  for (const { name } of waves.flatMap(({ stacks }) => stacks)) {
    const stack = await describeStack(client, name);
    if (stack !== undefined) bases.set(name, fingerprintOf(stack, await templateOf(client, name)));
  }
  return bases;
}

/** Where the service answers. @throws UserError if it does not, or is at zero */
export async function whereItServes(stage: Stage, path: string): Promise<URL> {
  const { operation, region, plan } = stage;
  const { target, signal } = operation;
  const { stack } = await deployedService(target, plan);
  const outputs = outputsOf(stack);
  const { url, isAtZero } = await whenHealthy({
    isAtZero: async () => (await runningCount(target, outputs)) === 0,
    url: async () => localUrl(await localStatus(region.endpoint), outputs['ServiceUrl'] ?? ''),
    path,
    signal,
  });
  if (isAtZero)
    throw new UserError('The service is at zero by its schedule: there is nothing to send load to.');
  return new URL(path, url);
}

/** An image whose tasks end at once. @returns why ECS took it back */
export async function releaseBadly(stage: Stage): Promise<string> {
  const { operation, plan } = stage;
  const { target } = operation;
  const bad = await badImage();
  const failure = await release(stage, bad).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof UserError) return error;
      throw error;
    },
  );
  if (failure === undefined)
    throw new UserError('An image whose tasks end at once was released, and nothing took it back.');
  const { stack, history } = await deployedService(target, plan);
  if (stack.StackStatus !== 'UPDATE_ROLLBACK_COMPLETE') throw failure;
  const { reason = 'ECS gave no reason' } =
    history.find(({ imageDigest }) => imageDigest === bad.digest) ?? {};
  return reason;
}

/** The image that runs, with another digest: what there is to go back from where the plan releases none. */
export async function releaseTwin(stage: Stage): Promise<string> {
  const twin = twinOf(stage.images.planned, 'twin');
  await release(stage, twin);
  return `${shortened(twin.digest)}: the same files and command under another digest`;
}

/** As `plimsoll rollback`. */
export async function rollBack(stage: Stage): Promise<string> {
  const { stack, imageDigest, history } = await serviceOf(stage);
  const choice = chooseRollback(history, imageDigest);
  if (choice.kind === 'refused') throw new UserError(choice.why);
  await releaseDigest(stage, stack.StackName ?? '', choice.release.imageDigest);
  return `from ${shortened(imageDigest)} to release ${choice.release.release}, ${shortened(choice.release.imageDigest)}`;
}

function serviceOf({ operation, plan }: Stage): Promise<DeployedService> {
  return deployedService(operation.target, plan);
}

async function release(stage: Stage, image: PackedImage): Promise<void> {
  await push(stage, image);
  const { stack } = await serviceOf(stage);
  await releaseDigest(stage, stack.StackName ?? '', image.digest);
}

/** The stack as it is, with another image. */
async function releaseDigest({ operation }: Stage, name: string, digest: string): Promise<void> {
  const stack = await deployedStack(operation.target, name);
  if (stack === undefined) throw new UserError(`The stack ${name} is gone.`);
  await deployStack(
    operation,
    stack.artifact,
    stack.parameters.map((parameter) =>
      parameter.ParameterKey === 'ImageDigest' ? { ...parameter, ParameterValue: digest } : parameter,
    ),
  );
}

async function push({ operation, plan }: Stage, image: PackedImage): Promise<void> {
  const { target, signal } = operation;
  await publish(await target.clients.ecr(), plan.image?.repository ?? '', image, signal);
}

async function migrateBy(
  { operation, plan }: Stage,
  imageDigest: string,
  outputs: Readonly<Record<string, string>>,
): Promise<void> {
  const { service, environment, migrate: command } = plan;
  if (command === undefined) return;
  await migrate(operation, { service, environment, command, imageDigest, outputs });
}

/** Whether migrations were ever run there. */
export async function wasMigrated({ clients }: Target, plan: PlanFile): Promise<boolean> {
  const client = await clients.ssm();
  return client.send(new GetParameterCommand({ Name: migratedParameter(plan) })).then(
    () => true,
    (error: unknown) => {
      if (nameOf(error) === 'ParameterNotFound') return false;
      throw error;
    },
  );
}

function shortened(digest: string): string {
  return digest.slice(0, 19);
}
