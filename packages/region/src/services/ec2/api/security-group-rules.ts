import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { missingParameter, notFound } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { isSameRule, nameOfPeer, type RuleContent, toRules } from '../rules.ts';
import { type Ec2State, find, type SecurityGroup, type SecurityGroupRule } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';
import { groupOf } from './security-groups.ts';

export function securityGroupRuleOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    AuthorizeSecurityGroupIngress: ec2Operation<
      Ec2.AuthorizeSecurityGroupIngressRequest,
      Ec2.AuthorizeSecurityGroupIngressResult
    >([...ingressMembers, 'TagSpecifications'], (ctx, input) =>
      authorize(ctx, state, groupOf(state, input.GroupId, input.GroupName), false, input),
    ),
    AuthorizeSecurityGroupEgress: ec2Operation<
      Ec2.AuthorizeSecurityGroupEgressRequest,
      Ec2.AuthorizeSecurityGroupEgressResult
    >(['GroupId', 'IpPermissions', 'TagSpecifications'], (ctx, input) =>
      authorize(ctx, state, find(state, 'security-group', input.GroupId), true, input),
    ),
    RevokeSecurityGroupIngress: ec2Operation<
      Ec2.RevokeSecurityGroupIngressRequest,
      Ec2.RevokeSecurityGroupIngressResult
    >([...ingressMembers, 'SecurityGroupRuleIds'], (ctx, input) =>
      revoke(ctx, state, groupOf(state, input.GroupId, input.GroupName), false, input),
    ),
    RevokeSecurityGroupEgress: ec2Operation<
      Ec2.RevokeSecurityGroupEgressRequest,
      Ec2.RevokeSecurityGroupEgressResult
    >(['GroupId', 'IpPermissions', 'SecurityGroupRuleIds'], (ctx, input) =>
      revoke(ctx, state, find(state, 'security-group', input.GroupId), true, input),
    ),
    UpdateSecurityGroupRuleDescriptionsIngress: ec2Operation<
      Ec2.UpdateSecurityGroupRuleDescriptionsIngressRequest,
      Ec2.UpdateSecurityGroupRuleDescriptionsIngressResult
    >(['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleDescriptions'], (_ctx, input) =>
      updateDescriptions(state, groupOf(state, input.GroupId, input.GroupName), false, input),
    ),
    UpdateSecurityGroupRuleDescriptionsEgress: ec2Operation<
      Ec2.UpdateSecurityGroupRuleDescriptionsEgressRequest,
      Ec2.UpdateSecurityGroupRuleDescriptionsEgressResult
    >(['GroupId', 'GroupName', 'IpPermissions', 'SecurityGroupRuleDescriptions'], (_ctx, input) =>
      updateDescriptions(state, groupOf(state, input.GroupId, input.GroupName), true, input),
    ),
    ModifySecurityGroupRules: ec2Operation<
      Ec2.ModifySecurityGroupRulesRequest,
      Ec2.ModifySecurityGroupRulesResult
    >(['GroupId', 'SecurityGroupRules'], (_ctx, input) => modifyRules(state, input)),
    DescribeSecurityGroupRules: ec2Operation<
      Ec2.DescribeSecurityGroupRulesRequest,
      Ec2.DescribeSecurityGroupRulesResult
    >(['SecurityGroupRuleIds', 'Filters', 'MaxResults', 'NextToken'], (ctx, input) => {
      const { SecurityGroupRuleIds } = input;
      const { items, next } = list(state, 'security-group-rule', SecurityGroupRuleIds, input, filters);
      return { SecurityGroupRules: items.map((rule) => shape(ctx, state, rule)), ...next };
    }),
  };
}

const ingressMembers = [
  'GroupId',
  'GroupName',
  'IpPermissions',
  'IpProtocol',
  'FromPort',
  'ToPort',
  'CidrIp',
  'SourceSecurityGroupName',
] as const;

/** Permissions as a list, or the one that the older members of an ingress request spell out. */
interface Permissions {
  readonly IpPermissions?: Ec2.IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
}

