import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Authorizer } from '../../authorization/authorizer.ts';
import { PublishedKeys } from '../../planes/token-issuers/token-issuers.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { startTokenIssuer, type TokenIssuer } from '../../testing/token-issuer.ts';
import { iam } from '../iam/service.ts';
import { sts } from './service.ts';
import { findSession } from './views.ts';

const github = 'https://token.actions.githubusercontent.com';
const machineNow = Date.parse('2026-11-22T15:00:00Z');
const seconds = machineNow / 1000;
const claims = {
  iss: github,
  sub: 'repo:acme/shop:environment:prod',
  aud: 'sts.amazonaws.com',
  exp: seconds + 300,
  nbf: seconds - 5,
};
let issuer: TokenIssuer;
before(async () => {
  issuer = await startTokenIssuer();
});
after(() => issuer.close());

const provider = 'arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com';
const key = (claim: string) => `token.actions.githubusercontent.com:${claim}`;
const statement = (Condition?: object, more: object = {}) => ({
  Effect: 'Allow',
  Principal: { Federated: provider },
  Action: 'sts:AssumeRoleWithWebIdentity',
  ...(Condition && { Condition }),
  ...more,
});
const ofEnvironments = statement({
  StringEquals: { [key('aud')]: 'sts.amazonaws.com' },
  StringLike: { [key('sub')]: 'repo:acme/shop:environment:*' },
});

interface Account extends TestRegion {
  readonly authorizer: Authorizer;
}

/** GitHub as provider, and a role for its tokens of one environment. */
async function accountWithGitHub({
  stands = issuer.url,
  trust = [ofEnvironments],
}: {
  stands?: string;
  trust?: readonly object[];
} = {}): Promise<Account> {
  const made: { authorizer?: Authorizer } = {};
  const region: TestRegion = testRegion((tables) => {
    const options = { tables, accountId: '000000000000', region: 'eu-central-1', warn: () => {} };
    const authorizer = new Authorizer(options);
    made.authorizer = authorizer;
    return [
      iam({ tables }),
      sts({
        tables,
        webIdentities: {
          issuers: new PublishedKeys({ stands: { [github]: stands }, now: () => machineNow }),
          machineNow: () => machineNow,
          step: (work) => region.kernel.submit('sts', { service: 'sts' }, work),
          trusts: (request) => authorizer.trusts(request),
        },
      }),
    ];
  });
  await region.call('iam', 'createOpenIDConnectProvider', {
    Url: github,
    ClientIDList: ['sts.amazonaws.com'],
  });
  await region.call('iam', 'createRole', {
    RoleName: 'deploy',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: trust }),
  });
  if (!made.authorizer) throw new Error('the region made no authorizer');
  return { ...region, authorizer: made.authorizer };
}

const assume = (region: TestRegion, WebIdentityToken: string, RoleArn = 'role/deploy', more: object = {}) =>
  region.call('sts', 'assumeRoleWithWebIdentity', {
    RoleArn: `arn:aws:iam::000000000000:${RoleArn}`,
    RoleSessionName: 'GitHubActions',
    WebIdentityToken,
    ...more,
  });

const notAuthorized = {
  code: 'AccessDenied',
  message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
};

for (const kind of ['RS256', 'ES256'] as const) {
  test(`a token of the account's provider, signed by ${kind}, opens a session of the role that trusts it`, async () => {
    const region = await accountWithGitHub();
    const opened = await assume(region, issuer.token(claims, kind));
    assert.match(opened.Credentials?.AccessKeyId ?? '', /^ASIA/);
    assert.equal(opened.SubjectFromWebIdentityToken, 'repo:acme/shop:environment:prod');
    assert.equal(opened.Audience, 'sts.amazonaws.com');
    assert.equal(opened.AssumedRoleUser?.Arn, 'arn:aws:sts::000000000000:assumed-role/deploy/GitHubActions');
  });
}

const forged = (token: string): string => {
  const [header, , signature] = token.split('.');
  const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'repo:evil/x:environment:prod' }));
  return `${header}.${payload.toString('base64url')}.${signature}`;
};

const refused: Readonly<
  Record<string, { readonly token: () => string; readonly role?: string; readonly error: object }>
