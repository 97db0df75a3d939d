import type { ServiceAccess } from '../kernel/access.ts';
import type { ServiceName } from '../kernel/service-calls.ts';
import type { Tables } from '../kernel/table.ts';
import { acmAccess } from '../services/acm/access.ts';
import { applicationautoscalingAccess } from '../services/applicationautoscaling/access.ts';
import { cloudformationAccess } from '../services/cloudformation/access.ts';
import { cloudwatchAccess } from '../services/cloudwatch/access.ts';
import { ec2Access } from '../services/ec2/access.ts';
import { ecrAccess } from '../services/ecr/access.ts';
import { ecsAccess } from '../services/ecs/access.ts';
import { elbv2Access } from '../services/elbv2/access.ts';
import { iamAccess } from '../services/iam/access.ts';
import { kmsAccess } from '../services/kms/access.ts';
import { logsAccess } from '../services/logs/access.ts';
import { rdsAccess } from '../services/rds/access.ts';
import { s3Access } from '../services/s3/access.ts';
import { secretsmanagerAccess } from '../services/secretsmanager/access.ts';
import { snsAccess } from '../services/sns/access.ts';
import { ssmAccess } from '../services/ssm/access.ts';
import { stsAccess } from '../services/sts/access.ts';

export type AccessOfServices = Readonly<Record<ServiceName, ServiceAccess>>;

export function accessOfServices(tables: Tables): AccessOfServices {
  return {
    acm: acmAccess(tables),
    applicationautoscaling: applicationautoscalingAccess(tables),
    cloudformation: cloudformationAccess(tables),
    cloudwatch: cloudwatchAccess(tables),
    ec2: ec2Access(tables),
    ecr: ecrAccess(tables),
    ecs: ecsAccess(tables),
    elbv2: elbv2Access(tables),
    iam: iamAccess(tables),
    kms: kmsAccess(tables),
    logs: logsAccess(tables),
    rds: rdsAccess(tables),
    s3: s3Access(tables),
    secretsmanager: secretsmanagerAccess(tables),
    sns: snsAccess(tables),
    ssm: ssmAccess(tables),
    sts: stsAccess,
  };
}

/** The service that a resource belongs to, by its ARN. */
export function serviceOfArn(access: AccessOfServices, arn: string): ServiceAccess | undefined {
  const prefix = arn.split(':')[2] ?? '';
  return Object.values(access).find((service) => service.prefix === prefix);
}
