import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { ResourceType } from '../../kernel/resource-type.ts';
import { testRegion } from '../../testing/test-region.ts';
import { cloudformation } from '../cloudformation/service.ts';
import { iam } from '../iam/service.ts';
import { ssm } from '../ssm/service.ts';
import { ec2 } from './service.ts';

/** The log group of the flow logs, which only needs a name here. */
const logGroup: ResourceType = {
  name: 'AWS::Logs::LogGroup',
  properties: { LogGroupName: { kind: 'string' }, RetentionInDays: { kind: 'integer' } },
  create: (_ctx, properties) => ({ physicalId: String(properties['LogGroupName']) }),
  delete: () => {},
  attributes: () => ({ Arn: 'arn:aws:logs:eu-central-1:000000000000:log-group:x:*' }),
};

function region() {
  const made = testRegion((tables) => {
    const modules = [ec2({ tables }), iam({ tables }), ssm({ tables })];
    const all = [...modules.flatMap((module) => module.resourceTypes ?? []), logGroup];
    const types = new Map(all.map((type) => [type.name, type]));
    return [...modules, cloudformation({ tables, resourceTypes: () => types })];
  });
  const status = async (StackName: string) =>
    (await made.call('cloudformation', 'describeStacks', { StackName })).Stacks?.[0]?.StackStatus;
  const failures = async (StackName: string) => {
    const { StackEvents = [] } = await made.call('cloudformation', 'describeStackEvents', { StackName });
    return StackEvents.filter((event) => event.ResourceStatus?.endsWith('FAILED')).map(
      (event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`,
    );
  };
  const outputs = async (StackName: string) => {
    const { Stacks } = await made.call('cloudformation', 'describeStacks', { StackName });
    return Object.fromEntries((Stacks?.[0]?.Outputs ?? []).map((o) => [o.OutputKey, o.OutputValue ?? '']));
  };
  return { ...made, status, failures, outputs };
}

const capabilities = { Capabilities: ['CAPABILITY_IAM' as const] };
const networkTemplate = readFileSync(
  new URL('../../../../blueprint/src/stacks/snapshots/network-prod.json', import.meta.url),
  'utf8',
);

test('the network of the blueprint is created, and leaves nothing behind when it is deleted', async () => {
  const r = region();
  const { tables } = r;
  const sizes = () =>
    ['vpcs', 'subnets', 'routeTables', 'addresses', 'networkInterfaces', 'securityGroups', 'flowLogs'].map(
      (table) => tables.table(`ec2.${table}`).size,
    );
  const fresh = sizes();
  const StackName = 'network-prod';
  await r.call('cloudformation', 'createStack', {
    StackName,
    TemplateBody: networkTemplate,
    ...capabilities,
  });
  await r.advance(60);
  assert.deepEqual(await r.failures(StackName), []);
  assert.equal(await r.status(StackName), 'CREATE_COMPLETE');
  const { Parameter } = await r.call('ssm', 'getParameter', { Name: '/plimsoll/prod/network/vpc-id' });
  const VpcId = Parameter?.Value ?? '';
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];
  assert.equal((await r.call('ec2', 'describeSubnets', { Filters })).Subnets?.length, 6);
  const { Tags = [] } = await r.call('ec2', 'describeTags', {
    Filters: [
      { Name: 'resource-id', Values: [VpcId] },
      { Name: 'key', Values: ['aws:cloudformation:logical-id'] },
    ],
  });
  assert.equal(Tags.length, 1);
  await r.call('cloudformation', 'updateTerminationProtection', {
    StackName,
    EnableTerminationProtection: false,
  });
  const { StackId = '' } =
    (await r.call('cloudformation', 'describeStacks', { StackName })).Stacks?.[0] ?? {};
  await r.call('cloudformation', 'deleteStack', { StackName });
  await r.advance(60);
  assert.deepEqual(await r.failures(StackId), []);
  assert.equal(await r.status(StackId), 'DELETE_COMPLETE');
  assert.deepEqual(sizes(), fresh);
});

const groups = (port: number, egress: object[] = [], description = 'Requests') =>
  JSON.stringify({
    Resources: {
      Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
      Balancer: {
        Type: 'AWS::EC2::SecurityGroup',
        Properties: {
          GroupDescription: 'Balancer',
          VpcId: { Ref: 'Vpc' },
          SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '0.0.0.0/0' }],
        },
      },
      Task: {
        Type: 'AWS::EC2::SecurityGroup',
        Properties: { GroupDescription: 'Task', VpcId: { Ref: 'Vpc' }, SecurityGroupEgress: egress },
      },
      ToTask: {
        Type: 'AWS::EC2::SecurityGroupEgress',
        Properties: {
          GroupId: { 'Fn::GetAtt': ['Balancer', 'GroupId'] },
          DestinationSecurityGroupId: { Ref: 'Task' },
          IpProtocol: 'tcp',
          FromPort: 3000,
          ToPort: 3000,
          Description: description,
        },
      },
      FromBalancer: {
        Type: 'AWS::EC2::SecurityGroupIngress',
        Properties: {
          GroupId: { Ref: 'Task' },
          SourceSecurityGroupId: { Ref: 'Balancer' },
          IpProtocol: 'tcp',
          FromPort: '3000',
          ToPort: 3000,
        },
      },
    },
    Outputs: { Balancer: { Value: { Ref: 'Balancer' } }, Task: { Value: { Ref: 'Task' } } },
  });

test('security groups refer to each other, and egress rules of the stack take the place of the default one', async () => {
  const r = region();
  const StackName = 'groups';
  const rules = async (group: string, isEgress: boolean) => {
    const Filters = [{ Name: 'group-id', Values: [(await r.outputs(StackName))[group] ?? ''] }];
    const { SecurityGroupRules = [] } = await r.call('ec2', 'describeSecurityGroupRules', { Filters });
    return SecurityGroupRules.filter((rule) => rule.IsEgress === isEgress).map(
      (rule) =>
        `${rule.IpProtocol} ${rule.FromPort} ${rule.CidrIpv4 ?? rule.ReferencedGroupInfo?.GroupId}${rule.Description ? ` (${rule.Description})` : ''}`,
    );
  };
  await r.call('cloudformation', 'createStack', { StackName, TemplateBody: groups(80) });
  await r.advance(10);
  assert.deepEqual(await r.failures(StackName), []);
  const { Balancer, Task } = await r.outputs(StackName);
  assert.deepEqual(await rules('Balancer', false), ['tcp 80 0.0.0.0/0']);
  assert.deepEqual(await rules('Balancer', true), [`tcp 3000 ${Task} (Requests)`]);
  assert.deepEqual(await rules('Task', false), [`tcp 3000 ${Balancer}`]);
  assert.deepEqual(await rules('Task', true), ['-1 -1 0.0.0.0/0']);

  const egress = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIp: '0.0.0.0/0' }];
  const TemplateBody = groups(8080, egress, 'Traffic');
  await r.call('cloudformation', 'updateStack', { StackName, TemplateBody });
  await r.advance(10);
  assert.deepEqual(await r.failures(StackName), []);
  assert.equal(await r.status(StackName), 'UPDATE_COMPLETE');
  assert.deepEqual(await rules('Balancer', false), ['tcp 8080 0.0.0.0/0']);
  assert.deepEqual(await rules('Balancer', true), [`tcp 3000 ${Task} (Traffic)`]);
  assert.deepEqual(await rules('Task', true), ['tcp 443 0.0.0.0/0']);
});

const extras = (gateway: string, description: string, subnets: readonly string[]) =>
  JSON.stringify({
    Resources: {
      Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
      Block: {
        Type: 'AWS::EC2::VPCCidrBlock',
        Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock: '10.1.0.0/16' },
      },
      A: subnet('10.1.0.0/24', 0),
      B: subnet('10.1.1.0/24', 1),
      One: { Type: 'AWS::EC2::InternetGateway' },
      Two: { Type: 'AWS::EC2::InternetGateway' },
      Attachment: {
        Type: 'AWS::EC2::VPCGatewayAttachment',
        Properties: { VpcId: { Ref: 'Vpc' }, InternetGatewayId: { Ref: gateway } },
      },
      Interface: {
        Type: 'AWS::EC2::NetworkInterface',
        Properties: {
          SubnetId: { Ref: 'A' },
          Description: description,
          GroupSet: [{ 'Fn::GetAtt': ['Vpc', 'DefaultSecurityGroup'] }],
        },
      },
      Endpoint: {
        Type: 'AWS::EC2::VPCEndpoint',
        Properties: {
          VpcId: { Ref: 'Vpc' },
          VpcEndpointType: 'Interface',
          ServiceName: { 'Fn::Sub': 'com.amazonaws.${AWS::Region}.logs' },
          SubnetIds: subnets.map((name) => ({ Ref: name })),
        },
      },
    },
    Outputs: {
      Ip: { Value: { 'Fn::GetAtt': ['Interface', 'PrimaryPrivateIpAddress'] } },
      Endpoint: { Value: { Ref: 'Endpoint' } },
      Two: { Value: { Ref: 'Two' } },
    },
  });

function subnet(CidrBlock: string, zone: number) {
  const AvailabilityZone = { 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] };
  return {
    Type: 'AWS::EC2::Subnet',
    Properties: { VpcId: { Ref: 'Vpc' }, CidrBlock, AvailabilityZone },
    DependsOn: 'Block',
  };
}

test('a stack adds blocks, interfaces and interface endpoints, and changes them in place', async () => {
  const r = region();
  const StackName = 'extras';
  await r.call('cloudformation', 'createStack', {
    StackName,
    TemplateBody: extras('One', 'first', ['A']),
  });
  await r.advance(30);
  assert.deepEqual(await r.failures(StackName), []);
  const created = await r.outputs(StackName);
  assert.match(created['Ip'] ?? '', /^10\.1\.0\.\d+$/);
  await r.call('cloudformation', 'updateStack', {
    StackName,
    TemplateBody: extras('Two', 'second', ['A', 'B']),
  });
  await r.advance(30);
  assert.deepEqual(await r.failures(StackName), []);
  assert.equal(await r.status(StackName), 'UPDATE_COMPLETE');
  const outputs = await r.outputs(StackName);
  assert.deepEqual(outputs, created);
  const { VpcEndpoints } = await r.call('ec2', 'describeVpcEndpoints', {
    VpcEndpointIds: [outputs['Endpoint'] ?? ''],
  });
  assert.equal(VpcEndpoints?.[0]?.SubnetIds?.length, 2);
  const { InternetGateways } = await r.call('ec2', 'describeInternetGateways', {
    InternetGatewayIds: [outputs['Two'] ?? ''],
  });
  assert.equal(InternetGateways?.[0]?.Attachments?.[0]?.State, 'available');
  const Filters = [{ Name: 'private-ip-address', Values: [outputs['Ip'] ?? ''] }];
  const { NetworkInterfaces } = await r.call('ec2', 'describeNetworkInterfaces', { Filters });
  assert.equal(NetworkInterfaces?.[0]?.Description, 'second');
  const { StackId = '' } =
    (await r.call('cloudformation', 'describeStacks', { StackName })).Stacks?.[0] ?? {};
  await r.call('cloudformation', 'deleteStack', { StackName });
  await r.advance(30);
  assert.deepEqual(await r.failures(StackId), []);
  assert.equal(await r.status(StackId), 'DELETE_COMPLETE');
});
