/** Checks of the conditions of rules. */
import { BlockList } from 'node:net';
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { validationError } from './errors.ts';
import { checkExpression } from './expressions.ts';

const SINGLE = ['host-header', 'path-pattern', 'http-request-method', 'source-ip'];
const FIELDS = [...SINGLE, 'http-header', 'query-string'];
/** Confirmed by docs: five values and five wildcards per rule. */
const MAX_VALUES = 5;
/** Chosen: AWS's pages say five or six; more than six is refused. */
const MAX_WILDCARDS = 6;

export function checkConditions(conditions: readonly RuleCondition[] | undefined): void {
  if (!conditions || conditions.length === 0)
    throw validationError('At least one condition must be specified');
  const fields = conditions.map(({ Field = '' }) => Field);
  for (const field of fields) {
    if (!FIELDS.includes(field))
      throw validationError(`Condition field '${field}' must be one of '[${FIELDS.join(', ')}]'`);
    if (SINGLE.includes(field) && fields.filter((other) => other === field).length > 1) {
      throw validationError(`A rule can only have one '${field}' condition`);
    }
  }
  const values = conditions.flatMap(checkedValues);
  if (values.length > MAX_VALUES)
    throw validationError(`A rule can only have '${MAX_VALUES}' condition values`);
  const wildcards = values.join('').match(/(?<!\\)[*?]/g)?.length ?? 0;
  if (wildcards > MAX_WILDCARDS)
    throw validationError(`A rule can only have '${MAX_WILDCARDS}' condition wildcards`);
}

/** The values of one condition, checked; regular expressions count as values, but have no wildcards. */
function checkedValues(condition: RuleCondition): string[] {
  const { values, regex } = valuesOf(condition);
  if (values.length + regex.length === 0) throw validationError(`A condition value must be specified`);
  if (values.length > 0 && regex.length > 0) {
    throw validationError('A condition can have values or regular expressions, not both');
  }
  for (const value of [...values, ...regex]) {
    if (value.length > 128)
      throw validationError(`Condition value '${value}' contains more than 128 characters`);
  }
  for (const value of values) checkValue(condition, value);
  for (const value of regex) checkExpression(value, 128);
  return [...values, ...regex.map((value) => value.replace(/[*?]/g, ''))];
}

function valuesOf(condition: RuleCondition): {
  readonly values: readonly string[];
  readonly regex: readonly string[];
} {
  const { Values = [], RegexValues = [] } = condition;
  switch (condition.Field) {
    case 'http-header':
      return {
        values: condition.HttpHeaderConfig?.Values ?? [],
        regex: condition.HttpHeaderConfig?.RegexValues ?? [],
      };
    case 'http-request-method':
      return { values: condition.HttpRequestMethodConfig?.Values ?? [], regex: [] };
    case 'source-ip':
      return { values: condition.SourceIpConfig?.Values ?? [], regex: [] };
    case 'query-string':
      return {
        values: (condition.QueryStringConfig?.Values ?? []).map(({ Value = '' }) => Value),
        regex: [],
      };
    default: {
      const config =
        condition.Field === 'host-header' ? condition.HostHeaderConfig : condition.PathPatternConfig;
      return { values: config?.Values ?? Values, regex: config?.RegexValues ?? RegexValues };
    }
  }
}

function checkValue({ Field, HttpHeaderConfig }: RuleCondition, value: string): void {
  switch (Field) {
    case 'path-pattern':
      if (!/^[A-Za-z0-9_\-.$/~"'@:+ &*?\\]+$/.test(value)) throw invalid(value);
      return;
    case 'host-header':
      // Confirmed by docs: at least one dot, and only letters after the last one.
      if (!/^[A-Za-z0-9\-.*?]*\.[A-Za-z*?]+$/.test(value)) throw invalid(value);
      return;
    case 'http-header': {
      const name = HttpHeaderConfig?.HttpHeaderName ?? '';
      if (!/^[A-Za-z0-9!#$%&'+\-.^_`|~]{1,40}$/.test(name) || name.toLowerCase() === 'host')
        throw invalid(name);
      return;
    }
    case 'http-request-method':
      if (!/^[A-Z_-]{1,40}$/.test(value)) throw invalid(value);
      return;
    case 'source-ip':
      checkCidr(value);
      return;
    default:
      return;
  }
}

function checkCidr(value: string): void {
  const [address = '', prefix = ''] = value.split('/');
  try {
    if (!/^\d+$/.test(prefix)) throw new TypeError(value);
    new BlockList().addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  } catch {
    throw validationError(`The value '${value}' is not a valid CIDR block`);
  }
}

function invalid(value: string) {
  return validationError(`Condition value '${value}' contains a character that is not valid`);
}
