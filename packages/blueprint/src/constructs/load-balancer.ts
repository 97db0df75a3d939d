import { CfnOutput, Duration } from 'aws-cdk-lib';
import type { ISecurityGroup, ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { acceptFinding } from './accept-finding.ts';

export interface LoadBalancerProps {
  readonly vpc: IVpc;
  readonly subnets: readonly ISubnet[];
  readonly securityGroup: ISecurityGroup;
  readonly http: ResolvedEnvironment['http'];
}

/** The public load balancer, its listener on port 80 and the target group of the tasks. */
export class LoadBalancer extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;

  constructor(scope: Construct, id: string, props: LoadBalancerProps) {
    super(scope, id);
    this.loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc: props.vpc,
      vpcSubnets: { subnets: [...props.subnets] },
      securityGroup: props.securityGroup,
      internetFacing: true,
      dropInvalidHeaderFields: true,
    });
    acceptFinding(
      this.loadBalancer,
      'ELB2',
      'Tasks log each request; access logs cost a bucket, which a user may add to the stack.',
    );
    this.targetGroup = new ApplicationTargetGroup(this, 'TargetGroup', {
      vpc: props.vpc,
      port: props.http.port,
      protocol: ApplicationProtocol.HTTP,
      targetType: TargetType.IP,
      // A release waits for this delay once: requests of a web service end well within it.
      deregistrationDelay: Duration.seconds(10),
      // Two good answers make a task healthy after 5 to 10 s; the defaults (5 × 30 s) would make each release minutes longer.
      healthCheck: {
        path: props.http.healthCheck.path,
        interval: Duration.seconds(5),
        timeout: Duration.seconds(2),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
        healthyHttpCodes: '200',
      },
    });
    // `open: false`: who may come in is said where the security groups are chained.
    this.loadBalancer.addListener('Http', {
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      open: false,
      defaultTargetGroups: [this.targetGroup],
    });
    new CfnOutput(scope, 'ServiceUrl', { value: `http://${this.loadBalancer.loadBalancerDnsName}` });
  }
}
