import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import { formatCidr, parseCidr } from '../cidr.ts';
import { invalidParameterValue, missingParameter } from '../errors.ts';
import { type Ec2State, find, type Route, type RouteTable } from '../state.ts';

export function createRoute(state: Ec2State, input: Ec2.CreateRouteRequest): Ec2.CreateRouteResult {
  const table = find(state, 'route-table', input.RouteTableId);
  const destination = checkDestination(input.DestinationCidrBlock);
  const isTaken = routeShapes(state, table).some((route) => route.DestinationCidrBlock === destination);
  if (isTaken) {
    throw new AwsError('RouteAlreadyExists', `The route identified by ${destination} already exists.`);
  }
  const route = { destination, target: checkTarget(state, table, input) };
  state.routeTables.put(table.routeTableId, { ...table, routes: [...table.routes, route] });
  return { Return: true };
}

export function replaceRoute(state: Ec2State, input: Ec2.ReplaceRouteRequest): void {
  const { table, route } = findRoute(state, input);
  const replaced: Route = { ...route, target: checkTarget(state, table, input) };
  const routes = table.routes.map((other) => (other === route ? replaced : other));
  state.routeTables.put(table.routeTableId, { ...table, routes });
}

export function deleteRoute(state: Ec2State, input: Ec2.DeleteRouteRequest): void {
  const { table, route } = findRoute(state, input);
  const routes = table.routes.filter((other) => other !== route);
  state.routeTables.put(table.routeTableId, { ...table, routes });
}

function findRoute(
  state: Ec2State,
  input: Pick<Ec2.DeleteRouteRequest, 'RouteTableId' | 'DestinationCidrBlock'>,
): { readonly table: RouteTable; readonly route: Route } {
  const table = find(state, 'route-table', input.RouteTableId);
  const destination = checkDestination(input.DestinationCidrBlock);
  const route = table.routes.find((candidate) => candidate.destination === destination);
  if (route) return { table, route };
  throw new AwsError(
    'InvalidRoute.NotFound',
    `no route with destination-cidr-block ${destination} in route table ${table.routeTableId}`,
  );
}

function checkDestination(text: string | undefined): string {
  if (text === undefined) throw missingParameter('destinationCidrBlock');
  const cidr = parseCidr(text);
  if (cidr) return formatCidr(cidr);
  throw invalidParameterValue(
    `Value (${text}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
  );
}

/** Exactly one target, which exists and belongs to the VPC. */
function checkTarget(
  state: Ec2State,
  table: RouteTable,
  input: Pick<Ec2.CreateRouteRequest, 'GatewayId' | 'NatGatewayId' | 'NetworkInterfaceId'>,
): string {
  const targets = [input.GatewayId, input.NatGatewayId, input.NetworkInterfaceId].filter(
    (target) => target !== undefined,
  );
  const [target] = targets;
  if (target === undefined || targets.length > 1) {
    throw new AwsError(
      targets.length > 1 ? 'InvalidParameterCombination' : 'MissingParameter',
      'The request must contain exactly one of gatewayId, natGatewayId, networkInterfaceId, vpcPeeringConnectionId, egressOnlyInternetGatewayId, transitGatewayId, localGatewayId, carrierGatewayId or instanceId',
    );
  }
  const vpcId = vpcOfTarget(state, input, target);
  if (vpcId === table.vpcId) return target;
  throw invalidParameterValue(
    `route table ${table.routeTableId} and network gateway ${target} belong to different networks`,
  );
}

function vpcOfTarget(
  state: Ec2State,
  input: Pick<Ec2.CreateRouteRequest, 'GatewayId' | 'NatGatewayId'>,
  target: string,
): string | undefined {
  if (input.NatGatewayId !== undefined) return find(state, 'natgateway', target).vpcId;
  if (input.GatewayId === undefined) return find(state, 'network-interface', target).vpcId;
  if (target.startsWith('igw-')) return find(state, 'internet-gateway', target).vpcId;
  throw new AwsError('InvalidGatewayID.NotFound', `The gateway ID '${target}' does not exist`);
}

/** The routes of a table: local ones for the VPC's blocks first. */
export function routeShapes(state: Ec2State, table: RouteTable): Ec2.Route[] {
  const blocks = state.vpcs.get(table.vpcId)?.cidrBlocks ?? [];
  return [
    ...blocks.map(
      ({ cidrBlock }): Ec2.Route => ({
        DestinationCidrBlock: cidrBlock,
        GatewayId: 'local',
        Origin: 'CreateRouteTable',
        State: 'active',
      }),
    ),
    ...table.routes.map((route) => routeShape(state, table, route)),
  ];
}

function routeShape(state: Ec2State, table: RouteTable, { destination, target }: Route): Ec2.Route {
  return {
    ...(destination.startsWith('pl-')
      ? { DestinationPrefixListId: destination }
      : { DestinationCidrBlock: destination }),
    ...targetShape(target),
    Origin: 'CreateRoute',
    State: isReachable(state, table.vpcId, target) ? 'active' : 'blackhole',
  };
}

function targetShape(target: string): Ec2.Route {
  if (target.startsWith('nat-')) return { NatGatewayId: target };
  if (target.startsWith('eni-')) return { NetworkInterfaceId: target };
  return { GatewayId: target };
}

/** Confirmed by docs: a route whose target is gone or detached is a black hole. */
function isReachable(state: Ec2State, vpcId: string, target: string): boolean {
  if (target.startsWith('igw-')) return state.internetGateways.get(target)?.vpcId === vpcId;
  if (target.startsWith('nat-')) {
    const status = state.natGateways.get(target)?.state;
    return status === 'pending' || status === 'available';
  }
  return state.vpcEndpoints.has(target) || state.networkInterfaces.has(target);
}
