import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type PackedImage, packImage } from '@plimsoll/region/planes/images/pack.js';
import { temporaryFolder } from '../temporary-folder.ts';
import { badImage, twinOf, unfitness } from './images.ts';

test('a twin has the files and the command of its image, and another digest', async (t) => {
  const image = await packed(t);
  const twin = twinOf(image, 'twin');
  assert.notEqual(twin.digest, image.digest);
  assert.deepEqual(twin.blobs.slice(1), image.blobs.slice(1));
  assert.equal(twinOf(image, 'twin').digest, twin.digest);
  const config = JSON.parse(twin.blobs[0]?.bytes.toString('utf8') ?? '');
  assert.deepEqual(config.config.Cmd, ['node', 'main.js']);
  const manifest = JSON.parse(twin.manifest.bytes.toString('utf8'));
  assert.equal(manifest.config.digest, twin.blobs[0]?.digest);
});

test('the bad image is the same every time', async () => {
  assert.equal((await badImage()).digest, (await badImage()).digest);
});

test('without an engine an image runs that was packed for it, or whose command is node', async (t) => {
  const image = await packed(t);
  assert.equal(unfitness(image, 'process', ['./server']), undefined);
  const foreign = await packed(t, { 'org.plimsoll.process': 'false' });
  assert.equal(unfitness(foreign, 'process', []), undefined);
  assert.equal(unfitness(foreign, 'process', ['./server']), 'only a container engine can run `./server`');
});

async function packed(t: TestContext, labels: Readonly<Record<string, string>> = {}): Promise<PackedImage> {
  const { path: context, remove } = await temporaryFolder();
  t.after(remove);
  await writeFile(join(context, 'main.js'), '');
  return packImage({ context, config: { command: ['node', 'main.js'], labels } });
}
