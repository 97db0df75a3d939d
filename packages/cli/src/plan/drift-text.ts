/** Drift as people read it. Pure. */
import type { Drift } from './drift.ts';

export function driftLines(drifts: readonly Drift[]): readonly string[] {
  const found = drifts.filter(({ resources }) => resources.length > 0);
  if (found.length === 0) return [`Nothing was changed by hand in ${drifts.length} stacks.`];
  return found.flatMap(({ stack, resources }) => [
    `${stack}:`,
    ...resources.flatMap(({ logicalId, physicalId, type, status, properties }) => [
      `  ${status === 'DELETED' ? '-' : '~'} ${type} ${logicalId} (${physicalId})${status === 'DELETED' ? ' is gone' : ''}`,
      ...properties.map(({ path, expected, actual }) => `      ${path}: ${expected} → ${actual}`),
    ]),
  ]);
}
