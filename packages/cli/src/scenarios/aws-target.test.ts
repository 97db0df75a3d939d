import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tinyService } from '../testing/tiny-service.ts';

test('to AWS the same code shows account and changes, asks first, and releases an image of the registry', {
  timeout: 90_000,
}, async (t) => {
  const service = await tinyService(t);
  const up = await service.plimsoll('up', '--detach', '--port', '0', '--http-port', '0');
  assert.equal(up.code, 0, up.stderr);
  const { endpoint } = JSON.parse((await service.plimsoll('status', '--json')).stdout);
  // A local region stands for AWS: the SDK's own variables point there.
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    PATH: '',
  };

  const withoutEngine = await service.start(['deploy', '--target', 'aws', '--yes'], env).ended;
  assert.equal(withoutEngine.code, 1);
  assert.match(withoutEngine.stderr, /Docker or Podman, and neither answers here/);

  const digest = `sha256:${'0'.repeat(64)}`;
  const unasked = await service.start(['deploy', '--target', 'aws', '--image', digest], env).ended;
  assert.equal(unasked.code, 2);
  assert.match(
    unasked.stdout,
    /Account 000000000000, region eu-central-1, as arn:aws:iam::000000000000:root/,
  );
  assert.match(unasked.stdout, /tiny-local-service: no changes of the template/);
  assert.match(unasked.stderr, /There is no terminal to ask on: pass --yes/);

  const unknown = await service.start(['deploy', '--target', 'aws', '--yes', '--image', digest], env).ended;
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /The repository tiny has no image sha256:0000/);
});
