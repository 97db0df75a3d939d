import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetCallerIdentityRequest,
  GetCallerIdentityResponse,
} from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { after, toDate } from '../../kernel/instant.ts';
import type { Session, StsState } from './state.ts';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function getCallerIdentity(ctx: Context, _input: GetCallerIdentityRequest): GetCallerIdentityResponse {
  return { Account: ctx.caller.accountId, Arn: ctx.caller.arn, UserId: ctx.caller.userId };
}

export function assumeRole(ctx: Context, state: StsState, input: AssumeRoleRequest): AssumeRoleResponse {
  const roleArn = input.RoleArn ?? '';
  const sessionName = input.RoleSessionName ?? '';
  const roleName = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(roleArn)?.[1];
  if (roleName === undefined) throw validationError(`${roleArn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw validationError(
      `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: [\\w+=,.@-]*',
    );
  }
  const role = findRole(ctx, roleName, roleArn);
  const session = openSession(ctx, {
    roleArn,
    roleId: role.RoleId ?? '',
    roleName,
    sessionName,
    seconds: sessionSeconds(input.DurationSeconds, role.MaxSessionDuration ?? 3600),
  });
  purgeExpired(ctx, state);
  state.sessions.put(session.accessKeyId, session);
  return {
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: toDate(session.expiration),
    },
    AssumedRoleUser: { Arn: session.principalArn, AssumedRoleId: session.userId },
  };
}

function findRole(ctx: Context, roleName: string, roleArn: string) {
  try {
    const { Role } = ctx.call('iam', 'getRole', { RoleName: roleName });
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

/** Confirmed by API text: 900 s up to the role's maximum (at most 12 h), default 3600 s. */
function sessionSeconds(asked: number | undefined, maximum: number): number {
  const seconds = asked ?? 3600;
  if (seconds >= 900 && seconds <= maximum) return seconds;
  throw validationError(
    seconds < 900
      ? `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900`
      : 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  );
}

interface SessionRequest {
  readonly roleArn: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly sessionName: string;
  readonly seconds: number;
}

function openSession(ctx: Context, request: SessionRequest): Session {
  return {
    accessKeyId: `ASIA${ctx.secrets.text(16, base32)}`,
    secretAccessKey: ctx.secrets.text(40, base64),
    sessionToken: ctx.secrets.text(200, base64),
    principalArn: ctx.arn('sts', `assumed-role/${request.roleName}/${request.sessionName}`, ''),
    userId: `${request.roleId}:${request.sessionName}`,
    roleArn: request.roleArn,
    expiration: after(ctx.now, request.seconds),
  };
}

function purgeExpired(ctx: Context, state: StsState): void {
  for (const session of state.sessions.filter((s) => s.clock !== 'machine' && s.expiration <= ctx.now)) {
    state.sessions.delete(session.accessKeyId);
  }
}

function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
