import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { sessionLimits } from './session-policies.ts';
import {
  checkSeconds,
  checkSessionName,
  openCredentials,
  openSession,
  roleNameOf,
  sessionSeconds,
} from './sessions.ts';
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

/** Temporary credentials of who asks by a key. */
export function getSessionToken(
  ctx: Context,
  state: StsState,
  input: GetSessionTokenRequest,
): GetSessionTokenResponse {
  const { type, arn, userId, sessionKeys } = ctx.caller;
  // Known: AWS's words.
  if ((type !== 'User' && type !== 'Root') || sessionKeys !== undefined)
    throw new AwsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', {
      status: 403,
    });
  // Confirmed by API text: 12 hours, up to 36 for users; an hour for the root user.
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
  const asked = input.DurationSeconds ?? 43_200;
  checkSeconds(asked, 129_600);
  const seconds = type === 'Root' ? Math.min(asked, 3600) : asked;
  const keys = { 'aws:MultiFactorAuthPresent': 'false' };
  return { Credentials: openCredentials(ctx, state, seconds, { type, principalArn: arn, userId, keys }) };
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
