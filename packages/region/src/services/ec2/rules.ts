import { isIPv6 } from 'node:net';
import type { IpPermission } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import { formatCidr, parseCidr } from './cidr.ts';
import { invalidParameterValue, missingParameter } from './errors.ts';
import type { Ec2State, Peer, SecurityGroup, SecurityGroupRule } from './state.ts';

/** A rule without its id: what two equal rules share, and what a description adds. */
export type RuleContent = Omit<SecurityGroupRule, 'ruleId'>;

/** The single rules that a list of permissions asks for, checked and in canonical form. */
export function toRules(
  state: Ec2State,
  group: SecurityGroup,
  isEgress: boolean,
  permissions: readonly IpPermission[],
): RuleContent[] {
  return permissions.flatMap((permission) => {
    const protocol = checkProtocol(permission.IpProtocol);
    const ports = checkPorts(protocol, permission.FromPort, permission.ToPort);
    return peersOf(state, group, permission).map(({ peer, description }) => ({
      groupId: group.groupId,
      isEgress,
      ipProtocol: protocol,
      ...ports,
      peer,
      ...(description !== undefined && { description: checkDescription(description) }),
    }));
  });
}

export function isSameRule(a: RuleContent, b: RuleContent): boolean {
  return (
    a.groupId === b.groupId &&
    a.isEgress === b.isEgress &&
    a.ipProtocol === b.ipProtocol &&
    a.fromPort === b.fromPort &&
    a.toPort === b.toPort &&
    nameOfPeer(a.peer) === nameOfPeer(b.peer)
  );
}

export function nameOfPeer(peer: Peer): string {
  switch (peer.kind) {
    case 'ipv4':
    case 'ipv6':
      return peer.cidr;
    case 'prefixList':
      return peer.prefixListId;
    case 'group':
      return peer.groupId;
  }
}

/** Rules grouped by protocol and ports, as `IpPermissions` shows them. */
export function toPermissions(accountId: string, rules: readonly SecurityGroupRule[]): IpPermission[] {
  const permissions = new Map<string, IpPermission & Required<Peers>>();
  for (const rule of rules) {
    const key = `${rule.ipProtocol} ${rule.fromPort} ${rule.toPort}`;
    const permission = permissions.get(key) ?? {
      IpProtocol: rule.ipProtocol,
      ...(rule.ipProtocol !== '-1' && { FromPort: rule.fromPort, ToPort: rule.toPort }),
      IpRanges: [],
      Ipv6Ranges: [],
      PrefixListIds: [],
      UserIdGroupPairs: [],
    };
    addPeer(permission, accountId, rule);
    permissions.set(key, permission);
  }
  return [...permissions.values()];
}

type Peers = {
  [member in 'IpRanges' | 'Ipv6Ranges' | 'PrefixListIds' | 'UserIdGroupPairs']: NonNullable<
    IpPermission[member]
  >;
};

function addPeer(permission: Peers, accountId: string, { peer, description }: SecurityGroupRule): void {
  const Description = description === undefined ? {} : { Description: description };
  switch (peer.kind) {
    case 'ipv4':
      permission.IpRanges.push({ CidrIp: peer.cidr, ...Description });
      return;
    case 'ipv6':
      permission.Ipv6Ranges.push({ CidrIpv6: peer.cidr, ...Description });
      return;
    case 'prefixList':
      permission.PrefixListIds.push({ PrefixListId: peer.prefixListId, ...Description });
      return;
    case 'group':
      permission.UserIdGroupPairs.push({ GroupId: peer.groupId, UserId: accountId, ...Description });
  }
}

const protocolNames: { readonly [number: string]: string } = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
  all: '-1',
};

