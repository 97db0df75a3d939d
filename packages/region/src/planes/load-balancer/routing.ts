/** Which rule of a listener a request meets. Pure: compiled once per configuration, asked for every request. */
import { BlockList } from 'node:net';
import type {
  ListenerConfiguration,
  RuleActionConfiguration,
  RuleConditionConfiguration,
} from '../../services/elbv2/ports.ts';
import { headerValues } from './header-values.ts';
import type { RequestHead } from './request-head.ts';
import { compileTransform, type Transform } from './transforms.ts';
import { matchesPattern } from './wildcard.ts';

export interface CompiledRule {
  readonly priority: number;
  readonly action: RuleActionConfiguration;
  /** For requests that are forwarded. */
  readonly transforms: readonly Transform[];
  readonly matches: (request: RoutedRequest) => boolean;
}

export interface RoutedRequest {
  readonly head: RequestHead;
  readonly peerAddress: string;
}

export function compileRules(listener: ListenerConfiguration): readonly CompiledRule[] {
  return listener.rules.map(({ priority, action, conditions, transforms = [] }) => {
    const checks = conditions.map(compileCondition);
    return {
      priority,
      action,
      transforms: transforms.map(compileTransform),
      matches: checks.length === 0 ? () => true : (request) => checks.every((check) => check(request)),
    };
  });
}

/** Confirmed by docs: rules in the order of their priority, the first match wins, the default rule matches all. */
export function matchingRule(
  rules: readonly CompiledRule[],
  request: RoutedRequest,
): CompiledRule | undefined {
  for (const rule of rules) if (rule.matches(request)) return rule;
  return undefined;
}

/** Confirmed by docs: `RuleEvaluations` counts the rules that were evaluated, without the default rule. */
export function evaluatedRules(rules: readonly CompiledRule[], matched: CompiledRule | undefined): number {
  const at = matched ? rules.indexOf(matched) : rules.length;
  return matched?.priority === 0 ? at : at + 1;
}

type Check = (request: RoutedRequest) => boolean;

function compileCondition(condition: RuleConditionConfiguration): Check {
  switch (condition.field) {
    case 'path-pattern': {
      const matches = anyPattern(condition.values, condition.regex, 'sensitive');
      return ({ head }) => matches(head.path);
    }
    case 'host-header': {
      const matches = anyPattern(condition.values, condition.regex, 'insensitive');
      return ({ head }) => matches(hostName(head.host ?? ''));
    }
    case 'http-header': {
      const matches = anyPattern(condition.values, condition.regex, 'insensitive');
      const name = condition.name.toLowerCase();
      return ({ head }) => headerValues(head, name).some(matches);
    }
    case 'http-request-method':
      return ({ head }) => condition.values.includes(head.method);
    case 'source-ip':
      return sourceIpCheck(condition.values);
    case 'query-string':
      return queryCheck(condition.values);
  }
}

function anyPattern(
  values: readonly string[],
  regex: boolean,
  letters: 'sensitive' | 'insensitive',
): (text: string) => boolean {
  if (regex) {
    const expressions = values.map((value) => new RegExp(value, letters === 'insensitive' ? 'i' : ''));
    return (text) => expressions.some((expression) => expression.test(text));
  }
  if (letters === 'sensitive') return (text) => values.some((value) => matchesPattern(text, value));
  const lower = values.map((value) => value.toLowerCase());
  return (text) => {
    const lowerText = text.toLowerCase();
    return lower.some((value) => matchesPattern(lowerText, value));
  };
}

function hostName(host: string): string {
  return host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.replace(/:\d*$/, '');
}

/** Confirmed by docs: the address of the peer, never X-Forwarded-For. */
function sourceIpCheck(values: readonly string[]): Check {
  const list = new BlockList();
  for (const value of values) {
    const [address = '', prefix = ''] = value.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return ({ peerAddress }) => list.check(peerAddress, peerAddress.includes(':') ? 'ipv6' : 'ipv4');
}

/** Confirmed by docs: key=value or value alone, case-insensitive, wildcards in both. */
function queryCheck(values: readonly { readonly key?: string; readonly value: string }[]): Check {
  const wanted = values.map(({ key, value }) => ({ key: key?.toLowerCase(), value: value.toLowerCase() }));
  return ({ head }) => {
    if (head.query === '') return false;
    const pairs = head.query.toLowerCase().split('&').map(pairOf);
    return wanted.some(({ key, value }) =>
      pairs.some(
        (pair) => (key === undefined || matchesPattern(pair.key, key)) && matchesPattern(pair.value, value),
      ),
    );
  };
}

function pairOf(text: string): { key: string; value: string } {
  const equals = text.indexOf('=');
  return equals < 0
    ? { key: '', value: text }
    : { key: text.slice(0, equals), value: text.slice(equals + 1) };
}
