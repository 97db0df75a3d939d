/** What ran when, out of ECS's service deployments and revisions, and which of it a rollback means. Pure. */
import type { ServiceDeployment, ServiceRevision } from '@aws-sdk/client-ecs';

/** One deployment of the service. Times are ISO 8601. */
export interface ReleaseRecord {
  /** Revision of the task definition: what `plimsoll rollback` takes as a name. */
  readonly release: string;
  /** `sha256:…`; empty if ECS no longer tells. */
  readonly imageDigest: string;
  /** `family:revision` */
  readonly taskDefinition: string;
  /** ECS's status of the service deployment. */
  readonly status: string;
  readonly started: string;
  readonly finished?: string;
  /** Why it has its status, as far as ECS says. */
  readonly reason?: string;
  /** Whether this is what serves now. */
  readonly isCurrent: boolean;
}

/**
 * @param container the one that runs the service's image
 * @param current ARN of the task definition that the service has now
 * @returns newest first
 */
export function releaseHistory(
  facts: {
    readonly deployments: readonly ServiceDeployment[];
    readonly revisions: readonly ServiceRevision[];
  },
  container: string,
  current: string | undefined,
): readonly ReleaseRecord[] {
  const revisions = new Map(facts.revisions.map((one) => [one.serviceRevisionArn, one]));
  const newestFirst = [...facts.deployments].sort((a, b) => startOf(b) - startOf(a));
  const serving = newestFirst.findIndex(
    ({ status, targetServiceRevision }) =>
      status === 'SUCCESSFUL' && revisions.get(targetServiceRevision?.arn)?.taskDefinition === current,
  );
  return newestFirst.map((deployment, index) => {
    const { status = 'PENDING', finishedAt, statusReason, rollback } = deployment;
    const revision = revisions.get(deployment.targetServiceRevision?.arn);
    const taskDefinition = revision?.taskDefinition?.split('/').at(-1) ?? '';
    const reason = rollback?.reason ?? statusReason;
    return {
      release: taskDefinition.split(':').at(-1) ?? '',
      imageDigest: digestOf(revision, container),
      taskDefinition,
      status,
      started: new Date(startOf(deployment)).toISOString(),
      ...(finishedAt !== undefined && { finished: finishedAt.toISOString() }),
      ...(reason !== undefined && { reason }),
      isCurrent: index === serving,
    };
  });
}

/** What a rollback goes to, or why it goes nowhere. */
export type RollbackChoice =
  | { readonly kind: 'release'; readonly release: ReleaseRecord }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * A release by its number or by how its digest begins; without a name the last successful one of another image that is older
 * than the first of the image that runs. Chosen so that a second rollback goes further back, never to what the first one left.
 * @param history newest first
 * @param running digest of the image that the stack has now
 */
export function chooseRollback(
  history: readonly ReleaseRecord[],
  running: string,
  name?: string,
): RollbackChoice {
  const known = history.filter(({ imageDigest }) => imageDigest !== '');
  if (name !== undefined) {
    const matching = known.filter((one) => isCalled(one, name));
    const [found] = matching;
    if (found === undefined) return refused(`There is no release '${name}'.`);
    if (matching.some(({ imageDigest }) => imageDigest !== found.imageDigest))
      return refused(`'${name}' means several releases: give more of the digest.`);
    if (found.imageDigest === running) return refused(`Release ${found.release} runs already.`);
    return { kind: 'release', release: found };
  }
  const first = known.findLastIndex(({ imageDigest }) => imageDigest === running);
  const release = known
    .slice(first + 1)
    .find(({ status, imageDigest }) => status === 'SUCCESSFUL' && imageDigest !== running);
  return release === undefined
    ? refused('There is no earlier release that was successful.')
    : { kind: 'release', release };
}

function isCalled({ release, imageDigest }: ReleaseRecord, name: string): boolean {
  if (release === name) return true;
  const digits = name.replace(/^sha256:/, '');
  return /^[0-9a-f]{6,64}$/.test(digits) && imageDigest.startsWith(`sha256:${digits}`);
}

function refused(why: string): RollbackChoice {
  return { kind: 'refused', why };
}

function startOf({ startedAt, createdAt }: ServiceDeployment): number {
  return (startedAt ?? createdAt)?.getTime() ?? 0;
}

function digestOf(revision: ServiceRevision | undefined, container: string): string {
  const found = revision?.containerImages?.find(({ containerName }) => containerName === container);
  return found?.imageDigest ?? /@(sha256:[0-9a-f]{64})$/.exec(found?.image ?? '')?.[1] ?? '';
}
