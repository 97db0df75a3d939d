import type {
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
} from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { Later } from '../../kernel/service.ts';
import { checkConstraints, longerThan, shorterThan } from './constraints.ts';
import type { TokenIssuers, Trusts } from './ports.ts';
import { type SessionLimits, sessionLimits } from './session-policies.ts';
import { checkSessionName, openSession, roleNameOf, sessionSeconds } from './sessions.ts';
import type { StsState } from './state.ts';
import { audienceOf, issuerOf, sessionKeysOf, sessionTagsOf, trustKeysOf } from './web-identity-claims.ts';
import { type Claims, checkDates, invalidToken, readToken } from './web-identity-token.ts';

/** What it takes to believe somebody else's token. */
export interface WebIdentities {
  readonly issuers: TokenIssuers;
  /** By the machine's clock. */
  readonly machineNow: () => number;
  /** Runs `work` as a step of STS's own. */
  readonly step: <T>(work: (ctx: Context) => T) => Promise<T>;
  readonly trusts: Trusts;
}

/**
 * The one operation that a caller without any key may use: a token of an identity provider of the account is exchanged for
 * a role's session. The keys are fetched between two steps: the first finds the provider, the second opens the session by
 * the trust policy as it then is.
 */
export function assumeRoleWithWebIdentity(
  ctx: Context,
  state: StsState,
  { issuers, machineNow, step, trusts }: WebIdentities,
  input: AssumeRoleWithWebIdentityRequest,
): Later<AssumeRoleWithWebIdentityResponse> {
  // Known: AWS's words for a role's ARN that is none.
  roleNameOf(input.RoleArn, 'Request ARN is invalid');
  checkSessionName(input.RoleSessionName);
  const jwt = input.WebIdentityToken ?? '';
  checkConstraints([
    longerThan('webIdentityToken', jwt, 4, false),
    shorterThan('webIdentityToken', jwt, 20_000, false),
  ]);
  const { token, claims } = readToken(jwt);
  const Tags = Object.entries(sessionTagsOf(claims)).map(([Key, Value]) => ({ Key, Value }));
  const limits = sessionLimits({ ...input, Tags });
  const requestId = ctx.requestId ?? '';
  return new Later(async () => {
    const provider = await step((ctx) => findProvider(ctx, claims));
    const check = await issuers.check(claims.iss, token);
    if (typeof check === 'object') throw idpCommunication(check.unreachable);
    // Chosen: AWS's text for a bad signature is not published.
    if (check === 'invalid') throw invalidToken('Token signature could not be verified');
    checkDates(claims, machineNow());
    return step((ctx) => open(ctx, state, { trusts, input, claims, provider, limits, requestId }));
  });
}

interface Checked {
  readonly trusts: Trusts;
  readonly input: AssumeRoleWithWebIdentityRequest;
  readonly claims: Claims;
  readonly provider: string;
  readonly limits: SessionLimits;
  readonly requestId: string;
}

function open(ctx: Context, state: StsState, checked: Checked): AssumeRoleWithWebIdentityResponse {
  const { input, claims, provider, limits } = checked;
  checkTrust(ctx, checked);
  const role = orUndefined(() => ctx.call('iam', 'getRole', { RoleName: roleNameOf(input.RoleArn) }).Role);
  // Confirmed by docs: a role that is not there is refused in the same words, so that nothing is told about it.
  if (role?.Arn !== input.RoleArn) throw notAuthorized();
  const opened = openSession(ctx, state, {
    roleId: role?.RoleId ?? '',
    roleName: role?.RoleName ?? '',
    sessionName: input.RoleSessionName ?? '',
    seconds: sessionSeconds(input.DurationSeconds, role?.MaxSessionDuration ?? 3600),
    limits,
    keys: sessionKeysOf(claims, provider),
  });
  return {
    ...opened,
    SubjectFromWebIdentityToken: claims.sub,
    Provider: provider,
    Audience: audienceOf(claims),
  };
}

/** Confirmed by docs: a role takes a token's session tags if its trust policy allows `sts:TagSession` as well. */
function checkTrust(ctx: Context, { trusts, input, claims, provider, limits, requestId }: Checked): void {
  const actions = [
    'sts:AssumeRoleWithWebIdentity',
    ...(limits.tags ? ['sts:TagSession' as const] : []),
  ] as const;
  for (const action of actions) {
    const isTrusted = trusts({
      action,
      roleArn: input.RoleArn ?? '',
      provider,
      context: { ...trustKeysOf(claims, provider), 'sts:RoleSessionName': input.RoleSessionName ?? '' },
      tags: limits.tags ?? {},
      now: ctx.now,
      requestId,
    });
    if (!isTrusted) throw notAuthorized(action);
  }
}

/** ARN of the account's provider for the token's issuer. */
function findProvider(ctx: Context, claims: Claims): string {
  const arn = ctx.arn('iam', `oidc-provider/${issuerOf(claims)}`, '');
  const known = orUndefined(
    () => ctx.call('iam', 'getOpenIDConnectProvider', { OpenIDConnectProviderArn: arn }).ClientIDList ?? [],
  );
  if (known === undefined)
    throw invalidToken(`No OpenIDConnect provider found in your account for ${claims.iss}`);
  if (!known.includes(audienceOf(claims))) throw invalidToken('Incorrect token audience');
  return arn;
}

function orUndefined<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntity') return undefined;
    throw error;
  }
}

function notAuthorized(action = 'sts:AssumeRoleWithWebIdentity'): AwsError {
  return new AwsError('AccessDenied', `Not authorized to perform ${action}`, { status: 403 });
}

function idpCommunication(reason: string): AwsError {
  return new AwsError(
    'IDPCommunicationError',
    `Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements (${reason})`,
  );
}
