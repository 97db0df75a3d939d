import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { imageRegistry } from '../../services/ecr/registry.ts';
import { ecr } from '../../services/ecr/service.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { BlobStore } from '../blobs/blob-store.ts';
import { ImageStore } from '../images/image-store.ts';
import { type PackedImage, packImage } from '../images/pack.ts';
import { pushImage } from '../images/push.ts';
import { manifestStore } from './manifest-store.ts';
import { Registry } from './registry.ts';

const run = promisify(execFile);

describe('registry', () => {
  let home: string;
  let region: TestRegion;
  let server: Server;
  let registryUrl: string;
  let authorization: string;
  let images: ImageStore;
  let registry: Registry;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'plimsoll-registry-'));
    const blobs = new BlobStore(join(home, 'blobs'));
    await blobs.open();
    images = new ImageStore(join(home, 'images'), blobs);
    await images.open();
    let host = '';
    region = testRegion((tables) => [
      ecr({ tables, manifests: manifestStore({ blobs, images }), registryHost: () => host }),
    ]);
    registry = new Registry(
      imageRegistry(region.tables, (description, as, work) => region.kernel.submit(description, as, work)),
      blobs,
    );
    server = createServer((request, response) => void registry.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    host = `localhost:${(server.address() as AddressInfo).port}`;
    registryUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await region.call('ecr', 'createRepository', {
      repositoryName: 'team/app',
      imageTagMutability: 'IMMUTABLE',
    });
    await region.call('ecr', 'createRepository', { repositoryName: 'other' });
    authorization = await login();
  });

  after(async () => {
    await registry.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(home, { recursive: true, force: true });
  });

  it('takes an image pushed by Plimsoll, skips what it has, and unpacks it by digest', async () => {
    const image = await pack('console.log(1)');
    const first = await push('team/app', 'v1', image);
    assert.equal(first.digest, image.digest);
    assert.ok(first.sentBytes > 0);
    assert.equal((await push('team/app', 'v1', image)).sentBytes, 0);
    const { rootfs, config } = await images.pull(image.digest);
    assert.equal(await readFile(join(rootfs, 'app/dist/main.js'), 'utf8'), 'console.log(1)');
    assert.deepEqual(config.Cmd, ['node', 'dist/main.js']);
    assert.equal((await images.pull(image.digest)).rootfs, rootfs);
    const { imageDetails } = await region.call('ecr', 'describeImages', { repositoryName: 'team/app' });
    assert.deepEqual(imageDetails?.[0]?.imageTags, ['v1']);
    assert.equal(imageDetails?.[0]?.imageDigest, image.digest);
  });

  it('refuses another image under an immutable tag, in the distribution API’s form with AWS’s text', async () => {
    await push('team/app', 'fixed', await pack('one'));
    await assert.rejects(push('team/app', 'fixed', await pack('two')), {
      name: 'RegistryError',
      code: 'TAG_INVALID',
      status: 400,
      message:
        /The image tag 'fixed' already exists in the 'team\/app' repository and cannot be overwritten because the repository is immutable\.$/,
    });
  });

  it('refuses a push into a repository that does not exist, before any bytes are sent', async () => {
    await assert.rejects(push('nowhere', 'v1', await pack('x')), {
      code: 'NAME_UNKNOWN',
      message: /The repository with name 'nowhere' does not exist in the registry with id '000000000000'/,
    });
  });

  it('asks for a login, and refuses a token of 12 hours ago', async () => {
    const anonymous = await fetch(`${registryUrl}/v2/`);
    assert.equal(anonymous.status, 401);
    assert.match(
      anonymous.headers.get('www-authenticate') ?? '',
      /^Basic realm="http:.*",service="ecr.amazonaws.com"$/,
    );
    const old = await login();
    assert.equal((await get('/v2/', old)).status, 200);
    await region.advance(12 * 60 * 60);
    assert.equal((await get('/v2/', old)).status, 401);
    assert.equal((await get('/v2/', `Basic ${btoa('AWS:wrong')}`)).status, 401);
    authorization = await login();
  });

  it('gives blobs whole and in part, lists tags and repositories page by page', async () => {
    const image = await pack('listed');
    for (const tag of ['a', 'b', 'c']) await push('other', tag, image);
    const [config] = image.blobs;
    assert.ok(config);
    const whole = await get(`/v2/other/blobs/${config.digest}`);
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), config.bytes);
    const part = await fetch(`${registryUrl}/v2/other/blobs/${config.digest}`, {
      headers: { authorization, range: 'bytes=2-5' },
    });
    assert.equal(part.status, 206);
    assert.equal(await part.text(), config.bytes.toString('utf8', 2, 6));
    const first = await get('/v2/other/tags/list?n=2');
    assert.deepEqual(await first.json(), { name: 'other', tags: ['a', 'b'] });
    const next = /<(.*)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    assert.deepEqual(await (await get(next)).json(), { name: 'other', tags: ['c'] });
    assert.deepEqual(await (await get('/v2/_catalog')).json(), { repositories: ['other', 'team/app'] });
    assert.equal((await get(`/v2/team/app/blobs/${digestOf('none')}`)).status, 404);
    assert.equal((await get('/v2/other/manifests/none')).status, 404);
  });

  it('takes a blob in one request, in chunks that fit, and from another repository', async () => {
    const bytes = Buffer.from('0123456789');
    const digest = digestOf('0123456789');
    const whole = await send('POST', `/v2/other/blobs/uploads/?digest=${digest}`, bytes);
    assert.equal(whole.status, 201);
    const mounted = await send('POST', `/v2/team/app/blobs/uploads/?mount=${digest}&from=other`);
    assert.equal(mounted.status, 201);
    const started = await send('POST', `/v2/other/blobs/uploads/?mount=${digestOf('none')}&from=other`);
    assert.equal(started.status, 202);
    const location = started.headers.get('location') ?? '';
    const chunk = await send('PATCH', location, bytes.subarray(0, 4), { 'Content-Range': '0-3' });
    assert.equal(chunk.headers.get('range'), '0-3');
    assert.equal((await send('PATCH', location, bytes, { 'Content-Range': '9-18' })).status, 416);
    const wrong = await send('PUT', `${location}?digest=${digestOf('other')}`, bytes.subarray(4));
    assert.equal(wrong.status, 400);
    assert.equal((await send('PUT', `${location}?digest=${digest}`)).status, 404);
  });

  it('deletes an image by its digest', async () => {
    const image = await pack('deleted');
    await push('other', 'gone', image);
    assert.equal((await send('DELETE', `/v2/other/manifests/${image.digest}`)).status, 202);
    assert.equal((await get('/v2/other/manifests/gone')).status, 404);
    await assert.rejects(images.pull(digestOf('never')), /not found/);
  });

  it('refuses a manifest whose layers were not pushed', async () => {
    const { manifest } = await pack('unsent');
    const response = await fetch(`${registryUrl}/v2/other/manifests/x`, {
      method: 'PUT',
      headers: { authorization, 'content-type': manifest.mediaType },
      body: new Uint8Array(manifest.bytes),
    });
    assert.equal(response.status, 404);
    const { errors } = (await response.json()) as { errors: { code: string; message: string }[] };
    assert.equal(errors[0]?.code, 'MANIFEST_BLOB_UNKNOWN');
    assert.match(errors[0]?.message ?? '', /^Layers with digests '\[sha256:.*\]' required for pushing image/);
  });

  it('works with skopeo', { skip: !hasSkopeo() && 'needs skopeo' }, async () => {
    const image = await pack('of skopeo');
    await push('other', 'source', image);
    const host = registryUrl.replace('http://', 'docker://');
    const [, token = ''] = Buffer.from(authorization.slice(6), 'base64').toString().split(':');
    const credentials = `AWS:${token}`;
    const layout = join(home, 'layout');
    const plain = ['--insecure-policy', 'copy'];
    await run('skopeo', [
      ...plain,
      '--src-tls-verify=false',
      '--src-creds',
      credentials,
      `${host}/other:source`,
      `oci:${layout}:x`,
    ]);
    await run('skopeo', [
      ...plain,
      '--dest-tls-verify=false',
      '--dest-creds',
      credentials,
      `oci:${layout}:x`,
      `${host}/team/app:copied`,
    ]);
    const inspect = ['inspect', '--tls-verify=false', '--creds', credentials, `${host}/team/app:copied`];
    const { Digest } = JSON.parse((await run('skopeo', inspect)).stdout) as { Digest: string };
    assert.equal(Digest, image.digest);
    const refused = run('skopeo', [
      ...plain,
      '--dest-tls-verify=false',
      '--dest-creds',
      credentials,
      `oci:${layout}:x`,
      `${host}/nowhere:x`,
    ]);
    await assert.rejects(refused, /The repository with name 'nowhere' does not exist/);
  });

  async function login(): Promise<string> {
    const { authorizationData } = await region.call('ecr', 'getAuthorizationToken', {});
    return `Basic ${authorizationData?.[0]?.authorizationToken}`;
  }

  async function pack(content: string): Promise<PackedImage> {
    const context = join(home, 'context');
    await mkdir(join(context, 'dist'), { recursive: true });
    await writeFile(join(context, 'dist/main.js'), content);
    return packImage({ context, config: { command: ['node', 'dist/main.js'], port: 3000 } });
  }

  function push(repository: string, tag: string, image: PackedImage) {
    return pushImage({ registryUrl, repository, tag, image, authorization });
  }

  function get(path: string, as = authorization) {
    return fetch(registryUrl + path, { headers: { authorization: as } });
  }

  function send(method: string, path: string, body?: Buffer, headers: Record<string, string> = {}) {
    return fetch(registryUrl + path, {
      method,
      headers: { authorization, ...headers },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
  }
});

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function hasSkopeo(): boolean {
  try {
    execFileSync('skopeo', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
