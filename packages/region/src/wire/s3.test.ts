import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetBucketLocationCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { loadModel } from '../models/model.ts';
import { dechunked, isAwsChunked } from './aws-chunked.ts';
import type { HttpRequest } from './http.ts';
import type { WireError } from './protocol.ts';
import { addressOf, s3 } from './s3.ts';
import { exchange } from './testing/sdk-exchange.ts';

const model = await loadModel('s3');

interface Outcome {
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly output: Record<string, unknown> & {
    $metadata: { requestId?: string; extendedRequestId?: string };
  };
  readonly request: HttpRequest;
}

async function send(command: object, output: object = {}, config: object = {}): Promise<Outcome> {
  let operation = '';
  let input = {};
  const { requestHandler, request } = exchange((sent) => {
    operation = s3.operationOf(sent, model) ?? '';
    input = s3.deserialize(sent, model, operation).input;
    return s3.serialize(model, operation, output, 'request-1');
  });
  const answer = await client({ requestHandler, ...config }).send(command as never);
  return { operation, input, output: answer as never, request: request() };
}

const client = (config: object): S3Client =>
  new S3Client({
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1:4566',
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    ...config,
  } as never);

const b = { Bucket: 'my-bucket' };
const o = { ...b, Key: 'a/b c/ü+&.txt' };
const part = { ...o, UploadId: 'u', PartNumber: 2 };

const commands: readonly (readonly [
  command: new (input: never) => object,
  input: object,
  output?: object,
])[] = [
  [ListBucketsCommand, {}],
  [
    CreateBucketCommand,
    {
      ...b,
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1', Tags: [{ Key: 'k', Value: 'v' }] },
    },
  ],
  [HeadBucketCommand, b],
  [DeleteBucketCommand, b],
  [GetBucketLocationCommand, b],
  [GetBucketAclCommand, b],
  [GetBucketPolicyCommand, b],
  [PutBucketPolicyCommand, { ...b, Policy: '{"Version":"2012-10-17"}' }],
  [PutBucketVersioningCommand, { ...b, VersioningConfiguration: { Status: 'Enabled' } }],
  [PutBucketTaggingCommand, { ...b, Tagging: { TagSet: [{ Key: 'k', Value: '<v>' }] } }],
  [
    PutBucketEncryptionCommand,
    {
      ...b,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true }],
      },
    },
  ],
  [
    PutPublicAccessBlockCommand,
    { ...b, PublicAccessBlockConfiguration: { BlockPublicAcls: true, IgnorePublicAcls: false } },
  ],
  [
    PutBucketLifecycleConfigurationCommand,
    {
      ...b,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: 'x',
            Filter: { And: { Prefix: 'p', Tags: [{ Key: 'k', Value: 'v' }] } },
            Status: 'Enabled',
            Expiration: { Days: 3, Date: new Date('2026-01-01T00:00:00Z') },
          },
        ],
      },
    },
  ],
  [
    PutBucketAclCommand,
    {
      ...b,
      AccessControlPolicy: {
        Grants: [{ Grantee: { Type: 'CanonicalUser', ID: 'i' }, Permission: 'READ' }],
        Owner: { ID: 'o' },
      },
    },
  ],
  [ListObjectsCommand, { ...b, Prefix: 'a/' }],
  [ListObjectsV2Command, { ...b, Prefix: 'a/', MaxKeys: 3, FetchOwner: true }],
  [ListObjectVersionsCommand, b],
  [ListMultipartUploadsCommand, b],
  [GetObjectCommand, { ...o, Range: 'bytes=0-3', IfModifiedSince: new Date('2026-01-01T00:00:00Z') }],
  [HeadObjectCommand, o],
  [DeleteObjectCommand, { ...o, VersionId: 'v' }],
  [GetObjectTaggingCommand, o],
  [CopyObjectCommand, { ...o, CopySource: 'other/key' }, { CopyObjectResult: { ETag: '"e"' } }],
  [
    DeleteObjectsCommand,
    { ...b, Delete: { Objects: [{ Key: 'a' }, { Key: 'b', VersionId: 'v' }], Quiet: true } },
  ],
  [CreateMultipartUploadCommand, { ...o, Metadata: { one: '1' } }],
  [UploadPartCopyCommand, { ...part, CopySource: 'other/key' }, { CopyPartResult: { ETag: '"e"' } }],
  [ListPartsCommand, { ...o, UploadId: 'u' }],
  [
    CompleteMultipartUploadCommand,
    { ...o, UploadId: 'u', MultipartUpload: { Parts: [{ PartNumber: 1, ETag: '"e"' }] } },
  ],
  [AbortMultipartUploadCommand, { ...o, UploadId: 'u' }],
];

