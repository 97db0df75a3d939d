import type {
  AssumeRoleWithWebIdentityRequest,
  AssumeRoleWithWebIdentityResponse,
} from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { Later } from '../../kernel/service.ts';
import { trusts } from './federated-trust.ts';
import type { TokenIssuers } from './ports.ts';
import { checkSessionName, openSession, roleNameOf, sessionSeconds } from './sessions.ts';
import type { StsState } from './state.ts';
import { type Claims, checkDates, invalidToken, readToken } from './web-identity-token.ts';

/** What it takes to believe somebody else's token. */
export interface WebIdentities {
  readonly issuers: TokenIssuers;
  /** By the machine's clock. */
  readonly machineNow: () => number;
  /** Runs `work` as a step of STS's own. */
  readonly step: <T>(work: (ctx: Context) => T) => Promise<T>;
}

/**
 * The one operation that a caller without any key may use: a token of an identity provider of the account is exchanged for
 * a role's session. The keys are fetched between two steps: the first finds the provider, the second opens the session by
 * the trust policy as it then is.
 */
export function assumeRoleWithWebIdentity(
  _ctx: Context,
  state: StsState,
  { issuers, machineNow, step }: WebIdentities,
  input: AssumeRoleWithWebIdentityRequest,
): Later<AssumeRoleWithWebIdentityResponse> {
  const roleName = roleNameOf(input.RoleArn);
  const sessionName = checkSessionName(input.RoleSessionName);
  const { token, claims } = readToken(input.WebIdentityToken ?? '');
  return new Later(async () => {
    const provider = await step((ctx) => findProvider(ctx, claims));
    const check = await issuers.check(claims.iss, token);
    if (typeof check === 'object') throw idpCommunication(check.unreachable);
    // Chosen: AWS's text for a bad signature is not published.
    if (check === 'invalid') throw invalidToken('Token signature could not be verified');
    checkDates(claims, machineNow());
    return step((ctx) => {
      const role = trustingRole(ctx, roleName, input.RoleArn ?? '', provider, claims);
      const seconds = sessionSeconds(input.DurationSeconds, role.MaxSessionDuration ?? 3600);
      const opened = openSession(ctx, state, {
        roleArn: input.RoleArn ?? '',
        roleId: role.RoleId ?? '',
        roleName,
        sessionName,
        seconds,
      });
      return {
        ...opened,
        SubjectFromWebIdentityToken: claims.sub,
        Provider: provider,
        Audience: audienceOf(claims),
      };
    });
  });
}

/** ARN of the account's provider for the token's issuer. */
function findProvider(ctx: Context, claims: Claims): string {
  const arn = ctx.arn('iam', `oidc-provider/${claims.iss.replace(/^https?:\/\//, '')}`, '');
  const known = providerAudiences(ctx, arn);
  if (known === undefined)
    throw invalidToken(`No OpenIDConnect provider found in your account for ${claims.iss}`);
  if (!known.includes(audienceOf(claims))) throw invalidToken('Incorrect token audience');
  return arn;
}

function providerAudiences(ctx: Context, OpenIDConnectProviderArn: string): readonly string[] | undefined {
  return orUndefined(
    () => ctx.call('iam', 'getOpenIDConnectProvider', { OpenIDConnectProviderArn }).ClientIDList ?? [],
  );
}

function trustingRole(ctx: Context, RoleName: string, roleArn: string, provider: string, claims: Claims) {
  const role = orUndefined(() => ctx.call('iam', 'getRole', { RoleName }).Role);
  const issuer = claims.iss.replace(/^https?:\/\//, '').toLowerCase();
  const keys = { [`${issuer}:aud`]: audienceOf(claims), [`${issuer}:sub`]: claims.sub };
  const policy = decodeURIComponent(role?.AssumeRolePolicyDocument ?? '');
  // Confirmed by docs: a role that is not there is refused in the same words, so that nothing is told about it.
  if (role?.Arn !== roleArn || !trusts(policy, { provider, keys })) throw notAuthorized();
  return role;
}

/** Confirmed by docs: `azp`, where a token has it, stands for its audience. */
function audienceOf({ azp, audiences }: Claims): string {
  return azp ?? audiences[0] ?? '';
}

function orUndefined<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntity') return undefined;
    throw error;
  }
}

function notAuthorized(): AwsError {
  return new AwsError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', {
    status: 403,
  });
}

function idpCommunication(reason: string): AwsError {
  return new AwsError(
    'IDPCommunicationError',
    `Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements (${reason})`,
  );
}
