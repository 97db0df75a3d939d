import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { ignorePattern } from './context.ts';
import { type PackedImage, packImage } from './pack.ts';

describe('packing an image', () => {
  let context: string;
  beforeEach(async () => {
    context = await mkdtemp(join(tmpdir(), 'plimsoll-pack-'));
  });
  afterEach(() => rm(context, { recursive: true, force: true }));

  const config = { command: ['node', 'dist/main.js'] };
  const put = async (path: string, content = path, mode = 0o644) => {
    await mkdir(dirname(join(context, path)), { recursive: true });
    await writeFile(join(context, path), content);
    await chmod(join(context, path), mode);
  };

  it('gives the same digest for the same files, whenever and in whatever order they were written', async () => {
    await put('b.js');
    await put('a/x.js', 'x', 0o600);
    const first = await packImage({ context, config });
    await rm(context, { recursive: true });
    await put('a/x.js', 'x', 0o664);
    await put('b.js');
    await utimes(join(context, 'b.js'), 1, 1);
    assert.equal((await packImage({ context, config })).digest, first.digest);
    await put('b.js', 'other');
    assert.notEqual((await packImage({ context, config })).digest, first.digest);
  });

  it('packs sorted entries below the working directory, without owners and times', async () => {
    await put('dist/main.js');
    await put('bin/run', '#!/bin/sh', 0o755);
    await symlink('dist/main.js', join(context, 'main'));
    const entries = await entriesOf(
      await packImage({ context, config: { ...config, workingDirectory: '/srv/app' } }),
    );
    assert.deepEqual(
      entries.map(({ path, mode, mtime, uid }) => [path, mode?.toString(8), mtime?.getTime(), uid]),
      [
        ['srv/', '755', 0, 0],
        ['srv/app/', '755', 0, 0],
        ['srv/app/bin/', '755', 0, 0],
        ['srv/app/bin/run', '755', 0, 0],
        ['srv/app/dist/', '755', 0, 0],
        ['srv/app/dist/main.js', '644', 0, 0],
        ['srv/app/main', '777', 0, 0],
      ],
    );
    assert.equal(entries.at(-1)?.linkpath, 'dist/main.js');
  });

  it('packs only what is included and not ignored', async () => {
    for (const path of ['dist/main.js', 'dist/main.js.map', 'src/main.ts', 'package.json']) await put(path);
    const image = await packImage({
      context,
      include: ['dist', 'package.json'],
      ignore: ['**/*.map'],
      config,
    });
    const paths = (await entriesOf(image)).map(({ path }) => path).filter((path) => !path.endsWith('/'));
    assert.deepEqual(paths, ['app/dist/main.js', 'app/package.json']);
    await assert.rejects(
      packImage({ context, include: ['../x'], config }),
      /leaves the folder that is packed/,
    );
    await assert.rejects(packImage({ context, include: ['none'], config }), { code: 'ENOENT' });
  });

  it('keeps names longer than a tar header holds, and names that are not ASCII', async () => {
    const long = `${'folder-'.repeat(20)}/${'ä'.repeat(80)}.js`;
    await put(long);
    assert.ok(
      (await entriesOf(await packImage({ context, config }))).some(({ path }) => path === `app/${long}`),
    );
  });

  it('writes the command, environment, port and labels into the config', async () => {
    await put('main.js');
    const image = await packImage({
      context,
      config: {
        command: ['node', 'main.js'],
        entrypoint: ['env'],
        environment: { A: '1' },
        port: 3000,
        labels: { team: 'x' },
        stopSignal: 'SIGINT',
      },
    });
    const { config: written, rootfs } = JSON.parse(image.blobs[0]?.bytes.toString() ?? '');
    assert.deepEqual(written, {
      Entrypoint: ['env'],
      Cmd: ['node', 'main.js'],
      Env: ['A=1'],
      WorkingDir: '/app',
      ExposedPorts: { '3000/tcp': {} },
      StopSignal: 'SIGINT',
      Labels: { 'org.plimsoll.process': 'true', team: 'x' },
    });
    assert.match(rootfs.diff_ids[0], /^sha256:[0-9a-f]{64}$/);
  });
});

const ignored: readonly [readonly string[], readonly string[], readonly string[]][] = [
  [['node_modules'], ['node_modules', 'node_modules/a/b'], ['x/node_modules', 'node_modules2']],
  [['**/node_modules'], ['node_modules/a', 'x/y/node_modules/a'], ['x/node_modules2']],
  [['*.md', '!README.md'], ['a.md'], ['README.md', 'docs/a.md']],
  [['/dist/'], ['dist/a'], ['x/dist']],
  [['# comment', '', 'a?c'], ['abc'], ['ac', 'a/c', '# comment']],
  [['a.b'], ['a.b'], ['axb']],
  [['[ab].js'], ['a.js'], ['c.js']],
];

describe('ignore patterns', () => {
  for (const [patterns, matching, others] of ignored) {
    it(`${JSON.stringify(patterns)} match as in a .dockerignore`, () => {
      const isIgnored = ignorePattern(patterns);
      assert.deepEqual(
        matching.filter((path) => !isIgnored(path)),
        [],
      );
      assert.deepEqual(others.filter(isIgnored), []);
    });
  }
});

async function entriesOf(image: PackedImage): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      entries.push(entry);
      entry.resume();
    },
  });
  const ended = new Promise((resolve, reject) => {
    parser.once('end', () => resolve(undefined));
    parser.once('error', reject);
  });
  parser.end(gunzipSync(image.blobs[1]?.bytes ?? Buffer.alloc(0)));
  await ended;
  return entries;
}
