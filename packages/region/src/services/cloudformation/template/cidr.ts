import { templateError } from '../errors.ts';

/**
 * `Fn::Cidr`: the first `count` blocks of `bits` host bits out of `block`, IPv4 or IPv6.
 * Confirmed by docs: count 1–256; `cidrBits` is the inverse of the mask (8 gives /24 for IPv4).
 */
export function cidrs(block: string, count: number, bits: number | undefined): readonly string[] {
  const [address = '', prefixText = ''] = block.split('/');
  const v6 = address.includes(':');
  const width = v6 ? 128 : 32;
  const prefix = Number(prefixText);
  const base = v6 ? parseV6(address) : parseV4(address);
  if (base === undefined || prefixText === '' || !(prefix >= 0 && prefix <= width)) {
    throw templateError(`Fn::Cidr: ${block} is not a valid CIDR block`);
  }
  if (!Number.isInteger(count) || count < 1 || count > 256) {
    throw templateError(`Fn::Cidr: count must be between 1 and 256, not ${count}`);
  }
  // Chosen: without bits (the documentation calls them optional), as many as leave room for `count` blocks.
  const hostBits = bits ?? width - prefix - Math.ceil(Math.log2(count));
  const room = width - prefix - hostBits;
  if (hostBits < 0 || room < 0 || BigInt(count) > 1n << BigInt(room)) {
    throw templateError(`Fn::Cidr: ${count} blocks of ${hostBits} bits do not fit into ${block}`);
  }
  const first = (base >> BigInt(width - prefix)) << BigInt(width - prefix);
  return Array.from({ length: count }, (_, index) => {
    const at = first + (BigInt(index) << BigInt(hostBits));
    return `${v6 ? formatV6(at) : formatV4(at)}/${width - hostBits}`;
  });
}

function parseV4(address: string): bigint | undefined {
  const octets = address.split('.').map((octet) => (/^\d{1,3}$/.test(octet) ? Number(octet) : 256));
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function formatV4(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.');
}

function parseV6(address: string): bigint | undefined {
  const [head = '', tail] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const missing = 8 - left.length - right.length;
  if (missing < 0 || (tail === undefined && missing > 0)) return undefined;
  const all = [...left, ...Array<string>(missing).fill('0'), ...right];
  if (all.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

function formatV6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  ).join(':');
  // RFC 5952: the longest run of zero groups is written as `::`.
  const runs = groups.match(/(?:\b0(?::|$))+/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest.length < 3) return groups;
  const at = groups.indexOf(longest);
  return `${groups.slice(0, at).replace(/:$/, '')}::${groups.slice(at + longest.length)}`;
}
