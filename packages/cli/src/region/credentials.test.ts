import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessKeyExports, localAccessKey } from './credentials.ts';

const own = { PLIMSOLL_ACCESS_KEY_ID: 'mine', PLIMSOLL_SECRET_ACCESS_KEY: 'hidden' };

test('the access key is test / test unless the environment names another', () => {
  assert.deepEqual(localAccessKey({}), { accessKeyId: 'test', secretAccessKey: 'test' });
  assert.deepEqual(localAccessKey(own), { accessKeyId: 'mine', secretAccessKey: 'hidden' });
});

test('one part alone is a mistake', () => {
  assert.throws(() => localAccessKey({ PLIMSOLL_ACCESS_KEY_ID: 'mine' }), /give both/);
});

test("a secret of the user's own is not shown", () => {
  assert.equal(
    accessKeyExports(own),
    'AWS_ACCESS_KEY_ID=mine AWS_SECRET_ACCESS_KEY=$PLIMSOLL_SECRET_ACCESS_KEY',
  );
  assert.equal(accessKeyExports({}), 'AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test');
});
