import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { dependencyViolation, invalidParameterValue, missingParameter } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { toPermissions } from '../rules.ts';
import { type Ec2State, find, type SecurityGroup, type SecurityGroupRule } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';

export function securityGroupOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateSecurityGroup: ec2Operation<Ec2.CreateSecurityGroupRequest, Ec2.CreateSecurityGroupResult>(
      ['GroupName', 'Description', 'VpcId', 'TagSpecifications'],
      (ctx, input) => createSecurityGroup(ctx, state, input),
    ),
    DescribeSecurityGroups: ec2Operation<Ec2.DescribeSecurityGroupsRequest, Ec2.DescribeSecurityGroupsResult>(
      ['GroupIds', 'GroupNames', 'Filters', 'MaxResults', 'NextToken'],
      (ctx, input) => {
        const ids = [...(input.GroupIds ?? []), ...idsOfNames(state, input.GroupNames)];
        const { items, next } = list(state, 'security-group', ids, input, filters(ctx, state));
        return { SecurityGroups: items.map((group) => shape(ctx, state, group)), ...next };
      },
    ),
    DeleteSecurityGroup: ec2Operation<Ec2.DeleteSecurityGroupRequest, Ec2.DeleteSecurityGroupResult>(
      ['GroupId', 'GroupName'],
      (_ctx, input) => deleteSecurityGroup(state, groupOf(state, input.GroupId, input.GroupName)),
    ),
  };
}

function createSecurityGroup(
  ctx: Context,
  state: Ec2State,
  input: Ec2.CreateSecurityGroupRequest,
): Ec2.CreateSecurityGroupResult {
  const groupName = checkText('GroupName', input.GroupName);
  const description = checkText('GroupDescription', input.Description);
  if (groupName === 'default' || groupName.startsWith('sg-')) {
    throw invalidParameterValue(
      groupName === 'default'
        ? 'Cannot use reserved security group name: default'
        : `Invalid value '${groupName}' for groupName. Group names may not be in the format sg-*.`,
    );
  }
  const vpcId = input.VpcId ? find(state, 'vpc', input.VpcId).vpcId : defaultVpc(state);
  if (state.securityGroups.find((group) => group.vpcId === vpcId && group.groupName === groupName)) {
    throw new AwsError(
      'InvalidGroup.Duplicate',
      `The security group '${groupName}' already exists for VPC '${vpcId}'`,
    );
  }
  const { groupId } = newSecurityGroup(ctx, state, { groupName, description, vpcId });
  tagNew(state, 'security-group', groupId, input.TagSpecifications);
  return {
    GroupId: groupId,
    SecurityGroupArn: ctx.arn('ec2', `security-group/${groupId}`),
    Tags: tagsOf(state, groupId),
  };
}

/** Confirmed by docs: up to 255 characters; in a VPC of this set. */
function checkText(parameter: string, text: string | undefined): string {
  if (text === undefined || text === '') throw missingParameter(parameter);
  if (/^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/.test(text)) return text;
  throw invalidParameterValue(
    `Value (${text}) for parameter ${parameter} is invalid. Character sets beyond ASCII are not supported.`,
  );
}

function defaultVpc(state: Ec2State): string {
  const vpc = state.vpcs.find((candidate) => candidate.isDefault);
  if (vpc) return vpc.vpcId;
  throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user');
}

/** A group with the rules it begins with: all traffic out; in a VPC's default group, all traffic of its members in. */
export function newSecurityGroup(
  ctx: Context,
  state: Ec2State,
  options: Omit<SecurityGroup, 'groupId'>,
): SecurityGroup {
  const group: SecurityGroup = { groupId: newId(ctx, 'sg'), ...options };
  const { groupId } = group;
  state.securityGroups.put(groupId, group);
  const all = { groupId, ipProtocol: '-1', fromPort: -1, toPort: -1 };
  putRule(state, {
    ...all,
    ruleId: newId(ctx, 'sgr'),
    isEgress: true,
    peer: { kind: 'ipv4', cidr: '0.0.0.0/0' },
  });
  if (group.groupName === 'default') {
    putRule(state, { ...all, ruleId: newId(ctx, 'sgr'), isEgress: false, peer: { kind: 'group', groupId } });
  }
  return group;
}

function putRule(state: Ec2State, rule: SecurityGroupRule): void {
  state.securityGroupRules.put(rule.ruleId, rule);
}

