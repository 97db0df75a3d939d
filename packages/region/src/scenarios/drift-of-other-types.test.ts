/** Drift of the types that the blueprint does not emit, with values that services keep in a form of their own. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ResourceType } from '../kernel/resource-type.ts';
import type { ServiceModule } from '../kernel/service.ts';
import type { Tables } from '../kernel/table.ts';
import { cloudformation } from '../services/cloudformation/service.ts';
import { MetricStore } from '../services/cloudwatch/metrics/store.ts';
import { cloudwatch } from '../services/cloudwatch/service.ts';
import { ec2 } from '../services/ec2/service.ts';
import { ecs } from '../services/ecs/service.ts';
import { FakeTaskRunner } from '../services/ecs/testing/fake-task-runner.ts';
import { FakeLoadBalancing } from '../services/elbv2/fake-load-balancing.ts';
import { elbv2 } from '../services/elbv2/service.ts';
import { iam } from '../services/iam/service.ts';
import { kms } from '../services/kms/service.ts';
import { logs } from '../services/logs/service.ts';
import { FakeDatabasePlane } from '../services/rds/fake-database-plane.ts';
import { rds } from '../services/rds/service.ts';
import { s3 } from '../services/s3/service.ts';
import { secretsmanager } from '../services/secretsmanager/service.ts';
import { ssm } from '../services/ssm/service.ts';
import { type TestRegion, testRegion } from '../testing/test-region.ts';

function servicesOf(tables: Tables): readonly ServiceModule[] {
  const modules = [
    iam({ tables }),
    kms({ tables }),
    ssm({ tables }),
    secretsmanager({ tables }),
    logs({ tables, store: { async *read() {}, clear: async () => {} } }),
    ec2({ tables }),
    rds({ tables, databases: new FakeDatabasePlane() }),
    s3({ tables, objects: { keepOnly: async () => {} } }),
    cloudwatch({ tables, metrics: new MetricStore(tables) }),
    elbv2({ tables, plane: new FakeLoadBalancing() }),
    ecs({ tables, taskRunner: new FakeTaskRunner() }),
  ];
  const types = new Map<string, ResourceType>(
    modules.flatMap(({ resourceTypes = [] }) => resourceTypes.map((type) => [type.name, type] as const)),
  );
  return [...modules, cloudformation({ tables, resourceTypes: () => types })];
}

const policy = (Action: unknown, Principal: unknown = '*') => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal, Action, Resource: '*' },
});
const grant = (Action: string) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action, Resource: '*' },
});
const trust = {
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
  },
};
const Ref = (logicalId: string) => ({ Ref: logicalId });
const resource = (Type: string, Properties: object = {}) => ({ Type, Properties });

const template = {
  Parameters: { Word: { Type: 'String', NoEcho: true } },
  Resources: {
    Vpc: resource('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' }),
    Block: resource('AWS::EC2::VPCCidrBlock', { VpcId: Ref('Vpc'), CidrBlock: '10.1.0.0/16' }),
    Gateway: resource('AWS::EC2::InternetGateway'),
    Attachment: resource('AWS::EC2::VPCGatewayAttachment', {
      VpcId: Ref('Vpc'),
      InternetGatewayId: Ref('Gateway'),
    }),
    Subnet: resource('AWS::EC2::Subnet', {
      VpcId: Ref('Vpc'),
      CidrBlock: '10.0.0.0/24',
      AvailabilityZone: 'eu-central-1a',
    }),
    Other: resource('AWS::EC2::Subnet', {
      VpcId: Ref('Vpc'),
      CidrBlock: '10.0.1.0/24',
      AvailabilityZone: 'eu-central-1b',
    }),
    // Kept as tcp, icmp with all types, and without bits of a host; the order is the template's.
    Group: resource('AWS::EC2::SecurityGroup', {
      VpcId: Ref('Vpc'),
      GroupDescription: 'Spelled otherwise than EC2 does',
      SecurityGroupIngress: [
        { IpProtocol: 'TCP', FromPort: '443', ToPort: '443', CidrIp: '10.1.2.3/8' },
        { IpProtocol: '6', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' },
        { IpProtocol: 'icmp', CidrIp: '0.0.0.0/0' },
        { IpProtocol: '-1', CidrIpv6: 'FD00::/8' },
      ],
      Tags: [
        { Key: 'b', Value: '2' },
        { Key: 'a', Value: '1' },
      ],
    }),
    Interface: resource('AWS::EC2::NetworkInterface', {
      SubnetId: Ref('Subnet'),
      GroupSet: [Ref('Group')],
      Description: 'one',
    }),
    Balancer: resource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Subnets: [Ref('Other'), Ref('Subnet')],
      SecurityGroups: [Ref('Group')],
    }),
    Targets: resource('AWS::ElasticLoadBalancingV2::TargetGroup', {
      VpcId: Ref('Vpc'),
      Port: 80,
      Protocol: 'HTTP',
      TargetType: 'ip',
    }),
    Listener: resource('AWS::ElasticLoadBalancingV2::Listener', {
      LoadBalancerArn: Ref('Balancer'),
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: Ref('Targets') }],
    }),
    Rule: resource('AWS::ElasticLoadBalancingV2::ListenerRule', {
      ListenerArn: Ref('Listener'),
      Priority: '7',
      Conditions: [{ Field: 'path-pattern', Values: ['/b', '/a'] }],
      Actions: [
        {
          Type: 'fixed-response',
          FixedResponseConfig: { StatusCode: '200', MessageBody: Ref('Word'), ContentType: 'text/plain' },
        },
      ],
    }),
    Cluster: resource('AWS::ECS::Cluster'),
    Capacity: resource('AWS::ECS::ClusterCapacityProviderAssociations', {
      Cluster: Ref('Cluster'),
      CapacityProviders: ['FARGATE'],
      DefaultCapacityProviderStrategy: [{ CapacityProvider: 'FARGATE', Weight: 1 }],
    }),
    Alarm: resource('AWS::CloudWatch::Alarm', {
      AlarmName: 'low',
      Namespace: 'a',
      MetricName: 'b',
      Statistic: 'Sum',
      Period: '60',
      EvaluationPeriods: '1',
      Threshold: '1.0',
      ComparisonOperator: 'LessThanThreshold',
    }),
    Composite: resource('AWS::CloudWatch::CompositeAlarm', { AlarmRule: { 'Fn::Sub': 'ALARM("${Alarm}")' } }),
    Key: resource('AWS::KMS::Key', {
      Description: 'a key',
      KeyPolicy: policy('kms:*', { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } }),
    }),
    Alias: resource('AWS::KMS::Alias', {
      AliasName: 'alias/one',
      TargetKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] },
    }),
    Secret: resource('AWS::SecretsManager::Secret', {
      Description: 'a secret',
      GenerateSecretString: { PasswordLength: 20 },
    }),
    SecretPolicy: resource('AWS::SecretsManager::ResourcePolicy', {
      SecretId: Ref('Secret'),
      ResourcePolicy: policy('secretsmanager:DescribeSecret', { AWS: '000000000000' }),
    }),
    Login: resource('AWS::SecretsManager::Secret', {
      GenerateSecretString: {
        SecretStringTemplate: '{"username":"owner"}',
        GenerateStringKey: 'password',
        ExcludeCharacters: '"@/\\\\ ',
      },
    }),
    Subnets: resource('AWS::RDS::DBSubnetGroup', {
      DBSubnetGroupName: 'Kept-In-Lower-Case',
      DBSubnetGroupDescription: 'both',
      SubnetIds: [Ref('Other'), Ref('Subnet')],
    }),
    Database: resource('AWS::RDS::DBInstance', {
      DBInstanceIdentifier: 'Own',
      Engine: 'postgres',
      EngineVersion: '17',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      DBSubnetGroupName: Ref('Subnets'),
      DBParameterGroupName: Ref('Parameters'),
      VPCSecurityGroups: [Ref('Group')],
      MasterUsername: 'owner',
      MasterUserPassword: { 'Fn::Sub': '{{resolve:secretsmanager:${Login}:SecretString:password}}' },
      BackupRetentionPeriod: '0',
    }),
    Connection: resource('AWS::SecretsManager::SecretTargetAttachment', {
      SecretId: Ref('Login'),
      TargetId: Ref('Database'),
      TargetType: 'AWS::RDS::DBInstance',
    }),
    User: resource('AWS::IAM::User', { Tags: [{ Key: 'a', Value: '1' }] }),
    UserPolicy: resource('AWS::IAM::UserPolicy', {
      UserName: Ref('User'),
      PolicyName: 'own',
      PolicyDocument: grant('s3:Get*'),
    }),
    AccessKey: resource('AWS::IAM::AccessKey', { UserName: Ref('User'), Status: 'Active' }),
    Role: resource('AWS::IAM::Role', {
      AssumeRolePolicyDocument: trust,
      Policies: [{ PolicyName: 'own', PolicyDocument: grant('s3:GetObject') }],
      ManagedPolicyArns: [],
    }),
    Attached: resource('AWS::IAM::Policy', {
      PolicyName: 'attached',
      Roles: [Ref('Role')],
      PolicyDocument: grant('s3:PutObject'),
    }),
    Managed: resource('AWS::IAM::ManagedPolicy', {
      Roles: [Ref('Role')],
      PolicyDocument: grant('s3:ListBucket'),
    }),
    Hidden: resource('AWS::SSM::Parameter', { Type: 'String', Value: Ref('Word'), Tags: { a: '1' } }),
    Group2: resource('AWS::Logs::LogGroup', { LogGroupName: '/g' }),
    Filter: resource('AWS::Logs::MetricFilter', {
      LogGroupName: Ref('Group2'),
      FilterPattern: 'ERROR',
      MetricTransformations: [{ MetricName: 'm', MetricNamespace: 'n', MetricValue: '1', DefaultValue: '0' }],
    }),
    Parameters: resource('AWS::RDS::DBParameterGroup', {
      Family: 'postgres17',
      Description: 'own',
      Parameters: { max_connections: 50 },
    }),
    Bucket: resource('AWS::S3::Bucket', {
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { BlockPublicAcls: 'true' },
    }),
    BucketPolicy: resource('AWS::S3::BucketPolicy', {
      Bucket: Ref('Bucket'),
      PolicyDocument: policy(['s3:GetObject']),
    }),
  },
};

type Edit = (region: TestRegion, physicalId: string) => Promise<unknown>;

/** What is changed by hand, and what is found: differences as `PATH TYPE`, none if the resource is gone. */
const edits: readonly (readonly [logicalId: string, edit: Edit, found: readonly string[]])[] = [
  ['Block', (region, AssociationId) => region.call('ec2', 'disassociateVpcCidrBlock', { AssociationId }), []],
  [
    'Attachment',
    async (region, id) => {
      const VpcId = id.split('|')[1] ?? '';
      const { InternetGateways: [gateway] = [] } = await region.call('ec2', 'describeInternetGateways', {
        Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }],
      });
      const { InternetGatewayId } = gateway ?? {};
      await region.call('ec2', 'detachInternetGateway', { InternetGatewayId, VpcId });
    },
    [],
  ],
  [
    'Group',
    async (region, GroupId) => {
      const IpPermissions = [
        { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      ];
      await region.call('ec2', 'revokeSecurityGroupIngress', { GroupId, IpPermissions });
      await region.call('ec2', 'createTags', { Resources: [GroupId], Tags: [{ Key: 'a', Value: '3' }] });
    },
    ['/SecurityGroupIngress/1 REMOVE', '/Tags/1/Value NOT_EQUAL'],
  ],
  [
    'Interface',
    (region, NetworkInterfaceId) =>
      region.call('ec2', 'modifyNetworkInterfaceAttribute', {
        NetworkInterfaceId,
        Description: { Value: 'two' },
      }),
    ['/Description NOT_EQUAL'],
  ],
  [
    'Rule',
    (region, RuleArn) =>
      region.call('elbv2', 'modifyRule', {
        RuleArn,
        Conditions: [{ Field: 'path-pattern', Values: ['/a', '/c'] }],
      }),
    ['/Conditions/0/Values/0 REMOVE', '/Conditions/0/Values/1 ADD'],
  ],
  [
    'Capacity',
    (region, cluster) =>
      region.call('ecs', 'putClusterCapacityProviders', {
        cluster,
        capacityProviders: ['FARGATE'],
        defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 2 }],
      }),
    ['/DefaultCapacityProviderStrategy/0/Weight NOT_EQUAL'],
  ],
  [
    'Composite',
    (region, AlarmName) =>
      region.call('cloudwatch', 'putCompositeAlarm', { AlarmName, AlarmRule: 'OK("low")' }),
    ['/AlarmRule NOT_EQUAL'],
  ],
  [
    'Key',
    (region, KeyId) => region.call('kms', 'updateKeyDescription', { KeyId, Description: 'mine' }),
    ['/Description NOT_EQUAL'],
  ],
  ['Alias', (region, AliasName) => region.call('kms', 'deleteAlias', { AliasName }), []],
  [
    'SecretPolicy',
    (region, SecretId) => region.call('secretsmanager', 'deleteResourcePolicy', { SecretId }),
    [],
  ],
  [
    'Secret',
    (region, SecretId) => region.call('secretsmanager', 'updateSecret', { SecretId, Description: 'other' }),
    ['/Description NOT_EQUAL'],
  ],
  [
    'Role',
    async (region, RoleName) => {
      const PolicyDocument = JSON.stringify(grant('*'));
      await region.call('iam', 'putRolePolicy', { RoleName, PolicyName: 'by-hand', PolicyDocument });
    },
    ['/Policies/0 ADD'],
  ],
  [
    'Managed',
    async (region, PolicyArn) => {
      const { Roles = [] } = await region.call('iam', 'listRoles', {});
      const RoleName = Roles.map((role) => role.RoleName).find((name) => name?.startsWith('other-Role-'));
      await region.call('iam', 'detachRolePolicy', { RoleName, PolicyArn });
    },
    ['/Roles/0 REMOVE'],
  ],
  [
    'Connection',
    (region, SecretId) =>
      region.call('secretsmanager', 'putSecretValue', { SecretId, SecretString: 'no JSON' }),
    [],
  ],
  [
    'User',
    (region, UserName) => region.call('iam', 'tagUser', { UserName, Tags: [{ Key: 'a', Value: '2' }] }),
    ['/Tags/0/Value NOT_EQUAL'],
  ],
  [
    'AccessKey',
    async (region, AccessKeyId) => {
      const { Users: [user] = [] } = await region.call('iam', 'listUsers', {});
      const { UserName } = user ?? {};
      await region.call('iam', 'updateAccessKey', { UserName, AccessKeyId, Status: 'Inactive' });
    },
    ['/Status NOT_EQUAL'],
  ],
  [
    'UserPolicy',
    async (region) => {
      const { Users: [user] = [] } = await region.call('iam', 'listUsers', {});
      const PolicyDocument = JSON.stringify({
        Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: ['*'] }],
      });
      await region.call('iam', 'putUserPolicy', {
        UserName: user?.UserName,
        PolicyName: 'own',
        PolicyDocument,
      });
    },
    ['/PolicyDocument/Version REMOVE', '/PolicyDocument/Statement/0/Action NOT_EQUAL'],
  ],
  [
    'Database',
    (region, DBInstanceIdentifier) =>
      region.call('rds', 'modifyDBInstance', {
        DBInstanceIdentifier,
        DeletionProtection: false,
        AllocatedStorage: 30,
        ApplyImmediately: true,
      }),
    ['/AllocatedStorage NOT_EQUAL'],
  ],
  [
    'Filter',
    (region, filterName) =>
      region.call('logs', 'putMetricFilter', {
        logGroupName: '/g',
        filterName,
        filterPattern: 'WARN',
        metricTransformations: [{ metricName: 'm', metricNamespace: 'n', metricValue: '1', defaultValue: 0 }],
      }),
    ['/FilterPattern NOT_EQUAL'],
  ],
  [
    'Parameters',
    (region, DBParameterGroupName) =>
      region.call('rds', 'modifyDBParameterGroup', {
        DBParameterGroupName,
        Parameters: [{ ParameterName: 'work_mem', ParameterValue: '8192', ApplyMethod: 'immediate' }],
      }),
    ['/Parameters/work_mem ADD'],
  ],
  [
    'Bucket',
    (region, Bucket) =>
      region.call('s3', 'putBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
    ['/VersioningConfiguration/Status NOT_EQUAL'],
  ],
  ['BucketPolicy', (region, Bucket) => region.call('s3', 'deleteBucketPolicy', { Bucket }), []],
];

