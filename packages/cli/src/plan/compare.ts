import { type PropertyChange, pendingValue, type ResourceChange } from './picture.ts';

/**
 * How what would change differs from what was shown, in words; empty if it does not. Values are compared where they were
 * known: of a resource that is added, and where a value was yet to come, the template that the plan holds is what counts.
 */
export function differencesBetween(
  shown: readonly ResourceChange[],
  actual: readonly ResourceChange[],
): readonly string[] {
  const expected = new Map(shown.map((change) => [change.logicalId, change]));
  const found = new Map(actual.map((change) => [change.logicalId, change]));
  return [
    ...shown
      .filter(({ logicalId }) => !found.has(logicalId))
      .map((change) => `not any more: ${textOf(change)}`),
    ...actual
      .filter(({ logicalId }) => !expected.has(logicalId))
      .map((change) => `not shown: ${textOf(change)}`),
    ...actual.flatMap((change) => {
      const before = expected.get(change.logicalId);
      if (before === undefined) return [];
      if (outline(before) !== outline(change)) return [`shown as ${textOf(before)}; now ${textOf(change)}`];
      return otherValues(before, change).map(
        ({ path, after }) => `shown with another value: ${change.logicalId} ${path}, now ${after ?? 'none'}`,
      );
    }),
  ];
}

function outline({ type, action, replacement, oldOne, properties }: ResourceChange): string {
  const paths = action === 'modify' ? properties.map(({ path }) => path).sort() : [];
  return JSON.stringify([type, action, replacement, oldOne, paths]);
}

function otherValues(shown: ResourceChange, actual: ResourceChange): readonly PropertyChange[] {
  if (actual.action !== 'modify') return [];
  const known = new Map(shown.properties.map((property) => [property.path, property.after]));
  return actual.properties.filter(({ path, after }) => {
    const before = known.get(path);
    return before !== after && before?.includes(pendingValue) !== true;
  });
}

function textOf({ logicalId, type, action, replacement, properties }: ResourceChange): string {
  const how = replacement === 'no' ? action : `${action} with replacement (${replacement})`;
  const what = action === 'modify' ? `: ${properties.map(({ path }) => path).join(', ')}` : '';
  return `${how} ${type} ${logicalId}${what}`;
}
