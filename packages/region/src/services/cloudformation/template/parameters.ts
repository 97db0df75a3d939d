/**
 * Parameters: which value each gets (given, previous, default), what CloudFormation makes of it by its type, and
 * whether it satisfies the declaration. Look-ups in the account come in as functions.
 */
import type { Parameter } from '@aws-sdk/client-cloudformation';
import { notModelledHere, templateFormatError, validationError } from '../errors.ts';
import { limits, utf8Bytes } from './limits.ts';
import type { ParameterDeclaration, Template } from './template.ts';

/** A parameter of a stack, as kept with it. */
export interface ParameterValue {
  readonly key: string;
  /** As given: for an SSM type, the name of the SSM parameter. */
  readonly given: string;
  /** For an SSM type: what was found there. Shown as `ResolvedValue`. */
  readonly resolved?: string;
  /** What `Ref` gives. */
  readonly value: string | readonly string[];
  readonly noEcho: boolean;
}

export interface AccountLookup {
  ssmParameter(name: string): { readonly value: string; readonly type: string };
  /** Throws when the account has no such thing, or warns when it cannot tell. */
  checkExists(parameter: string, type: string, value: string): void;
}

export function resolveParameters(
  template: Template,
  given: readonly Parameter[],
  previous: readonly ParameterValue[] | undefined,
  account: AccountLookup,
): readonly ParameterValue[] {
  const declared = Object.entries(template.Parameters);
  const strangers = given.map((p) => p.ParameterKey ?? '').filter((key) => !(key in template.Parameters));
  if (strangers.length > 0) {
    throw validationError(`Parameters: [${strangers.join(', ')}] do not exist in the template`);
  }
  const values = new Map(
    declared.map(([key, declaration]) => [key, choose(key, declaration, given, previous)] as const),
  );
  const missing = declared.map(([key]) => key).filter((key) => values.get(key) === undefined);
  if (missing.length > 0) throw validationError(`Parameters: [${missing.join(', ')}] must have values`);
  return declared.map(([key, declaration]) => resolve(key, declaration, values.get(key) ?? '', account));
}

function choose(
  key: string,
  declaration: ParameterDeclaration,
  given: readonly Parameter[],
  previous: readonly ParameterValue[] | undefined,
): string | undefined {
  const parameter = given.find((p) => p.ParameterKey === key);
  if (parameter?.UsePreviousValue === true) {
    if (parameter.ParameterValue !== undefined) {
      throw validationError(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true and non empty value for a parameter`,
      );
    }
    const before = previous?.find((p) => p.key === key)?.given;
    if (before === undefined) {
      throw validationError(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    }
    return before;
  }
  const fallback = declaration.Default;
  return parameter?.ParameterValue ?? (fallback === undefined ? undefined : String(fallback));
}

const ssmValue = /^AWS::SSM::Parameter::Value<(.+)>$/;

function resolve(
  key: string,
  declaration: ParameterDeclaration,
  given: string,
  account: AccountLookup,
): ParameterValue {
  const noEcho = String(declaration.NoEcho ?? false) === 'true';
  if (utf8Bytes(given) > limits.parameterValueBytes) {
    throw validationError(`Parameter '${key}' value is longer than ${limits.parameterValueBytes} bytes`);
  }
  const ofSsm = ssmValue.exec(declaration.Type)?.[1];
  checkConstraints(key, declaration, given);
  if (ofSsm === undefined) {
    return { key, given, value: typed(key, declaration.Type, given, account), noEcho };
  }
  const found = account.ssmParameter(given);
  if (found.type === 'SecureString') {
    throw validationError(
      `Parameters [${given}] referenced by template have types not supported by CloudFormation.`,
    );
  }
  return { key, given, resolved: found.value, value: typed(key, ofSsm, found.value, account), noEcho };
}

function typed(key: string, type: string, value: string, account: AccountLookup): string | readonly string[] {
  const element = /^List<(.+)>$/.exec(type)?.[1];
  if (type === 'CommaDelimitedList' || element !== undefined) {
    const items = value === '' ? [] : value.split(',').map((item) => item.trim());
    for (const item of items) checkElement(key, element ?? 'String', item, account);
    return items;
  }
  checkElement(key, type, value, account);
  return value;
}

function checkElement(key: string, type: string, value: string, account: AccountLookup): void {
  if (type === 'String' || type === 'AWS::SSM::Parameter::Name') return;
  if (type === 'Number') {
    if (value.trim() === '' || Number.isNaN(Number(value))) {
      throw validationError(`Parameter '${key}' must be a number`);
    }
    return;
  }
  if (type.startsWith('AWS::SSM::')) throw notModelledHere(`Parameter type ${type} of ${key}`);
  if (!type.startsWith('AWS::')) throw templateFormatError(`Unrecognized parameter type: ${type}`);
  if (value !== '') account.checkExists(key, type, value);
}

function checkConstraints(key: string, declaration: ParameterDeclaration, value: string): void {
  const fail = (tail: string): never => {
    const described = declaration.ConstraintDescription;
    throw validationError(
      described === undefined
        ? `Parameter '${key}' ${tail}`
        : `Parameter '${key}' failed to satisfy constraint: ${described}`,
    );
  };
  const isList = declaration.Type === 'CommaDelimitedList' || declaration.Type.startsWith('List<');
  const items = isList && value !== '' ? value.split(',').map((item) => item.trim()) : [value];
  const { AllowedValues, AllowedPattern, MinLength, MaxLength, MinValue, MaxValue } = declaration;
  for (const item of items) {
    if (AllowedValues && !AllowedValues.some((allowed) => String(allowed) === item)) {
      fail(`must be one of AllowedValues: [${AllowedValues.join(', ')}]`);
    }
    // Known: the whole value must match, as Java's `matches` does.
    if (AllowedPattern !== undefined && !pattern(key, AllowedPattern).test(item)) {
      fail(`must match pattern ${AllowedPattern}`);
    }
    if (MinLength !== undefined && item.length < Number(MinLength)) {
      fail(`must contain at least ${String(MinLength)} characters`);
    }
    if (MaxLength !== undefined && item.length > Number(MaxLength)) {
      fail(`must contain at most ${String(MaxLength)} characters`);
    }
    if (MinValue !== undefined && Number(item) < Number(MinValue)) {
      fail(`must be a number not less than ${String(MinValue)}`);
    }
    if (MaxValue !== undefined && Number(item) > Number(MaxValue)) {
      fail(`must be a number not greater than ${String(MaxValue)}`);
    }
  }
}

function pattern(key: string, source: string): RegExp {
  try {
    return new RegExp(`^(?:${source})$`);
  } catch {
    throw templateFormatError(`AllowedPattern of parameter ${key} is not a valid regular expression`);
  }
}