/** The group by id, or by name in the default VPC. */
export function groupOf(
  state: Ec2State,
  groupId: string | undefined,
  groupName: string | undefined,
): SecurityGroup {
  if (groupId !== undefined) return find(state, 'security-group', groupId);
  if (groupName === undefined) throw missingParameter('groupId');
  return find(state, 'security-group', idsOfNames(state, [groupName])[0]);
}

function idsOfNames(state: Ec2State, names: readonly string[] | undefined): string[] {
  if (!names?.length) return [];
  const vpcId = defaultVpc(state);
  return names.map((name) => {
    const group = state.securityGroups.find((g) => g.vpcId === vpcId && g.groupName === name);
    if (group) return group.groupId;
    throw new AwsError(
      'InvalidGroup.NotFound',
      `The security group '${name}' does not exist in default VPC '${vpcId}'`,
    );
  });
}

function deleteSecurityGroup(
  state: Ec2State,
  { groupId, groupName }: SecurityGroup,
): Ec2.DeleteSecurityGroupResult {
  if (groupName === 'default') {
    throw new AwsError(
      'CannotDelete',
      `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
    );
  }
  const isReferenced = state.securityGroupRules.find(
    ({ groupId: owner, peer }) => owner !== groupId && peer.kind === 'group' && peer.groupId === groupId,
  );
  const isUsed = state.networkInterfaces.find((eni) => eni.groupIds.includes(groupId));
  if (isReferenced || isUsed) throw dependencyViolation(`resource ${groupId} has a dependent object`);
  for (const rule of state.securityGroupRules.filter((r) => r.groupId === groupId)) {
    state.securityGroupRules.delete(rule.ruleId);
    state.tags.delete(rule.ruleId);
  }
  state.securityGroups.delete(groupId);
  state.tags.delete(groupId);
  return { Return: true, GroupId: groupId };
}

function rulesOf(state: Ec2State, groupId: string, isEgress: boolean): SecurityGroupRule[] {
  return state.securityGroupRules.filter((rule) => rule.groupId === groupId && rule.isEgress === isEgress);
}

function filters(ctx: Context, state: Ec2State): Filters<SecurityGroup> {
  return {
    ...permissionFilters(ctx, state, 'ip-permission', false),
    ...permissionFilters(ctx, state, 'egress.ip-permission', true),
    description: (group) => group.description,
    'group-id': (group) => group.groupId,
    'group-name': (group) => group.groupName,
    'owner-id': () => ctx.accountId,
    'vpc-id': (group) => group.vpcId,
  };
}

function permissionFilters(
  ctx: Context,
  state: Ec2State,
  prefix: string,
  isEgress: boolean,
): Filters<SecurityGroup> {
  const each =
    (value: (rule: SecurityGroupRule) => string | undefined) =>
    (group: SecurityGroup): (string | undefined)[] =>
      rulesOf(state, group.groupId, isEgress).map(value);
  return {
    [`${prefix}.cidr`]: each(({ peer }) => (peer.kind === 'ipv4' ? peer.cidr : undefined)),
    [`${prefix}.ipv6-cidr`]: each(({ peer }) => (peer.kind === 'ipv6' ? peer.cidr : undefined)),
    [`${prefix}.prefix-list-id`]: each(({ peer }) =>
      peer.kind === 'prefixList' ? peer.prefixListId : undefined,
    ),
    [`${prefix}.group-id`]: each(({ peer }) => (peer.kind === 'group' ? peer.groupId : undefined)),
    [`${prefix}.group-name`]: each(({ peer }) =>
      peer.kind === 'group' ? state.securityGroups.get(peer.groupId)?.groupName : undefined,
    ),
    [`${prefix}.user-id`]: each(({ peer }) => (peer.kind === 'group' ? ctx.accountId : undefined)),
    [`${prefix}.from-port`]: each((rule) => String(rule.fromPort)),
    [`${prefix}.to-port`]: each((rule) => String(rule.toPort)),
    [`${prefix}.protocol`]: each((rule) => rule.ipProtocol),
  };
}

function shape(ctx: Context, state: Ec2State, group: SecurityGroup): Ec2.SecurityGroup {
  return {
    GroupId: group.groupId,
    GroupName: group.groupName,
    Description: group.description,
    VpcId: group.vpcId,
    OwnerId: ctx.accountId,
    SecurityGroupArn: ctx.arn('ec2', `security-group/${group.groupId}`),
    IpPermissions: toPermissions(ctx.accountId, rulesOf(state, group.groupId, false)),
    IpPermissionsEgress: toPermissions(ctx.accountId, rulesOf(state, group.groupId, true)),
    Tags: tagsOf(state, group.groupId),
  };
}
