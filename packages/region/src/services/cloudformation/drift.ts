/**
 * How a resource differs from what its template gives. Pure.
 *
 * Only what the template gives is compared, as AWS does: a default that a service adds is no drift. Of documents (policies)
 * and maps every member counts, since the template gives the whole. Lists have no order: what is nowhere exactly as expected
 * is compared with the item of the same name, or with the one most alike. `"80"` is 80, and a document is what it means,
 * however it is written. What is secret is neither compared nor shown.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 */
import type { PropertyDifference } from '@aws-sdk/client-cloudformation';
import type { Ignored, Properties, ResourceType, Shape } from '../../kernel/resource-type.ts';
import { isObject } from './template/template.ts';

type Shaped = Shape | Ignored;

/** Stands for a value that nobody may read. */
export const secret = '****';

export function driftOf(
  type: Pick<ResourceType, 'properties'>,
  expected: Properties,
  actual: Properties,
): readonly PropertyDifference[] {
  return comparedNames(expected, actual).flatMap((name) =>
    differences(type.properties[name] ?? anything, expected[name], actual[name], `/${name}`),
  );
}

/** Both sides as JSON: the properties that were compared, and of the actual ones only what the template gives. */
export function compared(
  type: Pick<ResourceType, 'properties'>,
  expected: Properties,
  actual: Properties,
): { readonly expected: string; readonly actual: string } {
  const names = comparedNames(expected, actual);
  const pick = (of: (name: string) => unknown) =>
    JSON.stringify(Object.fromEntries(names.map((name) => [name, of(name)])));
  return {
    expected: pick((name) => expected[name]),
    actual: pick((name) => given(type.properties[name] ?? anything, expected[name], actual[name])),
  };
}

const anything: Shape = { kind: 'json' };

function comparedNames(expected: Properties, actual: Properties): readonly string[] {
  return Object.keys(expected).filter((name) => name in actual && !isKey(name));
}

/** Confirmed by docs: keys of KMS are not compared, since they go by several names. */
function isKey(name: string): boolean {
  return /^KMS(Master)?Key(Id)?$/i.test(name);
}

function differences(
  shape: Shaped,
  expected: unknown,
  actual: unknown,
  path: string,
): readonly PropertyDifference[] {
  if (expected === undefined || isSecret(expected)) return [];
  const [before, now] =
    shape.kind === 'json' ? [asDocument(expected), asDocument(actual)] : [expected, actual];
  if (isObject(before) && isObject(now)) return ofMembers(shape, before, now, path);
  if (Array.isArray(before) && Array.isArray(now)) return ofItems(itemShape(shape), before, now, path);
  // Confirmed by docs: in a policy one value may stand without its list.
  if (shape.kind === 'json' && now !== undefined && Array.isArray(before) !== Array.isArray(now))
    return ofItems(shape, [before].flat(), [now].flat(), path);
  return isSame(shape, before, now) ? [] : [difference(path, before, now)];
}

function ofMembers(
  shape: Shaped,
  expected: Properties,
  actual: Properties,
  path: string,
): readonly PropertyDifference[] {
  const more = isWhole(shape) ? Object.keys(actual).filter((name) => !(name in expected)) : [];
  return [
    ...Object.keys(expected).flatMap((name) =>
      isKey(name)
        ? []
        : differences(memberShape(shape, name), expected[name], actual[name], `${path}/${name}`),
    ),
    ...more.map((name) => difference(`${path}/${name}`, undefined, actual[name])),
  ];
}

