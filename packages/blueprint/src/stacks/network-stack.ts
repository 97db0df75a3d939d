import { CfnOutput, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { publish } from '../constructs/shared-parameter.ts';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { networkParameters } from './names.ts';

export interface NetworkStackProps extends StackProps {
  readonly definition: ResolvedEnvironment;
}

/** The environment's VPC: a public and a private subnet in each of three Availability Zones. Many services share it. */
export class NetworkStack extends Stack {
  readonly vpc: Vpc;

  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, props);
    const { environment, network } = props.definition;
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: `network-${environment}`,
      ipAddresses: IpAddresses.cidr(network.cidr),
      maxAzs: 3,
      natGateways: network.natGateways,
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
      // Emptying the default security group takes a Lambda function; nothing is ever put into that group.
      restrictDefaultSecurityGroup: false,
      // Image layers come from S3: they need not pay for the NAT gateway.
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    this.#flowLogs(environment);
    this.#publish(environment);
  }

  // Three zones of whatever region the stack is deployed to, with no look-up against an account.
  override get availabilityZones(): string[] {
    return [0, 1, 2].map((index) => Fn.select(index, Fn.getAzs()));
  }

  #flowLogs(environment: string): void {
    const logGroup = new LogGroup(this, 'FlowLogs', {
      logGroupName: `/plimsoll/${environment}/network/flow-logs`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.vpc.addFlowLog('FlowLog', { destination: FlowLogDestination.toCloudWatchLogs(logGroup) });
  }

  #publish(environment: string): void {
    const names = networkParameters(environment);
    const ids = (subnets: readonly { readonly subnetId: string }[]): string =>
      Fn.join(
        ',',
        subnets.map((subnet) => subnet.subnetId),
      );
    publish(this, 'VpcIdParameter', names.vpcId, this.vpc.vpcId);
    publish(
      this,
      'PublicSubnetIdsParameter',
      names.publicSubnetIds,
      ids(this.vpc.publicSubnets),
      'StringList',
    );
    publish(
      this,
      'PrivateSubnetIdsParameter',
      names.privateSubnetIds,
      ids(this.vpc.privateSubnets),
      'StringList',
    );
    new CfnOutput(this, 'VpcId', { value: this.vpc.vpcId });
  }
}
