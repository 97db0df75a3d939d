/** A small service on its own network with a database: what the tests of faults deploy. */

export interface LedgerOptions {
  readonly imageUri: string;
  /** Where the task finds PostgreSQL's client: a URL for `import()`. */
  readonly pgModule: string;
  readonly version?: string;
  readonly command?: readonly string[];
  readonly healthCheckPath?: string;
}

const tags = [{ Key: 'Name', Value: 'ledger' }];
const ref = (Ref: string) => ({ Ref });
const attribute = (...path: readonly string[]) => ({ 'Fn::GetAtt': path });
const trust = {
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
};
/** What ECS needs to start a task: its image, its secrets, its log. */
const starting = {
  PolicyName: 'starting',
  PolicyDocument: {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: ['ecr:*', 'secretsmanager:GetSecretValue', 'kms:Decrypt', 'logs:*'],
      Resource: '*',
    },
  },
};
const subnets = [ref('SubnetA'), ref('SubnetB')];

export function ledgerTemplate(options: LedgerOptions): string {
  return JSON.stringify({
    Resources: { ...network(), ...database(), ...loadBalancer(options), ...service(options) },
  });
}

function network(): object {
  const subnet = (CidrBlock: string, zone: number) => ({
    Type: 'AWS::EC2::Subnet',
    Properties: {
      VpcId: ref('Vpc'),
      CidrBlock,
      AvailabilityZone: { 'Fn::Select': [zone, { 'Fn::GetAZs': '' }] },
      Tags: tags,
    },
  });
  return {
    Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16', Tags: tags } },
    Gateway: { Type: 'AWS::EC2::InternetGateway' },
    Attachment: {
      Type: 'AWS::EC2::VPCGatewayAttachment',
      Properties: { VpcId: ref('Vpc'), InternetGatewayId: ref('Gateway') },
    },
    SubnetA: subnet('10.0.0.0/24', 0),
    SubnetB: subnet('10.0.1.0/24', 1),
    Group: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { GroupDescription: 'ledger', VpcId: ref('Vpc') },
    },
  };
}

function database(): object {
  return {
    Subnets: {
      Type: 'AWS::RDS::DBSubnetGroup',
      Properties: { DBSubnetGroupDescription: 'ledger', SubnetIds: subnets },
    },
    Database: {
      Type: 'AWS::RDS::DBInstance',
      DeletionPolicy: 'Delete',
      Properties: {
        Engine: 'postgres',
        DBInstanceClass: 'db.t4g.micro',
        AllocatedStorage: '20',
        DBName: 'ledger',
        MasterUsername: 'ledger',
        MasterUserPassword: 'only-in-this-test',
        DBSubnetGroupName: ref('Subnets'),
        VPCSecurityGroups: [attribute('Group', 'GroupId')],
      },
    },
  };
}

function loadBalancer({ healthCheckPath = '/health' }: LedgerOptions): object {
  return {
    Balancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      DependsOn: ['Attachment'],
      Properties: {
        Type: 'application',
        Scheme: 'internet-facing',
        Subnets: subnets,
        SecurityGroups: [attribute('Group', 'GroupId')],
      },
    },
    Targets: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: {
        VpcId: ref('Vpc'),
        Port: 3000,
        Protocol: 'HTTP',
        TargetType: 'ip',
        HealthCheckPath: healthCheckPath,
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 2,
        TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }],
      },
    },
    Listener: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        LoadBalancerArn: ref('Balancer'),
        Port: 80,
        Protocol: 'HTTP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: ref('Targets') }],
      },
    },
  };
}

function service(options: LedgerOptions): object {
  return {
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust, Policies: [starting] } },
    Cluster: { Type: 'AWS::ECS::Cluster' },
    Task: {
      Type: 'AWS::ECS::TaskDefinition',
      Properties: {
        Family: 'ledger',
        Cpu: '256',
        Memory: '512',
        NetworkMode: 'awsvpc',
        RequiresCompatibilities: ['FARGATE'],
        ExecutionRoleArn: attribute('Role', 'Arn'),
        ContainerDefinitions: [container(options)],
      },
    },
    Service: {
      Type: 'AWS::ECS::Service',
      DependsOn: ['Listener'],
      Properties: {
        ServiceName: 'ledger',
        Cluster: ref('Cluster'),
        LaunchType: 'FARGATE',
        DesiredCount: 1,
        TaskDefinition: ref('Task'),
        // A busy machine may take long to start a program: that is no fault of the region.
        HealthCheckGracePeriodSeconds: 60,
        DeploymentConfiguration: {
          MinimumHealthyPercent: 100,
          MaximumPercent: 200,
          DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        },
        LoadBalancers: [{ ContainerName: 'app', ContainerPort: 3000, TargetGroupArn: ref('Targets') }],
        NetworkConfiguration: {
          AwsvpcConfiguration: { Subnets: subnets, SecurityGroups: [attribute('Group', 'GroupId')] },
        },
      },
    },
  };
}

function container({ imageUri, pgModule, version = '1', command }: LedgerOptions): object {
  const variables = {
    PG: pgModule,
    VERSION: version,
    PGHOST: attribute('Database', 'Endpoint.Address'),
    PGPORT: attribute('Database', 'Endpoint.Port'),
    PGUSER: 'ledger',
    PGPASSWORD: 'only-in-this-test',
    PGDATABASE: 'ledger',
  };
  return {
    Name: 'app',
    Image: imageUri,
    ...(command && { Command: command }),
    PortMappings: [{ ContainerPort: 3000 }],
    Environment: Object.entries(variables).map(([Name, Value]) => ({ Name, Value })),
  };
}
