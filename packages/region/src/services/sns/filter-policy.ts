/**
 * Filter policies: read, checked by AWS's rules, and brought into a form that can be matched: a list of alternatives
 * (`$or` multiplies them out), each a list of conditions by path (`a.b`), all of which must hold.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
import { isIP } from 'node:net';
import { invalidParameter } from './errors.ts';

export type Scalar = string | number | boolean | null;

export type NumericOperator = '=' | '<' | '<=' | '>' | '>=';

interface Bound {
  readonly operator: NumericOperator;
  readonly value: number;
}

export type Rule =
  | { readonly kind: 'exact'; readonly value: Scalar }
  | { readonly kind: 'prefix' | 'suffix' | 'equals-ignore-case' | 'cidr'; readonly value: string }
  | { readonly kind: 'anything-but'; readonly values: readonly Scalar[] }
  | { readonly kind: 'anything-but-prefix'; readonly prefixes: readonly string[] }
  | {
      readonly kind: 'numeric';
      readonly bounds: readonly Bound[];
    }
  | { readonly kind: 'exists'; readonly value: boolean };

export interface Condition {
  readonly path: string;
  /** One of them must hold. */
  readonly rules: readonly Rule[];
}

export type FilterScope = 'MessageAttributes' | 'MessageBody';

export type FilterPolicy = readonly (readonly Condition[])[];

/**
 * @param where what the error begins with
 * @throws InvalidParameter with AWS's words
 */
export function parseFilterPolicy(
  text: string,
  scope: FilterScope,
  where: '' | 'Attributes Reason: ' = '',
): FilterPolicy {
  const fail = (reason: string): never => {
    throw invalidParameter(`${where}FilterPolicy: ${reason}`);
  };
  const policy = parseObject(text, fail);
  if (Buffer.byteLength(text) > 262_144) fail('Filter policy is too large');
  const parser = new Parser(fail);
  const alternatives = parser.alternatives(policy, '', 1);
  if (parser.isNested && scope === 'MessageAttributes') {
    throw invalidParameter(
      `${where}Filter policy scope MessageAttributes does not support nested filter policy`,
    );
  }
  // Confirmed by docs: at most five keys, and 150 combinations of values.
  if (parser.keys > 5) fail('Filter policy can not have more than 5 keys');
  if (parser.combinations > 150) fail('Filter policy is too complex');
  return alternatives;
}

function parseObject(text: string, fail: (reason: string) => never): Record<string, unknown> {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    return fail('failed to parse JSON');
  }
  return isObject(policy) ? policy : fail('Filter policy must be an object');
}

class Parser {
  readonly #fail: (reason: string) => never;
  isNested = false;
  keys = 0;
  /** Confirmed by docs: values of each key, times its depth, multiplied. */
  combinations = 1;

  constructor(fail: (reason: string) => never) {
    this.#fail = fail;
  }

  alternatives(policy: Record<string, unknown>, path: string, depth: number): Condition[][] {
    let alternatives: Condition[][] = [[]];
    for (const [key, value] of Object.entries(policy)) {
      const own = this.#member(key, value, path === '' ? key : `${path}.${key}`, { path, depth });
      alternatives = alternatives.flatMap((before) => own.map((conditions) => [...before, ...conditions]));
    }
    return alternatives;
  }

