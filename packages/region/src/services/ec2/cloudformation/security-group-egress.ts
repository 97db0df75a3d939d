import {
  type Properties,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './common.ts';
import {
  allTrafficOut,
  egressMembers,
  type RuleProperties,
  readRule,
  toPermission,
} from './rule-properties.ts';

interface EgressProperties extends RuleProperties {
  readonly GroupId: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroupegress.html
export const securityGroupEgressType: ResourceType = {
  name: 'AWS::EC2::SecurityGroupEgress',
  properties: {
    GroupId: replaces(required(text)),
    IpProtocol: replaces(egressMembers.IpProtocol),
    FromPort: replaces(egressMembers.FromPort),
    ToPort: replaces(egressMembers.ToPort),
    CidrIp: replaces(text),
    CidrIpv6: replaces(text),
    Description: text,
    DestinationPrefixListId: replaces(text),
    DestinationSecurityGroupId: replaces(text),
  },

  /** Confirmed by users: the rule that allows all traffic out goes. https://github.com/aws/aws-cdk/issues/987 */
  create(ctx, properties) {
    const request = requestOf(properties);
    const { GroupId } = request;
    ignoreMissing(() =>
      ctx.call('ec2', 'revokeSecurityGroupEgress', { GroupId, IpPermissions: [allTrafficOut] }),
    );
    const { SecurityGroupRules: [rule] = [] } = ctx.call('ec2', 'authorizeSecurityGroupEgress', request);
    return { physicalId: rule?.SecurityGroupRuleId ?? '' };
  },

  update(ctx, _resource, properties) {
    ctx.call('ec2', 'updateSecurityGroupRuleDescriptionsEgress', requestOf(properties));
  },

  delete(ctx, { physicalId, properties }) {
    const { GroupId } = requestOf(properties);
    const SecurityGroupRuleIds = [physicalId];
    ignoreMissing(() => ctx.call('ec2', 'revokeSecurityGroupEgress', { GroupId, SecurityGroupRuleIds }));
  },

  read: readRule,

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};

function requestOf(properties: Properties) {
  const { GroupId, ...rule } = properties as unknown as EgressProperties;
  return { GroupId, IpPermissions: [toPermission(rule)] };
}