/** Members that the client adds by itself. */
const ADDED = ['ChecksumAlgorithm', 'ChecksumCRC32', 'ChecksumMode', 'ContentMD5', 'ContentLength'];

for (const [Command, given, answer] of commands) {
  const name = Command.name.replace(/Command$/, '');
  for (const style of ['path', 'virtual-hosted', 'without x-id'] as const) {
    test(`${name} is understood in ${style} style`, async () => {
      const config = style === 'virtual-hosted' ? { endpoint: 'http://s3.localhost:4566' } : {};
      const { operation, input, request } = await send(new Command(given as never), answer, config);
      assert.equal(operation, name);
      for (const member of ADDED) if (!(member in given)) delete input[member];
      assert.deepEqual(input, given);
      if (style !== 'without x-id') return;
      const bare = { ...request, query: request.query.replace(/&?x-id=\w+/, '') };
      assert.equal(s3.operationOf(bare, model), name);
    });
  }
}

test('PutObject leaves its body to the gateway', async () => {
  const { operation, input, request } = await send(
    new PutObjectCommand({ ...o, Body: 'hello', ContentType: 'text/plain', Metadata: { a: 'b' } }),
  );
  assert.equal(operation, 'PutObject');
  assert.equal(input['ContentType'], 'text/plain');
  assert.deepEqual(input['Metadata'], { a: 'b' });
  assert.ok(!('Body' in input));
  assert.equal(Buffer.from(request.body).toString(), 'hello');
});

test('a stream uploaded in chunks with a trailing checksum is put together again', async () => {
  const Body = Readable.from([Buffer.from('hello '), Buffer.from('world')]);
  const { operation, request } = await send(new UploadPartCommand({ ...part, Body, ContentLength: 11 }));
  assert.equal(operation, 'UploadPart');
  assert.ok(isAwsChunked(request));
  const whole = dechunked(request);
  assert.equal(Buffer.from(whole.body).toString(), 'hello world');
  assert.equal(whole.headers['content-encoding'], undefined);
  assert.equal(whole.headers['x-amz-checksum-crc32'], 'DUoRhQ==');
  assert.equal(s3.deserialize(whole, model, 'UploadPart').input['ChecksumCRC32'], 'DUoRhQ==');
});

test('GetObject answers metadata in headers and bytes as they are', async () => {
  const { output } = await send(new GetObjectCommand(o), {
    Body: new Uint8Array([104, 105]),
    ETag: '"e"',
    ContentType: 'text/plain',
    LastModified: new Date('2026-01-01T00:00:00Z'),
    Metadata: { a: 'b' },
  });
  assert.equal(await (output['Body'] as { transformToString(): Promise<string> }).transformToString(), 'hi');
  assert.equal(output['ETag'], '"e"');
  assert.deepEqual(output['LastModified'], new Date('2026-01-01T00:00:00Z'));
  assert.deepEqual(output['Metadata'], { a: 'b' });
  assert.equal(output.$metadata.requestId, 'request-1');
  assert.ok(output.$metadata.extendedRequestId);
});

test('ListObjectsV2 answers a flattened list', async () => {
  const Contents = [
    { Key: 'a', Size: 1, LastModified: new Date('2026-01-01T00:00:00.123Z') },
    { Key: 'b&c', Size: 2 },
  ];
  const { output } = await send(new ListObjectsV2Command(b), {
    Contents,
    KeyCount: 2,
    CommonPrefixes: [{ Prefix: 'p/' }],
  });
  assert.deepEqual(output['Contents'], Contents);
  assert.deepEqual(output['CommonPrefixes'], [{ Prefix: 'p/' }]);
});

