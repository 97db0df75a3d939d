import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { notFound } from './errors.ts';
import type { ResourceKind } from './resource-kind.ts';

export interface CidrBlockAssociation {
  readonly associationId: string;
  readonly cidrBlock: string;
}

export interface Vpc {
  readonly vpcId: string;
  /** The first is the primary one. */
  readonly cidrBlocks: readonly CidrBlockAssociation[];
  readonly isDefault: boolean;
  readonly instanceTenancy: 'default' | 'dedicated';
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  readonly enableNetworkAddressUsageMetrics: boolean;
}

export interface Subnet {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
  readonly mapPublicIpOnLaunch: boolean;
  readonly defaultForAz: boolean;
  readonly networkAclAssociationId: string;
  /** Where the search for the next free address begins, counted from the start of the block. */
  readonly nextOffset: number;
}

export interface NetworkAcl {
  readonly networkAclId: string;
  readonly vpcId: string;
}

export interface InternetGateway {
  readonly internetGatewayId: string;
  readonly vpcId?: string;
}

export interface Route {
  /** An IPv4 CIDR block or a prefix list. */
  readonly destination: string;
  /** A gateway, NAT gateway, VPC endpoint or network interface. */
  readonly target: string;
}

export interface RouteTableAssociation {
  readonly associationId: string;
  /** Absent for the main association. */
  readonly subnetId?: string;
}

export interface RouteTable {
  readonly routeTableId: string;
  readonly vpcId: string;
  /** Without the local routes: those follow from the VPC's blocks. */
  readonly routes: readonly Route[];
  readonly associations: readonly RouteTableAssociation[];
}

export interface Address {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly associationId?: string;
  readonly networkInterfaceId?: string;
}

export interface NatGateway {
  readonly natGatewayId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly state: 'pending' | 'available' | 'deleting' | 'deleted';
  readonly connectivityType: 'public' | 'private';
  readonly allocationId?: string;
  readonly associationId?: string;
  readonly publicIp?: string;
  readonly networkInterfaceId: string;
  readonly privateIp: string;
  readonly created: Instant;
  readonly deleted?: Instant;
}

export interface NetworkInterface {
  readonly networkInterfaceId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly privateIp: string;
  readonly macAddress: string;
  readonly description: string;
  readonly groupIds: readonly string[];
  readonly sourceDestCheck: boolean;
  readonly interfaceType: 'interface' | 'nat_gateway' | 'vpc_endpoint';
}

export interface SecurityGroup {
  readonly groupId: string;
  readonly groupName: string;
  readonly description: string;
  readonly vpcId: string;
}

export interface SecurityGroupRule {
  readonly ruleId: string;
  readonly groupId: string;
  readonly isEgress: boolean;
  readonly ipProtocol: string;
  /** -1 for all protocols. ICMP: the type. */
  readonly fromPort: number;
  /** -1 for all protocols. ICMP: the code. */
  readonly toPort: number;
  readonly peer: Peer;
  readonly description?: string;
}

export type Peer =
  | { readonly kind: 'ipv4'; readonly cidr: string }
  | { readonly kind: 'ipv6'; readonly cidr: string }
  | { readonly kind: 'prefixList'; readonly prefixListId: string }
  | { readonly kind: 'group'; readonly groupId: string };

export interface VpcEndpoint {
  readonly vpcEndpointId: string;
  readonly vpcEndpointType: 'Gateway' | 'Interface';
  readonly vpcId: string;
  readonly serviceName: string;
  readonly state: 'pending' | 'available';
  readonly policyDocument: string;
  /** Of a gateway endpoint. */
  readonly routeTableIds: readonly string[];
  /** Of an interface endpoint, like the rest. */
  readonly networkInterfaceIds: readonly string[];
  readonly groupIds: readonly string[];
  readonly privateDnsEnabled: boolean;
  readonly created: Instant;
}

