import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';

const service = 'ecs.application-autoscaling.amazonaws.com';
const roleName = 'AWSServiceRoleForApplicationAutoScaling_ECSService';

/** The service-linked role, made when it is not there yet. */
export function serviceRoleArn(ctx: Context): string {
  try {
    ctx.call('iam', 'createServiceLinkedRole', { AWSServiceName: service });
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'EntityAlreadyExists') throw error;
  }
  return ctx.arn('iam', `role/aws-service-role/${service}/${roleName}`, '');
}

/** Confirmed by docs: Application Auto Scaling acts by its service-linked role, whoever set it up. */
export function actingFor(ctx: Context, resourceId: string): Context {
  const session = `AutoScaling-${resourceId.replaceAll('/', '-')}`.slice(0, 64);
  return ctx.as({
    type: 'AssumedRole',
    arn: ctx.arn('sts', `assumed-role/${roleName}/${session}`, ''),
    accountId: ctx.accountId,
    userId: `${roleName}:${session}`,
  });
}
