import type * as Ec2 from '@aws-sdk/client-ec2';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { takePrivateAddress } from '../addresses.ts';
import { once } from '../client-tokens.ts';
import { invalidParameterValue } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { type Ec2State, find, type NetworkInterface, type Subnet } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';

export function networkInterfaceOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateNetworkInterface: ec2Operation<Ec2.CreateNetworkInterfaceRequest, Ec2.CreateNetworkInterfaceResult>(
      [
        'SubnetId',
        'Description',
        'Groups',
        'PrivateIpAddress',
        'InterfaceType',
        'TagSpecifications',
        'ClientToken',
      ],
      (ctx, input) => {
        const make = (): string[] => [createNetworkInterface(ctx, state, input)];
        const [id] = once(ctx, state, 'CreateNetworkInterface', input, make);
        return { NetworkInterface: shape(ctx, state, find(state, 'network-interface', id)) };
      },
    ),
    DescribeNetworkInterfaces: ec2Operation<
      Ec2.DescribeNetworkInterfacesRequest,
      Ec2.DescribeNetworkInterfacesResult
    >(['NetworkInterfaceIds', 'Filters', 'MaxResults', 'NextToken'], (ctx, input) => {
      const { NetworkInterfaceIds } = input;
      const { items, next } = list(
        state,
        'network-interface',
        NetworkInterfaceIds,
        input,
        filters(ctx, state),
      );
      return { NetworkInterfaces: items.map((item) => shape(ctx, state, item)), ...next };
    }),
    ModifyNetworkInterfaceAttribute: ec2Operation<Ec2.ModifyNetworkInterfaceAttributeRequest, void>(
      ['NetworkInterfaceId', 'Description', 'Groups', 'SourceDestCheck'],
      (_ctx, input) => modifyNetworkInterfaceAttribute(state, input),
    ),
    DeleteNetworkInterface: ec2Operation<Ec2.DeleteNetworkInterfaceRequest, void>(
      ['NetworkInterfaceId'],
      (_ctx, input) => deleteNetworkInterface(state, input.NetworkInterfaceId),
    ),
  };
}

function createNetworkInterface(
  ctx: Context,
  state: Ec2State,
  input: Ec2.CreateNetworkInterfaceRequest,
): string {
  const subnet = find(state, 'subnet', input.SubnetId);
  if (input.InterfaceType !== undefined) {
    throw notModelled(`ec2 CreateNetworkInterface: InterfaceType ${input.InterfaceType}`, 'ec2');
  }
  const created = newNetworkInterface(ctx, state, subnet, {
    description: input.Description ?? '',
    groupIds: checkGroups(state, subnet.vpcId, input.Groups),
    interfaceType: 'interface',
    privateIp: input.PrivateIpAddress,
  });
  tagNew(state, 'network-interface', created.networkInterfaceId, input.TagSpecifications);
  return created.networkInterfaceId;
}

/** A network interface with an address of its subnet that no other has. */
export function newNetworkInterface(
  ctx: Context,
  state: Ec2State,
  subnet: Subnet,
  options: Pick<NetworkInterface, 'description' | 'groupIds' | 'interfaceType'> & {
    readonly privateIp?: string | undefined;
  },
): NetworkInterface {
  const { description, groupIds, interfaceType } = options;
  const created: NetworkInterface = {
    networkInterfaceId: newId(ctx, 'eni'),
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    availabilityZone: subnet.availabilityZone,
    privateIp: takePrivateAddress(state, subnet, options.privateIp),
    // Chosen: 02 marks a locally administered address.
    macAddress: ['02', ...Array.from({ length: 5 }, () => ctx.random.hex(2))].join(':'),
    description,
    groupIds,
    sourceDestCheck: interfaceType !== 'nat_gateway',
    interfaceType,
  };
  state.networkInterfaces.put(created.networkInterfaceId, created);
  return created;
}

/** The groups asked for, which must be of the VPC; its default group if none. */
export function checkGroups(state: Ec2State, vpcId: string, asked: readonly string[] | undefined): string[] {
  const groups = asked?.length
    ? asked.map((id) => find(state, 'security-group', id))
    : state.securityGroups.filter((group) => group.vpcId === vpcId && group.groupName === 'default');
  const stranger = groups.find((group) => group.vpcId !== vpcId);
  if (stranger) {
    throw invalidParameterValue(
      `You have specified two resources that belong to different networks: ${stranger.groupId} is not in ${vpcId}.`,
    );
  }
  return groups.map((group) => group.groupId);
}

function modifyNetworkInterfaceAttribute(
  state: Ec2State,
  input: Ec2.ModifyNetworkInterfaceAttributeRequest,
): void {
  const eni = find(state, 'network-interface', input.NetworkInterfaceId);
  state.networkInterfaces.put(eni.networkInterfaceId, {
    ...eni,
    description: input.Description?.Value ?? eni.description,
    groupIds: input.Groups ? checkGroups(state, eni.vpcId, input.Groups) : eni.groupIds,
    sourceDestCheck: input.SourceDestCheck?.Value ?? eni.sourceDestCheck,
  });
}

