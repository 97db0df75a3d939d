import { CfnOutput, CfnParameter, Duration, RemovalPolicy, Stack, type StackProps, Token } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  AlarmBehavior,
  AvailabilityZoneRebalancing,
  Cluster,
  ContainerInsights,
  type DeploymentAlarmConfig,
  FargateService,
  type FargateTaskDefinition,
  type ICluster,
  PropagatedTagSource,
  type ScalableTaskCount,
} from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { acceptFinding } from '../constructs/accept-finding.ts';
import { deploymentAlarms } from '../constructs/deployment-alarms.ts';
import { ImportedNetwork } from '../constructs/imported-network.ts';
import { LoadBalancer } from '../constructs/load-balancer.ts';
import type { RequestDimensions } from '../constructs/metrics.ts';
import { scaleTasks } from '../constructs/scaling.ts';
import { publish, read } from '../constructs/shared-parameter.ts';
import { createTaskDefinition, type DatabaseConnection } from '../constructs/task-definition.ts';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { databaseParameters, environmentOf, logGroupName, serviceParameters } from './names.ts';

export interface ServiceStackProps extends StackProps {
  readonly definition: ResolvedEnvironment;
}

interface ImportedDatabase extends DatabaseConnection {
  readonly securityGroupId: string;
}

/**
 * What changes daily: load balancer, cluster, task definition, service and its scaling. A release is this stack with
 * another `ImageDigest`; nothing else moves.
 */
