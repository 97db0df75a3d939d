/**
 * A plan on trial: a region of its own with the stacks as they are now, load through its balancer, the plan, a release that is
 * meant to fail, a rollback; and the report of what was seen.
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Host } from '../command.ts';
import type { Operation } from '../deploy/operation.ts';
import { resourcesOf } from '../deploy/parameters.ts';
import { preparationFor } from '../deploy/stack-status.ts';
import { describeStack, templateOf } from '../deploy/stacks.ts';
import { messageOf, UserError } from '../errors.ts';
import { assertMeant, assertUnexpired, targetFor } from '../plan/apply.ts';
import { fingerprintOf, movedSince } from '../plan/fingerprint.ts';
import { type PlanFile, PlanRefusal } from '../plan/plan-document.ts';
import { rehearsalFile } from '../plan/rehearsal.ts';
import { openPlan } from '../plan/show.ts';
import type { Plane } from '../region/home.ts';
import { reporter } from '../render/reporter.ts';
import {
  applyThere,
  makeAsItIs,
  releaseBadly,
  releaseTwin,
  rollBack,
  type Stage,
  stacksRolledBack,
  wasMigrated,
  whereItServes,
} from './acts.ts';
import { BackgroundLoad } from './background-load.ts';
import { type DeployedStack, deployedStack } from './deployed-state.ts';
import { type OwnRegion, startOwnRegion } from './own-region.ts';
import { type FiredAlarm, type Rehearsal, type RolledBack, rehearsalFormat } from './rehearsal.ts';
import { endLines, rehearsalMarkdown } from './rehearsal-text.ts';
import { firedAlarms } from './seen.ts';
import { healthPathOf, imagesFor, runningDigest } from './stand-ins.ts';
import { Steps } from './steps.ts';

export interface RehearseFlags {
  readonly target: string;
  readonly rate: string;
  readonly path: string | undefined;
  readonly plane: string | undefined;
  readonly home: string | undefined;
  readonly definition: string | undefined;
  readonly json: boolean;
}

/** @returns 0 if it passed, else 1 */
export async function runRehearse(host: Host, flags: RehearseFlags, file?: string): Promise<number> {
  const rate = Number(flags.rate);
  if (!(rate >= 1 && rate <= 10_000))
    throw new UserError(`--rate: given '${flags.rate}'; allowed: 1 to 10000`, 2);
  const { terminal } = host;
  const plan = await openPlan(host, file);
  const reporting = flags.json ? { report: () => {}, close: () => {} } : reporter(terminal, { json: false });
  try {
    const operation: Operation = {
      target: await targetFor(host, flags, plan),
      report: reporting.report,
      signal: host.signal,
    };
    await assertStands(operation, plan);
    const rehearsal = await rehearse(host, flags, { operation, plan, rate });
    const report = rehearsalFile(resolve(host.cwd, file ?? ''));
    await writeFile(report, `${JSON.stringify(rehearsal, undefined, 1)}\n`);
    await writeFile(report.replace(/json$/, 'md'), rehearsalMarkdown(rehearsal, plan));
    if (flags.json) terminal.print(JSON.stringify(rehearsal));
    else for (const line of endLines(rehearsal)) terminal.print(line);
    return rehearsal.passed ? 0 : 1;
  } finally {
    reporting.close();
  }
}

/** What would be refused by `apply` is not worth a rehearsal. */
async function assertStands(operation: Operation, plan: PlanFile): Promise<void> {
  if (plan.kind === 'destroy')
    throw new UserError('The plan is a removal: it leaves nothing to send load to, and cannot be rehearsed.');
  try {
    await assertMeant(operation, plan);
    assertUnexpired(plan);
  } catch (error) {
    throw error instanceof PlanRefusal ? new UserError(error.message) : error;
  }
  const moved = await movedAtTarget(operation, plan);
  if (moved.length === 0) return;
  throw new UserError(['This plan is stale:', ...moved.map((text) => `  ${text}`), 'Make a new plan.']);
}

/** Stricter than `apply`, which goes on with its own plan: what this one has begun to change is another start. */
async function movedAtTarget({ target }: Operation, { waves }: PlanFile): Promise<readonly string[]> {
  const client = await target.clients.cloudformation();
  const moved: string[] = [];
  for (const { name, base } of waves.flatMap(({ stacks }) => stacks)) {
    const stack = await describeStack(client, name);
    const isThere = stack !== undefined && preparationFor(stack.StackStatus) !== 'create';
    const now = isThere ? fingerprintOf(stack, await templateOf(client, name)) : undefined;
    moved.push(...movedSince(name, base, now));
  }
  return moved;
}

interface Trial {
  /** At the target: it is only read. */
  readonly operation: Operation;
  readonly plan: PlanFile;
  readonly rate: number;
}

function planeOf({ plane }: RehearseFlags, plan: PlanFile): Plane {
  return (plane as Plane | undefined) ?? plan.plane ?? 'process';
}

