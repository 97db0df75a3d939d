import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError, notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { once } from '../client-tokens.ts';
import { invalidParameterValue } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { prefixLists } from '../prefix-lists.ts';
import { type Ec2State, find, type VpcEndpoint } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';

export function vpcEndpointOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateVpcEndpoint: ec2Operation<Ec2.CreateVpcEndpointRequest, Ec2.CreateVpcEndpointResult>(
      [
        'VpcId',
        'ServiceName',
        'VpcEndpointType',
        'RouteTableIds',
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
      ['VpcEndpointId', 'ResetPolicy', 'PolicyDocument', 'AddRouteTableIds', 'RemoveRouteTableIds'],
      (ctx, input) => modifyVpcEndpoint(ctx, state, input),
    ),
    DeleteVpcEndpoints: ec2Operation<Ec2.DeleteVpcEndpointsRequest, Ec2.DeleteVpcEndpointsResult>(
      ['VpcEndpointIds'],
      (ctx, input) => deleteVpcEndpoints(ctx, state, input),
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
  if (input.VpcEndpointType !== undefined && input.VpcEndpointType !== 'Gateway') {
    throw notModelled(`ec2 CreateVpcEndpoint: VpcEndpointType ${input.VpcEndpointType}`, 'ec2');
  }
  const serviceName = input.ServiceName ?? '';
  if (!prefixLists(ctx.region).some(({ name }) => name === serviceName)) {
    throw new AwsError('InvalidServiceName', `The Vpc Endpoint Service '${serviceName}' does not exist`);
  }
  const endpoint: VpcEndpoint = {
    vpcEndpointId: newId(ctx, 'vpce'),
    vpcId,
    serviceName,
    policyDocument: input.PolicyDocument ?? allowAll,
    routeTableIds: [],
    created: ctx.now,
  };
  state.vpcEndpoints.put(endpoint.vpcEndpointId, endpoint);
  for (const routeTableId of input.RouteTableIds ?? []) addRouteTable(ctx, state, endpoint, routeTableId);
  tagNew(state, 'vpc-endpoint', endpoint.vpcEndpointId, input.TagSpecifications);
  ctx.warn(
    'vpc-endpoint-carries-nothing',
    'VPC endpoints are kept but no traffic goes through them: tasks reach the AWS services of the region directly.',
  );
  return endpoint.vpcEndpointId;
}

/** Confirmed by docs: the endpoint adds a route for the service's prefix list to each of its tables. */
function addRouteTable(ctx: Context, state: Ec2State, endpoint: VpcEndpoint, routeTableId: string): void {
  const table = find(state, 'route-table', routeTableId);
  if (table.vpcId !== endpoint.vpcId) {
    throw invalidParameterValue(`Route table ${routeTableId} and VPC endpoint belong to different networks`);
  }
  const destination = prefixListOf(ctx, endpoint);
  if (table.routes.some((route) => route.destination === destination)) {
    throw new AwsError(
      'RouteAlreadyExists',
      `route table ${routeTableId} already has a route with destination-prefix-list-id ${destination}`,
    );
  }
  const routes = [...table.routes, { destination, target: endpoint.vpcEndpointId }];
  state.routeTables.put(routeTableId, { ...table, routes });
  const current = find(state, 'vpc-endpoint', endpoint.vpcEndpointId);
  const routeTableIds = [...current.routeTableIds, routeTableId];
  state.vpcEndpoints.put(endpoint.vpcEndpointId, { ...current, routeTableIds });
}

function removeRouteTable(state: Ec2State, { vpcEndpointId }: VpcEndpoint, routeTableId: string): void {
  const table = state.routeTables.get(routeTableId);
  if (table) {
    const routes = table.routes.filter((route) => route.target !== vpcEndpointId);
    state.routeTables.put(routeTableId, { ...table, routes });
  }
  const current = find(state, 'vpc-endpoint', vpcEndpointId);
  const routeTableIds = current.routeTableIds.filter((other) => other !== routeTableId);
  state.vpcEndpoints.put(vpcEndpointId, { ...current, routeTableIds });
}

function prefixListOf(ctx: Context, endpoint: VpcEndpoint): string {
  return prefixLists(ctx.region).find(({ name }) => name === endpoint.serviceName)?.prefixListId ?? '';
}

function modifyVpcEndpoint(
  ctx: Context,
  state: Ec2State,
  input: Ec2.ModifyVpcEndpointRequest,
): Ec2.ModifyVpcEndpointResult {
  const endpoint = find(state, 'vpc-endpoint', input.VpcEndpointId);
  const policyDocument = input.ResetPolicy ? allowAll : (input.PolicyDocument ?? endpoint.policyDocument);
  state.vpcEndpoints.put(endpoint.vpcEndpointId, { ...endpoint, policyDocument });
  for (const routeTableId of input.RemoveRouteTableIds ?? []) removeRouteTable(state, endpoint, routeTableId);
  for (const routeTableId of input.AddRouteTableIds ?? []) addRouteTable(ctx, state, endpoint, routeTableId);
  return { Return: true };
}

function deleteVpcEndpoints(
  _ctx: Context,
  state: Ec2State,
  input: Ec2.DeleteVpcEndpointsRequest,
): Ec2.DeleteVpcEndpointsResult {
  const unsuccessful = (input.VpcEndpointIds ?? []).flatMap((id) => {
    const endpoint = state.vpcEndpoints.get(id);
    if (!endpoint) return [missing(id)];
    for (const routeTableId of endpoint.routeTableIds) removeRouteTable(state, endpoint, routeTableId);
    state.vpcEndpoints.delete(id);
    state.tags.delete(id);
    return [];
  });
  return { Unsuccessful: unsuccessful };
}

function missing(id: string): Ec2.UnsuccessfulItem {
  return {
    ResourceId: id,
    Error: {
      Code: 'InvalidVpcEndpointId.NotFound',
      Message: `The Vpc Endpoint Id '${id}' does not exist`,
    },
  };
}

const filters: Filters<VpcEndpoint> = {
  'ip-address-type': () => 'ipv4',
  'service-name': (endpoint) => endpoint.serviceName,
  'vpc-id': (endpoint) => endpoint.vpcId,
  'vpc-endpoint-id': (endpoint) => endpoint.vpcEndpointId,
  'vpc-endpoint-state': () => 'available',
  'vpc-endpoint-type': () => 'Gateway',
};

function shape(ctx: Context, state: Ec2State, endpoint: VpcEndpoint): Ec2.VpcEndpoint {
  return {
    VpcEndpointId: endpoint.vpcEndpointId,
    VpcEndpointType: 'Gateway',
    VpcId: endpoint.vpcId,
    ServiceName: endpoint.serviceName,
    // Known: a gateway endpoint is `available`, in lower case on the wire.
    State: 'available' as Ec2.State,
    PolicyDocument: endpoint.policyDocument,
    RouteTableIds: [...endpoint.routeTableIds],
    SubnetIds: [],
    Groups: [],
    NetworkInterfaceIds: [],
    DnsEntries: [],
    PrivateDnsEnabled: false,
    RequesterManaged: false,
    CreationTimestamp: toDate(endpoint.created),
    OwnerId: ctx.accountId,
    Tags: tagsOf(state, endpoint.vpcEndpointId),
  };
}