export class ServiceStack extends Stack {
  readonly network: ImportedNetwork;
  readonly loadBalancer: LoadBalancer;
  readonly service: FargateService;
  readonly scaling: ScalableTaskCount;
  readonly logGroup: LogGroup;
  readonly loadBalancerSecurityGroup: SecurityGroup;
  readonly taskSecurityGroup: SecurityGroup;
  readonly #rules: Construct[] = [];

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
    const { definition } = props;
    this.network = new ImportedNetwork(this, 'Network', { environment: definition.environment });
    const database = definition.database && this.#database(definition);
    this.loadBalancerSecurityGroup = this.#securityGroup(
      'LoadBalancerSecurityGroup',
      'Load balancer',
      definition,
    );
    this.taskSecurityGroup = this.#securityGroup('TaskSecurityGroup', 'Tasks', definition);
    this.#chain(definition.http.port, database);
    this.loadBalancer = new LoadBalancer(this, 'Public', {
      vpc: this.network.vpc,
      subnets: this.network.publicSubnets,
      securityGroup: this.loadBalancerSecurityGroup,
      http: definition.http,
    });
    this.logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName: logGroupName(definition.service, definition.environment),
      retention: definition.logs.retentionDays,
      // A named group that outlived its stack would keep the stack from being made again.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const taskDefinition = createTaskDefinition(this, {
      definition,
      logGroup: this.logGroup,
      imageDigestParameter: this.#imageDigest().logicalId,
      ...(database && { database }),
    });
    this.service = this.#service(definition, taskDefinition);
    this.scaling = scaleTasks(this.service, this.loadBalancer.targetGroup, definition.scaling);
    this.#publish(definition);
    this.#outputs(taskDefinition);
  }

  #imageDigest(): CfnParameter {
    return new CfnParameter(this, 'ImageDigest', {
      description: "The image that runs: a digest in the service's repository",
      allowedPattern: 'sha256:[0-9a-f]{64}',
      constraintDescription: 'must be sha256: and 64 hexadecimal digits',
    });
  }

  #database({ service, environment }: ResolvedEnvironment): ImportedDatabase {
    const names = databaseParameters(service, environment);
    return {
      host: read(this, 'DatabaseHost', names.host).valueAsString,
      port: read(this, 'DatabasePort', names.port).valueAsString,
      name: read(this, 'DatabaseName', names.name).valueAsString,
      secretArn: read(this, 'DatabaseSecretArn', names.secretArn).valueAsString,
      securityGroupId: read(
        this,
        'DatabaseSecurityGroupId',
        names.securityGroupId,
        'AWS::EC2::SecurityGroup::Id',
      ).valueAsString,
    };
  }

  #securityGroup(id: string, what: string, { service, environment }: ResolvedEnvironment): SecurityGroup {
    return new SecurityGroup(this, id, {
      vpc: this.network.vpc,
      description: `${what} of ${service} in ${environment}`,
      allowAllOutbound: false,
    });
  }

  // internet → load balancer:80 → tasks:port → database, and tasks → AWS's APIs over HTTPS. Nothing wider.
  #chain(port: number, database: ImportedDatabase | undefined): void {
    this.loadBalancerSecurityGroup.addIngressRule(Peer.anyIpv4(), Port.tcp(80), 'HTTP from anywhere');
    acceptFinding(
      this.loadBalancerSecurityGroup,
      'EC23',
      'The load balancer is what the internet is to reach.',
    );
    this.taskSecurityGroup.connections.allowFrom(this.loadBalancerSecurityGroup, Port.tcp(port), 'Requests');
    this.taskSecurityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to AWS and others');
    if (!database) return;
    const databasePort = Token.asNumber(database.port);
    const databaseGroup = SecurityGroup.fromSecurityGroupId(
      this,
      'DatabaseSecurityGroupRef',
      database.securityGroupId,
      {
        mutable: false,
      },
    );
    this.taskSecurityGroup.addEgressRule(databaseGroup, Port.tcp(databasePort), 'Database');
    const ingress = new CfnSecurityGroupIngress(this, 'DatabaseIngress', {
      groupId: database.securityGroupId,
      sourceSecurityGroupId: this.taskSecurityGroup.securityGroupId,
      ipProtocol: 'tcp',
      fromPort: databasePort,
      toPort: databasePort,
      description: 'Tasks',
    });
    this.#rules.push(ingress);
  }

  #service(definition: ResolvedEnvironment, taskDefinition: FargateTaskDefinition): FargateService {
    const cluster = new Cluster(this, 'Cluster', {
      vpc: this.network.vpc,
      clusterName: environmentOf(definition.service, definition.environment),
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    // No desired count, for a release would undo what scaling chose (docs/decisions/0016).
    const service = new FargateService(this, 'Service', {
      // The cast: CDK's own classes do not meet its interfaces under exactOptionalPropertyTypes.
      cluster: cluster as ICluster,
      taskDefinition,
      serviceName: definition.service,
      vpcSubnets: { subnets: [...this.network.privateSubnets] },
      securityGroups: [this.taskSecurityGroup],
      assignPublicIp: false,
      circuitBreaker: { enable: true, rollback: true },
      ...(definition.alarms.rollback && { deploymentAlarms: this.#deploymentAlarms(definition) }),
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      healthCheckGracePeriod: Duration.seconds(definition.http.healthCheck.gracePeriodSeconds),
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
      enableExecuteCommand: false,
      propagateTags: PropagatedTagSource.SERVICE,
    });
    // Without its rights and its way to the database a first task would fail for nothing.
    service.node.addDependency(taskDefinition.obtainExecutionRole(), ...this.#rules);
    service.attachToApplicationTargetGroup(this.loadBalancer.targetGroup);
    return service;
  }

  #deploymentAlarms(definition: ResolvedEnvironment): DeploymentAlarmConfig {
    const alarms = deploymentAlarms(this, definition, this.#dimensions());
    return {
      alarmNames: alarms.map(({ alarmName }) => alarmName),
      behavior: AlarmBehavior.ROLLBACK_ON_ALARM,
    };
  }

  #dimensions(): RequestDimensions {
    const { loadBalancer, targetGroup } = this.loadBalancer;
    return {
      loadBalancer: loadBalancer.loadBalancerFullName,
      targetGroup: targetGroup.targetGroupFullName,
    };
  }

  #publish({ service, environment }: ResolvedEnvironment): void {
    const names = serviceParameters(service, environment);
    const { loadBalancer, targetGroup } = this.#dimensions();
    publish(this, 'LoadBalancerParameter', names.loadBalancer, loadBalancer);
    publish(this, 'TargetGroupParameter', names.targetGroup, targetGroup);
  }

  #outputs(taskDefinition: FargateTaskDefinition): void {
    const values = {
      ClusterName: this.service.cluster.clusterName,
      ServiceName: this.service.serviceName,
      TaskDefinitionArn: taskDefinition.taskDefinitionArn,
      LogGroupName: this.logGroup.logGroupName,
      TaskSubnetIds: this.network.privateSubnets.map((subnet) => subnet.subnetId).join(','),
      TaskSecurityGroupId: this.taskSecurityGroup.securityGroupId,
    };
    for (const [id, value] of Object.entries(values)) new CfnOutput(this, id, { value });
  }
}
