import {
  type Ask,
  all,
  arnOf,
  on,
  onAnything,
  passesRole,
  type Rule,
  type ServiceAccess,
  textOf,
  textsOf,
} from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openEc2 } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
export function ec2Access(tables: Tables): ServiceAccess {
  const { tags } = openEc2(tables);
  return {
    prefix: 'ec2',
    tagsOf: (arn) => tags.get(arn.slice(arn.lastIndexOf('/') + 1))?.tags,
    operations: {
      ...vpcs,
      ...internet,
      ...routes,
      ...securityGroups,
      ...endpointsAndLogs,
      ...interfaces,
      ...queries,
      CreateTags: on(tagged),
      DeleteTags: on(tagged),
    },
  };
}

type Operations = ServiceAccess['operations'];

const vpcs: Operations = {
  CreateVpc: makes('vpc'),
  DeleteVpc: about('vpc', 'VpcId'),
  ModifyVpcAttribute: about('vpc', 'VpcId'),
  DescribeVpcAttribute: about('vpc', 'VpcId'),
  AssociateVpcCidrBlock: about('vpc', 'VpcId'),
  DisassociateVpcCidrBlock: onAnything,
  CreateDefaultVpc: onAnything,
  CreateSubnet: all(makes('subnet'), about('vpc', 'VpcId')),
  DeleteSubnet: about('subnet', 'SubnetId'),
  ModifySubnetAttribute: about('subnet', 'SubnetId'),
};

const internet: Operations = {
  CreateInternetGateway: makes('internet-gateway'),
  AttachInternetGateway: all(about('internet-gateway', 'InternetGatewayId'), about('vpc', 'VpcId')),
  DetachInternetGateway: all(about('internet-gateway', 'InternetGatewayId'), about('vpc', 'VpcId')),
  DeleteInternetGateway: about('internet-gateway', 'InternetGatewayId'),
  AllocateAddress: makes('elastic-ip'),
  AssociateAddress: all(
    about('elastic-ip', 'AllocationId'),
    ifGiven('network-interface', 'NetworkInterfaceId'),
  ),
  DisassociateAddress: onAnything,
  ReleaseAddress: about('elastic-ip', 'AllocationId'),
  CreateNatGateway: all(
    makes('natgateway'),
    ifGiven('subnet', 'SubnetId'),
    ifGiven('elastic-ip', 'AllocationId'),
  ),
  DeleteNatGateway: about('natgateway', 'NatGatewayId'),
};

const routes: Operations = {
  CreateRouteTable: all(makes('route-table'), about('vpc', 'VpcId')),
  DeleteRouteTable: about('route-table', 'RouteTableId'),
  AssociateRouteTable: all(about('route-table', 'RouteTableId'), ifGiven('subnet', 'SubnetId')),
  DisassociateRouteTable: onAnything,
  ReplaceRouteTableAssociation: about('route-table', 'RouteTableId'),
  CreateRoute: about('route-table', 'RouteTableId'),
  ReplaceRoute: about('route-table', 'RouteTableId'),
  DeleteRoute: about('route-table', 'RouteTableId'),
};

const securityGroups: Operations = {
  CreateSecurityGroup: all(makes('security-group'), ifGiven('vpc', 'VpcId')),
  DeleteSecurityGroup: about('security-group', 'GroupId'),
  AuthorizeSecurityGroupIngress: about('security-group', 'GroupId'),
  AuthorizeSecurityGroupEgress: about('security-group', 'GroupId'),
  RevokeSecurityGroupIngress: about('security-group', 'GroupId'),
  RevokeSecurityGroupEgress: about('security-group', 'GroupId'),
  UpdateSecurityGroupRuleDescriptionsIngress: about('security-group', 'GroupId'),
  UpdateSecurityGroupRuleDescriptionsEgress: about('security-group', 'GroupId'),
  ModifySecurityGroupRules: about('security-group', 'GroupId'),
};

