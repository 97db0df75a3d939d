import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { newNetworkInterface, removeNetworkInterface } from './api/network-interfaces.ts';
import { invalidParameterValue, missingParameter } from './errors.ts';
import { prefixLists } from './prefix-lists.ts';
import { type Ec2State, find, type VpcEndpoint } from './state.ts';

/** What makes an endpoint part of its VPC: routes of a gateway endpoint, interfaces of an interface endpoint. */

export function checkGatewayService(ctx: Context, serviceName: string | undefined): string {
  if (serviceName === undefined) throw missingParameter('ServiceName');
  if (prefixLists(ctx.region).some(({ name }) => name === serviceName)) return serviceName;
  throw invalidService(serviceName);
}

/** Differs: any service of the region has interface endpoints; AWS has a list of them. */
export function checkInterfaceService(ctx: Context, serviceName: string | undefined): string {
  if (serviceName === undefined) throw missingParameter('ServiceName');
  const prefix = `com.amazonaws.${ctx.region}.`;
  if (serviceName.startsWith(prefix) && serviceName.length > prefix.length) return serviceName;
  throw invalidService(serviceName);
}

function invalidService(serviceName: string): AwsError {
  return new AwsError('InvalidServiceName', `The Vpc Endpoint Service '${serviceName}' does not exist`);
}

/** Confirmed by docs: the endpoint adds a route for the service's prefix list to each of its tables. */
export function addRouteTable(ctx: Context, state: Ec2State, endpointId: string, routeTableId: string): void {
  const endpoint = find(state, 'vpc-endpoint', endpointId);
  const table = find(state, 'route-table', routeTableId);
  if (table.vpcId !== endpoint.vpcId) {
    throw invalidParameterValue(`Route table ${routeTableId} and VPC endpoint belong to different networks`);
  }
  const destination =
    prefixLists(ctx.region).find(({ name }) => name === endpoint.serviceName)?.prefixListId ?? '';
  if (table.routes.some((route) => route.destination === destination)) {
    throw new AwsError(
      'RouteAlreadyExists',
      `route table ${routeTableId} already has a route with destination-prefix-list-id ${destination}`,
    );
  }
  const routes = [...table.routes, { destination, target: endpointId }];
  state.routeTables.put(routeTableId, { ...table, routes });
  const routeTableIds = [...endpoint.routeTableIds, routeTableId];
  state.vpcEndpoints.put(endpointId, { ...endpoint, routeTableIds });
}

export function removeRouteTable(state: Ec2State, endpointId: string, routeTableId: string): void {
  const endpoint = find(state, 'vpc-endpoint', endpointId);
  const table = state.routeTables.get(routeTableId);
  if (table) {
    const routes = table.routes.filter((route) => route.target !== endpointId);
    state.routeTables.put(routeTableId, { ...table, routes });
  }
  const routeTableIds = endpoint.routeTableIds.filter((other) => other !== routeTableId);
  state.vpcEndpoints.put(endpointId, { ...endpoint, routeTableIds });
}

/** Confirmed by docs: one interface in each subnet, one subnet in each zone. */
export function addSubnet(ctx: Context, state: Ec2State, endpointId: string, subnetId: string): void {
  const endpoint = find(state, 'vpc-endpoint', endpointId);
  const subnet = find(state, 'subnet', subnetId);
  if (subnet.vpcId !== endpoint.vpcId) {
    throw invalidParameterValue(`Subnet ${subnetId} and VPC endpoint belong to different networks`);
  }
  const zones = endpoint.networkInterfaceIds.map((id) => state.networkInterfaces.get(id)?.availabilityZone);
  if (zones.includes(subnet.availabilityZone)) {
    throw new AwsError(
      'DuplicateSubnetsInSameZone',
      `Found another VPC endpoint subnet in the availability zone of ${subnetId}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`,
    );
  }
  const { networkInterfaceId } = newNetworkInterface(ctx, state, subnet, {
    description: `VPC Endpoint Interface ${endpointId}`,
    groupIds: endpoint.groupIds,
    interfaceType: 'vpc_endpoint',
  });
  const networkInterfaceIds = [...endpoint.networkInterfaceIds, networkInterfaceId];
  state.vpcEndpoints.put(endpointId, { ...endpoint, networkInterfaceIds });
}

export function removeSubnet(state: Ec2State, endpointId: string, subnetId: string): void {
  const endpoint = find(state, 'vpc-endpoint', endpointId);
  const isThere = (id: string): boolean => state.networkInterfaces.get(id)?.subnetId === subnetId;
  const networkInterfaceIds = endpoint.networkInterfaceIds.filter((id) => !isThere(id));
  for (const id of endpoint.networkInterfaceIds.filter(isThere)) removeNetworkInterface(state, id);
  state.vpcEndpoints.put(endpointId, { ...endpoint, networkInterfaceIds });
}

/** Confirmed by docs: a name for the endpoint, one for each of its zones, and the service's own if it is private. */
export function dnsNames(ctx: Context, state: Ec2State, endpoint: VpcEndpoint): string[] {
  if (endpoint.vpcEndpointType === 'Gateway') return [];
  const { vpcEndpointId: id, serviceName } = endpoint;
  const service = serviceName.slice(`com.amazonaws.${ctx.region}.`.length).split('.').reverse().join('.');
  const own = `${service}.${ctx.region}.vpce.amazonaws.com`;
  // The endpoint's name has a part that AWS derives from nothing it shows; the end of the id stands for it.
  const name = `${id}-${id.slice(-8)}`;
  const zones = endpoint.networkInterfaceIds.map((eni) => state.networkInterfaces.get(eni)?.availabilityZone);
  return [
    `${name}.${own}`,
    ...zones.map((zone) => `${name}-${zone}.${own}`),
    ...(endpoint.privateDnsEnabled ? [`${service}.${ctx.region}.amazonaws.com`] : []),
  ];
}
