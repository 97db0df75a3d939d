import type { ResourceChange } from './picture.ts';

/**
 * How what would change differs from what was shown, in words; empty if it does not. Values are not compared: what was
 * shown before a stack was there has references where values are now.
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
      return before === undefined || outline(before) === outline(change)
        ? []
        : [`shown as ${textOf(before)}; now ${textOf(change)}`];
    }),
  ];
}

function outline({ type, action, replacement, properties }: ResourceChange): string {
  // Of a resource that is added every property is new, written as a reference or as its value.
  const paths = action === 'modify' ? properties.map(({ path }) => path).sort() : [];
  return JSON.stringify([type, action, replacement, paths]);
}

function textOf({ logicalId, type, action, replacement, properties }: ResourceChange): string {
  const how = replacement === 'no' ? action : `${action} with replacement (${replacement})`;
  const what = action === 'modify' ? `: ${properties.map(({ path }) => path).join(', ')}` : '';
  return `${how} ${type} ${logicalId}${what}`;
}
