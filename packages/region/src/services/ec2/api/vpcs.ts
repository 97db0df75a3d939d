import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { type Cidr, contains, formatCidr, overlaps, parseCidr } from '../cidr.ts';
import {
  hasDependencies,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
} from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { type Ec2State, find, type Vpc } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';
import { newSecurityGroup } from './security-groups.ts';

/** What a new VPC is made of besides its block. */
export interface VpcOptions {
  readonly isDefault: boolean;
  readonly instanceTenancy?: string | undefined;
}

export function vpcOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateVpc: ec2Operation<Ec2.CreateVpcRequest, Ec2.CreateVpcResult>(
      ['CidrBlock', 'InstanceTenancy', 'TagSpecifications'],
      (ctx, input) => createVpc(ctx, state, input),
    ),
    DescribeVpcs: ec2Operation<Ec2.DescribeVpcsRequest, Ec2.DescribeVpcsResult>(
      ['VpcIds', 'Filters', 'MaxResults', 'NextToken'],
      (ctx, input) => describeVpcs(ctx, state, input),
    ),
    DeleteVpc: ec2Operation<Ec2.DeleteVpcRequest, void>(['VpcId'], (_ctx, input) =>
      deleteVpc(state, input.VpcId),
    ),
    ModifyVpcAttribute: ec2Operation<Ec2.ModifyVpcAttributeRequest & { DryRun?: boolean }, void>(
      ['VpcId', 'EnableDnsHostnames', 'EnableDnsSupport', 'EnableNetworkAddressUsageMetrics'],
      (_ctx, input) => modifyVpcAttribute(state, input),
    ),
    DescribeVpcAttribute: ec2Operation<Ec2.DescribeVpcAttributeRequest, Ec2.DescribeVpcAttributeResult>(
      ['VpcId', 'Attribute'],
      (_ctx, input) => describeVpcAttribute(state, input),
    ),
    AssociateVpcCidrBlock: ec2Operation<
      Ec2.AssociateVpcCidrBlockRequest & { DryRun?: boolean },
      Ec2.AssociateVpcCidrBlockResult
    >(['VpcId', 'CidrBlock'], (ctx, input) => associateVpcCidrBlock(ctx, state, input)),
    DisassociateVpcCidrBlock: ec2Operation<
      Ec2.DisassociateVpcCidrBlockRequest & { DryRun?: boolean },
      Ec2.DisassociateVpcCidrBlockResult
    >(['AssociationId'], (_ctx, input) => disassociateVpcCidrBlock(state, input.AssociationId)),
  };
}

function createVpc(ctx: Context, state: Ec2State, input: Ec2.CreateVpcRequest): Ec2.CreateVpcResult {
  const cidr = checkBlock(input.CidrBlock);
  const vpc = newVpc(ctx, state, cidr, { isDefault: false, instanceTenancy: input.InstanceTenancy });
  tagNew(state, 'vpc', vpc.vpcId, input.TagSpecifications);
  return { Vpc: { ...vpcShape(ctx, state, vpc), State: 'pending' } };
}

/** A VPC with its default security group, network ACL and main route table. */
export function newVpc(ctx: Context, state: Ec2State, cidr: Cidr, options: VpcOptions): Vpc {
  const vpcId = newId(ctx, 'vpc');
  const vpc: Vpc = {
    vpcId,
    cidrBlocks: [{ associationId: newId(ctx, 'vpc-cidr-assoc'), cidrBlock: formatCidr(cidr) }],
    isDefault: options.isDefault,
    instanceTenancy: options.instanceTenancy === 'dedicated' ? 'dedicated' : 'default',
    enableDnsSupport: true,
    // Confirmed by docs: on only in a default VPC.
    enableDnsHostnames: options.isDefault,
    enableNetworkAddressUsageMetrics: false,
  };
  state.vpcs.put(vpcId, vpc);
  const routeTableId = newId(ctx, 'rtb');
  state.routeTables.put(routeTableId, {
    routeTableId,
    vpcId,
    routes: [],
    associations: [{ associationId: newId(ctx, 'rtbassoc') }],
  });
  const networkAclId = newId(ctx, 'acl');
  state.networkAcls.put(networkAclId, { networkAclId, vpcId });
  newSecurityGroup(ctx, state, { groupName: 'default', description: 'default VPC security group', vpcId });
  return vpc;
}

