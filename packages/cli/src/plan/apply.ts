import { resolve } from 'node:path';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { Host } from '../command.ts';
import { awsTarget, type Target } from '../deploy/clients.ts';
import { packedImagePublisher, startPacking } from '../deploy/image-publisher.ts';
import { migrate } from '../deploy/migration.ts';
import type { Operation } from '../deploy/operation.ts';
import { isOutage } from '../deploy/outage.ts';
import { codeOf, Interrupted, messageOf, UserError } from '../errors.ts';
import { findImage } from '../image/registry.ts';
import { durationText } from '../render/event-line.ts';
import { reporter } from '../render/reporter.ts';
import { localSession } from '../session.ts';
import { findDefinition } from '../synth/find-definition.ts';
import { readDefinition } from '../synth/synthesize.ts';
import { type ApplyHooks, applyPlan } from './apply-plan.ts';
import { type Claimant, thisProcess } from './claimant.ts';
import { claimEnvironment, isBegun, noteApplied } from './lock.ts';
import { changesAnything, type PlanFile, PlanRefusal } from './plan-document.ts';
import { assertRehearsed } from './rehearsal.ts';
import { openPlan } from './show.ts';

export interface ApplyFlags {
  readonly target: string;
  readonly home: string | undefined;
  readonly definition: string | undefined;
  readonly json: boolean;
  readonly 'require-rehearsal': boolean;
}

/** @returns the exit code */
export async function runApply(host: Host, flags: ApplyFlags, file?: string): Promise<number> {
  const began = performance.now();
  const plan = await openPlan(host, file);
  const target = await targetFor(host, flags, plan);
  const { report, close } = reporter(host.terminal, flags);
  const operation: Operation = {
    target,
    report,
    signal: host.signal,
    insisted: host.insisted,
    resumedBy: `plimsoll apply ${file}`,
  };
  try {
    if (flags['require-rehearsal']) await assertRehearsed(resolve(host.cwd, file ?? ''), plan.hash);
    await applyAlone(operation, plan, hooksFor(host, flags, operation, plan));
    const took = durationText(performance.now() - began);
    report({
      kind: 'note',
      text: `Plan ${plan.hash.slice(0, 12)} is applied to ${plan.environment} after ${took}.`,
    });
    return 0;
  } catch (error) {
    if (error instanceof PlanRefusal) throw new UserError(error.message);
    if (!isOutage(error)) throw error;
    throw new Interrupted(
      `Nobody answers: ${messageOf(error) || codeOf(error)}. What has begun goes on by itself; \`plimsoll apply ${file}\` takes it up again.`,
    );
  } finally {
    close();
  }
}

/** Applies the plan while nobody else applies any to the environment. */
export async function applyAlone(
  operation: Operation,
  plan: PlanFile,
  hooks: ApplyHooks,
  claimant?: Claimant,
): Promise<void> {
  const by = await assertMeant(operation, plan);
  const { target, signal, report } = operation;
  const ssm = await target.clients.ssm();
  // What is half done is ended, however long it took to come back to it.
  if (!(await isBegun(ssm, plan))) assertUnexpired(plan);
  const claim = await claimEnvironment({
    ssm,
    plan,
    by,
    claimant: claimant ?? (await thisProcess()),
    signal,
    tell: (text) => report({ kind: 'note', text }),
  });
  try {
    await applyPlan(operation, plan, { ...hooks, assertHeld: () => claim.assertHeld() });
    await noteApplied(ssm, plan, by, new Date());
  } catch (error) {
    // What is refused changed nothing and what failed has ended: neither keeps others waiting. An interruption does.
    const isOver = error instanceof UserError || error instanceof PlanRefusal;
    await (isOver ? claim.free() : claim.leave()).catch(() => {});
    throw error;
  }
  await claim.free();
}

export async function targetFor(
  host: Host,
  flags: Pick<ApplyFlags, 'target' | 'home' | 'definition'>,
  plan: PlanFile,
): Promise<Target> {
  if (flags.target === 'aws') return awsTarget(plan.region);
  const { record, target } = await localSession(host, flags);
  if (record.region === plan.region) return target;
  throw new UserError(`The plan is for ${plan.region}; the region that runs is ${record.region}.`);
}

/** What needs no look at stacks. @returns who applies */
export async function assertMeant({ target }: Operation, plan: PlanFile): Promise<string> {
  const sts = await target.clients.sts();
  const { Account: account, Arn: by = '' } = await sts.send(new GetCallerIdentityCommand({}));
  if (account !== plan.account)
    throw new PlanRefusal(
      `The plan is for account ${plan.account}; your credentials are of account ${account}.`,
    );
  if (!changesAnything(plan)) throw new PlanRefusal('The plan changes nothing: there is nothing to apply.');
  return by;
}

export function assertUnexpired({ expiresAt }: PlanFile): void {
  if (Date.parse(expiresAt) <= Date.now())
    throw new PlanRefusal(`The plan expired at ${expiresAt}. Make a new one.`);
}

function hooksFor(host: Host, flags: ApplyFlags, operation: Operation, plan: PlanFile): ApplyHooks {
  const { image, migrate: command, service, environment } = plan;
  return {
    ensureImage: async () => {
      if (image !== undefined) await ensureImage(host, flags, operation, plan);
    },
    migrate: async (outputs) => {
      if (image === undefined || command === undefined) return;
      await migrate(operation, { service, environment, command, imageDigest: image.digest, outputs });
    },
  };
}

/** Where the repository was not there when the plan was made, its image is packed again; it has to be the very same. */
async function ensureImage(
  host: Host,
  flags: ApplyFlags,
  operation: Operation,
  { image, environment }: PlanFile,
): Promise<void> {
  const { repository = '', digest = '' } = image ?? {};
  if ((await findImage(await operation.target.clients.ecr(), repository, { digest })) !== undefined) return;
  const missing = `The repository ${repository} has no image ${digest}`;
  if (operation.target.kind === 'aws') throw new UserError(`${missing}: push it, then apply again.`);
  const definition = findDefinition(host.cwd, flags.definition);
  const resolved = await readDefinition({ definition, environment }, host.signal);
  const packed = startPacking(operation, { definition, resolved });
  if ((await packed).digest !== digest) {
    throw new UserError([
      `${missing}, and what would be packed from ${definition} now is ${(await packed).digest}.`,
      'The source has changed since the plan was made: make a new plan.',
    ]);
  }
  await packedImagePublisher(operation, packed)(repository);
}
