/** What load balancers and targets need to know of the VPC: asked of EC2 by its public operations. */
import type { AvailabilityZone, SubnetMapping } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError, notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { invalidConfiguration, invalidSecurityGroup, subnetNotFound, validationError } from '../errors.ts';

export interface Placement {
  readonly vpcId: string;
  readonly availabilityZones: readonly AvailabilityZone[];
}

/** Confirmed by docs: subnets of at least two Availability Zones, one of each. */
export function placementOf(
  ctx: Context,
  input: { readonly Subnets?: string[] | undefined; readonly SubnetMappings?: SubnetMapping[] | undefined },
): Placement {
  for (const mapping of input.SubnetMappings ?? []) {
    const extra = Object.entries(mapping).find(
      ([member, value]) => member !== 'SubnetId' && value !== undefined,
    );
    if (extra) throw notModelled(`elbv2: SubnetMappings.${extra[0]}`, 'elbv2');
  }
  const ids = input.Subnets ?? input.SubnetMappings?.map(({ SubnetId = '' }) => SubnetId) ?? [];
  const subnets = describedSubnets(ctx, ids);
  const zones = new Set(subnets.map(({ AvailabilityZone: zone }) => zone));
  if (zones.size < subnets.length) {
    throw invalidConfiguration(
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  if (zones.size < 2) {
    throw validationError('At least two subnets in two different Availability Zones must be specified');
  }
  const [vpcId = '', other] = new Set(subnets.map(({ VpcId = '' }) => VpcId));
  if (other !== undefined) throw invalidConfiguration('All subnets must belong to the same VPC');
  const availabilityZones = subnets.map(({ AvailabilityZone: ZoneName, SubnetId }) => ({
    ZoneName,
    SubnetId,
  }));
  return { vpcId, availabilityZones };
}

function describedSubnets(ctx: Context, SubnetIds: string[]) {
  if (SubnetIds.length === 0) return [];
  try {
    return ctx.call('ec2', 'describeSubnets', { SubnetIds }).Subnets ?? [];
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'InvalidSubnetID.NotFound') throw error;
    throw subnetNotFound(error.message);
  }
}

/** The given groups, checked; without any, the default group of the VPC. */
export function checkedSecurityGroups(
  ctx: Context,
  vpcId: string,
  given: readonly string[] | undefined,
): readonly string[] {
  if (!given || given.length === 0) {
    const Filters = [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'group-name', Values: ['default'] },
    ];
    const { SecurityGroups = [] } = ctx.call('ec2', 'describeSecurityGroups', { Filters });
    return SecurityGroups.map(({ GroupId = '' }) => GroupId);
  }
  try {
    const { SecurityGroups = [] } = ctx.call('ec2', 'describeSecurityGroups', { GroupIds: [...given] });
    const foreign = SecurityGroups.find(({ VpcId }) => VpcId !== vpcId);
    if (foreign) {
      throw invalidConfiguration(
        `One or more security groups are invalid: ${foreign.GroupId} is not in VPC ${vpcId}`,
      );
    }
    return given;
  } catch (error) {
    if (!(error instanceof AwsError) || !error.code.startsWith('InvalidGroup')) throw error;
    throw invalidSecurityGroup(error.message);
  }
}

/** The zone of the subnet that holds an address; undefined when no subnet of the VPC does. */
export function zoneOf(ctx: Context, vpcId: string, ip: string): string | undefined {
  const { Subnets = [] } = ctx.call('ec2', 'describeSubnets', {
    Filters: [{ Name: 'vpc-id', Values: [vpcId] }],
  });
  return Subnets.find(({ CidrBlock = '' }) => contains(CidrBlock, ip))?.AvailabilityZone;
}

function contains(cidr: string, ip: string): boolean {
  const [network = '', prefix = '32'] = cidr.split('/');
  const shift = 32 - Number(prefix);
  return Math.floor(numberOf(network) / 2 ** shift) === Math.floor(numberOf(ip) / 2 ** shift);
}

function numberOf(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
