import {
  listOf,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';
import {
  allTrafficOut,
  egressShape,
  ingressShape,
  isGiven,
  type RuleProperties,
  ruleProperties,
  spelledAs,
  toPermission,
} from './rule-properties.ts';

interface SecurityGroupProperties {
  readonly GroupDescription: string;
  readonly GroupName?: string;
  readonly VpcId?: string;
  readonly SecurityGroupIngress?: readonly RuleProperties[];
  readonly SecurityGroupEgress?: readonly RuleProperties[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html
export const securityGroupType: ResourceType = {
  name: 'AWS::EC2::SecurityGroup',
  properties: {
    GroupDescription: replaces(required(text)),
    GroupName: replaces(text),
    VpcId: replaces(text),
    SecurityGroupIngress: listOf(ingressShape),
    SecurityGroupEgress: listOf(egressShape),
    Tags: tags,
  },

  create(ctx, properties) {
    const group = groupOf(properties);
    const { GroupId = '' } = ctx.call('ec2', 'createSecurityGroup', {
      GroupName: group.GroupName ?? ctx.generateName(255),
      Description: group.GroupDescription,
      VpcId: group.VpcId,
      TagSpecifications: tagSpecifications(ctx, 'security-group', properties),
    });
    // Confirmed by docs: the rule that allows all traffic out goes when the template gives egress rules.
    if (group.SecurityGroupEgress?.length) {
      ctx.call('ec2', 'revokeSecurityGroupEgress', { GroupId, IpPermissions: [allTrafficOut] });
    }
    authorize(ctx, GroupId, group.SecurityGroupIngress ?? [], group.SecurityGroupEgress ?? []);
    return { physicalId: GroupId };
  },

  update(ctx, resource, properties) {
    const before = groupOf(resource.properties);
    const group = groupOf(properties);
    const GroupId = resource.physicalId;
    const ingress = difference(before.SecurityGroupIngress, group.SecurityGroupIngress);
    const egress = difference(before.SecurityGroupEgress, group.SecurityGroupEgress);
    for (const rule of ingress.gone) {
      const IpPermissions = [toPermission(rule)];
      ignoreMissing(() => ctx.call('ec2', 'revokeSecurityGroupIngress', { GroupId, IpPermissions }));
    }
    const isFirstEgress = !before.SecurityGroupEgress?.length && egress.added.length > 0;
    for (const permission of [...egress.gone.map(toPermission), ...(isFirstEgress ? [allTrafficOut] : [])]) {
      const IpPermissions = [permission];
      ignoreMissing(() => ctx.call('ec2', 'revokeSecurityGroupEgress', { GroupId, IpPermissions }));
    }
    authorize(ctx, GroupId, ingress.added, egress.added);
    updateTags(ctx, GroupId, resource, properties);
  },

  delete(ctx, { physicalId: GroupId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteSecurityGroup', { GroupId }));
  },

  read(ctx, { physicalId: GroupId, properties }) {
    const given = groupOf(properties);
    const { SecurityGroups: [group] = [] } = ctx.call('ec2', 'describeSecurityGroups', {
      GroupIds: [GroupId],
    });
    if (!group) return undefined;
    const { SecurityGroupRules: rules = [] } = ctx.call('ec2', 'describeSecurityGroupRules', {
      Filters: [{ Name: 'group-id', Values: [GroupId] }],
    });
    const attached = ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'].flatMap((type) =>
      ctx.deployed(type).map(({ physicalId }) => physicalId),
    );
    const own = rules.filter(({ SecurityGroupRuleId: id = '' }) => !attached.includes(id));
    const now = (isEgress: boolean, wanted: readonly RuleProperties[] = []) =>
      own.filter((rule) => rule.IsEgress === isEgress).map((rule) => asGiven(wanted, ruleProperties(rule)));
    return {
      GroupDescription: group.Description,
      GroupName: group.GroupName,
      VpcId: group.VpcId,
      SecurityGroupIngress: now(false, given.SecurityGroupIngress),
      SecurityGroupEgress: now(true, given.SecurityGroupEgress),
      Tags: group.Tags,
    };
  },

  attributes(ctx, { physicalId: GroupId }) {
    const { SecurityGroups: [group] = [] } = ctx.call('ec2', 'describeSecurityGroups', {
      GroupIds: [GroupId],
    });
    return { GroupId, Id: GroupId, VpcId: group?.VpcId };
  },
};

function asGiven(wanted: readonly RuleProperties[], now: RuleProperties): RuleProperties {
  const given = wanted.find((rule) => isGiven(rule, now));
  return given ? spelledAs(given, now) : now;
}

function groupOf(properties: Properties): SecurityGroupProperties {
  return properties as unknown as SecurityGroupProperties;
}

function authorize(
  ctx: ResourceContext,
  GroupId: string,
  ingress: readonly RuleProperties[],
  egress: readonly RuleProperties[],
): void {
  if (ingress.length > 0) {
    ctx.call('ec2', 'authorizeSecurityGroupIngress', { GroupId, IpPermissions: ingress.map(toPermission) });
  }
  if (egress.length > 0) {
    ctx.call('ec2', 'authorizeSecurityGroupEgress', { GroupId, IpPermissions: egress.map(toPermission) });
  }
}

function difference(before: readonly RuleProperties[] = [], after: readonly RuleProperties[] = []) {
  const keyOf = (rule: RuleProperties): string => JSON.stringify(toPermission(rule));
  const had = new Set(before.map(keyOf));
  const has = new Set(after.map(keyOf));
  return {
    gone: before.filter((rule) => !has.has(keyOf(rule))),
    added: after.filter((rule) => !had.has(keyOf(rule))),
  };
}