function permissionsOf(input: Permissions): Ec2.IpPermission[] {
  if (input.IpPermissions?.length) return input.IpPermissions;
  const { CidrIp, SourceSecurityGroupName: GroupName } = input;
  if (CidrIp === undefined && GroupName === undefined) throw missingParameter('ipPermissions');
  return [
    {
      IpProtocol: input.IpProtocol ?? (GroupName && '-1'),
      FromPort: input.FromPort,
      ToPort: input.ToPort,
      ...(CidrIp !== undefined && { IpRanges: [{ CidrIp }] }),
      ...(GroupName !== undefined && { UserIdGroupPairs: [{ GroupName }] }),
    },
  ];
}

function authorize(
  ctx: Context,
  state: Ec2State,
  group: SecurityGroup,
  isEgress: boolean,
  input: Permissions & { readonly TagSpecifications?: Ec2.TagSpecification[] | undefined },
): Ec2.AuthorizeSecurityGroupIngressResult {
  const added = toRules(state, group, isEgress, permissionsOf(input)).map((content) => {
    if (findRule(state, content)) throw duplicate(content);
    const rule: SecurityGroupRule = { ruleId: newId(ctx, 'sgr'), ...content };
    state.securityGroupRules.put(rule.ruleId, rule);
    tagNew(state, 'security-group-rule', rule.ruleId, input.TagSpecifications);
    return rule;
  });
  ctx.warn(
    'security-group-rules-do-not-block',
    'Security group rules are kept and checked but do not block traffic yet: all of the region runs on this machine.',
  );
  return { Return: true, SecurityGroupRules: added.map((rule) => shape(ctx, state, rule)) };
}

function findRule(state: Ec2State, content: RuleContent): SecurityGroupRule | undefined {
  return state.securityGroupRules.find((rule) => isSameRule(rule, content));
}

function duplicate(rule: RuleContent): AwsError {
  const protocol = rule.ipProtocol === '-1' ? 'ALL' : rule.ipProtocol.toUpperCase();
  const ports = ['tcp', 'udp'].includes(rule.ipProtocol)
    ? `, from port: ${rule.fromPort}, to port: ${rule.toPort}`
    : '';
  return new AwsError(
    'InvalidPermission.Duplicate',
    `the specified rule "peer: ${nameOfPeer(rule.peer)}, ${protocol}${ports}, ALLOW" already exists`,
  );
}

function revoke(
  ctx: Context,
  state: Ec2State,
  group: SecurityGroup,
  isEgress: boolean,
  input: Permissions & { readonly SecurityGroupRuleIds?: string[] | undefined },
): Ec2.RevokeSecurityGroupIngressResult {
  const revoked = input.SecurityGroupRuleIds?.length
    ? input.SecurityGroupRuleIds.map((id) => ruleOfGroup(state, group, isEgress, id))
    : toRules(state, group, isEgress, permissionsOf(input)).map((content) => existingRule(state, content));
  for (const { ruleId } of revoked) {
    state.securityGroupRules.delete(ruleId);
    state.tags.delete(ruleId);
  }
  return {
    Return: true,
    RevokedSecurityGroupRules: revoked.map((rule) => {
      const { Tags: _, GroupOwnerId: __, ...shown } = shape(ctx, state, rule);
      const { ReferencedGroupInfo, ...content } = shown;
      return { ...content, ...(ReferencedGroupInfo && { ReferencedGroupId: ReferencedGroupInfo.GroupId }) };
    }),
  };
}

function ruleOfGroup(
  state: Ec2State,
  group: SecurityGroup,
  isEgress: boolean,
  id: string,
): SecurityGroupRule {
  const rule = find(state, 'security-group-rule', id);
  if (rule.groupId === group.groupId && rule.isEgress === isEgress) return rule;
  throw notFound('security-group-rule', id);
}

function existingRule(state: Ec2State, content: RuleContent): SecurityGroupRule {
  const rule = findRule(state, content);
  if (rule) return rule;
  throw new AwsError(
    'InvalidPermission.NotFound',
    'The specified rule does not exist in this security group.',
  );
}

