import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Template } from 'aws-cdk-lib/assertions';
import { exampleApp } from '../testing/example-app.ts';

function networkTemplate(natGateways: 1 | 2 | 3): Template {
  const [network] = exampleApp({ network: { natGateways } }).stacks;
  assert.ok(network);
  return Template.fromStack(network);
}

test('a public and a private subnet are in each of three Availability Zones', () => {
  const subnets = Object.values(networkTemplate(1).findResources('AWS::EC2::Subnet'));
  const places = subnets.map(({ Properties }) => [
    tag(Properties, 'aws-cdk:subnet-type'),
    Properties.AvailabilityZone['Fn::Select'][0],
  ]);
  assert.deepEqual(places, [
    ['Public', 0],
    ['Public', 1],
    ['Public', 2],
    ['Private', 0],
    ['Private', 1],
    ['Private', 2],
  ]);
});

test('no subnet hands out public addresses', () => {
  networkTemplate(1).allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
});

for (const natGateways of [1, 2, 3] as const) {
  test(`network.natGateways ${natGateways} gives as many gateways, and every private subnet a way out`, () => {
    const template = networkTemplate(natGateways);
    template.resourceCountIs('AWS::EC2::NatGateway', natGateways);
    const routes = Object.values(template.findResources('AWS::EC2::Route'));
    const gateways = routes.flatMap(({ Properties }) => Properties.NatGatewayId?.Ref ?? []);
    assert.equal(gateways.length, 3);
    assert.equal(new Set(gateways).size, natGateways);
  });
}

test('all traffic of the VPC is recorded in a log group with retention', () => {
  const template = networkTemplate(1);
  template.hasResourceProperties('AWS::EC2::FlowLog', { ResourceType: 'VPC', TrafficType: 'ALL' });
  template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
});

test('other stacks find the network by SSM parameters', () => {
  const parameters = Object.values(networkTemplate(1).findResources('AWS::SSM::Parameter'));
  assert.deepEqual(
    parameters.map(({ Properties }) => [Properties.Name, Properties.Type]),
    [
      ['/plimsoll/prod/network/vpc-id', 'String'],
      ['/plimsoll/prod/network/public-subnet-ids', 'StringList'],
      ['/plimsoll/prod/network/private-subnet-ids', 'StringList'],
    ],
  );
});

interface Tagged {
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

function tag({ Tags }: Tagged, key: string): string | undefined {
  return Tags.find(({ Key }) => Key === key)?.Value;
}
