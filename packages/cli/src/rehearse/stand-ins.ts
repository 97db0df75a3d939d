/**
 * Which images a rehearsal runs: those of the target by their digests, where this machine can; else the working copy, packed,
 * stands in and the report says so.
 */
import type { PackedImage } from '@plimsoll/region/planes/images/pack.js';
import type { Host } from '../command.ts';
import { startPacking } from '../deploy/image-publisher.ts';
import type { Operation } from '../deploy/operation.ts';
import { resourcesOf } from '../deploy/parameters.ts';
import { UserError } from '../errors.ts';
import type { PlanFile } from '../plan/plan-document.ts';
import type { Plane } from '../region/home.ts';
import { findDefinition } from '../synth/find-definition.ts';
import { readDefinition } from '../synth/synthesize.ts';
import type { DeployedStack } from './deployed-state.ts';
import { pullImage, twinOf, unfitness } from './images.ts';

export interface RehearsalImages {
  /** What runs now; absent where nothing does. */
  readonly running?: PackedImage;
  readonly planned: PackedImage;
  /** Digests by which the target knows them, and those that they have here, where they differ. */
  readonly standIns: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
}

export interface ImageSource {
  readonly host: Host;
  readonly definition: string | undefined;
  readonly plan: PlanFile;
  readonly deployed: readonly DeployedStack[];
  readonly plane: Plane;
}

/** @throws UserError if an image is not to be had and nothing can stand in for it */
export async function imagesFor(operation: Operation, source: ImageSource): Promise<RehearsalImages> {
  const { plan, deployed } = source;
  if (plan.image === undefined)
    throw new UserError('The plan runs no image: there is nothing to send load to.');
  const standIns = new Map<string, string>();
  const notes: string[] = [];
  const find = async (digest: string, role: string): Promise<PackedImage> => {
    const { image, why } = await imageFor(operation, source, { digest, role });
    if (why !== undefined) notes.push(`${why}: the working copy stood in for it.`);
    if (image.digest !== digest) standIns.set(digest, image.digest);
    return image;
  };
  const running = runningDigest(deployed);
  const planned = await find(plan.image.digest, 'planned');
  if (running === undefined) return { planned, standIns, notes };
  const now = running === plan.image.digest ? planned : await find(running, 'running');
  return { running: now, planned, standIns, notes };
}

/** Digest of the image that a stack was given. */
export function runningDigest(deployed: readonly DeployedStack[]): string | undefined {
  return deployed
    .flatMap(({ parameters }) => parameters)
    .find(({ ParameterKey }) => ParameterKey === 'ImageDigest')?.ParameterValue;
}

interface Wanted {
  readonly digest: string;
  readonly role: string;
}

async function imageFor(
  operation: Operation,
  source: ImageSource,
  { digest, role }: Wanted,
): Promise<{ readonly image: PackedImage; readonly why?: string }> {
  const { plan, plane } = source;
  const { target, signal } = operation;
  const repository = plan.image?.repository ?? '';
  const pulled = await pullImage(await target.clients.ecr(), { repository, digest, signal });
  const unfit = pulled && unfitness(pulled, plane, commandOf(plan));
  if (pulled !== undefined && unfit === undefined) return { image: pulled };
  const packed = await packedWorkingCopy(operation, source);
  if (packed.digest === digest) return { image: packed };
  const name = `${repository}@${digest.slice(0, 19)}`;
  if (unfit !== undefined)
    return { image: twinOf(packed, role), why: `${name} cannot run on this machine, ${unfit}` };
  throw new UserError([
    `The repository ${repository} has no image ${digest}, and what would be packed here now is ${packed.digest}.`,
    'The source has changed since the plan was made, or the image was never pushed: make a new plan.',
  ]);
}

/** Packed once, however many it stands in for. */
const packedCopies = new WeakMap<ImageSource, Promise<PackedImage>>();

function packedWorkingCopy(operation: Operation, source: ImageSource): Promise<PackedImage> {
  const packed = packedCopies.get(source) ?? pack(operation, source);
  packedCopies.set(source, packed);
  return packed;
}

async function pack(
  operation: Operation,
  { host, plan, definition: given }: ImageSource,
): Promise<PackedImage> {
  const definition = findDefinition(host.cwd, given);
  const resolved = await readDefinition({ definition, environment: plan.environment }, operation.signal);
  return startPacking(operation, { definition, resolved });
}

/** What the plan's task definition has its container run, if not what its image says. */
function commandOf(plan: PlanFile): readonly string[] {
  return (
    templateValue(plan, 'AWS::ECS::TaskDefinition', ({ ContainerDefinitions: containers }) => {
      const [first] = Array.isArray(containers)
        ? (containers as { readonly Command?: readonly string[] }[])
        : [];
      return first?.Command;
    }) ?? []
  );
}

/** What the load balancer asks to see whether tasks are healthy: what the load asks too. */
export function healthPathOf(plan: PlanFile): string {
  return (
    templateValue(plan, 'AWS::ElasticLoadBalancingV2::TargetGroup', ({ HealthCheckPath: path }) =>
      typeof path === 'string' ? path : undefined,
    ) ?? '/'
  );
}

function templateValue<T>(
  { waves }: PlanFile,
  type: string,
  read: (properties: Readonly<Record<string, unknown>>) => T | undefined,
): T | undefined {
  return waves
    .flatMap(({ stacks }) => stacks.flatMap(({ template }) => Object.values(resourcesOf(template))))
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => read(Properties ?? {}))
    .find((value) => value !== undefined);
}
