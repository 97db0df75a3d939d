import { notModelled } from '../../kernel/aws-error.ts';
import { type Claims, invalidToken } from './web-identity-token.ts';

/** Where AWS looks for session tags in a token. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
const tagsClaim = 'https://aws.amazon.com/tags';

// Confirmed by AWS's announcement: of GitHub's claims these are condition keys, too, for the trust policy only.
// https://aws.amazon.com/about-aws/whats-new/2026/01/aws-sts-supports-validation-identity-provider-claims/
const claimsOfProviders: Readonly<Record<string, readonly string[]>> = {
  'token.actions.githubusercontent.com': [
    'actor',
    'actor_id',
    'enterprise_id',
    'environment',
    'job_workflow_ref',
    'ref',
    'repository',
    'repository_id',
    'workflow',
  ],
};

/** Confirmed by docs: `azp`, where a token has it, stands for its audience. */
export function audienceOf({ azp, audiences }: Claims): string {
  return azp ?? audiences[0] ?? '';
}

/** `token.actions.githubusercontent.com`: the issuer as ARNs and condition keys have it. */
export function issuerOf({ iss }: Claims): string {
  return iss.replace(/^https?:\/\//, '');
}

/** The condition keys that the session keeps: who was vouched for. */
export function sessionKeysOf(claims: Claims, provider: string): Readonly<Record<string, string>> {
  const issuer = issuerOf(claims);
  return {
    'aws:FederatedProvider': provider,
    [`${issuer}:aud`]: audienceOf(claims),
    [`${issuer}:sub`]: claims.sub,
  };
}

/** The condition keys of the trust policy. */
export function trustKeysOf(
  claims: Claims,
  provider: string,
): Readonly<Record<string, string | readonly string[]>> {
  const issuer = issuerOf(claims);
  const { amr } = claims.all;
  const named = (claimsOfProviders[issuer] ?? []).flatMap((claim) => {
    const value = claims.all[claim];
    return typeof value === 'string' ? [[`${issuer}:${claim}`, value]] : [];
  });
  return {
    ...sessionKeysOf(claims, provider),
    ...(amr !== undefined && { [`${issuer}:amr`]: [amr].flat().map(String) }),
    ...Object.fromEntries(named),
  };
}

/**
 * The session tags that the token asks for, each with one value.
 * @throws InvalidIdentityToken if they are none; NotModelled for transitive ones
 */
export function sessionTagsOf({ all }: Claims): Readonly<Record<string, string>> {
  const flattened = Object.keys(all).find((claim) => claim.startsWith(`${tagsClaim}/`));
  if (flattened !== undefined)
    throw notModelled(`sts AssumeRoleWithWebIdentity: the claim ${flattened}`, 'sts');
  const claim = all[tagsClaim];
  if (claim === undefined) return {};
  if (!isRecord(claim) || !isRecord(claim['principal_tags'] ?? {}))
    throw invalidToken(`The claim ${tagsClaim} is not valid`);
  if ([claim['transitive_tag_keys'] ?? []].flat().length > 0)
    throw notModelled('sts AssumeRoleWithWebIdentity: transitive_tag_keys of the token', 'sts');
  return Object.fromEntries(
    Object.entries(claim['principal_tags'] ?? {}).map(([key, value]) => {
      const [first, ...more] = [value].flat();
      // Confirmed by docs: session tags have one value. Chosen: the words of the refusal.
      if (typeof first !== 'string' || more.length > 0)
        throw invalidToken(`The session tag ${key} of the token must have one value`);
      return [key, first];
    }),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
