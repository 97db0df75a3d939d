import type { ACM } from '@aws-sdk/client-acm';
import type { ApplicationAutoScaling } from '@aws-sdk/client-application-auto-scaling';
import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { CloudWatch } from '@aws-sdk/client-cloudwatch';
import type { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { ECR } from '@aws-sdk/client-ecr';
import type { ECS } from '@aws-sdk/client-ecs';
import type { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { IAM } from '@aws-sdk/client-iam';
import type { KMS } from '@aws-sdk/client-kms';
import type { RDS } from '@aws-sdk/client-rds';
import type { S3 } from '@aws-sdk/client-s3';
import type { SecretsManager } from '@aws-sdk/client-secrets-manager';
import type { SNS } from '@aws-sdk/client-sns';
import type { SSM } from '@aws-sdk/client-ssm';
import type { STS } from '@aws-sdk/client-sts';

/** The services of the region by the names of their folders, and the official SDK's type for each. */
export interface Services {
  acm: ACM;
  applicationautoscaling: ApplicationAutoScaling;
  cloudformation: CloudFormation;
  cloudwatch: CloudWatch;
  logs: CloudWatchLogs;
  ec2: EC2;
  ecr: ECR;
  ecs: ECS;
  elbv2: ElasticLoadBalancingV2;
  iam: IAM;
  kms: KMS;
  rds: RDS;
  s3: S3;
  secretsmanager: SecretsManager;
  sns: SNS;
  ssm: SSM;
  sts: STS;
}

export type ServiceName = keyof Services;

type OperationOf<S extends ServiceName> = Extract<keyof Services[S], string>;
type Method<F> = F extends {
  // biome-ignore lint/suspicious/noExplicitAny: matches the SDK's overloads, whose further parameters do not matter here
  (args: infer I, options?: any): Promise<infer O>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  (args: any, callback: any): void;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  (args: any, options: any, callback: any): void;
}
  ? { input: I; output: Omit<O, '$metadata'> }
  : never;

export type InputOf<S extends ServiceName, O extends OperationOf<S>> = Method<Services[S][O]>['input'];
export type OutputOf<S extends ServiceName, O extends OperationOf<S>> = Method<Services[S][O]>['output'];

/** `ctx.call('ec2', 'describeSubnets', { SubnetIds })`: typed by the SDK's own client, answered in the same step. */
export type ServiceCalls = <S extends ServiceName, O extends OperationOf<S>>(
  service: S,
  operation: O,
  input: InputOf<S, O>,
) => OutputOf<S, O>;
