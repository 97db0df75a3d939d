import type * as Ec2 from '@aws-sdk/client-ec2';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import type { Ec2State, NetworkAcl, Subnet } from '../state.ts';
import { tagsOf } from '../tags.ts';

/** Every VPC has its default network ACL, which allows all; others are not modelled. */
export function networkAclOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    DescribeNetworkAcls: ec2Operation<Ec2.DescribeNetworkAclsRequest, Ec2.DescribeNetworkAclsResult>(
      ['NetworkAclIds', 'Filters', 'MaxResults', 'NextToken'],
      (ctx, input) => {
        const { items, next } = list(state, 'network-acl', input.NetworkAclIds, input, filters(ctx, state));
        return { NetworkAcls: items.map((acl) => shape(ctx, state, acl)), ...next };
      },
    ),
  };
}

function subnetsOf(state: Ec2State, acl: NetworkAcl): Subnet[] {
  return state.subnets.filter((subnet) => subnet.vpcId === acl.vpcId);
}

function filters(ctx: Context, state: Ec2State): Filters<NetworkAcl> {
  return {
    'association.association-id': (acl) => subnetsOf(state, acl).map((s) => s.networkAclAssociationId),
    'association.network-acl-id': (acl) => acl.networkAclId,
    'association.subnet-id': (acl) => subnetsOf(state, acl).map((subnet) => subnet.subnetId),
    default: () => true,
    'network-acl-id': (acl) => acl.networkAclId,
    'owner-id': () => ctx.accountId,
    'vpc-id': (acl) => acl.vpcId,
  };
}

function shape(ctx: Context, state: Ec2State, acl: NetworkAcl): Ec2.NetworkAcl {
  return {
    NetworkAclId: acl.networkAclId,
    VpcId: acl.vpcId,
    IsDefault: true,
    OwnerId: ctx.accountId,
    Associations: subnetsOf(state, acl).map((subnet) => ({
      NetworkAclAssociationId: subnet.networkAclAssociationId,
      NetworkAclId: acl.networkAclId,
      SubnetId: subnet.subnetId,
    })),
    Entries: [true, false].flatMap((Egress) => [
      { Egress, RuleNumber: 100, RuleAction: 'allow', Protocol: '-1', CidrBlock: '0.0.0.0/0' } as const,
      { Egress, RuleNumber: 32767, RuleAction: 'deny', Protocol: '-1', CidrBlock: '0.0.0.0/0' } as const,
    ]),
    Tags: tagsOf(state, acl.networkAclId),
  };
}
