import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { sessionLimits } from './session-policies.ts';
import { checkSessionName, openSession, roleNameOf, sessionSeconds } from './sessions.ts';
import type { StsState } from './state.ts';

export function getCallerIdentity(ctx: Context, _input: GetCallerIdentityRequest): GetCallerIdentityResponse {
  return { Account: ctx.caller.accountId, Arn: ctx.caller.arn, UserId: ctx.caller.userId };
}

export function assumeRole(ctx: Context, state: StsState, input: AssumeRoleRequest): AssumeRoleResponse {
  const roleArn = input.RoleArn ?? '';
  const roleName = roleNameOf(roleArn);
  const sessionName = checkSessionName(input.RoleSessionName);
  const role = findRole(ctx, roleName, roleArn);
  return openSession(ctx, state, {
    roleArn,
    roleId: role.RoleId ?? '',
    roleName,
    sessionName,
    seconds: sessionSeconds(
      input.DurationSeconds,
      role.MaxSessionDuration ?? 3600,
      ctx.caller.type === 'AssumedRole',
    ),
    limits: sessionLimits(input),
  });
}

function findRole(ctx: Context, roleName: string, roleArn: string) {
  try {
    // Whoever assumes a role need not be allowed to read it.
    const { accountId } = ctx;
    const userId = 'sts.amazonaws.com';
    const itself = ctx.as({ type: 'Service', arn: `arn:aws:iam::${accountId}:root`, accountId, userId });
    const { Role } = itself.call('iam', 'getRole', { RoleName: roleName });
    if (Role?.Arn === roleArn) return Role;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NoSuchEntity') throw error;
  }
  throw new AwsError(
    'AccessDenied',
    `User: ${ctx.caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    { status: 403 },
  );
}
