import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BlobDigestError, BlobStore } from './blob-store.ts';

describe('blob store', () => {
  let root: string;
  let store: BlobStore;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'plimsoll-blobs-'));
    store = new BlobStore(root);
    await store.open();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('keeps bytes by their SHA-256, once', async () => {
    const ref = await store.put(Buffer.from('hello'));
    assert.deepEqual(ref, { sha256: sha256('hello'), size: 5 });
    assert.deepEqual(await store.put(Buffer.from('hello')), ref);
    assert.equal((await store.bytes(ref.sha256)).toString(), 'hello');
    assert.deepEqual(await readdir(join(root, 'incoming')), []);
  });

  it('reads a range, both ends included', async () => {
    const { sha256: id } = await store.put(Buffer.from('0123456789'));
    assert.equal((await buffer(await store.read(id, { start: 2, end: 4 }))).toString(), '234');
    assert.equal((await buffer(await store.read(id, { start: 8 }))).toString(), '89');
    assert.equal((await buffer(await store.read(id))).toString(), '0123456789');
  });

  it('keeps an empty blob', async () => {
    const ref = await store.put(Buffer.alloc(0));
    assert.equal(await store.size(ref.sha256), 0);
    assert.equal((await buffer(await store.read(ref.sha256))).length, 0);
  });

  it('leaves nothing behind when the source breaks off', async () => {
    await assert.rejects(store.put(breaking()), /cable/);
    assert.deepEqual(await readdir(join(root, 'incoming')), []);
    assert.deepEqual(await readdir(join(root, 'sha256')), []);
  });

  it('takes a blob in pieces and refuses one with another digest', async () => {
    const upload = await store.upload();
    await upload.append(Buffer.from('hel'));
    await upload.append(Buffer.from('lo'));
    assert.equal(upload.size, 5);
    assert.deepEqual(await upload.commit(sha256('hello')), { sha256: sha256('hello'), size: 5 });

    const other = await store.upload();
    await other.append(Buffer.from('hello'));
    await assert.rejects(other.commit(sha256('world')), BlobDigestError);
    assert.deepEqual(await readdir(join(root, 'incoming')), []);
  });

  it('rejects reading and sizing nothing for a blob that is not there', async () => {
    assert.equal(await store.size(sha256('no')), undefined);
    assert.equal(await store.has(sha256('no')), false);
    await assert.rejects(store.read(sha256('no')), { code: 'ENOENT' });
    await store.remove(sha256('no'));
    assert.throws(() => store.path('../../etc/passwd'), /not a SHA-256/);
  });

  it('drops unfinished writes when it is opened again', async () => {
    await writeFile(join(root, 'incoming', 'half'), 'x');
    await new BlobStore(root).open();
    assert.deepEqual(await readdir(join(root, 'incoming')), []);
  });

  it('removes what nobody wants, but not what was just written', async () => {
    const wanted = await store.put(Buffer.from('wanted'));
    const unwanted = await store.put(Buffer.from('unwanted'));
    await store.keepOnly(new Set([wanted.sha256]), { unusedForMs: 60_000 });
    assert.equal(await store.has(unwanted.sha256), true);
    await store.keepOnly(new Set([wanted.sha256]), { unusedForMs: -1000 });
    assert.equal(await store.has(unwanted.sha256), false);
    assert.equal(await store.has(wanted.sha256), true);
  });
});

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function* breaking(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('some');
  throw new Error('cable cut');
}
