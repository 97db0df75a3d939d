/**
 * A plan: what would change in every stack of an environment, from which state, and why; saved, read by people, and applied
 * as it is. Pure data. No secret value is in it: parameters hold names and digests, templates hold references, and
 * CloudFormation masks the rest.
 */
import { createHash } from 'node:crypto';
import type { ResourceChange } from './picture.ts';

export const planFormat = 'plimsoll-plan/1';

export interface Plan {
  readonly format: typeof planFormat;
  readonly kind: 'apply' | 'destroy';
  readonly service: string;
  readonly environment: string;
  readonly region: string;
  readonly account: string;
  /** ISO 8601, by the machine's clock. */
  readonly createdAt: string;
  /** After that it is refused. */
  readonly expiresAt: string;
  /** The commit of the working copy, and whether it held changes that are not in it. */
  readonly commit?: { readonly id: string; readonly isDirty: boolean };
  /** SHA-256 of the definition as it was resolved for the environment. */
  readonly definitionHash: string;
  /** The image that the service will run. Absent where none runs one. */
  readonly image?: PlannedImage;
  /** Runs with the new image, before the service changes. */
  readonly migrate?: readonly string[];
  /** What a rehearsal runs tasks on, where the definition chooses it for this machine. Absent: processes. */
  readonly plane?: 'container';
  /** Logical ids of resources that may lose their data: whoever made the plan said so. */
  readonly allowedDataLoss: readonly string[];
  /** In the order in which they are applied. */
  readonly waves: readonly Wave[];
}

export interface PlannedImage {
  readonly repository: string;
  /** `sha256:…` */
  readonly digest: string;
}

/** Stacks that are changed beside each other, after those of the waves before. */
export interface Wave {
  readonly stacks: readonly PlannedStack[];
}

export interface PlannedStack {
  readonly name: string;
  readonly action: 'create' | 'update' | 'delete' | 'none';
  /**
   * `exact`: what CloudFormation's change set says that will be executed, or that nothing changes. `derived`: worked out
   * before a stack that it reads from has changed; once that is done, its change set must show the same, or it is not applied.
   */
  readonly exactness: 'exact' | 'derived';
  /** What a derived one reads that changes before it: names of SSM parameters. */
  readonly unsettled?: readonly string[];
  /** What it starts from. Absent: it is not there. */
  readonly base?: Fingerprint;
  /** Of an exact one that changes. */
  readonly changeSet?: { readonly id: string; readonly stackId: string };
  readonly template: Readonly<Record<string, unknown>>;
  readonly parameters: readonly PlannedParameter[];
  readonly tags: Readonly<Record<string, string>>;
  readonly terminationProtection: boolean;
  /** Where it is to be another one: CloudFormation keeps it beside change sets. */
  readonly terminationProtectionWas?: boolean;
  readonly changes: readonly ResourceChange[];
  /** Of a removal: what stays, and why. */
  readonly kept?: readonly KeptResource[];
  /** Of a removal: the protections that are lifted for it. */
  readonly lifts?: readonly string[];
  /** Of a stack that a removal leaves alone: why. */
  readonly staysFor?: string;
}

export interface PlannedParameter {
  readonly name: string;
  readonly value: string;
}

export interface KeptResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
  readonly why: string;
}

/** A stack as it stands: when any of it is other at the apply, something has moved since. */
export interface Fingerprint {
  readonly stackId: string;
  readonly status: string;
  /** ISO 8601 of the last operation. */
  readonly changedAt: string;
  /** SHA-256 of the template as it was given. */
  readonly templateHash: string;
  /** SHA-256 of parameters and tags. */
  readonly inputsHash: string;
  /** Resources that were changed by hand when it was planned. Absent: nobody looked. */
  readonly drifted?: readonly DriftedResource[];
}

export interface DriftedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly status: 'MODIFIED' | 'DELETED';
  readonly paths: readonly string[];
  /** SHA-256 of what differs, with its values. */
  readonly hash: string;
}

/** The file: the plan and its own hash. */
export interface PlanFile extends Plan {
  /** SHA-256 of the plan's canonical JSON. */
  readonly hash: string;
}

/** JSON whose keys are sorted: the same for the same plan, however it was made. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

export function sealed(plan: Plan): PlanFile {
  return { ...plan, hash: hashOf(plan) };
}

export class PlanRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PlanRefusal';
  }
}

/** Reads a plan file. @throws PlanRefusal if it is none, was edited, or is of another version */
export function readPlan(text: string, file: string): PlanFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PlanRefusal(`${file} is no plan: it is not JSON.`);
  }
  const { format, hash, ...rest } = (value ?? {}) as Partial<PlanFile>;
  if (format === undefined || hash === undefined || !Array.isArray(rest.waves))
    throw new PlanRefusal(`${file} is no plan: it has no format, hash or waves.`);
  if (format !== planFormat)
    throw new PlanRefusal(`${file} has the format ${format}; this plimsoll reads ${planFormat}.`);
  const actual = hashOf({ format, ...rest });
  if (actual !== hash) {
    throw new PlanRefusal(
      `${file} was changed after it was made: its hash is ${actual.slice(0, 12)}…, the plan says ${hash.slice(0, 12)}…. Make a new plan.`,
    );
  }
  return value as PlanFile;
}

/** Whether applying it would change anything. */
export function changesAnything({ waves }: Plan): boolean {
  return waves.some(({ stacks }) => stacks.some(isChanging));
}

export function isChanging({ action, terminationProtectionWas }: PlannedStack): boolean {
  return action !== 'none' || terminationProtectionWas !== undefined;
}
