import type { IpPermission, SecurityGroupRule } from '@aws-sdk/client-ec2';
import {
  integer,
  object,
  type Properties,
  type ResourceContext,
  required,
  text,
} from '../../../kernel/resource-type.ts';

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
export function readRule(ctx: ResourceContext, physicalId: string): Properties {
  const { SecurityGroupRules: [rule] = [] } = ctx.call('ec2', 'describeSecurityGroupRules', {
    SecurityGroupRuleIds: [physicalId],
  });
  return { ...(rule && { GroupId: rule.GroupId, ...ruleProperties(rule) }) };
}

/** What a new group allows by itself. */
export const allTrafficOut: IpPermission = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
