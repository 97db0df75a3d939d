/** Whether a message passes a filter policy. */
import { BlockList, isIP } from 'node:net';
import {
  type Condition,
  type FilterPolicy,
  isObject,
  isScalar,
  type NumericOperator,
  type Rule,
  type Scalar,
} from './filter-policy.ts';

/** What a message says under each path; a list of values where it says several. */
type Properties = ReadonlyMap<string, readonly Scalar[]>;

export interface FilterableAttribute {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
}

export function attributesPass(
  policy: FilterPolicy,
  attributes: Readonly<Record<string, FilterableAttribute>>,
): boolean {
  const properties = new Map(
    Object.entries(attributes).map(([name, attribute]) => [name, attributeValues(attribute)] as const),
  );
  const matchesAbsent = properties.size === 0 ? isNull : matchesAbsentAttribute;
  return policy.some((conditions) => holds(conditions, properties, matchesAbsent));
}

/** Differs from attributes in that a body that is no JSON object never passes. */
export function bodyPasses(policy: FilterPolicy, body: string): boolean {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return false;
  }
  if (!isObject(parsed)) return false;
  const readings = readingsOf(parsed, '');
  return policy.some((conditions) =>
    readings.some((properties) => holds(conditions, properties, matchesAbsentProperty)),
  );
}

function attributeValues({ DataType = '', StringValue = '' }: FilterableAttribute): readonly Scalar[] {
  if (DataType === 'Number' || DataType.startsWith('Number.')) return [Number(StringValue)];
  if (DataType === 'String.Array') return arrayValues(StringValue);
  // Confirmed by docs: attributes of the type Binary are ignored.
  return DataType.startsWith('String') ? [StringValue] : [];
}

function arrayValues(text: string): readonly Scalar[] {
  try {
    const values: unknown = JSON.parse(text);
    return Array.isArray(values) ? values.filter(isScalar) : isScalar(values) ? [values] : [];
  } catch {
    return [];
  }
}

/** Chosen: a body with more elements of arrays in arrays than this is read in part only. */
const maximumReadings = 10_000;

/**
 * A list of objects is read as any one of its elements: conditions on several of their members must hold in the same
 * element. Members are joined by dots, so that a policy's `a.b` finds both `{"a": {"b"}}` and `{"a.b"}`, as in AWS.
 */
function readingsOf(value: unknown, path: string): Properties[] {
  if (isScalar(value)) return [new Map([[path, [value]]])];
  if (Array.isArray(value)) return readingsOfArray(value, path);
  let readings: Properties[] = [new Map()];
  for (const [key, member] of Object.entries(value as Record<string, unknown>)) {
    const own = readingsOf(member, path === '' ? key : `${path}.${key}`);
    readings = readings
      .flatMap((before) => own.map((after) => new Map([...before, ...after])))
      .slice(0, maximumReadings);
  }
  return readings;
}

function readingsOfArray(values: readonly unknown[], path: string): Properties[] {
  const flat = values.flat(Number.POSITIVE_INFINITY);
  const scalars = flat.filter(isScalar);
  const readings = flat.filter(isObject).flatMap((element) => readingsOf(element, path));
  return [...(scalars.length > 0 ? [new Map([[path, scalars]])] : []), ...readings].slice(0, maximumReadings);
}

function holds(
  conditions: readonly Condition[],
  properties: Properties,
  matchesAbsent: (rule: Rule) => boolean,
): boolean {
  return conditions.every(({ path, rules }) => {
    const values = properties.get(path);
    return rules.some((rule) => {
      if (values === undefined) return matchesAbsent(rule);
      return rule.kind === 'exists' ? rule.value : values.some((value) => matches(rule, value));
    });
  });
}

function matchesAbsentProperty(rule: Rule): boolean {
  return rule.kind === 'exists' && !rule.value;
}

/**
 * Confirmed by docs: `"exists": false` only matches if at least one attribute is present.
 * https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
 */
function matchesAbsentAttribute(rule: Rule): boolean {
  return matchesAbsentProperty(rule) || isNull(rule);
}

/** Confirmed by answers of AWS: `null` stands for an attribute that is not there. */
function isNull(rule: Rule): boolean {
  return rule.kind === 'exact' && rule.value === null;
}

function matches(rule: Exclude<Rule, { kind: 'exists' }>, value: Scalar): boolean {
  switch (rule.kind) {
    case 'exact':
      return value === rule.value;
    case 'prefix':
      return typeof value === 'string' && value.startsWith(rule.value);
    case 'suffix':
      return typeof value === 'string' && value.endsWith(rule.value);
    case 'equals-ignore-case':
      return typeof value === 'string' && value.toLowerCase() === rule.value.toLowerCase();
    case 'cidr':
      return typeof value === 'string' && isWithin(value, rule.value);
    case 'anything-but':
      // Confirmed by answers of AWS: strings exclude strings, numbers numbers; others pass neither.
      return typeof value === typeof rule.values[0] && !rule.values.includes(value);
    case 'anything-but-prefix':
      return typeof value === 'string' && !rule.prefixes.some((prefix) => value.startsWith(prefix));
    case 'numeric':
      return (
        typeof value === 'number' && rule.bounds.every((bound) => compare(value, bound.operator, bound.value))
      );
  }
}

function compare(value: number, operator: NumericOperator, bound: number): boolean {
  switch (operator) {
    case '=':
      return value === bound;
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
  }
}

function isWithin(address: string, cidr: string): boolean {
  const [network = '', bits] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const block = new BlockList();
  block.addSubnet(network, Number(bits ?? (family === 4 ? 32 : 128)), type);
  return block.check(address, type);
}
