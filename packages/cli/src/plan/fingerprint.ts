import type { Stack } from '@aws-sdk/client-cloudformation';
import { canonicalJson, type DriftedResource, type Fingerprint, hashOf } from './plan-document.ts';

/** The stack as it stands. `template` is its text as it was given. */
export function fingerprintOf(
  stack: Stack,
  template: string,
  drifted?: readonly DriftedResource[],
): Fingerprint {
  const { StackId = '', StackStatus = '', Parameters = [], Tags = [], CreationTime, LastUpdatedTime } = stack;
  const parameters = Parameters.map(({ ParameterKey, ParameterValue, ResolvedValue }) => [
    ParameterKey,
    ParameterValue,
    ResolvedValue,
  ]);
  const tags = Tags.map(({ Key, Value }) => [Key, Value]);
  return {
    stackId: StackId,
    status: StackStatus,
    changedAt: (LastUpdatedTime ?? CreationTime)?.toISOString() ?? '',
    templateHash: hashOf(template),
    inputsHash: hashOf([sorted(parameters), sorted(tags)]),
    ...(drifted && { drifted }),
  };
}

const sorted = (rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] =>
  [...rows].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));

/** What has moved between two looks at a stack, in words; empty if nothing. */
export function movedSince(
  stack: string,
  then: Fingerprint | undefined,
  now: Fingerprint | undefined,
): readonly string[] {
  if (then === undefined && now === undefined) return [];
  if (then === undefined) return [`${stack} was not there when it was planned; it is ${now?.status} now`];
  if (now === undefined) return [`${stack} was ${then.status} when it was planned; it is gone`];
  if (then.stackId !== now.stackId) return [`${stack} was deleted and made anew since it was planned`];
  return [
    ...(then.templateHash === now.templateHash ? [] : [`the template of ${stack} is another one`]),
    ...(then.inputsHash === now.inputsHash ? [] : [`parameters or tags of ${stack} have changed`]),
    ...(then.changedAt === now.changedAt
      ? []
      : [`${stack} was changed at ${now.changedAt}; the plan knows it as of ${then.changedAt}`]),
    ...(then.status === now.status
      ? []
      : [`${stack} was ${then.status} when it was planned; it is ${now.status}`]),
    ...driftedSince(stack, then, now),
  ];
}

/** Only where both times somebody looked. */
function driftedSince(
  stack: string,
  { drifted: then }: Fingerprint,
  { drifted: now }: Fingerprint,
): readonly string[] {
  if (then === undefined || now === undefined) return [];
  const text = ({ logicalId, status, paths }: DriftedResource): string =>
    `${logicalId} of ${stack} ${status === 'DELETED' ? 'was deleted' : `was changed (${paths.join(', ')})`} by hand since it was planned`;
  const known = new Map(then.map((one) => [one.logicalId, one.hash]));
  const found = new Set(now.map(({ logicalId }) => logicalId));
  return [
    ...now.filter(({ logicalId, hash }) => known.get(logicalId) !== hash).map(text),
    ...then
      .filter(({ logicalId }) => !found.has(logicalId))
      .map(
        ({ logicalId }) =>
          `${logicalId} of ${stack}, changed by hand when it was planned, is as its template says now`,
      ),
  ];
}
