import { AwsError } from '../../kernel/aws-error.ts';
import { formatAddress, parseAddress, parseCidr, sizeOf } from './cidr.ts';
import { invalidParameterValue } from './errors.ts';
import type { Ec2State, Subnet } from './state.ts';

/** Confirmed by docs: network, router, DNS, future use; and the last, broadcast. */
const reservedFirst = 4;
const reservedLast = 1;

export function availableAddresses(state: Ec2State, subnet: Subnet): number {
  const cidr = parseCidr(subnet.cidrBlock);
  const total = cidr ? sizeOf(cidr) - reservedFirst - reservedLast : 0;
  return total - usedAddresses(state, subnet.subnetId).size;
}

/**
 * Takes a private address of the subnet for a network interface: the one asked for, or the next free one.
 * Chosen: ascending, beginning after the address given out last, so that a released one rests as long as possible
 * before somebody else answers there. AWS promises no order.
 */
export function takePrivateAddress(state: Ec2State, subnet: Subnet, asked?: string): string {
  const used = usedAddresses(state, subnet.subnetId);
  const cidr = parseCidr(subnet.cidrBlock);
  if (!cidr) throw new Error(`subnet ${subnet.subnetId} has no IPv4 block`);
  const size = sizeOf(cidr);
  if (asked !== undefined) return checkAsked(asked, cidr.base, size, used);
  const usable = size - reservedFirst - reservedLast;
  const start = Math.max(0, subnet.nextOffset - reservedFirst);
  for (let i = 0; i < usable; i += 1) {
    const offset = reservedFirst + ((start + i) % usable);
    const address = formatAddress(cidr.base + offset);
    if (used.has(address)) continue;
    state.subnets.put(subnet.subnetId, { ...subnet, nextOffset: offset + 1 });
    return address;
  }
  throw new AwsError(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  );
}

function checkAsked(asked: string, base: number, size: number, used: ReadonlySet<string>): string {
  const offset = (parseAddress(asked) ?? -1) - base;
  if (offset < 0 || offset >= size) {
    throw invalidParameterValue(`Address ${asked} does not fall within the subnet's address range`);
  }
  if (offset < reservedFirst || offset >= size - reservedLast) {
    throw invalidParameterValue(`Address ${asked} is in subnet's reserved address range`);
  }
  if (used.has(asked)) {
    throw new AwsError('InvalidIPAddress.InUse', `Address ${asked} is in use.`);
  }
  return asked;
}

function usedAddresses(state: Ec2State, subnetId: string): ReadonlySet<string> {
  return new Set(
    state.networkInterfaces.filter((eni) => eni.subnetId === subnetId).map((eni) => eni.privateIp),
  );
}
