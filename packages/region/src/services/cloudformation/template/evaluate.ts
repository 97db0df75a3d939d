/**
 * Intrinsic functions. `evaluate(expression, scope)` is pure: all that it can look up comes through the scope. A value
 * that exists only after a resource was made is `knownAfterApply`, and so is whatever is computed from it; thus one
 * evaluator serves validation, change sets and deployment.
 */
import { notModelledHere, templateError } from '../errors.ts';
import { cidrs } from './cidr.ts';
import { type Expression, isObject, type Template } from './template.ts';

export const knownAfterApply: unique symbol = Symbol('known after apply');
/** `AWS::NoValue`: the property or item is as if it were not written. */
export const noValue: unique symbol = Symbol('AWS::NoValue');

export interface Scope {
  /** A parameter's or pseudo parameter's value. */
  parameter(name: string): string | readonly string[] | undefined;
  /** What `Ref` gives for a resource. `undefined`: there is no such resource. */
  resource(logicalId: string): string | typeof knownAfterApply | undefined;
  attribute(logicalId: string, attribute: string): unknown;
  condition(name: string): boolean;
  importValue(name: string): string;
  availabilityZones(region: string): readonly string[];
  readonly mappings: Template['Mappings'];
}

export function evaluate(expression: Expression, scope: Scope): unknown {
  if (Array.isArray(expression)) {
    return expression.map((item) => evaluate(item, scope)).filter((item) => item !== noValue);
  }
  if (!isObject(expression)) return expression;
  const call = intrinsic(expression);
  if (call) return apply(call.name, call.argument, scope);
  const entries = Object.entries(expression).map(([key, value]) => [key, evaluate(value, scope)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== noValue));
}

/** `{Ref: x}` and `{Fn::Name: x}`: an object with that one member. */
export function intrinsic(expression: {
  readonly [member: string]: unknown;
}): { readonly name: string; readonly argument: unknown } | undefined {
  const [name, ...more] = Object.keys(expression);
  if (name === undefined || (name !== 'Ref' && !name.startsWith('Fn::'))) return undefined;
  if (more.length > 0) {
    throw templateError(`${name} must be the only member of its object; beside it: ${more.join(', ')}`);
  }
  return { name, argument: expression[name] };
}

export function isKnown(value: unknown): boolean {
  if (value === knownAfterApply) return false;
  if (Array.isArray(value)) return value.every(isKnown);
  return !isObject(value) || Object.values(value).every(isKnown);
}

function apply(name: string, argument: unknown, scope: Scope): unknown {
  if (name === 'Ref') return reference(argument, scope);
  if (name === 'Fn::GetAtt') return getAtt(argument, scope);
  if (name === 'Fn::If') return chosen(argument, scope);
  if (name === 'Fn::Sub') return substitute(argument, scope);
  if (isConditionFunction(name)) return evaluateCondition({ [name]: argument }, scope);
  const compute = functions[name];
  if (!compute) throw notModelledHere(`The intrinsic function ${name}`);
  const value = evaluate(argument, scope);
  return isKnown(value) ? compute(value, scope) : partly(name, value, scope);
}

/** Selecting a known item out of a list that is only partly known gives a known value. */
function partly(name: string, value: unknown, scope: Scope): unknown {
  if (name !== 'Fn::Select' || !Array.isArray(value) || !Array.isArray(value[1])) return knownAfterApply;
  return isKnown(value[0]) ? select(value, scope) : knownAfterApply;
}

function reference(name: unknown, scope: Scope): unknown {
  if (typeof name !== 'string') throw templateError('every Ref object must have a single String value.');
  if (name === 'AWS::NoValue') return noValue;
  return scope.parameter(name) ?? scope.resource(name) ?? unresolved(name);
}

function unresolved(name: string): never {
  throw templateError(`Unresolved resource dependencies [${name}] in the Resources block of the template`);
}

