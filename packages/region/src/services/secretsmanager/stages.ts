import type { Instant } from '../../kernel/instant.ts';
import type { Version } from './state.ts';

/*
 * Staging labels, pure. A label sits on one version at a time. AWSPREVIOUS follows AWSCURRENT by itself: it goes to the
 * version that AWSCURRENT left. https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
 */
const current = 'AWSCURRENT';
const previous = 'AWSPREVIOUS';

/** Puts labels on a version, taking them from whichever has them. */
export function moveStages(
  versions: readonly Version[],
  stages: readonly string[],
  toVersionId: string,
): readonly Version[] {
  const left = stages.includes(current) ? versionWith(versions, current) : undefined;
  const moved = stages.reduce((all, stage) => place(all, stage, toVersionId), versions);
  return left && left.id !== toVersionId ? place(moved, previous, left.id) : moved;
}

/** Takes a label from whichever version has it. */
export function removeStage(versions: readonly Version[], stage: string): readonly Version[] {
  return versions.map((version) => ({ ...version, stages: version.stages.filter((one) => one !== stage) }));
}

export function versionWith(versions: readonly Version[], stage: string): Version | undefined {
  return versions.find((version) => version.stages.includes(stage));
}

/**
 * The versions that are kept: all with a label, all of the last 24 hours, and the newest 100.
 * Confirmed by docs: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export function keptVersions(versions: readonly Version[], now: Instant): readonly Version[] {
  const surplus = versions.length - 100;
  const dayAgo = now - 24 * 3600 * 1000;
  return versions.filter(({ stages, created }, i) => i >= surplus || stages.length > 0 || created > dayAgo);
}

function place(versions: readonly Version[], stage: string, versionId: string): readonly Version[] {
  return removeStage(versions, stage).map((version) =>
    version.id === versionId ? { ...version, stages: [...version.stages, stage] } : version,
  );
}
