import type { AssumedRoleUser, Credentials } from '@aws-sdk/client-sts';
import type { Context } from '../../kernel/context.ts';
import { after, toDate } from '../../kernel/instant.ts';
import { checkConstraints, longerThan, matching, shorterThan, validationError } from './constraints.ts';
import type { SessionLimits } from './session-policies.ts';
import type { Session, StsState } from './state.ts';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * The name of a role by its ARN.
 * @param invalid what AWS's operation says of one that is none
 */
export function roleNameOf(roleArn: string | undefined, invalid?: string): string {
  const given = roleArn ?? '';
  checkConstraints([longerThan('roleArn', given, 20), shorterThan('roleArn', given, 2048)]);
  const name = /^arn:aws:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]{1,64})$/.exec(given)?.[1];
  if (name === undefined) throw validationError(invalid ?? `${given} is invalid`);
  return name;
}

// Confirmed by API text: 2 to 64 of these characters. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
export function checkSessionName(given: string | undefined): string {
  const sessionName = given ?? '';
  checkConstraints([
    matching('roleSessionName', sessionName, '[\\w+=,.@-]*'),
    longerThan('roleSessionName', sessionName, 2),
    shorterThan('roleSessionName', sessionName, 64),
  ]);
  return sessionName;
}

/**
 * Confirmed by API text: 900 s up to the role's maximum (at most 12 h), default 3600 s.
 * @param isChained whether a role's session asks: it gets an hour at most
 */
export function sessionSeconds(asked: number | undefined, maximum: number, isChained = false): number {
  const seconds = asked ?? 3600;
  checkSeconds(seconds, 43_200);
  if (isChained && seconds > 3600)
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  if (seconds <= maximum) return seconds;
  throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
}

/** @throws ValidationError for less than 900 s or more than `most` */
export function checkSeconds(value: number, most: number): void {
  const member = 'durationSeconds';
  checkConstraints([
    { member, value, rule: 'have value greater than or equal to 900', isMet: value >= 900 },
    { member, value, rule: `have value less than or equal to ${most}`, isMet: value <= most },
  ]);
}

interface RoleSession {
  readonly roleId: string;
  readonly roleName: string;
  readonly sessionName: string;
  readonly seconds: number;
  readonly limits: SessionLimits;
  /** Condition keys of every request of the session. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** Opens a session of a role and gives what its caller is told. */
export function openSession(
  ctx: Context,
  state: StsState,
  { roleId, roleName, sessionName, seconds, limits, keys = {} }: RoleSession,
): {
  readonly Credentials: Credentials;
  readonly AssumedRoleUser: AssumedRoleUser;
  readonly PackedPolicySize?: number;
} {
  const { policies, tags, packedSize } = limits;
  const Arn = ctx.arn('sts', `assumed-role/${roleName}/${sessionName}`, '');
  const AssumedRoleId = `${roleId}:${sessionName}`;
  const Credentials = openCredentials(ctx, state, seconds, {
    principalArn: Arn,
    userId: AssumedRoleId,
    ...(policies && { policies }),
    ...(tags && { tags }),
    keys,
  });
  return {
    Credentials,
    AssumedRoleUser: { Arn, AssumedRoleId },
    ...(packedSize !== undefined && { PackedPolicySize: packedSize }),
  };
}

type Whose = Omit<Session, 'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'expiration'>;

/** Temporary credentials of somebody. */
export function openCredentials(ctx: Context, state: StsState, seconds: number, whose: Whose): Credentials {
  const session: Session = {
    ...whose,
    accessKeyId: `ASIA${ctx.secrets.text(16, base32)}`,
    secretAccessKey: ctx.secrets.text(40, base64),
    sessionToken: ctx.secrets.text(200, base64),
    expiration: after(ctx.now, seconds),
    keys: { 'aws:TokenIssueTime': toDate(ctx.now).toISOString(), ...whose.keys },
  };
  purgeExpired(ctx, state);
  state.sessions.put(session.accessKeyId, session);
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: toDate(session.expiration),
  };
}

function purgeExpired(ctx: Context, state: StsState): void {
  for (const session of state.sessions.filter((s) => s.clock !== 'machine' && s.expiration <= ctx.now)) {
    state.sessions.delete(session.accessKeyId);
  }
}