test('GetBucketLocation answers the region as the text of the root', async () => {
  const { output } = await send(new GetBucketLocationCommand(b), { LocationConstraint: 'eu-central-1' });
  assert.equal(output['LocationConstraint'], 'eu-central-1');
  const { body } = s3.serialize(
    model,
    'GetBucketLocation',
    { LocationConstraint: 'eu-central-1' },
    'request-1',
  );
  assert.match(String(body), /<LocationConstraint xmlns="[^"]+">eu-central-1<\/LocationConstraint>$/);
});

test('GetBucketAcl answers the kind of grantee as an attribute', async () => {
  const Grants = [{ Grantee: { Type: 'CanonicalUser', ID: 'i' }, Permission: 'READ' }];
  const { output } = await send(new GetBucketAclCommand(b), { Grants, Owner: { ID: 'o' } });
  assert.deepEqual(output['Grants'], Grants);
});

test('GetBucketPolicy answers the policy as the body', async () => {
  const { output } = await send(new GetBucketPolicyCommand(b), { Policy: '{"Version":"2012-10-17"}' });
  assert.equal(output['Policy'], '{"Version":"2012-10-17"}');
});

async function refused(
  command: object,
  error: Partial<WireError> & { code: string },
): Promise<Record<string, unknown>> {
  const { requestHandler } = exchange((request) => {
    const operation = s3.operationOf(request, model);
    return s3.serializeError(
      model,
      operation,
      { message: 'Nothing here.', status: 400, fault: 'client', ...error },
      'request-1',
    );
  });
  return (await client({ requestHandler })
    .send(command as never)
    .catch((reason: unknown) => reason)) as never;
}

test('NoSuchKey comes out of the client with its fields and both request ids', async () => {
  const thrown = await refused(new GetObjectCommand(o), {
    code: 'NoSuchKey',
    status: 404,
    fields: { Key: 'a&b' },
  });
  const { name, message, Key, $metadata } = thrown;
  assert.deepEqual({ name, message, Key }, { name: 'NoSuchKey', message: 'Nothing here.', Key: 'a&b' });
  const { httpStatusCode, requestId } = $metadata as { httpStatusCode: number; requestId: string };
  assert.deepEqual({ httpStatusCode, requestId }, { httpStatusCode: 404, requestId: 'request-1' });
});

test('the errors of HEAD have no body and are known by their status', async () => {
  const thrown = await refused(new HeadObjectCommand(o), { code: 'NoSuchKey', status: 404 });
  assert.equal(thrown['name'], 'NotFound');
});

test('a body that is not XML is MalformedXML', async () => {
  const { request } = await send(
    new PutBucketVersioningCommand({ ...b, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const broken = { ...request, body: Buffer.from('<VersioningConfiguration>') };
  assert.throws(() => s3.deserialize(broken, model, 'PutBucketVersioning'), { code: 'MalformedXML' });
});

test('a body that ends early is IncompleteBody', () => {
  const request = { method: 'PUT', path: '/b/k', query: '', headers: {}, body: Buffer.from('5\r\nhel') };
  assert.throws(() => dechunked(request), { code: 'IncompleteBody' });
});

const addresses = [
  { host: '127.0.0.1:4566', path: '/bucket/a%2Fb', bucket: 'bucket', key: '/a%2Fb' },
  { host: '127.0.0.1:4566', path: '/bucket/', bucket: 'bucket', key: '/' },
  { host: 'localhost:4566', path: '/bucket', bucket: 'bucket', key: '/' },
  { host: 'localhost:4566', path: '/', bucket: undefined, key: '/' },
  { host: 'bucket.localhost:4566', path: '/key', bucket: 'bucket', key: '/key' },
  { host: 'my.bucket.s3.localhost:4566', path: '/key', bucket: 'my.bucket', key: '/key' },
  { host: 's3.localhost:4566', path: '/bucket/key', bucket: 'bucket', key: '/key' },
  { host: 'bucket.s3.eu-central-1.amazonaws.com', path: '/', bucket: 'bucket', key: '/' },
  { host: 's3.eu-central-1.amazonaws.com', path: '/bucket/key', bucket: 'bucket', key: '/key' },
];

for (const { host, path, bucket, key } of addresses) {
  test(`${host}${path} addresses bucket ${bucket ?? '(none)'}, key ${key}`, () => {
    const request = { method: 'GET', path, query: '', headers: { host }, body: new Uint8Array() };
    assert.deepEqual(addressOf(request), { bucket, path: key });
  });
}
