/**
 * How a resource differs from what its template gave: only what the template gives is compared, as AWS does. Pure.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-drift.html
 */
import type { PropertyDifference } from '@aws-sdk/client-cloudformation';
import type { Properties, ResourceType } from '../../kernel/resource-type.ts';
import { isObject } from './template/template.ts';
import { sameValue } from './values.ts';

export function driftOf(
  type: Pick<ResourceType, 'properties'>,
  expected: Properties,
  actual: Properties,
): readonly PropertyDifference[] {
  return Object.keys(actual)
    .filter((name) => name in expected)
    .flatMap((name) =>
      differences(expected[name], actual[name], `/${name}`, type.properties[name]?.kind === 'json'),
    );
}

/** @param whole whether members that are not expected count too: of a policy each does */
function differences(expected: unknown, actual: unknown, path: string, whole: boolean): PropertyDifference[] {
  if (expected === undefined || sameValue(expected, actual)) return [];
  if (isObject(expected) && isObject(actual)) {
    const names = new Set([...Object.keys(expected), ...(whole ? Object.keys(actual) : [])]);
    return [...names].flatMap((name) => {
      const isPolicy = whole || name.endsWith('PolicyDocument');
      return name in expected
        ? differences(expected[name], actual[name], `${path}/${name}`, isPolicy)
        : [difference(path, name, undefined, actual[name])];
    });
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (sameValue(sorted(expected), sorted(actual))) return [];
    const length = Math.max(expected.length, actual.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      index < expected.length
        ? differences(expected[index], actual[index], `${path}/${index}`, whole)
        : [difference(path, index, undefined, actual[index])],
    );
  }
  // Templates give "80" where the API answers 80.
  if (!isObject(expected) && !Array.isArray(expected) && String(expected) === String(actual)) return [];
  const at = path.lastIndexOf('/');
  return [difference(path.slice(0, at), path.slice(at + 1), expected, actual)];
}

/** Lists of names have no order: subnets, security groups. */
function sorted(list: readonly unknown[]): readonly unknown[] {
  return list.every((one) => typeof one === 'string') ? [...list].sort() : list;
}

function difference(
  path: string,
  name: string | number,
  expected: unknown,
  actual: unknown,
): PropertyDifference {
  return {
    PropertyPath: `${path}/${name}`,
    ExpectedValue: textOf(expected),
    ActualValue: textOf(actual),
    DifferenceType: expected === undefined ? 'ADD' : actual === undefined ? 'REMOVE' : 'NOT_EQUAL',
  };
}

function textOf(value: unknown): string {
  if (value === undefined) return 'null';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