export function checkProtocol(asked: string | undefined): string {
  if (asked === undefined) throw missingParameter('ipProtocol');
  const protocol = protocolNames[asked.toLowerCase()] ?? asked.toLowerCase();
  const isKnown =
    ['tcp', 'udp', 'icmp', 'icmpv6', '-1'].includes(protocol) ||
    (/^\d{1,3}$/.test(protocol) && Number(protocol) <= 255);
  if (isKnown) return protocol;
  throw invalidParameterValue(`Invalid value '${asked}' for IP protocol. Unknown protocol.`);
}

export function checkPorts(
  protocol: string,
  fromPort: number | undefined,
  toPort: number | undefined,
): { readonly fromPort: number; readonly toPort: number } {
  switch (protocol) {
    case 'tcp':
    case 'udp':
      return checkTransportPorts(fromPort, toPort);
    case 'icmp':
    case 'icmpv6':
      return { fromPort: fromPort ?? -1, toPort: toPort ?? -1 };
    default:
      // Confirmed by docs: all other protocols have all ports, whatever range is given.
      return { fromPort: -1, toPort: -1 };
  }
}

function checkTransportPorts(from: number | undefined, to: number | undefined) {
  if (from === undefined || to === undefined) {
    throw new AwsError(
      'InvalidParameterValue',
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    );
  }
  if (from === -1 && to === -1) return { fromPort: 0, toPort: 65535 };
  if (from >= 0 && to <= 65535 && from <= to) return { fromPort: from, toPort: to };
  throw invalidParameterValue(`Invalid TCP/UDP port range (${from},${to})`);
}

interface DescribedPeer {
  readonly peer: Peer;
  readonly description?: string | undefined;
}

function peersOf(state: Ec2State, group: SecurityGroup, permission: IpPermission): DescribedPeer[] {
  const peers: DescribedPeer[] = [
    ...(permission.IpRanges ?? []).map(({ CidrIp, Description }) => ({
      peer: ipv4(CidrIp),
      description: Description,
    })),
    ...(permission.Ipv6Ranges ?? []).map(({ CidrIpv6, Description }) => ({
      peer: ipv6(CidrIpv6),
      description: Description,
    })),
    ...(permission.PrefixListIds ?? []).map(({ PrefixListId = '', Description }) => ({
      peer: { kind: 'prefixList', prefixListId: PrefixListId } as const,
      description: Description,
    })),
    ...(permission.UserIdGroupPairs ?? []).map(({ GroupId, GroupName, Description }) => ({
      peer: peerGroup(state, group, GroupId, GroupName),
      description: Description,
    })),
  ];
  if (peers.length > 0) return peers;
  throw new AwsError(
    'MissingParameter',
    'Source group ID, source group name, CIDR IP range or prefix list ID missing.',
  );
}

function ipv4(text: string | undefined): Peer {
  const cidr = parseCidr(text ?? '');
  if (cidr) return { kind: 'ipv4', cidr: formatCidr(cidr) };
  throw invalidParameterValue(`CIDR block ${text} is malformed`);
}

function ipv6(text: string | undefined): Peer {
  const [address = '', prefix = ''] = (text ?? '').split('/');
  if (isIPv6(address) && /^\d{1,3}$/.test(prefix) && Number(prefix) <= 128) {
    return { kind: 'ipv6', cidr: `${address.toLowerCase()}/${prefix}` };
  }
  throw invalidParameterValue(`CIDR block ${text} is malformed`);
}

function peerGroup(state: Ec2State, group: SecurityGroup, id?: string, name?: string): Peer {
  const found = id
    ? state.securityGroups.get(id)
    : state.securityGroups.find((other) => other.vpcId === group.vpcId && other.groupName === name);
  if (found && found.vpcId === group.vpcId) return { kind: 'group', groupId: found.groupId };
  if (found) {
    throw invalidParameterValue(`You have specified two resources that belong to different networks.`);
  }
  throw new AwsError('InvalidGroup.NotFound', `The security group '${id ?? name}' does not exist`);
}

/** Confirmed by docs: up to 255 characters of this set. */
function checkDescription(description: string): string {
  if (/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/.test(description)) return description;
  throw invalidParameterValue(
    `Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`,
  );
}
