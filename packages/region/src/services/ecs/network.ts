import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { invalidParameter } from './errors.ts';
import type { NetworkInterfaceRecord } from './state.ts';

/** The subnets of a request with their zones. Refuses those that do not exist, as AWS does. */
export function describeSubnets(
  ctx: Context,
  subnetIds: readonly string[],
): { readonly subnetId: string; readonly availabilityZone: string; readonly vpcId: string }[] {
  const { Subnets = [] } = asInvalidParameter('Error retrieving subnet information', subnetIds, () =>
    ctx.call('ec2', 'describeSubnets', { SubnetIds: [...subnetIds] }),
  );
  const subnets = subnetIds.flatMap((id) => Subnets.find((subnet) => subnet.SubnetId === id) ?? []);
  if (new Set(subnets.map((subnet) => subnet.VpcId)).size > 1) {
    throw invalidParameter('Subnets must belong to the same VPC.');
  }
  return subnets.map(({ SubnetId = '', AvailabilityZone = '', VpcId = '' }) => ({
    subnetId: SubnetId,
    availabilityZone: AvailabilityZone,
    vpcId: VpcId,
  }));
}

export function checkSecurityGroups(ctx: Context, groupIds: readonly string[]): void {
  if (groupIds.length === 0) return;
  asInvalidParameter('Error retrieving security group information', groupIds, () =>
    ctx.call('ec2', 'describeSecurityGroups', { GroupIds: [...groupIds] }),
  );
}

/** Known: `Error retrieving … information for [ids]: MESSAGE (ErrorCode: CODE)`. */
function asInvalidParameter<T>(what: string, ids: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
    throw invalidParameter(`${what} for [${ids.join(', ')}]: ${error.message} (ErrorCode: ${error.code})`);
  }
}

export function attachNetworkInterface(
  ctx: Context,
  subnet: { readonly subnetId: string; readonly availabilityZone: string },
  securityGroups: readonly string[],
): NetworkInterfaceRecord {
  const attachmentId = ctx.random.uuid();
  const { NetworkInterface } = ctx.call('ec2', 'createNetworkInterface', {
    SubnetId: subnet.subnetId,
    Description: ctx.arn('ecs', `attachment/${attachmentId}`),
    ...(securityGroups.length > 0 ? { Groups: [...securityGroups] } : {}),
  });
  return {
    attachmentId,
    networkInterfaceId: NetworkInterface?.NetworkInterfaceId ?? '',
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    macAddress: NetworkInterface?.MacAddress ?? '',
    privateIp: NetworkInterface?.PrivateIpAddress ?? '',
  };
}

export function deleteNetworkInterface(ctx: Context, network: NetworkInterfaceRecord): void {
  try {
    ctx.call('ec2', 'deleteNetworkInterface', { NetworkInterfaceId: network.networkInterfaceId });
  } catch (error) {
    // Somebody deleted it before us: that is what was wanted.
    if (!(error instanceof AwsError) || error.code !== 'InvalidNetworkInterfaceID.NotFound') throw error;
  }
}