/** `["Resource", "Attribute.Path"]` or `"Resource.Attribute.Path"`. */
export function getAttTarget(argument: unknown): { logicalId: string; attribute: unknown } {
  if (typeof argument === 'string' && argument.includes('.')) {
    const dot = argument.indexOf('.');
    return { logicalId: argument.slice(0, dot), attribute: argument.slice(dot + 1) };
  }
  if (Array.isArray(argument) && argument.length >= 2 && typeof argument[0] === 'string') {
    const attribute = argument.length === 2 ? argument[1] : argument.slice(1).join('.');
    return { logicalId: argument[0], attribute };
  }
  throw templateError(
    'every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  );
}

function getAtt(argument: unknown, scope: Scope): unknown {
  const { logicalId, attribute } = getAttTarget(argument);
  const name = evaluate(attribute, scope);
  return name === knownAfterApply ? knownAfterApply : scope.attribute(logicalId, String(name));
}

function chosen(argument: unknown, scope: Scope): unknown {
  if (!Array.isArray(argument) || argument.length !== 3 || typeof argument[0] !== 'string') {
    throw templateError('Fn::If requires a list argument with the first element being a condition');
  }
  return evaluate(scope.condition(argument[0]) ? argument[1] : argument[2], scope);
}

type SubPart = { readonly literal: string } | { readonly name: string };

/** The parts of a `Fn::Sub` text: literals, and the names in `${…}`. */
export function subParts(text: string): readonly SubPart[] {
  return text.split(/(\$\{[^}]*\})/).flatMap((part): SubPart[] => {
    if (part === '') return [];
    if (!part.startsWith('${') || !part.endsWith('}')) return [{ literal: part }];
    const name = part.slice(2, -1).trim();
    return name.startsWith('!') ? [{ literal: `\${${name.slice(1)}}` }] : [{ name }];
  });
}

export function subArguments(argument: unknown): { text: string; variables: { [name: string]: unknown } } {
  if (typeof argument === 'string') return { text: argument, variables: {} };
  if (Array.isArray(argument) && typeof argument[0] === 'string' && isObject(argument[1])) {
    return { text: argument[0], variables: argument[1] };
  }
  throw templateError(
    'One or more Fn::Sub intrinsic functions do not specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string',
  );
}

function substitute(argument: unknown, scope: Scope): unknown {
  const { text, variables } = subArguments(argument);
  const parts = subParts(text).map((part) => {
    if ('literal' in part) return part.literal;
    if (part.name in variables) return evaluate(variables[part.name], scope);
    return part.name.includes('.') ? getAtt(part.name, scope) : reference(part.name, scope);
  });
  if (!parts.every(isKnown)) return knownAfterApply;
  for (const part of parts) {
    if (typeof part === 'object') throw templateError('Fn::Sub expression does not resolve to a string');
  }
  return parts.join('');
}

type Compute = (argument: unknown, scope: Scope) => unknown;

const functions: { readonly [name: string]: Compute } = {
  'Fn::Base64': (value) => base64(String(value)),
  'Fn::Cidr': (value) => {
    const [block, count, bits] = Array.isArray(value) ? value : [];
    return cidrs(String(block), Number(count), bits === undefined ? undefined : Number(bits));
  },
  'Fn::FindInMap': (value, scope) => {
    const [map, top, second, ...more] = Array.isArray(value) ? value.map(asKey) : [];
    if (more.length > 0) throw notModelledHere('DefaultValue of Fn::FindInMap (AWS::LanguageExtensions)');
    const found = scope.mappings[map ?? '']?.[top ?? '']?.[second ?? ''];
    if (found === undefined) throw templateError(`Unable to get mapping for ${map}::${top}::${second}`);
    return found;
  },
  'Fn::GetAZs': (value, scope) => scope.availabilityZones(String(value)),
  'Fn::ImportValue': (value, scope) => scope.importValue(String(value)),
  'Fn::Join': (value) => {
    if (!Array.isArray(value) || typeof value[0] !== 'string' || !Array.isArray(value[1])) {
      throw templateError(
        'every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
      );
    }
    return value[1].flat().map(asText).join(value[0]);
  },
  'Fn::Select': select,
  'Fn::Split': (value) => {
    if (!Array.isArray(value) || typeof value[0] !== 'string' || typeof value[1] !== 'string') {
      throw templateError(
        'every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.',
      );
    }
    return value[1].split(value[0]);
  },
};

