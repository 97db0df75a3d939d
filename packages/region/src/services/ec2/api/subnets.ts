import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { availableAddresses } from '../addresses.ts';
import { type Cidr, contains, formatCidr, overlaps, parseCidr } from '../cidr.ts';
import { hasDependencies, invalidParameterValue, missingParameter } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { type Ec2State, find, type Subnet, type Vpc } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';
import { zoneIdOf, zonesOf } from '../zones.ts';

export function subnetOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateSubnet: ec2Operation<Ec2.CreateSubnetRequest, Ec2.CreateSubnetResult>(
      ['VpcId', 'CidrBlock', 'AvailabilityZone', 'AvailabilityZoneId', 'TagSpecifications'],
      (ctx, input) => createSubnet(ctx, state, input),
    ),
    DescribeSubnets: ec2Operation<Ec2.DescribeSubnetsRequest, Ec2.DescribeSubnetsResult>(
      ['SubnetIds', 'Filters', 'MaxResults', 'NextToken'],
      (ctx, input) => {
        const { items, next } = list(state, 'subnet', input.SubnetIds, input, filters(ctx, state));
        return { Subnets: items.map((subnet) => shape(ctx, state, subnet)), ...next };
      },
    ),
    DeleteSubnet: ec2Operation<Ec2.DeleteSubnetRequest, void>(['SubnetId'], (_ctx, input) =>
      deleteSubnet(state, input.SubnetId),
    ),
    ModifySubnetAttribute: ec2Operation<Ec2.ModifySubnetAttributeRequest & { DryRun?: boolean }, void>(
      ['SubnetId', 'MapPublicIpOnLaunch'],
      (_ctx, input) => {
        const subnet = find(state, 'subnet', input.SubnetId);
        const mapPublicIpOnLaunch = input.MapPublicIpOnLaunch?.Value ?? subnet.mapPublicIpOnLaunch;
        state.subnets.put(subnet.subnetId, { ...subnet, mapPublicIpOnLaunch });
      },
    ),
  };
}

function createSubnet(ctx: Context, state: Ec2State, input: Ec2.CreateSubnetRequest): Ec2.CreateSubnetResult {
  const vpc = find(state, 'vpc', input.VpcId);
  const cidr = checkBlock(state, vpc, input.CidrBlock);
  const availabilityZone = chooseZone(ctx, input);
  const subnet = newSubnet(ctx, state, { vpcId: vpc.vpcId, cidr, availabilityZone, defaultForAz: false });
  tagNew(state, 'subnet', subnet.subnetId, input.TagSpecifications);
  return { Subnet: shape(ctx, state, subnet) };
}

export function newSubnet(
  ctx: Context,
  state: Ec2State,
  options: {
    readonly vpcId: string;
    readonly cidr: Cidr;
    readonly availabilityZone: string;
    readonly defaultForAz: boolean;
  },
): Subnet {
  const subnet: Subnet = {
    subnetId: newId(ctx, 'subnet'),
    vpcId: options.vpcId,
    cidrBlock: formatCidr(options.cidr),
    availabilityZone: options.availabilityZone,
    // Confirmed by docs: on only in default subnets.
    mapPublicIpOnLaunch: options.defaultForAz,
    defaultForAz: options.defaultForAz,
    networkAclAssociationId: newId(ctx, 'aclassoc'),
    nextOffset: 0,
  };
  state.subnets.put(subnet.subnetId, subnet);
  return subnet;
}