function ofItems(
  shape: Shaped,
  expected: readonly unknown[],
  actual: readonly unknown[],
  path: string,
): readonly PropertyDifference[] {
  const found = expected.map((item, index) => ({ item, index }));
  const left = actual.map((item, index) => ({ item, index }));
  const differs = (a: unknown, b: unknown, at = '') => differences(shape, a, b, at);
  const missing = found.filter(({ item }) => {
    const at = left.findIndex((other) => differs(item, other.item).length === 0);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
  const changed = missing.flatMap(({ item, index }) => {
    const alike = left
      .filter((other) => mayBe(item, other.item))
      .map((other) => ({ other, count: differs(item, other.item).length }))
      .sort((a, b) => a.count - b.count)[0];
    const isNamed = nameOf(item) !== undefined;
    if (!alike || (!isNamed && alike.count >= Math.max(size(item), size(alike.other.item))))
      return [difference(`${path}/${index}`, item, undefined)];
    left.splice(left.indexOf(alike.other), 1);
    return differs(item, alike.other.item, `${path}/${index}`);
  });
  return [...changed, ...left.map(({ item, index }) => difference(`${path}/${index}`, undefined, item))];
}

/** Values are told apart by themselves, objects by their names where they have any. */
function mayBe(expected: unknown, actual: unknown): boolean {
  return isObject(expected) && isObject(actual) && nameOf(expected) === nameOf(actual);
}

const names = ['Key', 'Name', 'Id', 'Sid', 'PolicyName', 'ScheduledActionName', 'ContainerName'];

function nameOf(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const name = names.find((one) => typeof item[one] === 'string');
  return name === undefined ? undefined : String(item[name]);
}

/** How many values there are in it. */
function size(value: unknown): number {
  const parts = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : undefined;
  return parts === undefined ? 1 : parts.reduce((sum: number, part) => sum + size(part), 0);
}

function isSame(shape: Shaped, expected: unknown, actual: unknown): boolean {
  if (expected === actual) return true;
  if (actual === undefined) return isEmpty(expected);
  if (typeof expected === 'object' || typeof actual === 'object') return false;
  const [before, now] = [String(expected), String(actual)];
  if (before === now) return true;
  if (shape.kind === 'string' && shape.ignoresCase) return before.toLowerCase() === now.toLowerCase();
  if (shape.kind === 'integer' || shape.kind === 'number') return Number(before) === Number(now);
  const [document, other] = [asDocument(before), asDocument(now)];
  return typeof document === 'object' && differences(anything, document, other, '').length === 0;
}

function isEmpty(value: unknown): boolean {
  return value === '' || ((Array.isArray(value) || isObject(value)) && Object.keys(value).length === 0);
}

/** What a text says, if it is JSON of an object or a list. */
function asDocument(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** The actual value without what the template does not give, or may not show. */
function given(shape: Shaped, expected: unknown, actual: unknown): unknown {
  if (isSecret(expected)) return expected;
  if (isObject(expected) && isObject(actual)) {
    const shown = Object.keys(actual).filter((name) => isWhole(shape) || name in expected);
    return Object.fromEntries(
      shown.map((name) => [name, given(memberShape(shape, name), expected[name], actual[name])]),
    );
  }
  if (!Array.isArray(expected) || !Array.isArray(actual)) return actual;
  return actual.map((item, index) => {
    const name = nameOf(item);
    const same = expected.find((one) => nameOf(one) === name);
    return given(itemShape(shape), name === undefined ? expected[index] : same, item);
  });
}

/** Of a secret nothing is compared: what the template gives is a reference, or hidden. */
function isSecret(expected: unknown): boolean {
  return typeof expected === 'string' && /\*\*\*\*|\{\{resolve:(secretsmanager|ssm-secure):/.test(expected);
}

/** Whether members that the template does not give count. */
function isWhole({ kind }: Shaped): boolean {
  return kind === 'json' || kind === 'map';
}

function memberShape(shape: Shaped, name: string): Shaped {
  if (shape.kind === 'object') return shape.members[name] ?? anything;
  return shape.kind === 'map' ? shape.of : anything;
}

function itemShape(shape: Shaped): Shaped {
  if (shape.kind === 'tags') return tag;
  return shape.kind === 'list' ? shape.of : anything;
}

const tag: Shape = { kind: 'object', members: { Key: { kind: 'string' }, Value: { kind: 'string' } } };

function difference(PropertyPath: string, expected: unknown, actual: unknown): PropertyDifference {
  return {
    PropertyPath,
    ExpectedValue: textOf(expected),
    ActualValue: textOf(actual),
    DifferenceType: expected === undefined ? 'ADD' : actual === undefined ? 'REMOVE' : 'NOT_EQUAL',
  };
}

function textOf(value: unknown): string {
  if (value === undefined) return 'null';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
