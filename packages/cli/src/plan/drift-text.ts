/** Drift as people read it. Pure. */
import type { Drift, DriftOfResource } from './drift.ts';

export function driftLines(drifts: readonly Drift[]): readonly string[] {
  const found = drifts.filter(({ resources }) => resources.length > 0);
  const unknown = drifts.filter(({ notCompared }) => notCompared.length > 0);
  return [
    ...(found.length === 0 ? [`Nothing was changed by hand in ${drifts.length} stacks.`] : []),
    ...found.flatMap(({ stack, resources }) => [`${stack}:`, ...resources.flatMap(resourceLines)]),
    ...unknown.flatMap(({ stack, notCompared }) =>
      notCompared.map(({ what, why }) => `Not compared in ${stack}: ${what}: ${why}`),
    ),
  ];
}

function resourceLines({ logicalId, physicalId, type, status, properties }: DriftOfResource): string[] {
  const isGone = status === 'DELETED';
  return [
    `  ${isGone ? '-' : '~'} ${type} ${logicalId} (${physicalId})${isGone ? ' is gone' : ''}`,
    ...properties.map(({ path, expected, actual }) => `      ${path}: ${expected} → ${actual}`),
  ];
}