const endpointsAndLogs: Operations = {
  CreateVpcEndpoint: all(
    makes('vpc-endpoint'),
    about('vpc', 'VpcId'),
    ifGiven('route-table', 'RouteTableIds'),
    ifGiven('subnet', 'SubnetIds'),
    ifGiven('security-group', 'SecurityGroupIds'),
  ),
  ModifyVpcEndpoint: all(
    about('vpc-endpoint', 'VpcEndpointId'),
    ifGiven('route-table', 'AddRouteTableIds'),
    ifGiven('subnet', 'AddSubnetIds'),
    ifGiven('security-group', 'AddSecurityGroupIds'),
  ),
  DeleteVpcEndpoints: about('vpc-endpoint', 'VpcEndpointIds'),
  CreateFlowLogs: all(
    makes('vpc-flow-log'),
    (ask) => on(idsOf(flowLogTypes[textOf(ask, 'ResourceType')] ?? 'vpc', 'ResourceIds'))(ask),
    passesRole('DeliverLogsPermissionArn', 'vpc-flow-logs.amazonaws.com'),
  ),
  DeleteFlowLogs: about('vpc-flow-log', 'FlowLogIds'),
};

const interfaces: Operations = {
  CreateNetworkInterface: all(
    makes('network-interface'),
    about('subnet', 'SubnetId'),
    ifGiven('security-group', 'Groups'),
  ),
  ModifyNetworkInterfaceAttribute: all(
    about('network-interface', 'NetworkInterfaceId'),
    ifGiven('security-group', 'Groups'),
  ),
  DeleteNetworkInterface: about('network-interface', 'NetworkInterfaceId'),
};

/** Confirmed by docs: EC2's Describe actions know no resource. */
const queries: Operations = Object.fromEntries(
  [
    'AvailabilityZones',
    'Regions',
    'AccountAttributes',
    'VpnGateways',
    'Vpcs',
    'DhcpOptions',
    'Subnets',
    'InternetGateways',
    'Addresses',
    'NatGateways',
    'RouteTables',
    'NetworkAcls',
    'SecurityGroups',
    'SecurityGroupRules',
    'VpcEndpoints',
    'PrefixLists',
    'FlowLogs',
    'NetworkInterfaces',
    'Tags',
  ].map((what) => [`Describe${what}`, onAnything]),
);

const flowLogTypes: Readonly<Record<string, string>> = {
  VPC: 'vpc',
  Subnet: 'subnet',
  NetworkInterface: 'network-interface',
};

/** By the prefix of an id, for tags. */
const types: Readonly<Record<string, string>> = {
  eipalloc: 'elastic-ip',
  eni: 'network-interface',
  fl: 'vpc-flow-log',
  igw: 'internet-gateway',
  acl: 'network-acl',
  nat: 'natgateway',
  rtb: 'route-table',
  sg: 'security-group',
  sgr: 'security-group-rule',
  subnet: 'subnet',
  vpc: 'vpc',
  vpce: 'vpc-endpoint',
  dopt: 'dhcp-options',
};

function makes(type: string): Rule {
  return on((ask) => arnOf(ask, 'ec2', `${type}/*`));
}

function idsOf(type: string, member: string): (ask: Ask) => readonly string[] {
  return (ask) => {
    const ids = [textOf(ask, member), ...textsOf(ask, member)].filter((id) => id !== '');
    return (ids.length === 0 ? ['*'] : ids).map((id) => arnOf(ask, 'ec2', `${type}/${id}`));
  };
}

function about(type: string, member: string): Rule {
  return on(idsOf(type, member));
}

function ifGiven(type: string, member: string): Rule {
  const rule = about(type, member);
  return (ask) => {
    const value = ask.input[member];
    return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
      ? []
      : rule(ask);
  };
}

function tagged(ask: Ask): readonly string[] {
  return textsOf(ask, 'Resources').map((id) =>
    arnOf(ask, 'ec2', `${types[id.slice(0, id.lastIndexOf('-'))] ?? '*'}/${id}`),
  );
}
