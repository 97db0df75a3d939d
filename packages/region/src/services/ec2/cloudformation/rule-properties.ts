import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import {
  type DeployedResource,
  integer,
  object,
  type Properties,
  type ResourceContext,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { formatCidr, parseCidr } from '../cidr.ts';
import { checkPorts, checkProtocol } from '../rules.ts';

/** A rule as the security group types spell it: one peer, under one of several names. */
export interface RuleProperties {
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly Description?: string;
  readonly SourcePrefixListId?: string;
  readonly SourceSecurityGroupId?: string;
  readonly SourceSecurityGroupName?: string;
  readonly DestinationPrefixListId?: string;
  readonly DestinationSecurityGroupId?: string;
}

const common = {
  IpProtocol: required(text),
  FromPort: integer,
  ToPort: integer,
  CidrIp: text,
  CidrIpv6: text,
  Description: text,
};

export const ingressMembers = {
  ...common,
  SourcePrefixListId: text,
  SourceSecurityGroupId: text,
  SourceSecurityGroupName: text,
};

export const egressMembers = { ...common, DestinationPrefixListId: text, DestinationSecurityGroupId: text };

export const ingressShape = object(ingressMembers);
export const egressShape = object(egressMembers);

export function toPermission(rule: RuleProperties): IpPermission {
  const { Description } = rule;
  const PrefixListId = rule.SourcePrefixListId ?? rule.DestinationPrefixListId;
  const GroupId = rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId;
  const GroupName = GroupId === undefined ? rule.SourceSecurityGroupName : undefined;
  return {
    IpProtocol: rule.IpProtocol,
    FromPort: rule.FromPort,
    ToPort: rule.ToPort,
    ...(rule.CidrIp !== undefined && { IpRanges: [{ CidrIp: rule.CidrIp, Description }] }),
    ...(rule.CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6: rule.CidrIpv6, Description }] }),
    ...(PrefixListId !== undefined && { PrefixListIds: [{ PrefixListId, Description }] }),
    ...((GroupId ?? GroupName) !== undefined && {
      UserIdGroupPairs: [{ GroupId, GroupName, Description }],
    }),
  };
}

/** A rule as it is now, as a template would give it. */
export function ruleProperties(rule: SecurityGroupRule): RuleProperties {
  const group = rule.ReferencedGroupInfo?.GroupId;
  const all = {
    IpProtocol: rule.IpProtocol ?? '',
    FromPort: rule.FromPort,
    ToPort: rule.ToPort,
    CidrIp: rule.CidrIpv4,
    CidrIpv6: rule.CidrIpv6,
    Description: rule.Description,
    ...(rule.IsEgress
      ? { DestinationPrefixListId: rule.PrefixListId, DestinationSecurityGroupId: group }
      : { SourcePrefixListId: rule.PrefixListId, SourceSecurityGroupId: group }),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as unknown as RuleProperties;
}

/** The rule of a security group, if it is still there. */
export function readRule(
  ctx: ResourceContext,
  { physicalId, properties }: DeployedResource,
): Properties | undefined {
  const { SecurityGroupRules: [rule] = [] } = ctx.call('ec2', 'describeSecurityGroupRules', {
    SecurityGroupRuleIds: [physicalId],
  });
  if (!rule) return undefined;
  const { GroupId, GroupName, ...given } = properties as unknown as RuleProperties & Group;
  const group = GroupId === undefined ? { GroupName } : { GroupId: rule.GroupId };
  return { ...group, ...spelledAs(given, ruleProperties(rule)) };
}

interface Group {
  readonly GroupId?: string;
  readonly GroupName?: string;
}

/**
 * What means the same as in the template, as the template has it: EC2 keeps protocols by name in lower case, networks
 * without bits of a host, all ports of protocols that have none, and groups by id.
 */
export function spelledAs(given: RuleProperties, now: RuleProperties): RuleProperties {
  const kept = asKept(given);
  const members = Object.entries(now).map(([name, value]) => {
    const member = name as keyof RuleProperties;
    return [name, value === kept[member] ? given[member] : value];
  });
  const { SourceSecurityGroupName } = given;
  return {
    ...(Object.fromEntries(members) as RuleProperties),
    ...(SourceSecurityGroupName !== undefined && { SourceSecurityGroupName }),
  };
}

/** Whether it is the rule that the template gives, its description aside. */
export function isGiven(given: RuleProperties, now: RuleProperties): boolean {
  const { Description: _, SourceSecurityGroupName: __, ...rule } = asKept(given);
  return Object.entries(rule).every(([name, value]) => now[name as keyof RuleProperties] === value);
}

function asKept(rule: RuleProperties): RuleProperties {
  const { CidrIp, CidrIpv6 } = rule;
  const IpProtocol = checkProtocol(rule.IpProtocol);
  const { fromPort, toPort } = checkPorts(IpProtocol, rule.FromPort, rule.ToPort);
  const cidr = CidrIp === undefined ? undefined : parseCidr(CidrIp);
  return {
    ...rule,
    IpProtocol,
    FromPort: fromPort,
    ToPort: toPort,
    ...(cidr && { CidrIp: formatCidr(cidr) }),
    ...(CidrIpv6 !== undefined && { CidrIpv6: CidrIpv6.toLowerCase() }),
  };
}

/** What a new group allows by itself. */
export const allTrafficOut: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
