import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';
import { BlobStore } from '../blobs/blob-store.ts';
import { chooseManifest, ImageStore } from './image-store.ts';

interface Entry {
  readonly path: string;
  readonly content?: string;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO';
  readonly linkpath?: string;
  readonly mode?: number;
}

describe('unpacking an image', () => {
  let home: string;
  let blobs: BlobStore;
  let store: ImageStore;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'plimsoll-images-'));
    blobs = new BlobStore(join(home, 'blobs'));
    await blobs.open();
    store = new ImageStore(join(home, 'images'), blobs);
    await store.open();
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const put = async (content: Buffer | object): Promise<string> => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    return `sha256:${(await blobs.put(bytes)).sha256}`;
  };
  const image = async (...layers: (readonly Entry[])[]): Promise<string> => {
    const digests = await Promise.all(layers.map((entries) => put(gzipSync(tar(entries)))));
    const mediaType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
    return put({
      config: { digest: await put({ config: { Cmd: ['node'] } }), mediaType: 'x' },
      layers: digests.map((digest) => ({ digest, mediaType })),
    });
  };
  const unpack = async (...layers: (readonly Entry[])[]): Promise<string> =>
    (await store.pull(await image(...layers))).rootfs;

  it('puts layers over each other; whiteouts remove what is below', async () => {
    const rootfs = await unpack(
      [
        { path: 'etc/a', content: '1' },
        { path: 'etc/b', content: '1' },
        { path: 'var/old', content: '1' },
        { path: 'file', content: '1' },
        { path: 'folder/x', content: '1' },
      ],
      [
        { path: 'etc/a', content: '2' },
        { path: 'etc/.wh.b' },
        { path: 'var/new', content: '2' },
        { path: 'var/.wh..wh..opq' },
        { path: 'file/now-a-folder', content: '2' },
        { path: 'folder', content: 'now a file' },
      ],
    );
    assert.equal(await readFile(join(rootfs, 'etc/a'), 'utf8'), '2');
    assert.deepEqual(await readdir(join(rootfs, 'etc')), ['a']);
    assert.deepEqual(await readdir(join(rootfs, 'var')), ['new']);
    assert.equal(await readFile(join(rootfs, 'file/now-a-folder'), 'utf8'), '2');
    assert.equal(await readFile(join(rootfs, 'folder'), 'utf8'), 'now a file');
  });

  it('keeps links inside the image: absolute ones mean its root, `..` stops there', async () => {
    const rootfs = await unpack(
      [
        { path: 'usr/bin/', type: 'Directory' },
        { path: 'bin', type: 'SymbolicLink', linkpath: 'usr/bin' },
        { path: 'etc/absolute', type: 'SymbolicLink', linkpath: '/usr/bin/tool' },
        { path: 'etc/escape', type: 'SymbolicLink', linkpath: '../../../../../../etc/passwd' },
        { path: 'etc/root', type: 'SymbolicLink', linkpath: '/' },
      ],
      [
        { path: 'bin/tool', content: 'tool', mode: 0o755 },
        { path: 'etc/hard', type: 'Link', linkpath: 'bin/tool' },
        { path: 'etc/root/through', content: 'x' },
      ],
    );
    assert.equal(await readFile(join(rootfs, 'usr/bin/tool'), 'utf8'), 'tool');
    assert.equal(await readFile(join(rootfs, 'etc/absolute'), 'utf8'), 'tool');
    assert.equal(await readFile(join(rootfs, 'etc/hard'), 'utf8'), 'tool');
    assert.equal(await readlink(join(rootfs, 'etc/escape')), 'passwd');
    assert.equal(await readFile(join(rootfs, 'through'), 'utf8'), 'x');
  });

  it('writes nothing outside through a link that leads there', async () => {
    const rootfs = await unpack(
      [
        { path: 'a/b/c/', type: 'Directory' },
        { path: 'deep', type: 'SymbolicLink', linkpath: 'a/b/c' },
        { path: 'out', type: 'SymbolicLink', linkpath: 'deep/../../../../..' },
      ],
      [{ path: 'out/evil', content: 'x' }],
    );
    assert.equal(await readFile(join(rootfs, 'evil'), 'utf8'), 'x');
    assert.deepEqual((await readdir(home)).sort(), ['blobs', 'images']);
  });

  it('takes neither owners nor set-user-id bits, and lets itself be removed', async () => {
    const rootfs = await unpack([
      { path: 'su', content: 'x', mode: 0o6777 },
      { path: 'closed/', type: 'Directory', mode: 0o000 },
      { path: 'closed/in', content: 'x', mode: 0o000 },
    ]);
    assert.equal(((await stat(join(rootfs, 'su'))).mode & 0o7777).toString(8), '755');
    assert.equal(((await lstat(join(rootfs, 'closed'))).mode & 0o7777).toString(8), '700');
    assert.equal((await stat(join(rootfs, 'su'))).uid, process.getuid?.());
    await new ImageStore(join(home, 'images'), blobs).keepOnly(new Set());
    assert.deepEqual(await readdir(join(home, 'images')), ['incoming']);
  });

  it('keeps unpacked what is wanted or was asked for in this run', async () => {
    const [one, two] = [await image([{ path: 'a' }]), await image([{ path: 'b' }])];
    for (const digest of [one, two]) await store.pull(digest);
    await store.keepOnly(new Set());
    assert.equal((await readdir(join(home, 'images'))).length, 3);
    await new ImageStore(join(home, 'images'), blobs).keepOnly(new Set([one]));
    assert.deepEqual((await readdir(join(home, 'images'))).sort(), [one.slice(7), 'incoming'].sort());
  });

  const refused: readonly [string, readonly Entry[], RegExp][] = [
    ['a path that leaves the image', [{ path: '../evil', content: 'x' }], /leaves the image/],
    ['a path with `..` in it', [{ path: 'a/../../evil', content: 'x' }], /leaves the image/],
    [
      'a hard link to a file outside',
      [{ path: 'x', type: 'Link', linkpath: '../../blobs' }],
      /leaves the image/,
    ],
    ['a device', [{ path: 'dev/null', type: 'CharacterDevice' }], /CharacterDevice, which is refused/],
    ['a pipe', [{ path: 'pipe', type: 'FIFO' }], /FIFO, which is refused/],
    [
      'a ring of links',
      [
        { path: 'a', type: 'SymbolicLink', linkpath: 'b' },
        { path: 'b', type: 'SymbolicLink', linkpath: 'a' },
        { path: 'a/x', content: 'x' },
      ],
      /too many links/,
    ],
  ];
  for (const [name, entries, message] of refused) {
    it(`refuses ${name} and leaves nothing behind`, async () => {
      await assert.rejects(
        unpack([{ path: 'ok', content: 'x' }, ...entries, { path: 'after', content: 'x' }]),
        {
          name: 'ImagePullError',
          message,
        },
      );
      assert.deepEqual(await readdir(join(home, 'images/incoming')), []);
    });
  }

  it('refuses what is no gzip, cut short, of another compression, or not there', async () => {
    const config = { digest: await put({}), mediaType: 'x' };
    const gzip = 'application/vnd.oci.image.layer.v1.tar+gzip';
    const whole = gzipSync(tar([{ path: 'a', content: 'x'.repeat(100_000) }]));
    const cases: [Buffer, string, RegExp][] = [
      [Buffer.from('no gzip'), gzip, /incorrect header check/],
      [whole.subarray(0, whole.length - 20), gzip, /unexpected end of file/],
      [whole, 'application/vnd.oci.image.layer.v1.tar+zstd', /tar\+zstd are not modelled/],
    ];
    for (const [bytes, mediaType, message] of cases) {
      const digest = await put({ config, layers: [{ digest: await put(bytes), mediaType }] });
      await assert.rejects(store.pull(digest), { name: 'ImagePullError', message });
    }
    const missing = `sha256:${createHash('sha256').update('none').digest('hex')}`;
    await assert.rejects(store.pull(missing), { name: 'ImagePullError', message: /not found/ });
  });

  it('unpacks once, also when it is asked for by many at the same time', async () => {
    const digest = await image([{ path: 'a', content: '1' }]);
    const pulled = await Promise.all([1, 2, 3].map(() => store.pull(digest)));
    assert.equal(new Set(pulled.map(({ rootfs }) => rootfs)).size, 1);
    await writeFile(join(pulled[0]?.rootfs ?? '', 'mark'), '');
    const again = new ImageStore(join(home, 'images'), blobs);
    await again.open();
    assert.deepEqual((await readdir((await again.pull(digest)).rootfs)).sort(), ['a', 'mark']);
  });

  it('follows an index to this machine’s platform, else to any Linux', async () => {
    const digest = await image([{ path: 'a', content: '1' }]);
    const index = await put({
      manifests: [{ digest, mediaType: 'x', platform: { os: 'linux', architecture: 'other' } }],
    });
    assert.equal((await store.pull(index)).digest, index);
    const entry = (os: string, architecture: string) => ({
      digest: `${os}/${architecture}`,
      mediaType: '',
      platform: { os, architecture },
    });
    const mine = process.arch === 'arm64' ? 'arm64' : 'amd64';
    assert.equal(chooseManifest([entry('linux', 's390x'), entry('linux', mine)]), `linux/${mine}`);
    assert.equal(chooseManifest([entry('windows', mine), entry('linux', 's390x')]), 'linux/s390x');
    assert.throws(
      () => chooseManifest([entry('windows', 'amd64')]),
      /does not contain descriptor matching platform/,
    );
  });
});

function tar(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ path, content = '', type = 'File', linkpath, mode = 0o644 }) => {
    const block = Buffer.alloc(512);
    const body = Buffer.from(content);
    new Header({
      path,
      type,
      mode,
      size: body.length,
      uid: 12345,
      gid: 12345,
      ...(linkpath === undefined ? {} : { linkpath }),
    }).encode(block, 0);
    return [block, body, Buffer.alloc((512 - (body.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}
