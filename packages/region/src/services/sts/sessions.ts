import type { AssumedRoleUser, Credentials } from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { after, toDate } from '../../kernel/instant.ts';
import type { Session, StsState } from './state.ts';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The name of a role by its ARN. */
export function roleNameOf(roleArn: string | undefined): string {
  const name = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(roleArn ?? '')?.[1];
  if (name === undefined) throw validationError(`${roleArn ?? ''} is invalid`);
  return name;
}

export function checkSessionName(given: string | undefined): string {
  const sessionName = given ?? '';
  if (/^[\w+=,.@-]{2,64}$/.test(sessionName)) return sessionName;
  throw validationError(
    `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: ` +
      'Member must satisfy regular expression pattern: [\\w+=,.@-]*',
  );
}

/** Confirmed by API text: 900 s up to the role's maximum (at most 12 h), default 3600 s. */
export function sessionSeconds(asked: number | undefined, maximum: number): number {
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
  readonly policies?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** Opens a session and gives what its caller is told. */
export function openSession(
  ctx: Context,
  state: StsState,
  request: SessionRequest,
): { readonly Credentials: Credentials; readonly AssumedRoleUser: AssumedRoleUser } {
  const session: Session = {
    accessKeyId: `ASIA${ctx.secrets.text(16, base32)}`,
    secretAccessKey: ctx.secrets.text(40, base64),
    sessionToken: ctx.secrets.text(200, base64),
    principalArn: ctx.arn('sts', `assumed-role/${request.roleName}/${request.sessionName}`, ''),
    userId: `${request.roleId}:${request.sessionName}`,
    roleArn: request.roleArn,
    expiration: after(ctx.now, request.seconds),
    ...(request.policies && { policies: request.policies }),
    ...(request.tags && { tags: request.tags }),
  };
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

function purgeExpired(ctx: Context, state: StsState): void {
  for (const session of state.sessions.filter((s) => s.clock !== 'machine' && s.expiration <= ctx.now)) {
    state.sessions.delete(session.accessKeyId);
  }
}

function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
