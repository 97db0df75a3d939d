import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after, toDate } from '../../../kernel/instant.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import type { Timer } from '../../../kernel/timers.ts';
import { once } from '../client-tokens.ts';
import { invalidParameterCombination, missingParameter } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { type Address, type Ec2State, find, type NatGateway, type Subnet } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';
import { associate, disassociate } from './addresses.ts';
import { newNetworkInterface, removeNetworkInterface } from './network-interfaces.ts';

// Chosen: a second each. AWS takes a minute or two and publishes no figure.
const createSeconds = 1;
const deleteSeconds = 1;
/** Confirmed by docs: a deleted NAT gateway stays visible for about an hour. */
const visibleSeconds = 3600;

export function natGatewayOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateNatGateway: ec2Operation<Ec2.CreateNatGatewayRequest, Ec2.CreateNatGatewayResult>(
      [
        'SubnetId',
        'AllocationId',
        'ConnectivityType',
        'PrivateIpAddress',
        'TagSpecifications',
        'ClientToken',
      ],
      (ctx, input) => {
        const make = (): string[] => [createNatGateway(ctx, state, input)];
        const [id] = once(ctx, state, 'CreateNatGateway', input, make);
        const NatGateway = shape(state, find(state, 'natgateway', id));
        return { NatGateway, ClientToken: input.ClientToken };
      },
    ),
    DescribeNatGateways: ec2Operation<Ec2.DescribeNatGatewaysRequest, Ec2.DescribeNatGatewaysResult>(
      ['NatGatewayIds', 'Filter', 'MaxResults', 'NextToken'],
      (_ctx, input) => {
        const { items, next } = list(
          state,
          'natgateway',
          input.NatGatewayIds,
          { ...input, Filters: input.Filter },
          filters,
        );
        return { NatGateways: items.map((gateway) => shape(state, gateway)), ...next };
      },
    ),
    DeleteNatGateway: ec2Operation<Ec2.DeleteNatGatewayRequest, Ec2.DeleteNatGatewayResult>(
      ['NatGatewayId'],
      (ctx, input) => deleteNatGateway(ctx, state, input.NatGatewayId),
    ),
  };
}

function createNatGateway(ctx: Context, state: Ec2State, input: Ec2.CreateNatGatewayRequest): string {
  const subnet = find(state, 'subnet', input.SubnetId);
  const connectivityType = input.ConnectivityType ?? 'public';
  const address = checkAddress(state, input);
  if (connectivityType === 'public') checkInternetGateway(state, subnet);
  const natGatewayId = newId(ctx, 'nat');
  const eni = newNetworkInterface(ctx, state, subnet, {
    description: `Interface for NAT Gateway ${natGatewayId}`,
    groupIds: [],
    interfaceType: 'nat_gateway',
    privateIp: input.PrivateIpAddress,
  });
  const associationId = address && associate(ctx, state, address, eni.networkInterfaceId);
  const gateway: NatGateway = {
    natGatewayId,
    vpcId: subnet.vpcId,
    subnetId: subnet.subnetId,
    state: 'pending',
    connectivityType,
    ...(address && { allocationId: address.allocationId, publicIp: address.publicIp }),
    ...(associationId && { associationId }),
    networkInterfaceId: eni.networkInterfaceId,
    privateIp: eni.privateIp,
    created: ctx.now,
  };
  state.natGateways.put(natGatewayId, gateway);
  tagNew(state, 'natgateway', natGatewayId, input.TagSpecifications);
  ctx.timers.set(natGatewayId, 'available', after(ctx.now, createSeconds));
  ctx.warn(
    'nat-gateway-routes-nothing',
    'NAT gateways are kept but no traffic goes through them: tasks reach the internet as the machine does.',
  );
  return natGatewayId;
}

function checkAddress(state: Ec2State, input: Ec2.CreateNatGatewayRequest): Address | undefined {
  if (input.ConnectivityType === 'private') {
    if (input.AllocationId === undefined) return undefined;
    throw invalidParameterCombination('You cannot specify an allocation ID for a private NAT gateway.');
  }
  if (input.AllocationId === undefined) throw missingParameter('AllocationId');
  const address = find(state, 'elastic-ip', input.AllocationId);
  if (!address.associationId) return address;
  throw new AwsError(
    'Resource.AlreadyAssociated',
    `Elastic IP address [${address.allocationId}] is already associated`,
  );
}

/**
 * Confirmed by docs: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html — a public NAT
 * gateway needs an internet gateway at its VPC. Differs: AWS fails the gateway later, this refuses the request.
 */
function checkInternetGateway(state: Ec2State, subnet: Subnet): void {
  if (state.internetGateways.find((gateway) => gateway.vpcId === subnet.vpcId)) return;
  throw new AwsError('Gateway.NotAttached', `Network ${subnet.vpcId} has no Internet gateway attached`);
}

function deleteNatGateway(ctx: Context, state: Ec2State, id: string | undefined): Ec2.DeleteNatGatewayResult {
  const gateway = find(state, 'natgateway', id);
  const { natGatewayId } = gateway;
  if (gateway.state !== 'deleting' && gateway.state !== 'deleted') {
    state.natGateways.put(natGatewayId, { ...gateway, state: 'deleting' });
    ctx.timers.drop(natGatewayId);
    ctx.timers.set(natGatewayId, 'deleted', after(ctx.now, deleteSeconds));
  }
  return { NatGatewayId: natGatewayId };
}

export function onNatGatewayTimer(ctx: Context, state: Ec2State, timer: Timer): void {
  const gateway = state.natGateways.get(timer.subject);
  if (!gateway) return;
  const { natGatewayId } = gateway;
  switch (timer.name) {
    case 'available':
      state.natGateways.put(natGatewayId, { ...gateway, state: 'available' });
      return;
    case 'deleted': {
      const address = state.addresses.get(gateway.allocationId ?? '');
      if (address) disassociate(state, address);
      removeNetworkInterface(state, gateway.networkInterfaceId);
      state.natGateways.put(natGatewayId, { ...gateway, state: 'deleted', deleted: ctx.now });
      ctx.timers.set(natGatewayId, 'forgotten', after(ctx.now, visibleSeconds));
      return;
    }
    case 'forgotten':
      state.natGateways.delete(natGatewayId);
      state.tags.delete(natGatewayId);
      return;
    default:
      throw new Error(`ec2 has no timer ${timer.name}`);
  }
}

const filters: Filters<NatGateway> = {
  'connectivity-type': (gateway) => gateway.connectivityType,
  'nat-gateway-id': (gateway) => gateway.natGatewayId,
  state: (gateway) => gateway.state,
  'subnet-id': (gateway) => gateway.subnetId,
  'vpc-id': (gateway) => gateway.vpcId,
};

function shape(state: Ec2State, gateway: NatGateway): Ec2.NatGateway {
  return {
    NatGatewayId: gateway.natGatewayId,
    VpcId: gateway.vpcId,
    SubnetId: gateway.subnetId,
    State: gateway.state,
    ConnectivityType: gateway.connectivityType,
    CreateTime: toDate(gateway.created),
    ...(gateway.deleted !== undefined && { DeleteTime: toDate(gateway.deleted) }),
    NatGatewayAddresses: [
      {
        AllocationId: gateway.allocationId,
        AssociationId: gateway.associationId,
        IsPrimary: true,
        NetworkInterfaceId: gateway.networkInterfaceId,
        PrivateIp: gateway.privateIp,
        PublicIp: gateway.publicIp,
        Status: 'succeeded',
      },
    ],
    Tags: tagsOf(state, gateway.natGatewayId),
  };
}