const StackName = 'other';

describe('drift of types that the blueprint does not emit', () => {
  const region = testRegion(servicesOf);
  const word = 'opensesame';

  before(async () => {
    await region.call('cloudformation', 'createStack', {
      StackName,
      TemplateBody: JSON.stringify(template),
      Parameters: [{ ParameterKey: 'Word', ParameterValue: word }],
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    });
    await region.advance(1200);
    const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', { StackName });
    const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
    assert.deepEqual(
      failed.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`),
      [],
    );
  });

  const all = async () => {
    await region.call('cloudformation', 'detectStackDrift', { StackName });
    const { StackResourceDrifts = [] } = await region.call('cloudformation', 'describeStackResourceDrifts', {
      StackName,
    });
    return StackResourceDrifts;
  };

  test('what services keep in a form of their own is no drift, and every type is compared', async () => {
    const found = await all();
    assert.deepEqual(
      found.filter(({ StackResourceDriftStatus }) => StackResourceDriftStatus !== 'IN_SYNC'),
      [],
    );
    assert.deepEqual(
      found.map(({ LogicalResourceId }) => LogicalResourceId),
      Object.keys(template.Resources).sort(),
    );
  });

  for (const [logicalId, edit, found] of edits) {
    test(`a change by hand of ${logicalId} is found: ${found.join(', ') || 'it is gone'}`, async () => {
      const { StackResources: [resource] = [] } = await region.call(
        'cloudformation',
        'describeStackResources',
        {
          StackName,
          LogicalResourceId: logicalId,
        },
      );
      await edit(region, resource?.PhysicalResourceId ?? '');
      await region.advance(600);
      const { StackResourceDrift: drift } = await region.call('cloudformation', 'detectStackResourceDrift', {
        StackName,
        LogicalResourceId: logicalId,
      });
      assert.equal(drift?.StackResourceDriftStatus, found.length === 0 ? 'DELETED' : 'MODIFIED');
      assert.deepEqual(
        drift?.PropertyDifferences?.map(
          ({ PropertyPath, DifferenceType }) => `${PropertyPath} ${DifferenceType}`,
        ),
        found,
      );
    });
  }

  test('the value of a NoEcho parameter is neither compared nor shown', async () => {
    const { StackResources = [] } = await region.call('cloudformation', 'describeStackResources', {
      StackName,
      LogicalResourceId: 'Hidden',
    });
    const Name = StackResources[0]?.PhysicalResourceId;
    await region.call('ssm', 'putParameter', { Name, Value: `not ${word}`, Overwrite: true });
    const found = await all();
    assert.doesNotMatch(JSON.stringify(found), new RegExp(word));
    const hidden = found.find(({ LogicalResourceId }) => LogicalResourceId === 'Hidden');
    assert.equal(hidden?.StackResourceDriftStatus, 'IN_SYNC');
    assert.deepEqual(JSON.parse(hidden?.ActualProperties ?? ''), {
      Type: 'String',
      Value: '****',
      Tags: { a: '1' },
    });
  });
});
