import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { once } from '../client-tokens.ts';
import { hasDependencies } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { type Ec2State, find, type RouteTable, type RouteTableAssociation } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';
import { createRoute, deleteRoute, replaceRoute, routeShapes } from './routes.ts';

export function routeTableOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateRouteTable: ec2Operation<Ec2.CreateRouteTableRequest, Ec2.CreateRouteTableResult>(
      ['VpcId', 'TagSpecifications', 'ClientToken'],
      (ctx, input) => {
        const make = (): string[] => [createRouteTable(ctx, state, input)];
        const [id] = once(ctx, state, 'CreateRouteTable', input, make);
        const RouteTable = shape(ctx, state, find(state, 'route-table', id));
        return { RouteTable, ClientToken: input.ClientToken };
      },
    ),
    DescribeRouteTables: ec2Operation<Ec2.DescribeRouteTablesRequest, Ec2.DescribeRouteTablesResult>(
      ['RouteTableIds', 'Filters', 'MaxResults', 'NextToken'],
      (ctx, input) => {
        const { items, next } = list(state, 'route-table', input.RouteTableIds, input, filters(ctx, state));
        return { RouteTables: items.map((table) => shape(ctx, state, table)), ...next };
      },
    ),
    DeleteRouteTable: ec2Operation<Ec2.DeleteRouteTableRequest, void>(['RouteTableId'], (_ctx, input) =>
      deleteRouteTable(state, input.RouteTableId),
    ),
    AssociateRouteTable: ec2Operation<Ec2.AssociateRouteTableRequest, Ec2.AssociateRouteTableResult>(
      ['RouteTableId', 'SubnetId'],
      (ctx, input) => associateRouteTable(ctx, state, input),
    ),
    DisassociateRouteTable: ec2Operation<Ec2.DisassociateRouteTableRequest, void>(
      ['AssociationId'],
      (_ctx, input) => disassociateRouteTable(state, input.AssociationId),
    ),
    ReplaceRouteTableAssociation: ec2Operation<
      Ec2.ReplaceRouteTableAssociationRequest,
      Ec2.ReplaceRouteTableAssociationResult
    >(['AssociationId', 'RouteTableId'], (ctx, input) => replaceRouteTableAssociation(ctx, state, input)),
    CreateRoute: ec2Operation<Ec2.CreateRouteRequest, Ec2.CreateRouteResult>(
      ['RouteTableId', 'DestinationCidrBlock', 'GatewayId', 'NatGatewayId', 'NetworkInterfaceId'],
      (_ctx, input) => createRoute(state, input),
    ),
    ReplaceRoute: ec2Operation<Ec2.ReplaceRouteRequest, void>(
      ['RouteTableId', 'DestinationCidrBlock', 'GatewayId', 'NatGatewayId', 'NetworkInterfaceId'],
      (_ctx, input) => replaceRoute(state, input),
    ),
    DeleteRoute: ec2Operation<Ec2.DeleteRouteRequest, void>(
      ['RouteTableId', 'DestinationCidrBlock'],
      (_ctx, input) => deleteRoute(state, input),
    ),
  };
}

function createRouteTable(ctx: Context, state: Ec2State, input: Ec2.CreateRouteTableRequest): string {
  const { vpcId } = find(state, 'vpc', input.VpcId);
  const table: RouteTable = { routeTableId: newId(ctx, 'rtb'), vpcId, routes: [], associations: [] };
  state.routeTables.put(table.routeTableId, table);
  tagNew(state, 'route-table', table.routeTableId, input.TagSpecifications);
  return table.routeTableId;
}

function deleteRouteTable(state: Ec2State, id: string | undefined): void {
  const { routeTableId, associations } = find(state, 'route-table', id);
  if (associations.length > 0) throw hasDependencies('routeTable', routeTableId);
  for (const endpoint of state.vpcEndpoints.filter((e) => e.routeTableIds.includes(routeTableId))) {
    const routeTableIds = endpoint.routeTableIds.filter((other) => other !== routeTableId);
    state.vpcEndpoints.put(endpoint.vpcEndpointId, { ...endpoint, routeTableIds });
  }
  state.routeTables.delete(routeTableId);
  state.tags.delete(routeTableId);
}

