import { type Properties, type ResourceType, replaces, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './common.ts';
import { ingressMembers, type RuleProperties, readRule, toPermission } from './rule-properties.ts';

interface IngressProperties extends RuleProperties {
  readonly GroupId?: string;
  readonly GroupName?: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupingress.html
export const securityGroupIngressType: ResourceType = {
  name: 'AWS::EC2::SecurityGroupIngress',
  properties: {
    GroupId: replaces(text),
    GroupName: replaces(text),
    IpProtocol: replaces(ingressMembers.IpProtocol),
    FromPort: replaces(ingressMembers.FromPort),
    ToPort: replaces(ingressMembers.ToPort),
    CidrIp: replaces(text),
    CidrIpv6: replaces(text),
    Description: text,
    SourcePrefixListId: replaces(text),
    SourceSecurityGroupId: replaces(text),
    SourceSecurityGroupName: replaces(text),
  },

  create(ctx, properties) {
    const { SecurityGroupRules: [rule] = [] } = ctx.call(
      'ec2',
      'authorizeSecurityGroupIngress',
      requestOf(properties),
    );
    return { physicalId: rule?.SecurityGroupRuleId ?? '' };
  },

  update(ctx, _resource, properties) {
    ctx.call('ec2', 'updateSecurityGroupRuleDescriptionsIngress', requestOf(properties));
  },

  delete(ctx, { physicalId, properties }) {
    const { IpPermissions: _, ...group } = requestOf(properties);
    const SecurityGroupRuleIds = [physicalId];
    ignoreMissing(() => ctx.call('ec2', 'revokeSecurityGroupIngress', { ...group, SecurityGroupRuleIds }));
  },

  read: readRule,

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};

function requestOf(properties: Properties) {
  const { GroupId, GroupName, ...rule } = properties as unknown as IngressProperties;
  return { GroupId, GroupName, IpPermissions: [toPermission(rule)] };
}