function deleteNetworkInterface(state: Ec2State, id: string | undefined): void {
  const eni = find(state, 'network-interface', id);
  if (isManaged(eni) || addressOf(state, eni.networkInterfaceId)) {
    throw invalidParameterValue(`Network interface '${eni.networkInterfaceId}' is currently in use.`);
  }
  removeNetworkInterface(state, eni.networkInterfaceId);
}

export function removeNetworkInterface(state: Ec2State, networkInterfaceId: string): void {
  state.networkInterfaces.delete(networkInterfaceId);
  state.tags.delete(networkInterfaceId);
}

function addressOf(state: Ec2State, networkInterfaceId: string) {
  return state.addresses.find((address) => address.networkInterfaceId === networkInterfaceId);
}

function filters(ctx: Context, state: Ec2State): Filters<NetworkInterface> {
  const groupName = (id: string): string => state.securityGroups.get(id)?.groupName ?? '';
  return {
    'addresses.private-ip-address': (eni) => eni.privateIp,
    'addresses.primary': () => true,
    'addresses.association.public-ip': (eni) => addressOf(state, eni.networkInterfaceId)?.publicIp,
    'association.allocation-id': (eni) => addressOf(state, eni.networkInterfaceId)?.allocationId,
    'association.association-id': (eni) => addressOf(state, eni.networkInterfaceId)?.associationId,
    'association.public-ip': (eni) => addressOf(state, eni.networkInterfaceId)?.publicIp,
    'attachment.status': (eni) => (isInUse(eni) ? 'attached' : undefined),
    'availability-zone': (eni) => eni.availabilityZone,
    description: (eni) => eni.description,
    'group-id': (eni) => eni.groupIds,
    'group-name': (eni) => eni.groupIds.map(groupName),
    'interface-type': (eni) => eni.interfaceType,
    'mac-address': (eni) => eni.macAddress,
    'network-interface-id': (eni) => eni.networkInterfaceId,
    'owner-id': () => ctx.accountId,
    'private-dns-name': (eni) => privateDnsName(ctx, eni),
    'private-ip-address': (eni) => eni.privateIp,
    'requester-managed': isManaged,
    'source-dest-check': (eni) => eni.sourceDestCheck,
    status: (eni) => (isInUse(eni) ? 'in-use' : 'available'),
    'subnet-id': (eni) => eni.subnetId,
    'vpc-id': (eni) => eni.vpcId,
  };
}

/** Made by AWS for a NAT gateway or an endpoint; nobody else can delete it. */
function isManaged(eni: NetworkInterface): boolean {
  return eni.interfaceType !== 'interface';
}

/** In use by such a resource or, which its description tells, by a task of ECS. */
function isInUse(eni: NetworkInterface): boolean {
  return isManaged(eni) || /^arn:aws:ecs:.*:attachment\//.test(eni.description);
}

function privateDnsName(ctx: Context, eni: NetworkInterface): string {
  const domain = ctx.region === 'us-east-1' ? 'ec2.internal' : `${ctx.region}.compute.internal`;
  return `ip-${eni.privateIp.replaceAll('.', '-')}.${domain}`;
}

function shape(ctx: Context, state: Ec2State, eni: NetworkInterface): Ec2.NetworkInterface {
  const address = addressOf(state, eni.networkInterfaceId);
  const Association = address && {
    AllocationId: address.allocationId,
    AssociationId: address.associationId,
    IpOwnerId: ctx.accountId,
    PublicIp: address.publicIp,
  };
  const PrivateDnsName = privateDnsName(ctx, eni);
  return {
    NetworkInterfaceId: eni.networkInterfaceId,
    VpcId: eni.vpcId,
    SubnetId: eni.subnetId,
    AvailabilityZone: eni.availabilityZone,
    Description: eni.description,
    Groups: eni.groupIds.map((GroupId) => ({
      GroupId,
      GroupName: state.securityGroups.get(GroupId)?.groupName,
    })),
    // Known: `nat_gateway` on the wire, where the SDK's type says `natGateway`.
    InterfaceType: eni.interfaceType as Ec2.NetworkInterfaceType,
    Ipv6Addresses: [],
    MacAddress: eni.macAddress,
    OwnerId: ctx.accountId,
    PrivateDnsName,
    PrivateIpAddress: eni.privateIp,
    PrivateIpAddresses: [
      {
        Primary: true,
        PrivateDnsName,
        PrivateIpAddress: eni.privateIp,
        ...(Association && { Association }),
      },
    ],
    ...(Association && { Association }),
    RequesterManaged: isManaged(eni),
    SourceDestCheck: eni.sourceDestCheck,
    Status: isInUse(eni) ? 'in-use' : 'available',
    TagSet: tagsOf(state, eni.networkInterfaceId),
  };
}
