import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { testRegion } from '../../testing/test-region.ts';
import type { BodySlice, StoredBody } from './ports.ts';
import { s3 } from './service.ts';

const kept: (readonly string[])[] = [];

async function region() {
  const made = testRegion((tables) => [
    s3({ tables, objects: { keepOnly: async (wanted) => void kept.push(wanted) } }),
  ]);
  const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' } as const;
  await made.call('s3', 'createBucket', { Bucket: 'bucket', CreateBucketConfiguration });
  const put = (Key: string, text: string, more: object = {}) =>
    made.call('s3', 'putObject', { Bucket: 'bucket', Key, Body: stored(text) as never, ...more });
  return { ...made, put };
}

function stored(text: string): StoredBody {
  const digest = (algorithm: string) => createHash(algorithm).update(text).digest('base64');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(text));
  return {
    sha256: createHash('sha256').update(text).digest('hex'),
    size: Buffer.byteLength(text),
    digests: {
      md5: digest('md5'),
      sha1: digest('sha1'),
      sha256: digest('sha256'),
      crc32: sum.toString('base64'),
    },
  };
}

const Bucket = 'bucket';

test('an object comes back with its type, metadata and MD5 as ETag', async () => {
  const { call, put } = await region();
  await put('k', 'hello', { ContentType: 'text/plain', Metadata: { a: '1' } });
  const head = await call('s3', 'headObject', { Bucket, Key: 'k' });
  assert.equal(head.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  assert.deepEqual([head.ContentType, head.Metadata, head.ContentLength], ['text/plain', { a: '1' }, 5]);
});

for (const [range, start, end, contentRange] of [
  ['bytes=0-1', 0, 1, 'bytes 0-1/5'],
  ['bytes=3-', 3, 4, 'bytes 3-4/5'],
  ['bytes=-2', 3, 4, 'bytes 3-4/5'],
  ['bytes=1-99', 1, 4, 'bytes 1-4/5'],
  ['lines=1-2', 0, 4, undefined],
] as const) {
  test(`Range ${range} of five bytes gives ${start} to ${end}`, async () => {
    const { call, put } = await region();
    await put('k', 'hello');
    const got = await call('s3', 'getObject', { Bucket, Key: 'k', Range: range });
    const { start: from, end: to } = got.Body as unknown as BodySlice;
    assert.deepEqual([from, to, got.ContentRange], [start, end, contentRange]);
  });
}

test('a range past the end is not satisfiable', async () => {
  const { call, put } = await region();
  await put('k', 'hello');
  await assert.rejects(call('s3', 'getObject', { Bucket, Key: 'k', Range: 'bytes=5-' }), {
    code: 'InvalidRange',
    status: 416,
  });
});

test('a body that is not the one declared is refused and nothing is stored', async () => {
  const { call, put } = await region();
  await assert.rejects(put('k', 'hello', { ChecksumCRC32: 'AAAAAA==' }), { code: 'BadDigest' });
  await assert.rejects(put('k', 'hello', { ContentMD5: 'AAAA' }), { code: 'BadDigest' });
  await assert.rejects(call('s3', 'headObject', { Bucket, Key: 'k' }), { code: 'NoSuchKey' });
});

test('If-None-Match writes only where nothing is', async () => {
  const { put } = await region();
  await put('k', 'one', { IfNoneMatch: '*' });
  await assert.rejects(put('k', 'two', { IfNoneMatch: '*' }), { code: 'PreconditionFailed', status: 412 });
});

test('with versioning a deletion leaves a marker, and the bucket is not empty until all versions are gone', async () => {
  const { call, put } = await region();
  await call('s3', 'putBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  const { VersionId } = await put('k', 'one');
  const marker = await call('s3', 'deleteObject', { Bucket, Key: 'k' });
  assert.equal(marker.DeleteMarker, true);
  await assert.rejects(call('s3', 'getObject', { Bucket, Key: 'k' }), { code: 'NoSuchKey' });
  assert.equal((await call('s3', 'headObject', { Bucket, Key: 'k', VersionId })).ContentLength, 3);
  await assert.rejects(call('s3', 'deleteBucket', { Bucket }), {
    code: 'BucketNotEmpty',
    message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
  });
  await call('s3', 'deleteObject', { Bucket, Key: 'k', VersionId });
  await call('s3', 'deleteObject', { Bucket, Key: 'k', VersionId: marker.VersionId });
  await call('s3', 'deleteBucket', { Bucket });
});

test('a listing folds keys behind the delimiter and goes on where its page ended', async () => {
  const { call, put } = await region();
  for (const key of ['a/1', 'a/2', 'b', 'c/1']) await put(key, 'x');
  const first = await call('s3', 'listObjectsV2', { Bucket, Delimiter: '/', MaxKeys: 2 });
  assert.deepEqual(first.CommonPrefixes, [{ Prefix: 'a/' }]);
  assert.deepEqual(
    first.Contents?.map(({ Key }) => Key),
    ['b'],
  );
  const second = await call('s3', 'listObjectsV2', {
    Bucket,
    Delimiter: '/',
    ContinuationToken: first.NextContinuationToken,
  });
  assert.deepEqual(
    [second.CommonPrefixes, second.Contents, second.IsTruncated],
    [[{ Prefix: 'c/' }], [], false],
  );
});

test('a multipart upload becomes one object of its parts, in order', async () => {
  const { call } = await region();
  const key = { Bucket, Key: 'big' };
  const { UploadId } = await call('s3', 'createMultipartUpload', key);
  const part = (PartNumber: number, text: string) =>
    call('s3', 'uploadPart', { ...key, UploadId, PartNumber, Body: stored(text) as never });
  const two = await part(2, 'end');
  const one = await part(1, 'x'.repeat(5 * 1024 * 1024));
  const Parts = [
    { PartNumber: 1, ETag: one.ETag },
    { PartNumber: 2, ETag: two.ETag },
  ];
  const done = await call('s3', 'completeMultipartUpload', { ...key, UploadId, MultipartUpload: { Parts } });
  assert.match(done.ETag ?? '', /^"[0-9a-f]{32}-2"$/);
  assert.equal((await call('s3', 'headObject', key)).ContentLength, 5 * 1024 * 1024 + 3);
});

test('a part below 5 MiB that is not the last is refused', async () => {
  const { call } = await region();
  const key = { Bucket, Key: 'big' };
  const { UploadId } = await call('s3', 'createMultipartUpload', key);
  const Parts = [];
  for (const PartNumber of [1, 2]) {
    const { ETag } = await call('s3', 'uploadPart', {
      ...key,
      UploadId,
      PartNumber,
      Body: stored('small') as never,
    });
    Parts.push({ PartNumber, ETag });
  }
  await assert.rejects(
    call('s3', 'completeMultipartUpload', { ...key, UploadId, MultipartUpload: { Parts } }),
    {
      code: 'EntityTooSmall',
    },
  );
});

for (const [name, code] of [
  ['UPPER', 'InvalidBucketName'],
  ['10.0.0.1', 'InvalidBucketName'],
  ['bucket', 'BucketAlreadyOwnedByYou'],
] as const) {
  test(`CreateBucket refuses ${name}`, async () => {
    const { call } = await region();
    const CreateBucketConfiguration = { LocationConstraint: 'eu-central-1' } as const;
    await assert.rejects(call('s3', 'createBucket', { Bucket: name, CreateBucketConfiguration }), { code });
  });
}

test('bodies that no object needs are dropped, those of uploads under way are kept', async () => {
  const { put, advance } = await region();
  await put('k', 'old');
  await put('k', 'new');
  kept.length = 0;
  await advance(3601);
  assert.deepEqual(kept.at(-1), [stored('new').sha256]);
});