/** Confirmed by docs: between /16 and /28, within the VPC, apart from its other subnets. */
function checkBlock(state: Ec2State, vpc: Vpc, text: string | undefined): Cidr {
  if (text === undefined) throw missingParameter('cidrBlock');
  const cidr = parseCidr(text);
  if (!cidr) {
    throw invalidParameterValue(
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  const isWithinVpc = vpc.cidrBlocks.some((block) => {
    const outer = parseCidr(block.cidrBlock);
    return outer !== undefined && contains(outer, cidr);
  });
  if (!isWithinVpc || cidr.prefix < 16 || cidr.prefix > 28) {
    throw new AwsError('InvalidSubnet.Range', `The CIDR '${text}' is invalid.`);
  }
  const conflict = state.subnets.find((subnet) => {
    const other = parseCidr(subnet.cidrBlock);
    return subnet.vpcId === vpc.vpcId && other !== undefined && overlaps(other, cidr);
  });
  if (conflict) {
    throw new AwsError('InvalidSubnet.Conflict', `The CIDR '${text}' conflicts with another subnet`);
  }
  return cidr;
}

/** Chosen: the first zone where none is asked for. AWS chooses one. */
function chooseZone(ctx: Context, input: Ec2.CreateSubnetRequest): string {
  const zones = zonesOf(ctx.region);
  const asked = input.AvailabilityZone;
  const byId = zones.find((zone) => zoneIdOf(zone) === input.AvailabilityZoneId);
  if (input.AvailabilityZoneId !== undefined && byId === undefined) {
    throw invalidParameterValue(
      `Value (${input.AvailabilityZoneId}) for parameter availabilityZoneId is invalid.`,
    );
  }
  const zone = asked ?? byId ?? zones[0] ?? '';
  if (zones.includes(zone)) return zone;
  throw invalidParameterValue(
    `Value (${zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(', ')}.`,
  );
}

function filters(ctx: Context, state: Ec2State): Filters<Subnet> {
  return {
    'availability-zone': (subnet) => subnet.availabilityZone,
    availabilityZone: (subnet) => subnet.availabilityZone,
    'availability-zone-id': (subnet) => zoneIdOf(subnet.availabilityZone),
    availabilityZoneId: (subnet) => zoneIdOf(subnet.availabilityZone),
    'available-ip-address-count': (subnet) => availableAddresses(state, subnet),
    'cidr-block': (subnet) => subnet.cidrBlock,
    cidr: (subnet) => subnet.cidrBlock,
    cidrBlock: (subnet) => subnet.cidrBlock,
    'default-for-az': (subnet) => subnet.defaultForAz,
    defaultForAz: (subnet) => subnet.defaultForAz,
    'ipv6-cidr-block-association.ipv6-cidr-block': () => undefined,
    'ipv6-native': () => false,
    'map-public-ip-on-launch': (subnet) => subnet.mapPublicIpOnLaunch,
    'owner-id': () => ctx.accountId,
    state: () => 'available',
    'subnet-arn': (subnet) => ctx.arn('ec2', `subnet/${subnet.subnetId}`),
    'subnet-id': (subnet) => subnet.subnetId,
    'vpc-id': (subnet) => subnet.vpcId,
  };
}

function shape(ctx: Context, state: Ec2State, subnet: Subnet): Ec2.Subnet {
  return {
    SubnetId: subnet.subnetId,
    SubnetArn: ctx.arn('ec2', `subnet/${subnet.subnetId}`),
    State: 'available',
    VpcId: subnet.vpcId,
    CidrBlock: subnet.cidrBlock,
    AvailabilityZone: subnet.availabilityZone,
    AvailabilityZoneId: zoneIdOf(subnet.availabilityZone),
    AvailableIpAddressCount: availableAddresses(state, subnet),
    DefaultForAz: subnet.defaultForAz,
    MapPublicIpOnLaunch: subnet.mapPublicIpOnLaunch,
    MapCustomerOwnedIpOnLaunch: false,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    PrivateDnsNameOptionsOnLaunch: {
      HostnameType: 'ip-name',
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    OwnerId: ctx.accountId,
    Tags: tagsOf(state, subnet.subnetId),
  };
}

function deleteSubnet(state: Ec2State, id: string | undefined): void {
  const { subnetId } = find(state, 'subnet', id);
  if (state.networkInterfaces.find((networkInterface) => networkInterface.subnetId === subnetId)) {
    throw hasDependencies('subnet', subnetId);
  }
  for (const table of state.routeTables.filter((t) => t.associations.some((a) => a.subnetId === subnetId))) {
    const associations = table.associations.filter((association) => association.subnetId !== subnetId);
    state.routeTables.put(table.routeTableId, { ...table, associations });
  }
  state.subnets.delete(subnetId);
  state.tags.delete(subnetId);
}