export interface FlowLog {
  readonly flowLogId: string;
  readonly resourceId: string;
  readonly trafficType: string;
  readonly logDestinationType: string;
  readonly logDestination?: string;
  readonly logGroupName?: string;
  readonly deliverLogsPermissionArn?: string;
  readonly logFormat: string;
  readonly maxAggregationInterval: number;
  readonly created: Instant;
}

export interface ResourceTags {
  readonly resourceId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a client token stands for. */
export interface ClientToken {
  /** The request it came with, as JSON. */
  readonly parameters: string;
  readonly ids: readonly string[];
}

export interface Ec2State {
  readonly vpcs: Table<Vpc>;
  readonly subnets: Table<Subnet>;
  readonly networkAcls: Table<NetworkAcl>;
  readonly internetGateways: Table<InternetGateway>;
  readonly routeTables: Table<RouteTable>;
  readonly addresses: Table<Address>;
  readonly natGateways: Table<NatGateway>;
  readonly networkInterfaces: Table<NetworkInterface>;
  readonly securityGroups: Table<SecurityGroup>;
  readonly securityGroupRules: Table<SecurityGroupRule>;
  readonly vpcEndpoints: Table<VpcEndpoint>;
  readonly flowLogs: Table<FlowLog>;
  /** By the id of the resource; a resource without tags has no record. */
  readonly tags: Table<ResourceTags>;
  /** By operation and token. */
  readonly clientTokens: Table<ClientToken>;
  /** One record, `defaults`: that the default VPC was once made, and the DHCP options of every VPC. */
  readonly account: Table<{ readonly dhcpOptionsId: string }>;
}

export function openEc2(tables: Tables): Ec2State {
  return {
    vpcs: tables.table('ec2.vpcs'),
    subnets: tables.table('ec2.subnets'),
    networkAcls: tables.table('ec2.networkAcls'),
    internetGateways: tables.table('ec2.internetGateways'),
    routeTables: tables.table('ec2.routeTables'),
    addresses: tables.table('ec2.addresses'),
    natGateways: tables.table('ec2.natGateways'),
    networkInterfaces: tables.table('ec2.networkInterfaces'),
    securityGroups: tables.table('ec2.securityGroups'),
    securityGroupRules: tables.table('ec2.securityGroupRules'),
    vpcEndpoints: tables.table('ec2.vpcEndpoints'),
    flowLogs: tables.table('ec2.flowLogs'),
    tags: tables.table('ec2.tags'),
    clientTokens: tables.table('ec2.clientTokens'),
    account: tables.table('ec2.account'),
  };
}

interface RecordOf {
  readonly vpc: Vpc;
  readonly subnet: Subnet;
  readonly 'network-acl': NetworkAcl;
  readonly 'internet-gateway': InternetGateway;
  readonly 'route-table': RouteTable;
  readonly 'elastic-ip': Address;
  readonly natgateway: NatGateway;
  readonly 'network-interface': NetworkInterface;
  readonly 'security-group': SecurityGroup;
  readonly 'security-group-rule': SecurityGroupRule;
  readonly 'vpc-endpoint': VpcEndpoint;
  readonly 'vpc-flow-log': FlowLog;
}

export function tableOf<K extends ResourceKind>(state: Ec2State, kind: K): Table<RecordOf[K]> {
  const tables: { readonly [kind in ResourceKind]: Table<RecordOf[kind]> } = {
    vpc: state.vpcs,
    subnet: state.subnets,
    'network-acl': state.networkAcls,
    'internet-gateway': state.internetGateways,
    'route-table': state.routeTables,
    'elastic-ip': state.addresses,
    natgateway: state.natGateways,
    'network-interface': state.networkInterfaces,
    'security-group': state.securityGroups,
    'security-group-rule': state.securityGroupRules,
    'vpc-endpoint': state.vpcEndpoints,
    'vpc-flow-log': state.flowLogs,
  };
  return tables[kind];
}

/** The record of that id, or AWS's error for one that is not there (or for no id). */
export function find<K extends ResourceKind>(state: Ec2State, kind: K, id: string | undefined): RecordOf[K] {
  const record = tableOf(state, kind).get(id ?? '');
  if (record === undefined) throw notFound(kind, id);
  return record;
}
