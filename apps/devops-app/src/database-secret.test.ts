import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseSecret, parseCredentials } from './database-secret.ts';

test('a secret of RDS is read; what else it holds is left alone', () => {
  const text = JSON.stringify({ username: 'master', password: 'p', engine: 'postgres' });
  assert.deepEqual(parseCredentials('arn', text), { username: 'master', password: 'p' });
});

for (const text of ['', 'hunter2', '[]', 'null', '{"username":"hunter2"}', '{"username":"a","password":2}']) {
  test(`'${text}' is refused without being quoted`, () => {
    assert.throws(
      () => parseCredentials('arn:x', text),
      new Error('The secret arn:x does not hold JSON with the strings username and password'),
    );
  });
}

test('many callers share one request, and forget asks again', async () => {
  let fetches = 0;
  const secret = new DatabaseSecret('arn', async () => `{"username":"u","password":"${++fetches}"}`);
  const both = await Promise.all([secret.credentials(), secret.credentials()]);
  assert.deepEqual(
    both.map(({ password }) => password),
    ['1', '1'],
  );
  secret.forget();
  assert.equal((await secret.credentials()).password, '2');
});

test('a failed request is not kept', async () => {
  let fetches = 0;
  const secret = new DatabaseSecret('arn', async () => {
    if (++fetches === 1) throw new Error('ThrottlingException');
    return '{"username":"u","password":"p"}';
  });
  await assert.rejects(secret.credentials(), /Throttling/);
  assert.equal((await secret.credentials()).password, 'p');
});