async function rehearse(host: Host, flags: RehearseFlags, trial: Trial): Promise<Rehearsal> {
  const began = performance.now();
  const startedAt = new Date().toISOString();
  const load = new BackgroundLoad(trial.rate);
  const terminal = flags.json ? undefined : host.terminal;
  const steps = new Steps({ signal: host.signal, load, terminal });
  const notes: string[] = [];
  const rolledBack: RolledBack[] = [];
  let alarms: readonly FiredAlarm[] = [];
  let region: OwnRegion | undefined;
  try {
    const isUp = await steps.take('the region', async (signal) => {
      const { region: name, environment } = trial.plan;
      region = await startOwnRegion({ region: name, environment, plane: planeOf(flags, trial.plan) }, signal);
      return `${name}, in a home of its own`;
    });
    if (isUp && region !== undefined) {
      await perform(host, flags, { ...trial, region, steps, load, notes, rolledBack });
      alarms = await firedAlarms(region.target);
    }
    const seen = await load.stop();
    return {
      format: rehearsalFormat,
      planHash: trial.plan.hash,
      passed: seen.failed === 0 && seen.sent > 0 && steps.isPassed,
      startedAt,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      load: seen,
      steps: steps.taken,
      alarms,
      rolledBack,
      notes,
    };
  } finally {
    await load.stop();
    await region?.close();
  }
}

interface Performance extends Trial {
  readonly region: OwnRegion;
  readonly steps: Steps;
  readonly load: BackgroundLoad;
  readonly notes: string[];
  readonly rolledBack: RolledBack[];
}

async function perform(host: Host, flags: RehearseFlags, parts: Performance): Promise<void> {
  const { operation: at, plan, region, steps, load, notes, rolledBack } = parts;
  const plane = planeOf(flags, plan);
  const path = flags.path ?? healthPathOf(plan);
  let stage: Stage | undefined;
  const isReady = await steps.take('what runs now', async (signal) => {
    const operation: Operation = { ...at, signal };
    const deployed = await deployedStacks(operation, plan);
    const source = { host, definition: flags.definition, plan, deployed, plane };
    const images = await imagesFor(operation, source);
    notes.push(...images.notes, ...notesOn(deployed));
    const isMigrated = await wasMigrated(at.target, plan);
    stage = {
      region,
      operation: { ...operation, target: region.target },
      plan,
      deployed,
      images,
      isMigrated,
    };
    if (deployed.length === 0) return 'nothing: the plan is the first';
    const made = await makeAsItIs(stage);
    if (runningDigest(deployed) !== undefined) load.start(await whereItServes(stage, path));
    return made;
  });
  if (!isReady || stage === undefined) return;
  const first: Stage = stage;
  const on = (signal: AbortSignal): Stage => ({ ...first, operation: { ...first.operation, signal } });
  const service = serviceStackName(plan) ?? plan.service;
  const take = (name: string, work: (stage: Stage) => Promise<string>, rate?: number): Promise<boolean> =>
    steps.take(name, (signal) => work(on(signal)), { region, ...(rate !== undefined && { rate }) });

  const isApplied = await take('the plan', async (stage) => {
    const text = await applyThere(stage).catch(async (error: unknown) => {
      for (const stack of await stacksRolledBack(stage))
        rolledBack.push({ step: 'the plan', stack, reason: messageOf(error) });
      throw error;
    });
    load.start(await whereItServes(stage, path));
    return text;
  });
  if (!isApplied) return;
  const { images } = first;
  if (images.running === undefined || images.running.digest === images.planned.digest)
    await take('a release', releaseTwin);
  await take(
    'a bad release',
    async (stage) => {
      const reason = await releaseBadly(stage);
      rolledBack.push({ step: 'a bad release', stack: service, reason });
      return `taken back: ${reason}`;
    },
    region.fastRate,
  );
  await take('a rollback', rollBack);
}

async function deployedStacks({ target }: Operation, { waves }: PlanFile): Promise<readonly DeployedStack[]> {
  const names = waves.flatMap(({ stacks }) => stacks.map(({ name }) => name));
  const found = await Promise.all(names.map((name) => deployedStack(target, name)));
  return found.flatMap((stack) => stack ?? []);
}

/** The stack whose parameter is the plan's image. */
function serviceStackName({ waves, image }: PlanFile): string | undefined {
  return waves
    .flatMap(({ stacks }) => stacks)
    .find(({ parameters }) => parameters.some(({ value }) => value === image?.digest))?.name;
}

function notesOn(deployed: readonly DeployedStack[]): readonly string[] {
  const types = new Set(
    deployed.flatMap(({ artifact }) => Object.values(resourcesOf(artifact.template)).map(({ Type }) => Type)),
  );
  return types.has('AWS::RDS::DBInstance')
    ? ['The database began empty: it had what migrations make, and no rows of the target.']
    : [];
}
