import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { invalidParameterValue } from '../errors.ts';
import { ec2Operation, type Filters, matcher } from '../operation.ts';
import type { Ec2State } from '../state.ts';
import { regionNames, zoneIdOf, zonesOf } from '../zones.ts';

/** What an account sees of regions, zones and its own limits. */
export function accountOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    DescribeAvailabilityZones: ec2Operation<
      Ec2.DescribeAvailabilityZonesRequest,
      Ec2.DescribeAvailabilityZonesResult
    >(['ZoneNames', 'ZoneIds', 'AllAvailabilityZones', 'Filters'], (ctx, input) =>
      describeAvailabilityZones(ctx, state, input),
    ),
    DescribeRegions: ec2Operation<Ec2.DescribeRegionsRequest, Ec2.DescribeRegionsResult>(
      ['RegionNames', 'AllRegions', 'Filters'],
      (_ctx, input) => describeRegions(state, input),
    ),
    DescribeAccountAttributes: ec2Operation<
      Ec2.DescribeAccountAttributesRequest,
      Ec2.DescribeAccountAttributesResult
    >(['AttributeNames'], (_ctx, input) => describeAccountAttributes(state, input)),
    // There are none, since none can be made; the CDK asks for them when it looks a VPC up.
    DescribeVpnGateways: ec2Operation<Ec2.DescribeVpnGatewaysRequest, Ec2.DescribeVpnGatewaysResult>(
      ['Filters'],
      () => ({ VpnGateways: [] }),
    ),
  };
}

function describeAvailabilityZones(
  ctx: Context,
  state: Ec2State,
  input: Ec2.DescribeAvailabilityZonesRequest,
): Ec2.DescribeAvailabilityZonesResult {
  const zones = zonesOf(ctx.region);
  const unknown = [
    ...(input.ZoneNames ?? []).filter((name) => !zones.includes(name)),
    ...(input.ZoneIds ?? []).filter((id) => !zones.some((zone) => zoneIdOf(zone) === id)),
  ];
  if (unknown.length > 0) throw invalidParameterValue(`Invalid availability zone: [${unknown.join(', ')}]`);
  const asked = zones.filter(
    (zone) => (input.ZoneNames?.includes(zone) ?? true) && (input.ZoneIds?.includes(zoneIdOf(zone)) ?? true),
  );
  const shapes = asked.map((zone) => zoneShape(ctx.region, zone));
  const isWanted = matcher(state, input.Filters, zoneFilters);
  return { AvailabilityZones: shapes.filter((zone) => isWanted('', zone)) };
}

function zoneShape(region: string, ZoneName: string): Ec2.AvailabilityZone {
  return {
    ZoneName,
    ZoneId: zoneIdOf(ZoneName),
    ZoneType: 'availability-zone',
    State: 'available',
    RegionName: region,
    GroupName: `${region}-zg-1`,
    NetworkBorderGroup: region,
    OptInStatus: 'opt-in-not-required',
    Messages: [],
  };
}

const zoneFilters: Filters<Ec2.AvailabilityZone> = {
  'group-name': (zone) => zone.GroupName,
  message: () => undefined,
  'opt-in-status': (zone) => zone.OptInStatus,
  'parent-zone-id': () => undefined,
  'parent-zone-name': () => undefined,
  'region-name': (zone) => zone.RegionName,
  state: (zone) => zone.State,
  'zone-id': (zone) => zone.ZoneId,
  'zone-name': (zone) => zone.ZoneName,
  'zone-type': (zone) => zone.ZoneType,
};

function describeRegions(state: Ec2State, input: Ec2.DescribeRegionsRequest): Ec2.DescribeRegionsResult {
  const unknown = (input.RegionNames ?? []).filter((name) => !regionNames.includes(name));
  if (unknown.length > 0) throw invalidParameterValue(`Invalid region names: [${unknown.join(', ')}]`);
  const shapes = regionNames
    .filter((name) => input.RegionNames?.includes(name) ?? true)
    .map((RegionName) => ({
      RegionName,
      Endpoint: `ec2.${RegionName}.amazonaws.com`,
      OptInStatus: 'opt-in-not-required',
    }));
  const isWanted = matcher(state, input.Filters, regionFilters);
  return { Regions: shapes.filter((region) => isWanted('', region)) };
}

const regionFilters: Filters<Ec2.Region> = {
  endpoint: (region) => region.Endpoint,
  'opt-in-status': (region) => region.OptInStatus,
  'region-name': (region) => region.RegionName,
};

function describeAccountAttributes(
  state: Ec2State,
  input: Ec2.DescribeAccountAttributesRequest,
): Ec2.DescribeAccountAttributesResult {
  const attributes: { readonly [name: string]: string } = {
    'supported-platforms': 'VPC',
    'default-vpc': state.vpcs.find((vpc) => vpc.isDefault)?.vpcId ?? 'none',
    'max-instances': '0',
    'vpc-max-security-groups-per-interface': '5',
    'max-elastic-ips': '5',
    'vpc-max-elastic-ips': '5',
  };
  const names = input.AttributeNames?.length ? input.AttributeNames : Object.keys(attributes);
  return {
    AccountAttributes: names.map((AttributeName) => {
      const value = attributes[AttributeName];
      if (value === undefined) {
        throw new AwsError('InvalidParameterValue', `Invalid value '${AttributeName}' for attribute name.`);
      }
      return { AttributeName, AttributeValues: [{ AttributeValue: value }] };
    }),
  };
}