  #member(
    key: string,
    value: unknown,
    path: string,
    at: { readonly path: string; readonly depth: number },
  ): Condition[][] {
    if (key === '$or' && isOrOperator(value)) {
      return value.flatMap((branch) => this.alternatives(branch, at.path, at.depth));
    }
    if (Array.isArray(value)) return [[this.#condition(path, value, at.depth)]];
    if (!isObject(value)) return this.#fail(`"${key}" must be an object or an array`);
    if (Object.keys(value).length === 0) return this.#fail(`Empty objects are not allowed`);
    this.isNested = true;
    return this.alternatives(value, path, at.depth + 1);
  }

  #condition(path: string, values: readonly unknown[], depth: number): Condition {
    if (values.length === 0) return this.#fail('Empty arrays are not allowed');
    this.keys += 1;
    this.combinations *= values.length * depth;
    return { path, rules: values.map((value) => this.#rule(value)) };
  }

  #rule(value: unknown): Rule {
    if (isScalar(value)) return { kind: 'exact', value: this.#inRange(value) };
    if (!isObject(value)) return this.#fail('Match value must be String, number, true, false, or null');
    const [entry, second] = Object.entries(value);
    if (entry === undefined || second !== undefined) {
      return this.#fail('Only one key allowed in match expression');
    }
    return this.#match(entry[0], entry[1]);
  }

  #match(type: string, pattern: unknown): Rule {
    switch (type) {
      case 'prefix':
      case 'suffix':
      case 'equals-ignore-case':
        return { kind: type, value: this.#text(type, pattern) };
      case 'cidr':
        return { kind: type, value: this.#cidr(pattern) };
      case 'anything-but':
        return this.#anythingBut(pattern);
      case 'numeric':
        return { kind: 'numeric', bounds: this.#bounds(pattern) };
      case 'exists':
        return typeof pattern === 'boolean'
          ? { kind: 'exists', value: pattern }
          : this.#fail('exists match pattern must be either true or false.');
      default:
        return this.#fail(`Unrecognized match type ${type}`);
    }
  }

  #text(type: string, pattern: unknown): string {
    return typeof pattern === 'string' ? pattern : this.#fail(`${type} match pattern must be a string`);
  }

  #cidr(pattern: unknown): string {
    const text = this.#text('cidr', pattern);
    const [, network = '', bits = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    const family = isIP(network);
    const isValid = family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
    return isValid ? text : this.#fail(`Malformed CIDR: ${text}`);
  }

  #anythingBut(pattern: unknown): Rule {
    if (isObject(pattern)) {
      const [entry] = Object.entries(pattern);
      if (entry?.[0] !== 'prefix') return this.#fail(`Unsupported anything-but pattern: ${entry?.[0] ?? ''}`);
      const prefixes = Array.isArray(entry[1]) ? entry[1] : [entry[1]];
      return {
        kind: 'anything-but-prefix',
        prefixes: prefixes.map((prefix) => this.#text('prefix', prefix)),
      };
    }
    const values: unknown[] = Array.isArray(pattern) ? pattern : [pattern];
    if (values.length === 0) return this.#fail('Empty arrays are not allowed');
    const scalars = values.map((value) =>
      typeof value === 'string' || typeof value === 'number'
        ? value
        : this.#fail('Inside anything but list, start|null|boolean is not supported.'),
    );
    if (new Set(scalars.map((value) => typeof value)).size > 1) {
      return this.#fail(
        'Inside anything but list, either all values are number or string, mixed type is not supported',
      );
    }
    return { kind: 'anything-but', values: scalars };
  }

  #bounds(pattern: unknown): Bound[] {
    if (!Array.isArray(pattern)) return this.#fail('Value of numeric must be an array.');
    const [operator, value, ...range] = pattern as unknown[];
    if (typeof operator !== 'string') {
      return this.#fail(
        `Invalid member in numeric match: ${operator === undefined ? ']' : String(operator)}`,
      );
    }
    if (!isOperator(operator)) return this.#fail(`Unrecognized numeric range operator: ${operator}`);
    const first = this.#bound(operator, value);
    if (range.length === 0) return [first];
    if (!operator.startsWith('>')) return this.#fail('Too many elements in numeric expression');
    return [first, this.#upperBound(first.value, range)];
  }

  #upperBound(bottom: number, [operator, value, ...rest]: readonly unknown[]): Bound {
    if (typeof operator !== 'string') return this.#fail(`Bad value in numeric range: ${String(operator)}`);
    if (operator !== '<' && operator !== '<=') return this.#fail(`Bad numeric range operator: ${operator}`);
    const top = this.#bound(operator, value);
    if (rest.length > 0) return this.#fail('Too many terms in numeric range expression');
    return bottom < top.value ? top : this.#fail('Bottom must be less than top');
  }

  #bound(operator: NumericOperator, value: unknown): Bound {
    if (typeof value !== 'number') {
      return this.#fail(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
    }
    this.#inRange(value);
    return { operator, value };
  }

  /** Confirmed by docs: numbers lie between -10⁹ and 10⁹. */
  #inRange(value: Scalar): Scalar {
    if (typeof value === 'number' && Math.abs(value) > 1e9) {
      return this.#fail(`Value must be between -1.0E9 and 1.0E9, inclusive`);
    }
    return value;
  }
}

function isOperator(text: string): text is NumericOperator {
  return ['=', '<', '<=', '>', '>='].includes(text);
}

const reserved = ['prefix', 'suffix', 'equals-ignore-case', 'cidr', 'anything-but', 'numeric', 'exists'];

/** Confirmed by docs: with less than two objects, or with operators as their keys, `$or` is a key like any other. */
function isOrOperator(value: unknown): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.length >= 2 &&
    value.every(
      (branch) =>
        isObject(branch) &&
        Object.keys(branch).length > 0 &&
        Object.keys(branch).every((key) => !reserved.includes(key)),
    )
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
