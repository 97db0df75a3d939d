import { AwsError } from '../../kernel/aws-error.ts';
import type { Context, Principal } from '../../kernel/context.ts';
import { validationError } from './errors.ts';

/**
 * Who makes the calls of an operation: the stack's service role where it has one, otherwise the caller.
 * Confirmed by docs: a role once given is used for all later operations of the stack, whoever asks for them.
 */
export function actingPrincipal(ctx: Context, roleArn: string | undefined): Principal {
  if (roleArn === undefined) return ctx.caller;
  const roleName = /^arn:[^:]+:iam::\d{12}:role\/(?:.*\/)?([^/]+)$/.exec(roleArn)?.[1];
  if (roleName === undefined) throw cannotBeAssumed(roleArn);
  const roleId = roleIdOf(ctx, roleName, roleArn);
  return {
    type: 'AssumedRole',
    arn: ctx.arn('sts', `assumed-role/${roleName}/AWSCloudFormation`, ''),
    accountId: ctx.accountId,
    userId: `${roleId}:AWSCloudFormation`,
    assumedBy: 'cloudformation.amazonaws.com',
  };
}

function roleIdOf(ctx: Context, RoleName: string, roleArn: string): string {
  try {
    const { Role } = asItself(ctx).call('iam', 'getRole', { RoleName });
    if (Role?.Arn === roleArn) return Role.RoleId ?? '';
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NoSuchEntity') throw error;
  }
  throw cannotBeAssumed(roleArn);
}

/** Whoever names a role needs to pass it, not to read it. */
function asItself(ctx: Context): Context {
  const { accountId } = ctx;
  const userId = 'cloudformation.amazonaws.com';
  return ctx.as({ type: 'Service', arn: `arn:aws:iam::${accountId}:root`, accountId, userId });
}

function cannotBeAssumed(roleArn: string): AwsError {
  return validationError(`Role ${roleArn} is invalid or cannot be assumed`);
}
