import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PublishedKeys } from '../../planes/token-issuers/token-issuers.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { startTokenIssuer, type TokenIssuer } from '../../testing/token-issuer.ts';
import { iam } from '../iam/service.ts';
import { sts } from './service.ts';

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

/** GitHub as provider, and a role for its tokens of one environment. */
async function accountWithGitHub(stands: string = issuer.url): Promise<TestRegion> {
  const region: TestRegion = testRegion((tables) => [
    iam({ tables }),
    sts({
      tables,
      webIdentities: {
        issuers: new PublishedKeys({ stands: { [github]: stands }, now: () => machineNow }),
        machineNow: () => machineNow,
        step: (work) => region.kernel.submit('sts', { service: 'sts' }, work),
      },
    }),
  ]);
  await region.call('iam', 'createOpenIDConnectProvider', {
    Url: github,
    ClientIDList: ['sts.amazonaws.com'],
  });
  await region.call('iam', 'createRole', {
    RoleName: 'deploy',
    AssumeRolePolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: {
            Federated: 'arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com',
          },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: {
            StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' },
            StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:acme/shop:environment:*' },
          },
        },
      ],
    }),
  });
  return region;
}

const assume = (region: TestRegion, WebIdentityToken: string, RoleArn = 'role/deploy') =>
  region.call('sts', 'assumeRoleWithWebIdentity', {
    RoleArn: `arn:aws:iam::000000000000:${RoleArn}`,
    RoleSessionName: 'GitHubActions',
    WebIdentityToken,
  });

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
  const region = await accountWithGitHub(gone.url);
  await assert.rejects(assume(region, gone.token(claims)), { code: 'IDPCommunicationError' });
});
