import type { ServiceName } from '../kernel/service-calls.ts';

/**
 * Services that ask other services in the caller's name (forward access sessions), so that the caller needs the
 * permission; everything else they do among themselves by their service-linked roles.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
 */
const forwarding: { readonly [from in ServiceName]?: readonly ServiceName[] | 'everything' } = {
  // Confirmed by docs: without a service role, the credentials of who made the stack are used.
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
  cloudformation: 'everything',
  // Confirmed by docs: the caller of PutScalingPolicy and RegisterScalableTarget needs cloudwatch's and ecs's actions.
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/auto-scaling-IAM.html
  applicationautoscaling: 'everything',
  secretsmanager: ['kms'],
  ssm: ['kms'],
  // As the task execution role.
  ecs: ['secretsmanager', 'ssm', 'logs', 'ecr'],
  // `docker push` and `docker pull`.
  ecr: ['ecr'],
  sts: ['sts'],
};

export function isForwarded(from: ServiceName, to: ServiceName): boolean {
  const services = forwarding[from];
  return services === 'everything' || (services?.includes(to) ?? false);
}

/** How a service is called in `kms:ViaService` and `aws:CalledVia`. */
export function servicePrincipal(service: ServiceName, prefix: string): string {
  return `${service === 'cloudwatch' ? 'monitoring' : prefix}.amazonaws.com`;
}
