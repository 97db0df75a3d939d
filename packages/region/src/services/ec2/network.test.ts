import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { ec2 } from './service.ts';

const region = () => testRegion((tables) => [ec2({ tables })]);
type Region = ReturnType<typeof region>;

async function vpcWith(r: Region, ...blocks: string[]) {
  const { Vpc } = await r.call('ec2', 'createVpc', { CidrBlock: '10.0.0.0/16' });
  const VpcId = Vpc?.VpcId ?? '';
  const subnets: string[] = [];
  for (const CidrBlock of blocks) {
    const { Subnet } = await r.call('ec2', 'createSubnet', { VpcId, CidrBlock });
    subnets.push(Subnet?.SubnetId ?? '');
  }
  return { VpcId, subnets };
}

const code = (expected: string) => (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === expected;

test('eu-central-1 has the zones a, b and c', async () => {
  const { AvailabilityZones } = await region().call('ec2', 'describeAvailabilityZones', {});
  assert.deepEqual(
    AvailabilityZones?.map((zone) => [zone.ZoneName, zone.ZoneId]),
    [
      ['eu-central-1a', 'euc1-az1'],
      ['eu-central-1b', 'euc1-az2'],
      ['eu-central-1c', 'euc1-az3'],
    ],
  );
});

test('a fresh account has a default VPC with a public subnet in each zone', async () => {
  const r = region();
  const Filters = [{ Name: 'is-default', Values: ['true'] }];
  const { Vpcs: [vpc] = [] } = await r.call('ec2', 'describeVpcs', { Filters });
  assert.equal(vpc?.CidrBlock, '172.31.0.0/16');
  const { Subnets = [] } = await r.call('ec2', 'describeSubnets', {});
  assert.deepEqual(
    Subnets.map((subnet) => subnet.CidrBlock),
    ['172.31.0.0/20', '172.31.16.0/20', '172.31.32.0/20'],
  );
  assert.ok(Subnets.every((subnet) => subnet.AvailableIpAddressCount === 4091));
});

test('a deleted default VPC does not come back with the next start', async () => {
  const r = region();
  const { InternetGateways: [gateway] = [] } = await r.call('ec2', 'describeInternetGateways', {});
  const VpcId = gateway?.Attachments?.[0]?.VpcId;
  const InternetGatewayId = gateway?.InternetGatewayId;
  await r.call('ec2', 'detachInternetGateway', { InternetGatewayId, VpcId });
  await r.call('ec2', 'deleteInternetGateway', { InternetGatewayId });
  const { Subnets = [] } = await r.call('ec2', 'describeSubnets', {});
  for (const { SubnetId } of Subnets) await r.call('ec2', 'deleteSubnet', { SubnetId });
  await r.call('ec2', 'deleteVpc', { VpcId });
  const again = testRegion((tables) => [ec2({ tables })], { commits: r.commits });
  assert.deepEqual((await again.call('ec2', 'describeVpcs', {})).Vpcs, []);
});

test('a VPC brings its main route table, default network ACL and default security group, and takes them along', async () => {
  const r = region();
  const { VpcId } = await vpcWith(r);
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  const parts = async () => ({
    tables: (await r.call('ec2', 'describeRouteTables', { Filters })).RouteTables,
    acls: (await r.call('ec2', 'describeNetworkAcls', { Filters })).NetworkAcls,
    groups: (await r.call('ec2', 'describeSecurityGroups', { Filters })).SecurityGroups,
  });
  const { tables, acls, groups } = await parts();
  assert.equal(tables?.[0]?.Associations?.[0]?.Main, true);
  assert.deepEqual(tables?.[0]?.Routes, [
    {
      DestinationCidrBlock: '10.0.0.0/16',
      GatewayId: 'local',
      Origin: 'CreateRouteTable',
      State: 'active',
    },
  ]);
  assert.equal(acls?.length, 1);
  assert.equal(groups?.[0]?.IpPermissions?.[0]?.UserIdGroupPairs?.[0]?.GroupId, groups?.[0]?.GroupId);
  await r.call('ec2', 'deleteVpc', { VpcId });
  assert.deepEqual(await parts(), { tables: [], acls: [], groups: [] });
});

for (const [name, CidrBlock, error] of [
  ['a block wider than /16', '10.0.0.0/15', 'InvalidVpc.Range'],
  ['a block narrower than /28', '10.0.0.0/29', 'InvalidVpc.Range'],
  ['what is no block', '10.0.0/16', 'InvalidParameterValue'],
] as const) {
  test(`CreateVpc refuses ${name}`, async () => {
    await assert.rejects(region().call('ec2', 'createVpc', { CidrBlock }), code(error));
  });
}

for (const [name, CidrBlock, error] of [
  ['outside its VPC', '10.1.0.0/24', 'InvalidSubnet.Range'],
  ['narrower than /28', '10.0.9.0/29', 'InvalidSubnet.Range'],
  ['over another subnet', '10.0.1.128/25', 'InvalidSubnet.Conflict'],
  ['around another subnet', '10.0.0.0/20', 'InvalidSubnet.Conflict'],
] as const) {
  test(`CreateSubnet refuses a block ${name}`, async () => {
    const r = region();
    const { VpcId } = await vpcWith(r, '10.0.1.0/24');
    await assert.rejects(r.call('ec2', 'createSubnet', { VpcId, CidrBlock }), code(error));
  });
}

test('a VPC is kept while something is in it', async () => {
  const r = region();
  const { VpcId, subnets } = await vpcWith(r, '10.0.1.0/24');
  await assert.rejects(r.call('ec2', 'deleteVpc', { VpcId }), code('DependencyViolation'));
  await r.call('ec2', 'deleteSubnet', { SubnetId: subnets[0] });
  await r.call('ec2', 'deleteVpc', { VpcId });
  await assert.rejects(r.call('ec2', 'describeVpcs', { VpcIds: [VpcId] }), code('InvalidVpcID.NotFound'));
});

test('a NAT gateway becomes available, and lets its address go when it is deleted', async () => {
  const r = region();
  const { VpcId, subnets } = await vpcWith(r, '10.0.1.0/24');
  const { InternetGateway } = await r.call('ec2', 'createInternetGateway', {});
  const InternetGatewayId = InternetGateway?.InternetGatewayId;
  const { AllocationId } = await r.call('ec2', 'allocateAddress', { Domain: 'vpc' });
  const create = () => r.call('ec2', 'createNatGateway', { SubnetId: subnets[0], AllocationId });
  await assert.rejects(create(), code('Gateway.NotAttached'));
  await r.call('ec2', 'attachInternetGateway', { InternetGatewayId, VpcId });
  const { NatGateway } = await create();
  const NatGatewayId = NatGateway?.NatGatewayId ?? '';
  const state = async () =>
    (await r.call('ec2', 'describeNatGateways', { NatGatewayIds: [NatGatewayId] })).NatGateways?.[0]?.State;
  assert.equal(await state(), 'pending');
  await r.advance(1);
  assert.equal(await state(), 'available');
  await assert.rejects(
    r.call('ec2', 'detachInternetGateway', { InternetGatewayId, VpcId }),
    code('DependencyViolation'),
  );
  await assert.rejects(r.call('ec2', 'releaseAddress', { AllocationId }), code('InvalidIPAddress.InUse'));
  await r.call('ec2', 'deleteNatGateway', { NatGatewayId });
  assert.equal(await state(), 'deleting');
  await r.advance(1);
  assert.equal(await state(), 'deleted');
  await r.call('ec2', 'releaseAddress', { AllocationId });
  await r.call('ec2', 'deleteSubnet', { SubnetId: subnets[0] });
  await r.advance(3600);
  await assert.rejects(state(), code('NatGatewayNotFound'));
  assert.ok(r.messages.some((message) => message.code === 'nat-gateway-routes-nothing'));
});

test('a route to a deleted NAT gateway is a black hole', async () => {
  const r = region();
  const { VpcId, subnets } = await vpcWith(r, '10.0.1.0/24');
  const { NatGateway } = await r.call('ec2', 'createNatGateway', {
    SubnetId: subnets[0],
    ConnectivityType: 'private',
  });
  const NatGatewayId = NatGateway?.NatGatewayId;
  const { RouteTable } = await r.call('ec2', 'createRouteTable', { VpcId });
  const RouteTableId = RouteTable?.RouteTableId ?? '';
  const route = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0' };
  await r.call('ec2', 'createRoute', { ...route, NatGatewayId });
  await assert.rejects(r.call('ec2', 'createRoute', { ...route, NatGatewayId }), code('RouteAlreadyExists'));
  await r.call('ec2', 'deleteNatGateway', { NatGatewayId });
  await r.advance(1);
  const { RouteTables } = await r.call('ec2', 'describeRouteTables', { RouteTableIds: [RouteTableId] });
  assert.equal(RouteTables?.[0]?.Routes?.[1]?.State, 'blackhole');
  await r.call('ec2', 'deleteRoute', route);
  await assert.rejects(r.call('ec2', 'deleteRoute', route), code('InvalidRoute.NotFound'));
});

test('a gateway endpoint adds a route for its prefix list to its route tables', async () => {
  const r = region();
  const { VpcId } = await vpcWith(r);
  const { RouteTable } = await r.call('ec2', 'createRouteTable', { VpcId });
  const RouteTableId = RouteTable?.RouteTableId ?? '';
  const { VpcEndpoint } = await r.call('ec2', 'createVpcEndpoint', {
    VpcId,
    ServiceName: 'com.amazonaws.eu-central-1.s3',
    RouteTableIds: [RouteTableId],
  });
  const VpcEndpointIds = [VpcEndpoint?.VpcEndpointId ?? ''];
  const routes = async () => {
    const { RouteTables } = await r.call('ec2', 'describeRouteTables', { RouteTableIds: [RouteTableId] });
    return RouteTables?.[0]?.Routes?.map((route) => route.DestinationPrefixListId ?? 'local');
  };
  assert.deepEqual(await routes(), ['local', 'pl-6ea54007']);
  await r.call('ec2', 'deleteVpcEndpoints', { VpcEndpointIds });
  assert.deepEqual(await routes(), ['local']);
});

test('an interface endpoint has an interface in each of its subnets, and takes them along', async () => {
  const r = region();
  const { VpcId } = await vpcWith(r);
  const SubnetIds: string[] = [];
  for (const [i, letter] of ['a', 'b'].entries()) {
    const AvailabilityZone = `eu-central-1${letter}`;
    const request = { VpcId, CidrBlock: `10.0.${i}.0/24`, AvailabilityZone };
    SubnetIds.push((await r.call('ec2', 'createSubnet', request)).Subnet?.SubnetId ?? '');
  }
  const ServiceName = 'com.amazonaws.eu-central-1.ecr.api';
  const { VpcEndpoint } = await r.call('ec2', 'createVpcEndpoint', {
    VpcId,
    ServiceName,
    VpcEndpointType: 'Interface',
    SubnetIds,
  });
  const VpcEndpointIds = [VpcEndpoint?.VpcEndpointId ?? ''];
  const described = async () =>
    (await r.call('ec2', 'describeVpcEndpoints', { VpcEndpointIds })).VpcEndpoints?.[0];
  assert.equal(VpcEndpoint?.State, 'pending');
  await r.advance(1);
  const endpoint = await described();
  assert.equal(endpoint?.State, 'available');
  assert.equal(endpoint?.NetworkInterfaceIds?.length, 2);
  assert.equal(endpoint?.DnsEntries?.at(-1)?.DnsName, 'api.ecr.eu-central-1.amazonaws.com');
  const [NetworkInterfaceId] = endpoint?.NetworkInterfaceIds ?? [];
  await assert.rejects(
    r.call('ec2', 'deleteNetworkInterface', { NetworkInterfaceId }),
    /is currently in use/,
  );
  await r.call('ec2', 'modifyVpcEndpoint', {
    VpcEndpointId: VpcEndpointIds[0],
    RemoveSubnetIds: [SubnetIds[0] ?? ''],
  });
  assert.deepEqual((await described())?.SubnetIds, [SubnetIds[1]]);
  await r.call('ec2', 'deleteVpcEndpoints', { VpcEndpointIds });
  assert.deepEqual((await r.call('ec2', 'describeNetworkInterfaces', {})).NetworkInterfaces, []);
});

test('a subnet without a route table of its own follows the main one, which can be exchanged', async () => {
  const r = region();
  const { VpcId, subnets } = await vpcWith(r, '10.0.1.0/24');
  const Filters = [
    { Name: 'vpc-id', Values: [VpcId] },
    { Name: 'association.main', Values: ['true'] },
  ];
  const main = async () => (await r.call('ec2', 'describeRouteTables', { Filters })).RouteTables?.[0];
  const { RouteTable } = await r.call('ec2', 'createRouteTable', { VpcId });
  const RouteTableId = RouteTable?.RouteTableId ?? '';
  const before = await main();
  const AssociationId = before?.Associations?.[0]?.RouteTableAssociationId;
  await assert.rejects(
    r.call('ec2', 'disassociateRouteTable', { AssociationId }),
    code('InvalidParameterValue'),
  );
  await r.call('ec2', 'replaceRouteTableAssociation', { AssociationId, RouteTableId });
  assert.equal((await main())?.RouteTableId, RouteTableId);
  await r.call('ec2', 'deleteRouteTable', { RouteTableId: before?.RouteTableId });
  const association = { RouteTableId, SubnetId: subnets[0] };
  await r.call('ec2', 'associateRouteTable', association);
  await assert.rejects(r.call('ec2', 'associateRouteTable', association), code('Resource.AlreadyAssociated'));
  await assert.rejects(r.call('ec2', 'deleteRouteTable', { RouteTableId }), code('DependencyViolation'));
});

test('an internet gateway is attached to one VPC, a VPC to one gateway', async () => {
  const r = region();
  const { VpcId } = await vpcWith(r);
  const create = async () =>
    (await r.call('ec2', 'createInternetGateway', {})).InternetGateway?.InternetGatewayId;
  const [first, second] = [await create(), await create()];
  const attach = (InternetGatewayId: string | undefined) =>
    r.call('ec2', 'attachInternetGateway', { InternetGatewayId, VpcId });
  await attach(first);
  await assert.rejects(attach(first), code('Resource.AlreadyAssociated'));
  await assert.rejects(attach(second), code('InvalidParameterValue'));
  await assert.rejects(r.call('ec2', 'deleteVpc', { VpcId }), code('DependencyViolation'));
  const detach = () => r.call('ec2', 'detachInternetGateway', { InternetGatewayId: first, VpcId });
  await assert.rejects(
    r.call('ec2', 'deleteInternetGateway', { InternetGatewayId: first }),
    code('DependencyViolation'),
  );
  await detach();
  await assert.rejects(detach(), code('Gateway.NotAttached'));
  await r.call('ec2', 'deleteInternetGateway', { InternetGatewayId: first });
});

test('a further block widens a VPC, and stays while a subnet is in it', async () => {
  const r = region();
  const { VpcId } = await vpcWith(r);
  const CidrBlock = '10.1.0.0/16';
  const { CidrBlockAssociation } = await r.call('ec2', 'associateVpcCidrBlock', { VpcId, CidrBlock });
  const AssociationId = CidrBlockAssociation?.AssociationId;
  const { Subnet } = await r.call('ec2', 'createSubnet', { VpcId, CidrBlock: '10.1.0.0/24' });
  const remove = () => r.call('ec2', 'disassociateVpcCidrBlock', { AssociationId });
  await assert.rejects(remove(), code('InvalidCidrBlock.InUse'));
  await r.call('ec2', 'deleteSubnet', { SubnetId: Subnet?.SubnetId });
  await remove();
});

test('DryRun is answered with DryRunOperation and changes nothing', async () => {
  const r = region();
  await assert.rejects(
    r.call('ec2', 'createVpc', { CidrBlock: '10.0.0.0/16', DryRun: true }),
    code('DryRunOperation'),
  );
  assert.equal((await r.call('ec2', 'describeVpcs', {})).Vpcs?.length, 1);
});

test('tags are set with a resource, changed, found by filters, and gone with it', async () => {
  const r = region();
  const Tags = [{ Key: 'Name', Value: 'network' }];
  const { Vpc } = await r.call('ec2', 'createVpc', {
    CidrBlock: '10.0.0.0/16',
    TagSpecifications: [{ ResourceType: 'vpc', Tags }],
  });
  const VpcId = Vpc?.VpcId ?? '';
  await r.call('ec2', 'createTags', { Resources: [VpcId], Tags: [{ Key: 'team', Value: 'platform' }] });
  const found = async (Name: string, ...Values: string[]) =>
    (await r.call('ec2', 'describeVpcs', { Filters: [{ Name, Values }] })).Vpcs?.map((vpc) => vpc.VpcId);
  assert.deepEqual(await found('tag:Name', 'net*'), [VpcId]);
  assert.deepEqual(await found('tag:Name', 'net'), []);
  assert.deepEqual(await found('tag-key', 'team', 'other'), [VpcId]);
  await r.call('ec2', 'deleteTags', { Resources: [VpcId], Tags: [{ Key: 'team' }] });
  assert.equal((await r.call('ec2', 'describeTags', {})).Tags?.length, 1);
  await r.call('ec2', 'deleteVpc', { VpcId });
  assert.deepEqual((await r.call('ec2', 'describeTags', {})).Tags, []);
});

test('an unknown filter is refused, even where there is nothing to filter', async () => {
  const Filters = [{ Name: 'colour', Values: ['red'] }];
  const r = region();
  await assert.rejects(r.call('ec2', 'describeSubnets', { Filters }), /The filter 'colour' is invalid/);
  await assert.rejects(r.call('ec2', 'describeAddresses', { Filters }), /The filter 'colour' is invalid/);
});

test('describes come a page at a time', async () => {
  const r = region();
  await vpcWith(r, ...Array.from({ length: 8 }, (_, i) => `10.0.${i}.0/24`));
  const first = await r.call('ec2', 'describeSubnets', { MaxResults: 6 });
  const second = await r.call('ec2', 'describeSubnets', { MaxResults: 6, NextToken: first.NextToken });
  assert.equal(first.Subnets?.length, 6);
  assert.equal(second.Subnets?.length, 5);
  assert.equal(second.NextToken, undefined);
  await assert.rejects(r.call('ec2', 'describeSubnets', { MaxResults: 1 }), code('InvalidParameterValue'));
});

test('a resource that is not there is refused by name, and so is an instance', async () => {
  const r = region();
  await assert.rejects(
    r.call('ec2', 'describeSubnets', { SubnetIds: ['subnet-0'] }),
    /The subnet ID 'subnet-0' does not exist/,
  );
  await assert.rejects(r.call('ec2', 'describeInstances', {}), /ec2 DescribeInstances is not modelled/);
});