> = {
  'of another repository': {
    token: () => issuer.token({ ...claims, sub: 'repo:evil/shop:environment:prod' }),
    error: { code: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' },
  },
  'of a branch where an environment is asked for': {
    token: () => issuer.token({ ...claims, sub: 'repo:acme/shop:ref:refs/heads/main' }),
    error: { code: 'AccessDenied' },
  },
  'for a role that is not there': {
    token: () => issuer.token(claims),
    role: 'role/none',
    error: { code: 'AccessDenied', message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity' },
  },
  'for another audience': {
    token: () => issuer.token({ ...claims, aud: 'sigstore' }),
    error: { code: 'InvalidIdentityToken', message: 'Incorrect token audience' },
  },
  'that has expired': {
    token: () => issuer.token({ ...claims, exp: seconds }),
    error: {
      code: 'ExpiredTokenException',
      message: `Token expired: current date/time ${seconds} must be before the expiration date/time ${seconds}`,
    },
  },
  'of a provider that the account does not have': {
    token: () => issuer.token({ ...claims, iss: 'https://gitlab.com' }),
    error: {
      code: 'InvalidIdentityToken',
      message: 'No OpenIDConnect provider found in your account for https://gitlab.com',
    },
  },
  'whose claims were changed after it was signed': {
    token: () => forged(issuer.token(claims)),
    error: { code: 'InvalidIdentityToken' },
  },
  'that is not signed': {
    token: () =>
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${issuer.token(claims).split('.')[1]}.x`,
    error: { code: 'InvalidIdentityToken' },
  },
  'that is none': { token: () => 'ghs_abc', error: { code: 'InvalidIdentityToken' } },
};

for (const [what, { token, role, error }] of Object.entries(refused)) {
  test(`a token ${what} opens nothing`, async () => {
    const region = await accountWithGitHub();
    await assert.rejects(assume(region, token(), role), error);
  });
}

test("an issuer's keys are fetched once, and again when it signs by a new one", async () => {
  const before = issuer.asked();
  let now = machineNow;
  const keys = new PublishedKeys({ stands: { [github]: issuer.url }, now: () => now });
  const check = (token: string) => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString());
    return keys.check(github, { algorithm: alg, keyId: kid, signed: `${header}.${payload}`, signature });
  };
  const old = issuer.token(claims);
  assert.equal(await check(old), 'valid');
  assert.equal(await check(old), 'valid');
  assert.equal(issuer.asked() - before, 1);
  issuer.rotate();
  now += 11_000;
  assert.equal(await check(issuer.token(claims)), 'valid');
  assert.equal(await check(old), 'invalid');
});

test('an issuer that does not answer is told as such', async () => {
  const gone = await startTokenIssuer();
  await gone.close();
  const region = await accountWithGitHub({ stands: gone.url });
  await assert.rejects(assume(region, gone.token(claims)), { code: 'IDPCommunicationError' });
});

const github2 = { ...claims, repository: 'acme/shop', repository_id: '7', amr: ['pwd', 'mfa'] };
const trusts: readonly (readonly [what: string, trust: readonly object[], opens: boolean])[] = [
  ['no condition', [statement()], true],
  ['another provider', [statement(undefined, { Principal: { Federated: `${provider}2` } })], false],
  ['the account, not the provider', [statement(undefined, { Principal: { AWS: '000000000000' } })], false],
  ['everybody', [statement(undefined, { Principal: '*' })], true],
  ['another action', [statement(undefined, { Action: 'sts:AssumeRole' })], false],
  ['an action with a wildcard', [statement(undefined, { Action: 'STS:AssumeRoleWith*' })], true],
  [
    'a subject in another letter case',
    [statement({ StringEqualsIgnoreCase: { [key('SUB')]: 'REPO:acme/shop:environment:prod' } })],
    true,
  ],
  ['a subject that is not this one', [statement({ StringNotLike: { [key('sub')]: 'repo:acme/*' } })], false],
  ['one of several values', [statement({ 'ForAnyValue:StringEquals': { [key('amr')]: ['mfa'] } })], true],
  ['all of several values', [statement({ 'ForAllValues:StringEquals': { [key('amr')]: ['mfa'] } })], false],
  ['a key that the token lacks', [statement({ StringEquals: { [key('environment')]: 'prod' } })], false],
  [
    'a key that the token may lack',
    [statement({ StringEqualsIfExists: { [key('environment')]: 'prod' } })],
    true,
  ],
  ['a claim that AWS reads of GitHub', [statement({ StringEquals: { [key('repository_id')]: '7' } })], true],
  ['a claim that AWS does not read', [statement({ StringEquals: { [key('jti')]: 'x' } })], false],
  [
    'the name of the session',
    [statement({ StringEquals: { 'sts:RoleSessionName': 'GitHubActions' } })],
    true,
  ],
  [
    'a time that is over',
    [statement({ DateLessThan: { 'aws:CurrentTime': '2026-11-22T12:00:00Z' } })],
    false,
  ],
  ['an operator that there is not', [statement({ StringAlmost: { [key('sub')]: 'x' } })], false],
  [
    'a denial',
    [statement(), statement({ StringLike: { [key('sub')]: 'repo:*' } }, { Effect: 'Deny' })],
    false,
  ],
  [
    'a denial of others',
    [statement(), statement({ StringLike: { [key('sub')]: 'repo:evil/*' } }, { Effect: 'Deny' })],
    true,
  ],
];
for (const [what, trust, opens] of trusts) {
  test(`a trust policy that names ${what} ${opens ? 'lets the token in' : 'keeps the token out'}`, async () => {
    const region = await accountWithGitHub({ trust });
    if (opens) assert.ok((await assume(region, issuer.token(github2))).Credentials);
    else await assert.rejects(assume(region, issuer.token(github2)), notAuthorized);
  });
}

test('a token that is not trusted is told what the trust policy lacks', async () => {
  const region = await accountWithGitHub();
  await assert.rejects(
    assume(region, issuer.token({ ...claims, sub: 'repo:acme/x:pull_request' })),
    notAuthorized,
  );
  const [denial] = region.authorizer.denials.list();
  assert.deepEqual(denial?.missing, {
    to: 'the policy of arn:aws:iam::000000000000:role/deploy',
    statement: {
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: { [key('aud')]: 'sts.amazonaws.com', [key('sub')]: 'repo:acme/x:pull_request' },
      },
    },
  });
});

const principalOf = (region: TestRegion, AccessKeyId: string | undefined) =>
  findSession(region.tables, '000000000000', AccessKeyId ?? '')?.principal;

test('the session keeps who was vouched for, and its policies', async () => {
  const region = await accountWithGitHub();
  const Policy = '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
  const PolicyArns = [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }];
  const opened = await assume(region, issuer.token(claims), 'role/deploy', { Policy, PolicyArns });
  assert.equal(opened.PackedPolicySize, 3);
  const principal = principalOf(region, opened.Credentials?.AccessKeyId);
  assert.deepEqual(principal?.sessionPolicies, [Policy, 'arn:aws:iam::aws:policy/ReadOnlyAccess']);
  assert.deepEqual(principal?.sessionKeys, {
    'aws:TokenIssueTime': '2026-11-22T12:00:00.000Z',
    'aws:FederatedProvider': provider,
    [key('aud')]: 'sts.amazonaws.com',
    [key('sub')]: 'repo:acme/shop:environment:prod',
  });
});

const tagged = (tags: object) => issuer.token({ ...claims, 'https://aws.amazon.com/tags': tags });

test('session tags of the token need sts:TagSession in the trust policy', async () => {
  const tags = { principal_tags: { Project: ['shop'] } };
  const closed = await accountWithGitHub();
  await assert.rejects(assume(closed, tagged(tags)), {
    code: 'AccessDenied',
    message: 'Not authorized to perform sts:TagSession',
  });
  const Condition = { StringEquals: { 'aws:RequestTag/Project': 'shop' } };
  const tagging = statement(Condition, { Action: 'sts:TagSession' });
  const region = await accountWithGitHub({ trust: [ofEnvironments, tagging] });
  const { Credentials } = await assume(region, tagged(tags));
  assert.deepEqual(principalOf(region, Credentials?.AccessKeyId)?.sessionTags, { Project: 'shop' });
  await assert.rejects(assume(region, tagged({ principal_tags: { Project: ['other'] } })), {
    code: 'AccessDenied',
  });
});

test('session tags have one value; transitive ones are refused by name', async () => {
  const region = await accountWithGitHub();
  await assert.rejects(assume(region, tagged({ principal_tags: { A: ['1', '2'] } })), {
    code: 'InvalidIdentityToken',
  });
  await assert.rejects(
    assume(region, tagged({ principal_tags: { A: ['1'] }, transitive_tag_keys: ['A'] })),
    /transitive_tag_keys of the token is not modelled/,
  );
});