function associateRouteTable(
  ctx: Context,
  state: Ec2State,
  input: Ec2.AssociateRouteTableRequest,
): Ec2.AssociateRouteTableResult {
  const table = find(state, 'route-table', input.RouteTableId);
  const { subnetId, vpcId } = find(state, 'subnet', input.SubnetId);
  if (vpcId !== table.vpcId) {
    throw new AwsError(
      'InvalidParameterValue',
      `Route table ${table.routeTableId} and subnet ${subnetId} belong to different networks`,
    );
  }
  const previous = state.routeTables.find((t) => t.associations.some((a) => a.subnetId === subnetId));
  if (previous) {
    throw new AwsError(
      'Resource.AlreadyAssociated',
      `the specified association for route table ${table.routeTableId} conflicts with an existing association`,
    );
  }
  return addAssociation(ctx, state, table.routeTableId, subnetId);
}

function addAssociation(
  ctx: Context,
  state: Ec2State,
  routeTableId: string,
  subnetId: string | undefined,
): { readonly AssociationId: string; readonly AssociationState: { readonly State: 'associated' } } {
  const table = find(state, 'route-table', routeTableId);
  const associationId = newId(ctx, 'rtbassoc');
  const associations = [...table.associations, { associationId, ...(subnetId && { subnetId }) }];
  state.routeTables.put(routeTableId, { ...table, associations });
  return { AssociationId: associationId, AssociationState: { State: 'associated' } };
}

interface Associated {
  readonly table: RouteTable;
  readonly association: RouteTableAssociation;
}

function findAssociation(state: Ec2State, id: string | undefined): Associated {
  for (const table of state.routeTables.values()) {
    const association = table.associations.find((candidate) => candidate.associationId === id);
    if (association) return { table, association };
  }
  throw new AwsError('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

function removeAssociation(state: Ec2State, { table, association }: Associated): void {
  const associations = table.associations.filter((other) => other !== association);
  state.routeTables.put(table.routeTableId, { ...table, associations });
}

function disassociateRouteTable(state: Ec2State, id: string | undefined): void {
  const found = findAssociation(state, id);
  if (!found.association.subnetId) {
    throw new AwsError(
      'InvalidParameterValue',
      `cannot disassociate the main route table association ${found.association.associationId}`,
    );
  }
  removeAssociation(state, found);
}

function replaceRouteTableAssociation(
  ctx: Context,
  state: Ec2State,
  input: Ec2.ReplaceRouteTableAssociationRequest,
): Ec2.ReplaceRouteTableAssociationResult {
  const found = findAssociation(state, input.AssociationId);
  const { routeTableId, vpcId } = find(state, 'route-table', input.RouteTableId);
  if (vpcId !== found.table.vpcId) {
    throw new AwsError(
      'InvalidParameterValue',
      `Route table ${routeTableId} belongs to another network than ${found.table.routeTableId}`,
    );
  }
  removeAssociation(state, found);
  const added = addAssociation(ctx, state, routeTableId, found.association.subnetId);
  return { NewAssociationId: added.AssociationId, AssociationState: added.AssociationState };
}

function filters(ctx: Context, state: Ec2State): Filters<RouteTable> {
  const routes = (table: RouteTable): Ec2.Route[] => routeShapes(state, table);
  return {
    'association.gateway-id': () => undefined,
    'association.route-table-association-id': (table) => table.associations.map((a) => a.associationId),
    'association.route-table-id': (table) => (table.associations.length > 0 ? table.routeTableId : undefined),
    'association.subnet-id': (table) => table.associations.map((a) => a.subnetId),
    'association.main': (table) => table.associations.map((a) => String(!a.subnetId)),
    'owner-id': () => ctx.accountId,
    'route-table-id': (table) => table.routeTableId,
    'route.destination-cidr-block': (table) => routes(table).map((route) => route.DestinationCidrBlock),
    'route.destination-prefix-list-id': (table) => routes(table).map((r) => r.DestinationPrefixListId),
    'route.gateway-id': (table) => routes(table).map((route) => route.GatewayId),
    'route.nat-gateway-id': (table) => routes(table).map((route) => route.NatGatewayId),
    'route.origin': (table) => routes(table).map((route) => route.Origin),
    'route.state': (table) => routes(table).map((route) => route.State),
    'vpc-id': (table) => table.vpcId,
  };
}

function shape(ctx: Context, state: Ec2State, table: RouteTable): Ec2.RouteTable {
  return {
    RouteTableId: table.routeTableId,
    VpcId: table.vpcId,
    OwnerId: ctx.accountId,
    PropagatingVgws: [],
    Associations: table.associations.map(({ associationId, subnetId }) => ({
      RouteTableAssociationId: associationId,
      RouteTableId: table.routeTableId,
      Main: !subnetId,
      ...(subnetId && { SubnetId: subnetId }),
      AssociationState: { State: 'associated' },
    })),
    Routes: routeShapes(state, table),
    Tags: tagsOf(state, table.routeTableId),
  };
}
