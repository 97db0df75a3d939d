/**
 * One apply per environment at a time, and each plan once: two parameters in the target's own Parameter Store, so that it
 * holds for everybody who applies, from wherever.
 *
 * Whoever applies writes its note again every few seconds. Each write says which version it was to follow, and counts only
 * if it does: so of all who want to take over from one that is dead exactly one does, without any clock being compared. One
 * on this machine is dead when its process is not there; one elsewhere when its note has stood still for long enough.
 */
import { randomUUID } from 'node:crypto';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { nameOf } from '../errors.ts';
import { pause } from '../wait.ts';
import { type Claimant, isSameMachine, isThere } from './claimant.ts';
import { type PlanFile, PlanRefusal } from './plan-document.ts';

type Named = Pick<PlanFile, 'service' | 'environment' | 'hash'>;

const prefix = ({ service, environment }: Named): string => `/plimsoll/${environment}/${service}`;
const lockName = (plan: Named): string => `${prefix(plan)}/applying`;
const doneName = (plan: Named): string => `${prefix(plan)}/applied`;

interface Note {
  readonly hash: string;
  readonly since: string;
  readonly by: string;
}

interface LockNote extends Note {
  /** Of this one apply. */
  readonly id?: string;
  readonly claimant?: Claimant;
  /** The version that it was to follow: with another in between it says nothing. */
  readonly after?: number;
  /** Whoever applied has ended before the plan was applied. */
  readonly isLeft?: boolean;
}

/** Chosen: three beats may be late before somebody else goes on. */
export const rhythm = { beatMs: 5_000, silenceMs: 20_000 };

export interface ClaimOptions {
  readonly ssm: SSMClient;
  readonly plan: Named;
  readonly by: string;
  readonly claimant: Claimant;
  readonly signal: AbortSignal;
  /** Told while it is seen whether somebody elsewhere still applies. */
  readonly tell: (text: string) => void;
  readonly rhythm?: typeof rhythm;
}

/** The environment is this apply's until it is freed or left. */
export class Claim {
  readonly #options: ClaimOptions;
  readonly #note: LockNote;
  readonly #timer: NodeJS.Timeout;
  readonly #beatMs: number;
  #version: number;
  #beatenAt = performance.now();
  #beating: Promise<void> = Promise.resolve();
  #isLost = false;

  constructor(options: ClaimOptions, note: LockNote, version: number) {
    this.#options = options;
    this.#note = note;
    this.#version = version;
    this.#beatMs = (options.rhythm ?? rhythm).beatMs;
    // What cannot be written now is written next time.
    this.#timer = setInterval(() => void this.#beat().catch(() => {}), this.#beatMs).unref();
  }

