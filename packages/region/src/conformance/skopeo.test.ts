import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import { packImage } from '../planes/images/pack.ts';
import { pushImage } from '../planes/images/push.ts';
import { installed, run, succeed } from './testing/command.ts';
import { startRegionProcess } from './testing/region-process.ts';

const region = await startRegionProcess();
after(() => region.close());

test('skopeo copies images to and from a repository of the region', async (t) => {
  if ((await installed('skopeo')).length === 0) return t.skip('needs skopeo');
  const client = new ECRClient(region.client);
  const { authorizationData = [] } = await client.send(new GetAuthorizationTokenCommand({}));
  const token = authorizationData[0]?.authorizationToken ?? '';
  const [user = '', password = ''] = Buffer.from(token, 'base64').toString().split(':');
  for (const repositoryName of ['first', 'second']) {
    const imageTagMutability = 'IMMUTABLE';
    await client.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability }));
  }
  await mkdir(join(region.scratch, 'context'));
  await writeFile(join(region.scratch, 'context/main.js'), 'console.log(1)');
  const image = await packImage({
    context: join(region.scratch, 'context'),
    config: { command: ['node', 'main.js'] },
  });
  const authorization = `Basic ${token}`;
  await pushImage({ registryUrl: region.endpoint, repository: 'first', tag: 'one', image, authorization });

  const at = (name: string): string => `docker://${region.endpoint.replace('http://', '')}/${name}`;
  const options = { env: { ...region.environment, REGISTRY_AUTH_FILE: join(region.scratch, 'auth.json') } };
  const skopeo = async (...args: readonly string[]): Promise<string> =>
    (await succeed('skopeo', args, options)).stdout;
  const login = ['login', '--tls-verify=false', '-u', user, '--password-stdin', at('').slice(9, -1)];
  await succeed('skopeo', login, { ...options, input: password });

  await t.test('inspect tells the digest that was pushed', async () => {
    const { Digest } = JSON.parse(await skopeo('inspect', '--tls-verify=false', at('first:one')));
    assert.equal(Digest, image.digest);
  });

  await t.test('copy between repositories keeps the digest, and ECR shows the image', async () => {
    await skopeo(
      'copy',
      '--src-tls-verify=false',
      '--dest-tls-verify=false',
      at('first:one'),
      at('second:two'),
    );
    const { imageDetails = [] } = await client.send(new DescribeImagesCommand({ repositoryName: 'second' }));
    assert.deepEqual(
      imageDetails.map(({ imageDigest, imageTags }) => [imageDigest, imageTags]),
      [[image.digest, ['two']]],
    );
  });

  await t.test(
    'copy to a folder and back as a Docker manifest makes another digest with the same layers',
    async () => {
      const layout = `oci:${join(region.scratch, 'layout')}:x`;
      await skopeo('copy', '--src-tls-verify=false', at('first:one'), layout);
      await skopeo('copy', '--dest-tls-verify=false', '--format', 'v2s2', layout, at('second:three'));
      const of = async (name: string) => JSON.parse(await skopeo('inspect', '--tls-verify=false', at(name)));
      const [was, is] = [await of('first:one'), await of('second:three')];
      assert.deepEqual(is.Layers, was.Layers);
      assert.notEqual(is.Digest, was.Digest);
      assert.deepEqual(is.RepoTags.sort(), ['three', 'two']);
    },
  );

  await t.test('an immutable tag is not moved, a stranger is turned away', async () => {
    const flags = ['--src-tls-verify=false', '--dest-tls-verify=false'];
    const moved = await run('skopeo', ['copy', ...flags, at('second:three'), at('second:two')], options);
    assert.notEqual(moved.status, 0);
    assert.match(moved.stderr, /immutable/);
    const stranger = await run(
      'skopeo',
      ['inspect', '--no-creds', '--tls-verify=false', at('first:one')],
      options,
    );
    assert.match(stranger.stderr, /unauthorized/);
  });
});
