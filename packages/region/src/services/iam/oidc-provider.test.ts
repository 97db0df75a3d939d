import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { iam } from './service.ts';

const region = () => testRegion((tables) => [iam({ tables })]);
const OpenIDConnectProviderArn =
  'arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com';

test('an OIDC provider is named by its URL without the scheme, and there is one for each URL', async () => {
  const { call } = region();
  const Url = 'https://token.actions.githubusercontent.com';
  const created = await call('iam', 'createOpenIDConnectProvider', { Url, ClientIDList: ['a'] });
  assert.equal(created.OpenIDConnectProviderArn, OpenIDConnectProviderArn);
  const got = await call('iam', 'getOpenIDConnectProvider', { OpenIDConnectProviderArn });
  assert.equal(got.Url, 'token.actions.githubusercontent.com');
  await assert.rejects(call('iam', 'createOpenIDConnectProvider', { Url }), { code: 'EntityAlreadyExists' });
});

test('its audiences and tags can be changed', async () => {
  const { call } = region();
  await call('iam', 'createOpenIDConnectProvider', {
    Url: 'https://token.actions.githubusercontent.com',
    ClientIDList: ['a'],
  });
  await call('iam', 'addClientIDToOpenIDConnectProvider', { OpenIDConnectProviderArn, ClientID: 'b' });
  await call('iam', 'removeClientIDFromOpenIDConnectProvider', { OpenIDConnectProviderArn, ClientID: 'a' });
  await call('iam', 'tagOpenIDConnectProvider', {
    OpenIDConnectProviderArn,
    Tags: [{ Key: 'k', Value: 'v' }],
  });
  const { ClientIDList, Tags } = await call('iam', 'getOpenIDConnectProvider', { OpenIDConnectProviderArn });
  assert.deepEqual([ClientIDList, Tags], [['b'], [{ Key: 'k', Value: 'v' }]]);
});

test('deleting one that is not there succeeds; asking for it does not', async () => {
  const { call } = region();
  await call('iam', 'deleteOpenIDConnectProvider', { OpenIDConnectProviderArn });
  await assert.rejects(call('iam', 'getOpenIDConnectProvider', { OpenIDConnectProviderArn }), {
    code: 'NoSuchEntity',
  });
});

for (const Url of [
  'http://example.com',
  'https://example.com:8443',
  'https://example.com/?a=b',
  'example.com',
]) {
  test(`${Url} is no URL of a provider`, async () => {
    await assert.rejects(region().call('iam', 'createOpenIDConnectProvider', { Url }), {
      code: 'ValidationError',
    });
  });
}