function select(value: unknown, _scope: Scope): unknown {
  if (!Array.isArray(value) || value.length !== 2 || !Array.isArray(value[1])) {
    throw templateError('Fn::Select requires a list argument with two elements: an integer index and a list');
  }
  const item: unknown = value[1][Number(value[0])];
  if (item === undefined || item === null) {
    throw templateError(`Fn::Select cannot select nonexistent value at index ${String(value[0])}`);
  }
  return item;
}

function asKey(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function asText(value: unknown): string {
  if (typeof value === 'object') throw templateError('every item of Fn::Join must be a string');
  return String(value);
}

const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Written out because this file may know neither Node nor a browser. */
function base64(text: string): string {
  const bytes = [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map(([, hex, plain]) =>
    hex === undefined ? (plain ?? '').charCodeAt(0) : Number.parseInt(hex, 16),
  );
  let encoded = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.slice(i, i + 3);
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const digit = (shift: number) => base64Digits.charAt((word >> shift) & 63);
    encoded +=
      digit(18) + digit(12) + (b === undefined ? '=' : digit(6)) + (c === undefined ? '=' : digit(0));
  }
  return encoded;
}

const conditionFunctions = ['Fn::And', 'Fn::Or', 'Fn::Not', 'Fn::Equals', 'Fn::Contains'];

function isConditionFunction(name: string): boolean {
  return conditionFunctions.includes(name) || name.startsWith('Fn::EachMember');
}

/** An expression of the Conditions or Rules section. */
export function evaluateCondition(expression: Expression, scope: Scope): boolean {
  if (typeof expression === 'boolean') return expression;
  if (expression === 'true' || expression === 'false') return expression === 'true';
  const [name, argument] = isObject(expression) ? (Object.entries(expression)[0] ?? []) : [];
  if (name === 'Condition' && typeof argument === 'string') return scope.condition(argument);
  const items = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Fn::And':
      checkCount(name, items, 2, 10);
      return items.every((item) => evaluateCondition(item, scope));
    case 'Fn::Or':
      checkCount(name, items, 2, 10);
      return items.some((item) => evaluateCondition(item, scope));
    case 'Fn::Not':
      checkCount(name, items, 1, 1);
      return !evaluateCondition(items[0], scope);
    case 'Fn::Equals':
      checkCount(name, items, 2, 2);
      return asKey(evaluate(items[0], scope)) === asKey(evaluate(items[1], scope));
    case 'Fn::Contains':
      return list(items[0], scope).includes(asKey(evaluate(items[1], scope)));
    case 'Fn::EachMemberEquals':
      return list(items[0], scope).every((item) => item === asKey(evaluate(items[1], scope)));
    case 'Fn::EachMemberIn':
      return list(items[0], scope).every((item) => list(items[1], scope).includes(item));
    default:
      throw name?.startsWith('Fn::') === true
        ? notModelledHere(`The function ${name} in a condition`)
        : templateError(`Every condition must be a condition function; found ${JSON.stringify(expression)}`);
  }
}

function checkCount(name: string, items: readonly unknown[], least: number, most: number): void {
  if (items.length >= least && items.length <= most) return;
  const count = least === most ? `a list argument with ${least}` : `a list argument with ${least} to ${most}`;
  throw templateError(`every ${name} object requires ${count} parameters.`);
}

function list(expression: Expression, scope: Scope): readonly string[] {
  const value = evaluate(expression, scope);
  return Array.isArray(value) ? value.map(asKey) : [asKey(value)];
}
