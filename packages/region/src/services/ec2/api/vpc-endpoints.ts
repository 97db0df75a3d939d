import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError, notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after, toDate } from '../../../kernel/instant.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { once } from '../client-tokens.ts';
import {
  addRouteTable,
  addSubnet,
  checkGatewayService,
  checkInterfaceService,
  dnsNames,
  removeRouteTable,
  removeSubnet,
} from '../endpoint-parts.ts';
import { invalidParameterValue, notFound } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { prefixLists } from '../prefix-lists.ts';
import { type Ec2State, find, type VpcEndpoint } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';
import { checkGroups, removeNetworkInterface } from './network-interfaces.ts';

/** Chosen: a second. AWS takes a minute or two for an interface endpoint and publishes no figure. */
const createSeconds = 1;

export function vpcEndpointOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateVpcEndpoint: ec2Operation<Ec2.CreateVpcEndpointRequest, Ec2.CreateVpcEndpointResult>(
      [
        'VpcId',
        'ServiceName',
        'VpcEndpointType',
        'RouteTableIds',
        'SubnetIds',
        'SecurityGroupIds',
        'PrivateDnsEnabled',
        'PolicyDocument',
        'TagSpecifications',
        'ClientToken',
      ],
      (ctx, input) => {
        const make = (): string[] => [createVpcEndpoint(ctx, state, input)];
        const [id] = once(ctx, state, 'CreateVpcEndpoint', input, make);
        const VpcEndpoint = shape(ctx, state, find(state, 'vpc-endpoint', id));
        return { VpcEndpoint, ClientToken: input.ClientToken };
      },
    ),
    DescribeVpcEndpoints: ec2Operation<Ec2.DescribeVpcEndpointsRequest, Ec2.DescribeVpcEndpointsResult>(
      ['VpcEndpointIds', 'Filters', 'MaxResults', 'NextToken'],
      (ctx, input) => {
        const { items, next } = list(state, 'vpc-endpoint', input.VpcEndpointIds, input, filters);
        return { VpcEndpoints: items.map((endpoint) => shape(ctx, state, endpoint)), ...next };
      },
    ),
    ModifyVpcEndpoint: ec2Operation<Ec2.ModifyVpcEndpointRequest, Ec2.ModifyVpcEndpointResult>(
      [
        'VpcEndpointId',
        'ResetPolicy',
        'PolicyDocument',
        'AddRouteTableIds',
        'RemoveRouteTableIds',
        'AddSubnetIds',
        'RemoveSubnetIds',
        'AddSecurityGroupIds',
        'RemoveSecurityGroupIds',
        'PrivateDnsEnabled',
      ],
      (ctx, input) => modifyVpcEndpoint(ctx, state, input),
    ),
    DeleteVpcEndpoints: ec2Operation<Ec2.DeleteVpcEndpointsRequest, Ec2.DeleteVpcEndpointsResult>(
      ['VpcEndpointIds'],
      (ctx, input) => ({
        Unsuccessful: (input.VpcEndpointIds ?? []).flatMap((id) => deleteVpcEndpoint(ctx, state, id)),
      }),
    ),
    DescribePrefixLists: ec2Operation<Ec2.DescribePrefixListsRequest, Ec2.DescribePrefixListsResult>(
      ['PrefixListIds'],
      (ctx, input) => ({
        PrefixLists: prefixLists(ctx.region)
          .filter(({ prefixListId }) => input.PrefixListIds?.includes(prefixListId) ?? true)
          .map(({ prefixListId, name }) => ({ PrefixListId: prefixListId, PrefixListName: name, Cidrs: [] })),
      }),
    ),
  };
}

const allowAll = JSON.stringify({
  Version: '2008-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
});

function createVpcEndpoint(ctx: Context, state: Ec2State, input: Ec2.CreateVpcEndpointRequest): string {
  const { vpcId } = find(state, 'vpc', input.VpcId);
  const type = input.VpcEndpointType ?? 'Gateway';
  if (type !== 'Gateway' && type !== 'Interface') {
    throw notModelled(`ec2 CreateVpcEndpoint: VpcEndpointType ${type}`, 'ec2');
  }
  checkParts(type, input);
  const endpoint: VpcEndpoint = {
    vpcEndpointId: newId(ctx, 'vpce'),
    vpcEndpointType: type,
    vpcId,
    serviceName:
      type === 'Gateway'
        ? checkGatewayService(ctx, input.ServiceName)
        : checkInterfaceService(ctx, input.ServiceName),
    state: type === 'Gateway' ? 'available' : 'pending',
    policyDocument: input.PolicyDocument ?? allowAll,
    routeTableIds: [],
    networkInterfaceIds: [],
    groupIds: type === 'Interface' ? checkGroups(state, vpcId, input.SecurityGroupIds) : [],
    privateDnsEnabled: type === 'Interface' && (input.PrivateDnsEnabled ?? true),
    created: ctx.now,
  };
  const id = endpoint.vpcEndpointId;
  state.vpcEndpoints.put(id, endpoint);
  for (const routeTableId of input.RouteTableIds ?? []) addRouteTable(ctx, state, id, routeTableId);
  for (const subnetId of input.SubnetIds ?? []) addSubnet(ctx, state, id, subnetId);
  tagNew(state, 'vpc-endpoint', id, input.TagSpecifications);
  if (type === 'Interface') ctx.timers.set(id, 'endpoint-available', after(ctx.now, createSeconds));
  ctx.warn(
    'vpc-endpoint-carries-nothing',
    'VPC endpoints are kept but no traffic goes through them: tasks reach the AWS services of the region directly.',
  );
  return id;
}

interface Parts {
  readonly RouteTableIds?: readonly string[] | undefined;
  readonly SubnetIds?: readonly string[] | undefined;
  readonly SecurityGroupIds?: readonly string[] | undefined;
}