/** Confirmed by docs: a block is between /16 and /28. */
function checkBlock(text: string | undefined): Cidr {
  if (text === undefined) throw missingParameter('cidrBlock');
  const cidr = parseCidr(text);
  if (!cidr) {
    throw invalidParameterValue(
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  if (cidr.prefix < 16 || cidr.prefix > 28) {
    throw new AwsError('InvalidVpc.Range', `The CIDR '${text}' is invalid.`);
  }
  return cidr;
}

function describeVpcs(ctx: Context, state: Ec2State, input: Ec2.DescribeVpcsRequest): Ec2.DescribeVpcsResult {
  const { items, next } = list(state, 'vpc', input.VpcIds, input, filters(ctx, state));
  return { Vpcs: items.map((vpc) => vpcShape(ctx, state, vpc)), ...next };
}

function filters(ctx: Context, state: Ec2State): Filters<Vpc> {
  return {
    cidr: (vpc) => vpc.cidrBlocks[0]?.cidrBlock,
    'cidr-block-association.cidr-block': (vpc) => vpc.cidrBlocks.map((block) => block.cidrBlock),
    'cidr-block-association.association-id': (vpc) => vpc.cidrBlocks.map((block) => block.associationId),
    'cidr-block-association.state': () => 'associated',
    'dhcp-options-id': () => state.account.get('defaults')?.dhcpOptionsId,
    'ipv6-cidr-block-association.ipv6-cidr-block': () => undefined,
    'ipv6-cidr-block-association.ipv6-pool': () => undefined,
    'ipv6-cidr-block-association.association-id': () => undefined,
    'ipv6-cidr-block-association.state': () => undefined,
    'is-default': (vpc) => vpc.isDefault,
    isDefault: (vpc) => vpc.isDefault,
    'owner-id': () => ctx.accountId,
    state: () => 'available',
    'vpc-id': (vpc) => vpc.vpcId,
  };
}

export function vpcShape(ctx: Context, state: Ec2State, vpc: Vpc): Ec2.Vpc {
  return {
    VpcId: vpc.vpcId,
    State: 'available',
    CidrBlock: vpc.cidrBlocks[0]?.cidrBlock,
    CidrBlockAssociationSet: vpc.cidrBlocks.map(blockShape),
    DhcpOptionsId: state.account.get('defaults')?.dhcpOptionsId,
    InstanceTenancy: vpc.instanceTenancy,
    IsDefault: vpc.isDefault,
    OwnerId: ctx.accountId,
    Tags: tagsOf(state, vpc.vpcId),
  };
}

function blockShape(block: Vpc['cidrBlocks'][number]): Ec2.VpcCidrBlockAssociation {
  return {
    AssociationId: block.associationId,
    CidrBlock: block.cidrBlock,
    CidrBlockState: { State: 'associated' },
  };
}

function deleteVpc(state: Ec2State, id: string | undefined): void {
  const { vpcId } = find(state, 'vpc', id);
  const belongs = (record: { readonly vpcId?: string }): boolean => record.vpcId === vpcId;
  const isHeld =
    state.subnets.find(belongs) ||
    state.internetGateways.find(belongs) ||
    state.vpcEndpoints.find(belongs) ||
    state.networkInterfaces.find(belongs) ||
    state.securityGroups.find((group) => belongs(group) && group.groupName !== 'default') ||
    state.routeTables.find(
      (table) => belongs(table) && !table.associations.some((association) => !association.subnetId),
    );
  if (isHeld) throw hasDependencies('vpc', vpcId);
  const parts = [
    ...state.routeTables.filter(belongs).map((table) => table.routeTableId),
    ...state.networkAcls.filter(belongs).map((acl) => acl.networkAclId),
    ...state.securityGroups.filter(belongs).map((group) => group.groupId),
    ...state.flowLogs.filter((log) => log.resourceId === vpcId).map((log) => log.flowLogId),
  ];
  for (const rule of state.securityGroupRules.filter((r) => parts.includes(r.groupId))) {
    state.securityGroupRules.delete(rule.ruleId);
    state.tags.delete(rule.ruleId);
  }
  for (const part of [...parts, vpcId]) {
    for (const table of [state.routeTables, state.networkAcls, state.securityGroups, state.flowLogs]) {
      table.delete(part);
    }
    state.tags.delete(part);
  }
  state.vpcs.delete(vpcId);
}

function modifyVpcAttribute(state: Ec2State, input: Ec2.ModifyVpcAttributeRequest): void {
  const vpc = find(state, 'vpc', input.VpcId);
  const { EnableDnsHostnames, EnableDnsSupport, EnableNetworkAddressUsageMetrics } = input;
  // Confirmed by docs: one attribute at a time.
  const given = [EnableDnsHostnames, EnableDnsSupport, EnableNetworkAddressUsageMetrics].filter(Boolean);
  if (given.length > 1) {
    throw invalidParameterCombination('Fields for multiple attribute types specified');
  }
  state.vpcs.put(vpc.vpcId, {
    ...vpc,
    enableDnsSupport: EnableDnsSupport?.Value ?? vpc.enableDnsSupport,
    enableDnsHostnames: EnableDnsHostnames?.Value ?? vpc.enableDnsHostnames,
    enableNetworkAddressUsageMetrics:
      EnableNetworkAddressUsageMetrics?.Value ?? vpc.enableNetworkAddressUsageMetrics,
  });
}

function describeVpcAttribute(
  state: Ec2State,
  input: Ec2.DescribeVpcAttributeRequest,
): Ec2.DescribeVpcAttributeResult {
  const vpc = find(state, 'vpc', input.VpcId);
  const VpcId = vpc.vpcId;
  switch (input.Attribute) {
    case 'enableDnsSupport':
      return { VpcId, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
    case 'enableDnsHostnames':
      return { VpcId, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
    case 'enableNetworkAddressUsageMetrics':
      return { VpcId, EnableNetworkAddressUsageMetrics: { Value: vpc.enableNetworkAddressUsageMetrics } };
    default:
      if (input.Attribute === undefined) throw missingParameter('attribute');
      throw invalidParameterValue(
        `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`,
      );
  }
}

function associateVpcCidrBlock(
  ctx: Context,
  state: Ec2State,
  input: Ec2.AssociateVpcCidrBlockRequest,
): Ec2.AssociateVpcCidrBlockResult {
  const vpc = find(state, 'vpc', input.VpcId);
  const cidr = checkBlock(input.CidrBlock);
  const taken = vpc.cidrBlocks.some((block) => {
    const other = parseCidr(block.cidrBlock);
    return other !== undefined && overlaps(other, cidr);
  });
  if (taken) {
    throw invalidParameterValue(
      `The CIDR '${input.CidrBlock}' conflicts with another CIDR block of VPC ${vpc.vpcId}`,
    );
  }
  const block = { associationId: newId(ctx, 'vpc-cidr-assoc'), cidrBlock: formatCidr(cidr) };
  state.vpcs.put(vpc.vpcId, { ...vpc, cidrBlocks: [...vpc.cidrBlocks, block] });
  return {
    VpcId: vpc.vpcId,
    CidrBlockAssociation: { ...blockShape(block), CidrBlockState: { State: 'associating' } },
  };
}

function disassociateVpcCidrBlock(
  state: Ec2State,
  associationId: string | undefined,
): Ec2.DisassociateVpcCidrBlockResult {
  if (associationId === undefined) throw missingParameter('associationId');
  const isIt = (block: Vpc['cidrBlocks'][number]): boolean => block.associationId === associationId;
  const vpc = state.vpcs.find(({ cidrBlocks }) => cidrBlocks.some(isIt));
  const block = vpc?.cidrBlocks.find(isIt);
  const cidr = parseCidr(block?.cidrBlock ?? '');
  if (!vpc || !block || !cidr) {
    throw new AwsError(
      'InvalidVpcCidrBlockAssociationID.NotFound',
      `The vpc CIDR block association ID '${associationId}' does not exist`,
    );
  }
  if (vpc.cidrBlocks[0] === block) {
    throw new AwsError(
      'OperationNotPermitted',
      `The vpc CIDR block with association ID ${associationId} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
    );
  }
  const isUsed = state.subnets.find((subnet) => {
    const inner = parseCidr(subnet.cidrBlock);
    return subnet.vpcId === vpc.vpcId && inner !== undefined && contains(cidr, inner);
  });
  if (isUsed) {
    throw new AwsError(
      'InvalidCidrBlock.InUse',
      `The vpc ${vpc.vpcId} currently has a subnet within CIDR block ${block.cidrBlock}`,
    );
  }
  state.vpcs.put(vpc.vpcId, { ...vpc, cidrBlocks: vpc.cidrBlocks.filter((other) => other !== block) });
  return {
    VpcId: vpc.vpcId,
    CidrBlockAssociation: { ...blockShape(block), CidrBlockState: { State: 'disassociating' } },
  };
}
