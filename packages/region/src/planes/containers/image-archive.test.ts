import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Parser, type ReadEntry } from 'tar';
import { BlobStore } from '../blobs/blob-store.ts';
import { type PackedImage, packImage } from '../images/pack.ts';
import { type ImageArchive, imageArchive } from './image-archive.ts';

describe('an image as an archive for engines', () => {
  let folder: string;
  let blobs: BlobStore;
  let image: PackedImage;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'plimsoll-archive-'));
    blobs = new BlobStore(join(folder, 'blobs'));
    await blobs.open();
    await writeFile(join(folder, 'main.js'), '');
    image = await packImage({
      context: folder,
      include: ['main.js'],
      config: { command: ['node', 'main.js'] },
    });
    for (const { bytes } of [...image.blobs, image.manifest]) await blobs.put(bytes);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is an OCI layout and what `docker save` writes, with every blob as the registry has it', async () => {
    const archive = await imageArchive(blobs, image.digest, 'localhost/x:1');
    assert.deepEqual(archive.config.Cmd, ['node', 'main.js']);
    const files = await filesOf(archive);
    const pathOf = (digest = '') => digest.replace('sha256:', 'blobs/sha256/');
    for (const { digest, bytes } of [...image.blobs, image.manifest]) {
      assert.deepEqual(files.get(pathOf(digest)), bytes);
    }
    const [config, layer] = image.blobs;
    assert.deepEqual(JSON.parse(String(files.get('manifest.json'))), [
      { Config: pathOf(config?.digest), RepoTags: ['localhost/x:1'], Layers: [pathOf(layer?.digest)] },
    ]);
    assert.equal(JSON.parse(String(files.get('index.json'))).manifests[0].digest, image.digest);
    assert.equal(String(files.get('oci-layout')), '{"imageLayoutVersion":"1.0.0"}');
  });

  it('holds this machine’s image of an index', async () => {
    const { mediaType, digest, bytes } = image.manifest;
    const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
    const index = {
      schemaVersion: 2,
      manifests: [
        {
          mediaType,
          digest: `sha256:${'1'.repeat(64)}`,
          size: 1,
          platform: { os: 'linux', architecture: 'riscv64' },
        },
        { mediaType, digest, size: bytes.length, platform: { os: 'linux', architecture } },
      ],
    };
    const { sha256 } = await blobs.put(Buffer.from(JSON.stringify(index)));
    const files = await filesOf(await imageArchive(blobs, `sha256:${sha256}`, 'localhost/x:1'));
    assert.equal(JSON.parse(String(files.get('index.json'))).manifests[0].digest, digest);
  });

  it('is refused without its manifest, and breaks off without a layer', async () => {
    const none = `sha256:${'0'.repeat(64)}`;
    await assert.rejects(imageArchive(blobs, none, 'x'), {
      message: `content at ${none} not found: not found`,
    });
    const layer = image.blobs[1]?.digest ?? '';
    await blobs.remove(layer.replace('sha256:', ''));
    await assert.rejects(filesOf(await imageArchive(blobs, image.digest, 'x')), {
      message: `content at ${layer} not found: not found`,
    });
  });
});

async function filesOf(archive: ImageArchive): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const parser = new Parser({ strict: true });
  parser.on('entry', (entry: ReadEntry) => {
    const chunks: Buffer[] = [];
    entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    entry.on('end', () => files.set(entry.path, Buffer.concat(chunks)));
  });
  const ended = new Promise<void>((resolve) => {
    parser.once('end', resolve);
  });
  for await (const chunk of archive.open()) parser.write(chunk);
  parser.end();
  await ended;
  return files;
}