function updateDescriptions(
  state: Ec2State,
  group: SecurityGroup,
  isEgress: boolean,
  input: {
    readonly IpPermissions?: Ec2.IpPermission[] | undefined;
    readonly SecurityGroupRuleDescriptions?: Ec2.SecurityGroupRuleDescription[] | undefined;
  },
): { Return: boolean } {
  const changes = input.SecurityGroupRuleDescriptions?.length
    ? input.SecurityGroupRuleDescriptions.map(({ SecurityGroupRuleId = '', Description }) => ({
        rule: ruleOfGroup(state, group, isEgress, SecurityGroupRuleId),
        description: Description,
      }))
    : toRules(state, group, isEgress, permissionsOf(input)).map((content) => ({
        rule: existingRule(state, content),
        description: content.description,
      }));
  for (const { rule, description } of changes) {
    const { description: _, ...content } = rule;
    state.securityGroupRules.put(rule.ruleId, {
      ...content,
      ...(description !== undefined && { description }),
    });
  }
  return { Return: true };
}

function modifyRules(
  state: Ec2State,
  input: Ec2.ModifySecurityGroupRulesRequest,
): Ec2.ModifySecurityGroupRulesResult {
  const group = find(state, 'security-group', input.GroupId);
  for (const { SecurityGroupRuleId, SecurityGroupRule: wanted } of input.SecurityGroupRules ?? []) {
    const rule = find(state, 'security-group-rule', SecurityGroupRuleId);
    if (rule.groupId !== group.groupId) throw notFound('security-group-rule', rule.ruleId);
    const [content] = toRules(state, group, rule.isEgress, [toPermission(wanted ?? {})]);
    const same = content && findRule(state, content);
    if (same && same.ruleId !== rule.ruleId) throw duplicate(content);
    if (content) state.securityGroupRules.put(rule.ruleId, { ruleId: rule.ruleId, ...content });
  }
  return { Return: true };
}

function toPermission(rule: Ec2.SecurityGroupRuleRequest): Ec2.IpPermission {
  const { Description, CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId } = rule;
  return {
    IpProtocol: rule.IpProtocol,
    FromPort: rule.FromPort,
    ToPort: rule.ToPort,
    ...(CidrIpv4 !== undefined && { IpRanges: [{ CidrIp: CidrIpv4, Description }] }),
    ...(CidrIpv6 !== undefined && { Ipv6Ranges: [{ CidrIpv6, Description }] }),
    ...(PrefixListId !== undefined && { PrefixListIds: [{ PrefixListId, Description }] }),
    ...(ReferencedGroupId !== undefined && {
      UserIdGroupPairs: [{ GroupId: ReferencedGroupId, Description }],
    }),
  };
}

const filters: Filters<SecurityGroupRule> = {
  'group-id': (rule) => rule.groupId,
  'security-group-rule-id': (rule) => rule.ruleId,
};

function shape(ctx: Context, state: Ec2State, rule: SecurityGroupRule): Ec2.SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.ruleId,
    SecurityGroupRuleArn: ctx.arn('ec2', `security-group-rule/${rule.ruleId}`),
    GroupId: rule.groupId,
    GroupOwnerId: ctx.accountId,
    IsEgress: rule.isEgress,
    IpProtocol: rule.ipProtocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...peerShape(ctx, state, rule),
    ...(rule.description !== undefined && { Description: rule.description }),
    Tags: tagsOf(state, rule.ruleId),
  };
}

function peerShape(ctx: Context, state: Ec2State, { peer }: SecurityGroupRule): Ec2.SecurityGroupRule {
  switch (peer.kind) {
    case 'ipv4':
      return { CidrIpv4: peer.cidr };
    case 'ipv6':
      return { CidrIpv6: peer.cidr };
    case 'prefixList':
      return { PrefixListId: peer.prefixListId };
    case 'group': {
      const VpcId = state.securityGroups.get(peer.groupId)?.vpcId;
      return { ReferencedGroupInfo: { GroupId: peer.groupId, UserId: ctx.accountId, VpcId } };
    }
  }
}
