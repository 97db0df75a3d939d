import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { formatAddress, parseAddress } from '../cidr.ts';
import { missingParameter } from '../errors.ts';
import { ec2Operation, type Filters, matcher } from '../operation.ts';
import { type Address, type Ec2State, find } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';

export function addressOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    AllocateAddress: ec2Operation<Ec2.AllocateAddressRequest, Ec2.AllocateAddressResult>(
      ['Domain', 'NetworkBorderGroup', 'TagSpecifications'],
      (ctx, input) => allocateAddress(ctx, state, input),
    ),
    DescribeAddresses: ec2Operation<Ec2.DescribeAddressesRequest, Ec2.DescribeAddressesResult>(
      ['AllocationIds', 'PublicIps', 'Filters'],
      (ctx, input) => describeAddresses(ctx, state, input),
    ),
    AssociateAddress: ec2Operation<Ec2.AssociateAddressRequest, Ec2.AssociateAddressResult>(
      ['AllocationId', 'NetworkInterfaceId', 'AllowReassociation'],
      (ctx, input) => associateAddress(ctx, state, input),
    ),
    DisassociateAddress: ec2Operation<Ec2.DisassociateAddressRequest, void>(
      ['AssociationId', 'PublicIp'],
      (_ctx, input) => disassociateAddress(state, input),
    ),
    ReleaseAddress: ec2Operation<Ec2.ReleaseAddressRequest, void>(
      ['AllocationId', 'PublicIp', 'NetworkBorderGroup'],
      (_ctx, input) => releaseAddress(state, input),
    ),
  };
}

function allocateAddress(
  ctx: Context,
  state: Ec2State,
  input: Ec2.AllocateAddressRequest,
): Ec2.AllocateAddressResult {
  const address: Address = { allocationId: newId(ctx, 'eipalloc'), publicIp: freePublicIp(ctx, state) };
  state.addresses.put(address.allocationId, address);
  tagNew(state, 'elastic-ip', address.allocationId, input.TagSpecifications);
  return {
    AllocationId: address.allocationId,
    PublicIp: address.publicIp,
    PublicIpv4Pool: 'amazon',
    Domain: 'vpc',
    NetworkBorderGroup: ctx.region,
  };
}

/** Chosen: from 198.18.0.0/15, reserved for benchmarks (RFC 2544), so that it is nobody's address. */
function freePublicIp(ctx: Context, state: Ec2State): string {
  const base = parseAddress('198.18.0.0') ?? 0;
  const used = new Set([...state.addresses.values()].map((address) => address.publicIp));
  for (;;) {
    const candidate = formatAddress(base + 1 + ctx.random.below(2 ** 17 - 2));
    if (!used.has(candidate)) return candidate;
  }
}

function describeAddresses(
  ctx: Context,
  state: Ec2State,
  input: Ec2.DescribeAddressesRequest,
): Ec2.DescribeAddressesResult {
  const wanted = [
    ...(input.AllocationIds ?? []).map((id) => find(state, 'elastic-ip', id)),
    ...(input.PublicIps ?? []).map((ip) => byPublicIp(state, ip)),
  ];
  const all = wanted.length > 0 ? wanted : [...state.addresses.values()];
  const isWanted = matcher(state, input.Filters, filters(ctx, state));
  const matching = all.filter((address) => isWanted(address.allocationId, address));
  return { Addresses: matching.map((address) => shape(ctx, state, address)) };
}

function byPublicIp(state: Ec2State, publicIp: string): Address {
  const address = state.addresses.find((candidate) => candidate.publicIp === publicIp);
  if (!address) throw new AwsError('InvalidAddress.NotFound', `Address '${publicIp}' not found.`);
  return address;
}

function associateAddress(
  ctx: Context,
  state: Ec2State,
  input: Ec2.AssociateAddressRequest,
): Ec2.AssociateAddressResult {
  const address = find(state, 'elastic-ip', input.AllocationId);
  const { networkInterfaceId } = find(state, 'network-interface', input.NetworkInterfaceId);
  if (address.associationId && !input.AllowReassociation) {
    throw new AwsError(
      'Resource.AlreadyAssociated',
      `resource ${address.allocationId} is already associated with associate-id ${address.associationId}`,
    );
  }
  return { AssociationId: associate(ctx, state, address, networkInterfaceId) };
}

export function associate(
  ctx: Context,
  state: Ec2State,
  { allocationId, publicIp }: Address,
  networkInterfaceId: string,
): string {
  const associationId = newId(ctx, 'eipassoc');
  state.addresses.put(allocationId, { allocationId, publicIp, associationId, networkInterfaceId });
  return associationId;
}

function disassociateAddress(state: Ec2State, input: Ec2.DisassociateAddressRequest): void {
  const { AssociationId, PublicIp } = input;
  if (!AssociationId && !PublicIp) throw missingParameter('associationId');
  const address = state.addresses.find((candidate) =>
    AssociationId ? candidate.associationId === AssociationId : candidate.publicIp === PublicIp,
  );
  if (!address?.associationId) {
    throw new AwsError(
      'InvalidAssociationID.NotFound',
      `The association ID '${AssociationId ?? PublicIp}' does not exist`,
    );
  }
  if (heldByNatGateway(state, address)) throw inUse(address);
  disassociate(state, address);
}

export function disassociate(state: Ec2State, { allocationId, publicIp }: Address): void {
  state.addresses.put(allocationId, { allocationId, publicIp });
}

function releaseAddress(state: Ec2State, input: Ec2.ReleaseAddressRequest): void {
  const address = input.PublicIp
    ? byPublicIp(state, input.PublicIp)
    : find(state, 'elastic-ip', input.AllocationId);
  if (address.associationId) throw inUse(address);
  state.addresses.delete(address.allocationId);
  state.tags.delete(address.allocationId);
}

function inUse(address: Address): AwsError {
  return new AwsError('InvalidIPAddress.InUse', `Address ${address.publicIp} is in use.`);
}

function heldByNatGateway(state: Ec2State, address: Address): boolean {
  const eni = state.networkInterfaces.get(address.networkInterfaceId ?? '');
  return eni?.interfaceType === 'nat_gateway';
}

function filters(ctx: Context, state: Ec2State): Filters<Address> {
  return {
    'allocation-id': (address) => address.allocationId,
    'association-id': (address) => address.associationId,
    domain: () => 'vpc',
    'instance-id': () => undefined,
    'network-border-group': () => ctx.region,
    'network-interface-id': (address) => address.networkInterfaceId,
    'network-interface-owner-id': (address) => address.networkInterfaceId && ctx.accountId,
    'private-ip-address': (address) => privateIpOf(state, address),
    'public-ip': (address) => address.publicIp,
  };
}

function privateIpOf(state: Ec2State, address: Address): string | undefined {
  return state.networkInterfaces.get(address.networkInterfaceId ?? '')?.privateIp;
}

function shape(ctx: Context, state: Ec2State, address: Address): Ec2.Address {
  return {
    AllocationId: address.allocationId,
    PublicIp: address.publicIp,
    Domain: 'vpc',
    PublicIpv4Pool: 'amazon',
    NetworkBorderGroup: ctx.region,
    ...(address.associationId && {
      AssociationId: address.associationId,
      NetworkInterfaceId: address.networkInterfaceId,
      NetworkInterfaceOwnerId: ctx.accountId,
      PrivateIpAddress: privateIpOf(state, address),
    }),
    Tags: tagsOf(state, address.allocationId),
  };
}
