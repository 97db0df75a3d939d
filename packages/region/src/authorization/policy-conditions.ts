/**
 * The `Condition` of a statement. Pure but for the arithmetic of addresses.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { BlockList, isIP } from 'node:net';
import { type Lookup, matchesArn, matchesPattern, withVariables } from './policy-patterns.ts';

/** By operator, then by key. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

type Test = (wanted: string, given: string) => boolean;

const numeric =
  (compare: (a: number, b: number) => boolean): Test =>
  (wanted, given) =>
    compare(Number(given), Number(wanted));

const dated =
  (compare: (a: number, b: number) => boolean): Test =>
  (wanted, given) =>
    compare(timeOf(given), timeOf(wanted));

const equal = (a: number, b: number): boolean => a === b;
const less = (a: number, b: number): boolean => a < b;
const atMost = (a: number, b: number): boolean => a <= b;
const more = (a: number, b: number): boolean => a > b;
const atLeast = (a: number, b: number): boolean => a >= b;

const tests: Readonly<Record<string, Test>> = {
  StringEquals: (wanted, given) => wanted === given,
  StringEqualsIgnoreCase: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  StringLike: matchesPattern,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (wanted, given) => wanted.toLowerCase() === given.toLowerCase(),
  BinaryEquals: (wanted, given) => wanted === given,
  IpAddress: isInRange,
  NumericEquals: numeric(equal),
  NumericLessThan: numeric(less),
  NumericLessThanEquals: numeric(atMost),
  NumericGreaterThan: numeric(more),
  NumericGreaterThanEquals: numeric(atLeast),
  DateEquals: dated(equal),
  DateLessThan: dated(less),
  DateLessThanEquals: dated(atMost),
  DateGreaterThan: dated(more),
  DateGreaterThanEquals: dated(atLeast),
};

/** Those that hold where the other one does not, also where the key is missing. */
const negations: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NotIpAddress: 'IpAddress',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
};

const patterns: ReadonlySet<string> = new Set(['StringLike', 'ArnEquals', 'ArnLike']);

/**
 * Whether all operators hold for all their keys.
 * @param unknown what an operator that there is not counts as: a denial stays one
 */
export function conditionsHold(
  conditions: Conditions,
  lookup: Lookup,
  options: { readonly hasVariables: boolean; readonly unknown: boolean },
): boolean {
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, values]) =>
      holds(operator, lookup(key), listOf(values), lookup, options),
    ),
  );
}

function holds(
  name: string,
  given: readonly string[] | undefined,
  values: readonly string[],
  lookup: Lookup,
  { hasVariables, unknown }: { readonly hasVariables: boolean; readonly unknown: boolean },
): boolean {
  const [, quantifier, operator = '', ifExists] =
    /^(ForAllValues:|ForAnyValue:)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  if (operator === 'Null')
    return values.some((value) => (value.toLowerCase() === 'true') === (given === undefined));
  const positive = negations[operator] ?? operator;
  const isNegated = positive !== operator;
  const test = tests[positive];
  if (test === undefined) return unknown;
  if (given === undefined || given.length === 0) {
    if (ifExists !== undefined || quantifier === 'ForAllValues:') return true;
    return isNegated && quantifier === undefined;
  }
  const wanted = values.flatMap((value) =>
    hasVariables ? (withVariables(value, lookup, patterns.has(positive)) ?? []) : [value],
  );
  const fits = (one: string): boolean => wanted.some((value) => test(value, one)) !== isNegated;
  if (quantifier === 'ForAllValues:' || (quantifier === undefined && isNegated)) return given.every(fits);
  return given.some(fits);
}

/** ISO 8601, or seconds since 1970. */
function timeOf(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function isInRange(range: string, address: string): boolean {
  const [network = '', length] = range.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(network) !== isIP(address)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(length ?? (family === 'ipv6' ? 128 : 32)), family);
  return list.check(address, family);
}

export function listOf(value: unknown): readonly string[] {
  return [value].flat().map(String);
}
