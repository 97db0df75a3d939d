import type * as Api from '@aws-sdk/client-rds';
import type { Context } from '../../../kernel/context.ts';
import {
  dbSubnetGroupAlreadyExists,
  dbSubnetGroupInUse,
  invalidParameterValue,
  invalidSubnet,
  notEnoughAvailabilityZones,
} from '../errors.ts';
import { type DbSubnetGroup, lookUpSubnetGroup, type RdsState } from '../state.ts';
import { describedSubnetGroup } from './describe.ts';
import { page } from './input.ts';

export function createDBSubnetGroup(
  ctx: Context,
  state: RdsState,
  input: Api.CreateDBSubnetGroupMessage,
): Api.CreateDBSubnetGroupResult {
  const name = checkedName(input.DBSubnetGroupName);
  if (state.subnetGroups.has(name)) throw dbSubnetGroupAlreadyExists(name);
  const group: DbSubnetGroup = {
    name,
    arn: ctx.arn('rds', `subgrp:${name}`),
    description: input.DBSubnetGroupDescription ?? '',
    ...subnetsOf(ctx, input.SubnetIds ?? []),
    tags: input.Tags ?? [],
  };
  state.subnetGroups.put(name, group);
  return { DBSubnetGroup: describedSubnetGroup(group) };
}

export function modifyDBSubnetGroup(
  ctx: Context,
  state: RdsState,
  input: Api.ModifyDBSubnetGroupMessage,
): Api.ModifyDBSubnetGroupResult {
  const group = lookUpSubnetGroup(state, input.DBSubnetGroupName);
  const changed: DbSubnetGroup = {
    ...group,
    ...(input.DBSubnetGroupDescription !== undefined && { description: input.DBSubnetGroupDescription }),
    ...subnetsOf(ctx, input.SubnetIds ?? []),
  };
  state.subnetGroups.put(group.name, changed);
  return { DBSubnetGroup: describedSubnetGroup(changed) };
}

export function describeDBSubnetGroups(
  _ctx: Context,
  state: RdsState,
  input: Api.DescribeDBSubnetGroupsMessage,
): Api.DBSubnetGroupMessage {
  const found = input.DBSubnetGroupName
    ? [lookUpSubnetGroup(state, input.DBSubnetGroupName)]
    : [...state.subnetGroups.values()];
  const { records, Marker } = page(found, input);
  return { DBSubnetGroups: records.map(describedSubnetGroup), ...(Marker !== undefined && { Marker }) };
}

export function deleteDBSubnetGroup(
  _ctx: Context,
  state: RdsState,
  input: Api.DeleteDBSubnetGroupMessage,
): object {
  const { name } = lookUpSubnetGroup(state, input.DBSubnetGroupName);
  const user = state.instances.find(({ subnetGroupName }) => subnetGroupName === name);
  if (user) throw dbSubnetGroupInUse(name, user.identifier);
  state.subnetGroups.delete(name);
  return {};
}

/** Confirmed by API: letters, digits, spaces, periods, underscores and hyphens; kept in lower case; not `default`. */
function checkedName(name = ''): string {
  if (/^[a-z][\w. -]{0,254}$/i.test(name) && name.toLowerCase() !== 'default') return name.toLowerCase();
  throw invalidParameterValue(
    `The parameter DBSubnetGroupName is not valid: ${name}. It must begin with a letter, hold letters, digits, spaces, periods, underscores and hyphens, and not be "default".`,
  );
}

function subnetsOf(ctx: Context, subnetIds: readonly string[]): Pick<DbSubnetGroup, 'vpcId' | 'subnets'> {
  const { Subnets = [] } = ctx.call('ec2', 'describeSubnets', {
    Filters: [{ Name: 'subnet-id', Values: [...subnetIds] }],
  });
  const missing = subnetIds.filter((id) => !Subnets.some(({ SubnetId }) => SubnetId === id));
  if (missing.length > 0 || subnetIds.length === 0) {
    throw invalidSubnet(`Some input subnets in :[${missing.join(', ')}] are invalid.`);
  }
  const vpcIds = [...new Set(Subnets.map(({ VpcId = '' }) => VpcId))];
  if (vpcIds.length > 1) throw invalidSubnet('The subnets of a DB subnet group must be in one VPC.');
  const zones = [...new Set(Subnets.map(({ AvailabilityZone = '' }) => AvailabilityZone))];
  if (zones.length < 2) throw notEnoughAvailabilityZones(zones);
  return {
    vpcId: vpcIds[0] ?? '',
    subnets: Subnets.map(({ SubnetId = '', AvailabilityZone = '' }) => ({
      id: SubnetId,
      availabilityZone: AvailabilityZone,
    })),
  };
}
