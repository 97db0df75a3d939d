/** A rule of a security group in words: `tcp 80 from 0.0.0.0/0`. Pure. */
import { pendingValue } from './picture.ts';

/** @param json a rule, a list of them, or something else, which stays as it is */
export function rulesText(json: string): string {
  const value: unknown = JSON.parse(json);
  const rules: readonly unknown[] = Array.isArray(value) ? value : [value];
  return rules.map((rule) => ruleText(rule) ?? JSON.stringify(rule)).join('; ');
}

/** Undefined of what is no rule. */
export function ruleText(rule: unknown): string | undefined {
  if (typeof rule !== 'object' || rule === null) return undefined;
  const known = rule as Readonly<Record<string, unknown>>;
  const peer = peers.map((name) => known[name]).find((one) => one !== undefined);
  if (peer === undefined) return undefined;
  const { IpProtocol: protocol, FromPort: from, ToPort: to = from } = known;
  const name =
    protocol === undefined ? 'port' : protocol === '-1' || protocol === -1 ? 'everything' : protocol;
  const ports =
    from === undefined || name === 'everything' ? '' : from === to ? ` ${from}` : ` ${from} to ${to}`;
  const where = typeof peer === 'string' ? peer : JSON.stringify(peer);
  return `${name}${ports} from ${where}`.replaceAll(pendingValue, '(known after apply)');
}

const peers = [
  'CidrIp',
  'CidrIpv6',
  'SourceSecurityGroupId',
  'SourceSecurityGroupName',
  'SourcePrefixListId',
];