/** Route tables are for gateway endpoints; subnets and security groups for interface endpoints. */
function checkParts(type: VpcEndpoint['vpcEndpointType'], parts: Parts): void {
  const isGateway = type === 'Gateway';
  const strangers = [
    !isGateway && parts.RouteTableIds?.length && 'Route table IDs',
    isGateway && parts.SubnetIds?.length && 'Subnet IDs',
    isGateway && parts.SecurityGroupIds?.length && 'Security group IDs',
  ].filter(Boolean);
  if (strangers.length === 0) return;
  const fitting = isGateway ? 'Interface' : 'Gateway';
  throw new AwsError(
    'InvalidParameter',
    `${strangers[0]} are only supported for ${fitting} type VPC Endpoints.`,
  );
}

export function onVpcEndpointAvailable(state: Ec2State, id: string): void {
  const endpoint = state.vpcEndpoints.get(id);
  if (endpoint) state.vpcEndpoints.put(id, { ...endpoint, state: 'available' });
}

function modifyVpcEndpoint(
  ctx: Context,
  state: Ec2State,
  input: Ec2.ModifyVpcEndpointRequest,
): Ec2.ModifyVpcEndpointResult {
  const endpoint = find(state, 'vpc-endpoint', input.VpcEndpointId);
  const id = endpoint.vpcEndpointId;
  checkParts(endpoint.vpcEndpointType, {
    RouteTableIds: input.AddRouteTableIds,
    SubnetIds: input.AddSubnetIds,
    SecurityGroupIds: input.AddSecurityGroupIds,
  });
  const groupIds = [
    ...endpoint.groupIds.filter((group) => !input.RemoveSecurityGroupIds?.includes(group)),
    ...(input.AddSecurityGroupIds ?? []).filter((group) => !endpoint.groupIds.includes(group)),
  ];
  if (endpoint.vpcEndpointType === 'Interface' && groupIds.length === 0) {
    throw invalidParameterValue('An interface endpoint needs at least one security group.');
  }
  state.vpcEndpoints.put(id, {
    ...endpoint,
    groupIds: groupIds.length > 0 ? checkGroups(state, endpoint.vpcId, groupIds) : [],
    policyDocument: input.ResetPolicy ? allowAll : (input.PolicyDocument ?? endpoint.policyDocument),
    privateDnsEnabled: input.PrivateDnsEnabled ?? endpoint.privateDnsEnabled,
  });
  for (const eni of endpoint.networkInterfaceIds.flatMap(
    (eniId) => state.networkInterfaces.get(eniId) ?? [],
  )) {
    state.networkInterfaces.put(eni.networkInterfaceId, { ...eni, groupIds });
  }
  for (const routeTableId of input.RemoveRouteTableIds ?? []) removeRouteTable(state, id, routeTableId);
  for (const routeTableId of input.AddRouteTableIds ?? []) addRouteTable(ctx, state, id, routeTableId);
  for (const subnetId of input.RemoveSubnetIds ?? []) removeSubnet(state, id, subnetId);
  for (const subnetId of input.AddSubnetIds ?? []) addSubnet(ctx, state, id, subnetId);
  return { Return: true };
}

function deleteVpcEndpoint(ctx: Context, state: Ec2State, id: string): Ec2.UnsuccessfulItem[] {
  const endpoint = state.vpcEndpoints.get(id);
  if (!endpoint) {
    const { code: Code, message: Message } = notFound('vpc-endpoint', id);
    return [{ ResourceId: id, Error: { Code, Message } }];
  }
  for (const routeTableId of endpoint.routeTableIds) removeRouteTable(state, id, routeTableId);
  for (const eni of endpoint.networkInterfaceIds) removeNetworkInterface(state, eni);
  ctx.timers.drop(id);
  state.vpcEndpoints.delete(id);
  state.tags.delete(id);
  return [];
}

const filters: Filters<VpcEndpoint> = {
  'ip-address-type': () => 'ipv4',
  'service-name': (endpoint) => endpoint.serviceName,
  'vpc-id': (endpoint) => endpoint.vpcId,
  'vpc-endpoint-id': (endpoint) => endpoint.vpcEndpointId,
  'vpc-endpoint-state': (endpoint) => endpoint.state,
  'vpc-endpoint-type': (endpoint) => endpoint.vpcEndpointType,
};

function shape(ctx: Context, state: Ec2State, endpoint: VpcEndpoint): Ec2.VpcEndpoint {
  const interfaces = endpoint.networkInterfaceIds.flatMap((id) => state.networkInterfaces.get(id) ?? []);
  return {
    VpcEndpointId: endpoint.vpcEndpointId,
    VpcEndpointType: endpoint.vpcEndpointType,
    VpcId: endpoint.vpcId,
    ServiceName: endpoint.serviceName,
    // Known: in lower case on the wire, where the SDK's type has capitals.
    State: endpoint.state as Ec2.State,
    PolicyDocument: endpoint.policyDocument,
    RouteTableIds: [...endpoint.routeTableIds],
    SubnetIds: interfaces.map((eni) => eni.subnetId),
    Groups: endpoint.groupIds.map((GroupId) => ({
      GroupId,
      GroupName: state.securityGroups.get(GroupId)?.groupName,
    })),
    NetworkInterfaceIds: [...endpoint.networkInterfaceIds],
    DnsEntries: dnsNames(ctx, state, endpoint).map((DnsName) => ({ DnsName })),
    PrivateDnsEnabled: endpoint.privateDnsEnabled,
    RequesterManaged: false,
    CreationTimestamp: toDate(endpoint.created),
    OwnerId: ctx.accountId,
    Tags: tagsOf(state, endpoint.vpcEndpointId),
  };
}