  /** @throws PlanRefusal if another apply went on with the plan, because this one was silent for too long */
  async assertHeld(): Promise<void> {
    if (performance.now() - this.#beatenAt > 2 * this.#beatMs) await this.#beat();
    if (this.#isLost)
      throw new PlanRefusal(
        'This apply was not heard of for so long that another went on with the plan, or somebody freed the environment: it stops here.',
      );
  }

  /** Lets others apply. */
  async free(): Promise<void> {
    await this.#end();
    const { ssm, plan } = this.#options;
    const { holder } = await standing(ssm, plan);
    if (holder?.id === this.#note.id) await remove(ssm, plan);
  }

  /** Keeps the environment for whoever goes on with the plan, and says that this apply does not. */
  async leave(): Promise<void> {
    await this.#end();
    if (!this.#isLost) await this.#write({ ...this.#note, isLeft: true });
  }

  async #end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating.catch(() => {});
  }

  /** One after the other: each says which it follows. */
  #beat(): Promise<void> {
    this.#beating = this.#beating.catch(() => {}).then(() => this.#write(this.#note));
    return this.#beating;
  }

  async #write(note: LockNote): Promise<void> {
    if (this.#isLost) return;
    const { ssm, plan } = this.#options;
    const version = await put(ssm, lockName(plan), { ...note, after: this.#version }, true);
    if (version !== this.#version + 1) {
      const { holder } = await standing(ssm, plan);
      this.#isLost = holder?.id !== this.#note.id;
    }
    this.#version = version;
    this.#beatenAt = performance.now();
  }
}

/**
 * Takes the environment for this plan. An apply of the same plan that has ended before its end is gone on with.
 * @throws PlanRefusal if a plan is being applied, or this one was applied already
 */
export async function claimEnvironment(options: ClaimOptions): Promise<Claim> {
  const { ssm, plan, by, claimant } = options;
  const done = await appliedNote(ssm, plan);
  const note = { hash: plan.hash, since: new Date().toISOString(), by, id: randomUUID(), claimant };
  if (done === undefined) {
    const claim = new Claim(options, note, await take(options, note));
    // Somebody may have applied it while this one waited.
    const late = await appliedNote(ssm, plan);
    if (late === undefined) return claim;
    await claim.free();
    throw appliedAlready(late);
  }
  // Whoever applied it may have ended before it could free the environment.
  const { holder } = await standing(ssm, plan);
  if (holder?.hash === plan.hash && (await isGone(options, holder))) await remove(ssm, plan);
  throw appliedAlready(done);
}

async function appliedNote(ssm: SSMClient, plan: Named): Promise<Note | undefined> {
  const done = (await read(ssm, doneName(plan)))?.note;
  return done?.hash === plan.hash ? done : undefined;
}

function appliedAlready({ since, by }: Note): PlanRefusal {
  return new PlanRefusal(`This plan was applied already, at ${since} by ${by}. Make a new plan.`);
}

/** @returns the version of the note by which it was taken */
async function take(options: ClaimOptions, note: LockNote): Promise<number> {
  const { ssm, plan, tell } = options;
  for (;;) {
    try {
      return await put(ssm, lockName(plan), { ...note, after: 0 }, false);
    } catch (error) {
      if (nameOf(error) !== 'ParameterAlreadyExists') throw error;
    }
    const { holder, version } = await standing(ssm, plan);
    if (version === undefined) continue;
    if (holder !== undefined) {
      if (holder.hash !== plan.hash) throw await otherPlan(options, holder);
      if (!(await isGone(options, holder))) throw appliedNow(holder);
      tell(`The apply of ${holder.since} by ${whoIs(holder)} has ended before its end: going on with it.`);
    }
    const taken = await put(ssm, lockName(plan), { ...note, after: version }, true);
    if (taken === version + 1) return taken;
  }
}

/** Whether whoever applies does so no more. One elsewhere is watched for as long as its next notes could take. */
async function isGone(options: ClaimOptions, holder: LockNote): Promise<boolean> {
  const { ssm, plan, signal, tell, claimant } = options;
  const { beatMs, silenceMs } = options.rhythm ?? rhythm;
  if (holder.isLeft) return true;
  if (holder.claimant !== undefined && isSameMachine(holder.claimant, claimant))
    return !(await isThere(holder.claimant));
  tell(
    `Applied since ${holder.since} by ${whoIs(holder)}; looking for ${silenceMs / 1000} s whether it still is.`,
  );
  const first = (await standing(ssm, plan)).version;
  const until = performance.now() + silenceMs;
  while (performance.now() < until) {
    await pause(Math.min(beatMs / 2, 1_000), signal);
    const now = await standing(ssm, plan);
    if (now.version === undefined) return true;
    if (now.version !== first) return now.holder?.isLeft === true;
  }
  return true;
}

function appliedNow(holder: LockNote): PlanRefusal {
  return new PlanRefusal(
    [
      `This plan is being applied already, since ${holder.since} by ${whoIs(holder)}.`,
      'Wait for its end. Should it be ended before, call this again: it goes on then.',
    ].join('\n'),
  );
}

async function otherPlan({ plan, claimant }: ClaimOptions, holder: LockNote): Promise<PlanRefusal> {
  const name = holder.hash.slice(0, 12);
  const free = `aws ssm delete-parameter --name ${lockName(plan)}`;
  const wasKilled =
    holder.claimant !== undefined &&
    isSameMachine(holder.claimant, claimant) &&
    !(await isThere(holder.claimant));
  if (holder.isLeft || wasKilled)
    return new PlanRefusal(
      [
        `Another plan (${name}) is half applied to ${plan.environment}, since ${holder.since} by ${whoIs(holder)}, and was interrupted.`,
        'End it first: plimsoll apply, with its file. Then make a new plan.',
        `If it is not to be ended, free the environment: ${free}`,
      ].join('\n'),
    );
  return new PlanRefusal(
    [
      `Another plan (${name}) is being applied to ${plan.environment} since ${holder.since} by ${whoIs(holder)}.`,
      'Wait for its end, then make a new plan. Was it interrupted, end it: plimsoll apply, with its file.',
      `If it has ended for good, free the environment: ${free}`,
    ].join('\n'),
  );
}

function whoIs({ by, claimant }: LockNote): string {
  return claimant === undefined ? by : `${by} (process ${claimant.pid} on ${claimant.host})`;
}

/** Whether an apply of this plan has begun and not come to its end. */
export async function isBegun(ssm: SSMClient, plan: Named): Promise<boolean> {
  return (await standing(ssm, plan)).holder?.hash === plan.hash;
}

/** The plan is applied, wholly. */
export async function noteApplied(ssm: SSMClient, plan: Named, by: string, now: Date): Promise<void> {
  await put(ssm, doneName(plan), { hash: plan.hash, since: now.toISOString(), by }, true);
}

interface Standing {
  readonly holder?: LockNote;
  /** Of the last note, whether or not it counts; undefined if there is none. */
  readonly version?: number;
}

/** Who applies: the last whose note follows the version that it was to follow. */
async function standing(ssm: SSMClient, plan: Named): Promise<Standing> {
  const last = await read(ssm, lockName(plan));
  if (last === undefined) return {};
  const { version } = last;
  let found: Found | undefined = last;
  while (found !== undefined) {
    const { note, version: at }: Found = found;
    if (note !== undefined && (note.after ?? at - 1) === at - 1) return { holder: note, version };
    found = at > 1 ? await read(ssm, `${lockName(plan)}:${at - 1}`) : undefined;
  }
  return { version };
}

interface Found {
  readonly note: LockNote | undefined;
  readonly version: number;
}

async function read(ssm: SSMClient, name: string): Promise<Found | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
    return { note: parsed(Parameter?.Value), version: Parameter?.Version ?? 0 };
  } catch (error) {
    if (/^Parameter(Version)?NotFound$/.test(nameOf(error))) return undefined;
    throw error;
  }
}

function parsed(text: string | undefined): LockNote | undefined {
  try {
    return JSON.parse(text ?? '') as LockNote;
  } catch {
    return undefined;
  }
}

async function put(ssm: SSMClient, name: string, note: LockNote, overwrite: boolean): Promise<number> {
  const { Version = 0 } = await ssm.send(
    new PutParameterCommand({
      Name: name,
      Type: 'String',
      Value: JSON.stringify(note),
      Overwrite: overwrite,
    }),
  );
  return Version;
}

async function remove(ssm: SSMClient, plan: Named): Promise<void> {
  try {
    await ssm.send(new DeleteParameterCommand({ Name: lockName(plan) }));
  } catch (error) {
    if (nameOf(error) !== 'ParameterNotFound') throw error;
  }
}
