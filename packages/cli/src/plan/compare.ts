import { type PropertyChange, pendingValue, type ResourceChange } from './picture.ts';
import { propertyText } from './picture-text.ts';

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
      return before === undefined ? [] : differencesOf(before, change);
    }),
  ];
}

function differencesOf(shown: ResourceChange, actual: ResourceChange): readonly string[] {
  if (outline(shown) !== outline(actual)) return [`shown as ${textOf(shown)}; now ${textOf(actual)}`];
  if (actual.action !== 'modify') return [];
  const { logicalId } = actual;
  return [
    ...shown.properties
      .filter((property) => !actual.properties.some((other) => covers(property, other)))
      .map((property) => `not any more: ${logicalId} ${propertyText(property)}`),
    ...actual.properties.flatMap((property) => {
      const before = shown.properties.find((one) => covers(one, property));
      const text = `${logicalId} ${propertyText(property)}`;
      if (before === undefined) return [`not shown: ${text}`];
      return isPending(before) || before.after === property.after
        ? []
        : [`shown as ${propertyText(before)}; now ${text}`];
    }),
  ];
}

function outline({ type, action, replacement, oldOne }: ResourceChange): string {
  return JSON.stringify([type, action, replacement, oldOne]);
}

/** A value that was yet to come may turn out to differ in a part of it only. */
function covers(shown: PropertyChange, actual: PropertyChange): boolean {
  return shown.path === actual.path || (isPending(shown) && actual.path.startsWith(`${shown.path}.`));
}

function isPending({ after }: PropertyChange): boolean {
  return after?.includes(pendingValue) === true;
}

function textOf({ logicalId, type, action, replacement, properties }: ResourceChange): string {
  const how = replacement === 'no' ? action : `${action} with replacement (${replacement})`;
  const what = action === 'modify' ? `: ${properties.map(propertyText).join(', ')}` : '';
  return `${how} ${type} ${logicalId}${what}`;
}
