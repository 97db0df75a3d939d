import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Sha256 } from '@smithy/core/checksum';
import { buildQueryString } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { AwsError } from '../kernel/aws-error.ts';
import type { HttpRequest } from '../wire/http.ts';
import { parseSignature, type SigV4, verifyBody, verifySignature } from './signature.ts';

// The published examples: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// ("AWS SigV4 test suite") use this key, time and scope.
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const NOW = Date.UTC(2015, 7, 30, 12, 36, 0);
const SCOPE = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';

function get(
  over: Partial<HttpRequest> = {},
  signedHeaders = 'host;x-amz-date',
  signature = '',
): HttpRequest {
  return {
    method: 'GET',
    path: '/',
    query: '',
    body: new Uint8Array(),
    ...over,
    headers: {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE}, SignedHeaders=${signedHeaders}, Signature=${signature}`,
      ...over.headers,
    },
  };
}

function verify(
  request: HttpRequest,
  now = NOW,
  protocol: 'query' | 's3' | 'json-1.1' | 'ec2-query' = 'query',
): void {
  const signature = parseSignature(request, protocol);
  assert.equal(signature.kind, 'sigv4');
  verifySignature(request, signature as SigV4, { secretAccessKey: SECRET, now, protocol });
}

const published = [
  {
    name: 'get-vanilla',
    request: get({}, 'host;x-amz-date', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'),
  },
  {
    name: 'get-vanilla-query-order-key-case',
    request: get(
      { query: 'Param2=value2&Param1=value1' },
      'host;x-amz-date',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ),
  },
  {
    name: 'post-vanilla',
    request: get(
      { method: 'POST' },
      'host;x-amz-date',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ),
  },
  {
    name: 'get-header-value-trim',
    request: get(
      { headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' } },
      'host;my-header1;my-header2;x-amz-date',
      'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    ),
  },
  {
    name: 'post-x-www-form-urlencoded',
    request: get(
      {
        method: 'POST',
        body: Buffer.from('Param1=value1'),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      'content-type;host;x-amz-date',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ),
  },
];

for (const { name, request } of published) {
  test(`the published example ${name} is verified`, () => verify(request));
}

// From here on the SDK's own signer makes the requests.
const sign = new SignatureV4({
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET, sessionToken: 'a/session+token==' },
  region: 'eu-central-1',
  service: 'sts',
  sha256: Sha256,
});

const unsigned = {
  method: 'POST',
  protocol: 'http:',
  hostname: '127.0.0.1',
  port: 4566,
  path: '/',
  headers: { host: '127.0.0.1:4566', 'content-type': 'application/x-www-form-urlencoded' },
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
};

function received(sent: {
  method: string;
  path: string;
  query?: Record<string, unknown>;
  headers: Record<string, string>;
  body?: unknown;
}): HttpRequest {
  return {
    method: sent.method,
    path: sent.path,
    query: buildQueryString((sent.query ?? {}) as Record<string, string>),
    headers: Object.fromEntries(
      Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    body: Buffer.from((sent.body as string | undefined) ?? ''),
  };
}

const signedNow = async (over: object = {}): Promise<HttpRequest> =>
  received(await sign.sign({ ...unsigned, ...over }, { signingDate: new Date(NOW) }));

test('a request that the SDK signed is verified, and its scope and session token are told', async () => {
  const request = await signedNow();
  verify(request);
  assert.deepEqual(
    { ...parseSignature(request), signedHeaders: [], signature: '' },
    {
      kind: 'sigv4',
      placement: 'header',
      accessKeyId: 'AKIDEXAMPLE',
      date: '20150830',
      region: 'eu-central-1',
      service: 'sts',
      signedHeaders: [],
      signature: '',
      timestamp: '20150830T123600Z',
      securityToken: 'a/session+token==',
      expiresSeconds: undefined,
    },
  );
});

test('odd characters in path and query are verified', async () => {
  verify(await signedNow({ path: "/a b/%C3%BC/(x)!*'/", query: { 'k&=': 'v +%/é', list: ['b', 'a'] } }));
});

test('a presigned request is verified until it expires', async () => {
  const presigned = received(
    await sign.presign(
      { ...unsigned, method: 'GET', body: '' },
      { signingDate: new Date(NOW), expiresIn: 60 },
    ),
  );
  verify(presigned, NOW + 60_000);
  assert.throws(() => verify(presigned, NOW + 61_000), {
    code: 'SignatureDoesNotMatch',
    message:
      /^Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \(20150830T123701Z - 1 min\.\)$/,
  });
});

const refused: readonly {
  name: string;
  change: (request: HttpRequest) => HttpRequest;
  now?: number;
  protocol?: 'query' | 'json-1.1' | 's3' | 'ec2-query';
  error: { code: string; status?: number; message?: RegExp };
}[] = [
  {
    name: 'a changed body does not match',
    change: (request) => ({ ...request, body: Buffer.from('Action=DeleteEverything') }),
    error: {
      code: 'SignatureDoesNotMatch',
      status: 403,
      message: /^The request signature we calculated does not match the signature you provided\./,
    },
  },
  {
    name: 'JSON services call a mismatch InvalidSignatureException',
    change: (request) => ({ ...request, method: 'PUT' }),
    protocol: 'json-1.1',
    error: {
      code: 'InvalidSignatureException',
      status: 400,
      message: /The Canonical String for this request should have been\n'PUT\n/,
    },
  },
  {
    name: 'a request from more than five minutes ago is expired',
    change: (request) => request,
    now: NOW + 301_000,
    error: {
      code: 'SignatureDoesNotMatch',
      message:
        /^Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \(20150830T124101Z - 5 min\.\)$/,
    },
  },
  {
    name: 'a request from more than five minutes ahead is not yet current',
    change: (request) => request,
    now: NOW - 301_000,
    error: {
      code: 'SignatureDoesNotMatch',
      message:
        /^Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z \(20150830T123059Z \+ 5 min\.\)$/,
    },
  },
  {
    name: 'S3 allows fifteen minutes and then says RequestTimeTooSkewed',
    change: (request) => request,
    now: NOW + 901_000,
    protocol: 's3',
    error: { code: 'RequestTimeTooSkewed', status: 403 },
  },
  {
    name: 'a scope of another day is refused',
    change: reauthorized('20150830', '20150829'),
    error: {
      code: 'SignatureDoesNotMatch',
      message:
        /^Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from '20150830T123600Z'\.$/,
    },
  },
  {
    name: 'a scope with another ending is refused',
    change: reauthorized('aws4_request', 'aws5_request'),
    error: {
      code: 'SignatureDoesNotMatch',
      message: /^Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'\.$/,
    },
  },
  {
    name: 'a credential with too few parts is incomplete',
    change: reauthorized('/eu-central-1', ''),
    error: {
      code: 'IncompleteSignature',
      message: /^Credential must have exactly 5 slash-delimited elements/,
    },
  },
  {
    name: 'a signature without signed headers is incomplete',
    change: reauthorized(/SignedHeaders=[^,]*,/, ''),
    error: {
      code: 'IncompleteSignature',
      message: /^Authorization header requires 'SignedHeaders' parameter\./,
    },
  },
  {
    name: 'a signature that leaves out the host is refused',
    change: reauthorized('host;', ''),
    error: { code: 'SignatureDoesNotMatch', message: /^'Host' or ':authority' must be a 'SignedHeader'/ },
  },
];

function reauthorized(from: string | RegExp, to: string): (request: HttpRequest) => HttpRequest {
  return (request) => ({
    ...request,
    headers: {
      ...request.headers,
      authorization: (request.headers['authorization'] ?? '').replace(from, to),
    },
  });
}

for (const { name, change, now, protocol, error } of refused) {
  test(name, async () => {
    const request = change(await signedNow());
    assert.throws(
      () => verify(request, now, protocol),
      (thrown) => {
        assert.ok(thrown instanceof AwsError);
        assert.equal(thrown.code, error.code);
        if (error.status !== undefined) assert.equal(thrown.status, error.status);
        if (error.message !== undefined) assert.match(thrown.message, error.message);
        return true;
      },
    );
  });
}

test('a scope for another service or region is refused', async () => {
  const request = await signedNow();
  const signature = parseSignature(request) as SigV4;
  const scoped =
    (service: string, region: string): (() => void) =>
    () =>
      verifySignature(request, signature, {
        secretAccessKey: SECRET,
        now: NOW,
        protocol: 'query',
        expected: { service, regions: [region] },
      });
  scoped('sts', 'eu-central-1')();
  assert.throws(scoped('iam', 'eu-central-1'), {
    message: "Credential should be scoped to correct service: 'iam'. ",
  });
  assert.throws(scoped('sts', 'us-east-1'), {
    message: "Credential should be scoped to a valid Region, not 'eu-central-1'. ",
  });
});

test('a date that is none is incomplete', () => {
  for (const date of ['20159930T123600Z', '2015-08-30T12:36:00Z', 'today']) {
    assert.throws(() => parseSignature(get({ headers: { 'x-amz-date': date } }, 'host;x-amz-date', 'x')), {
      code: 'IncompleteSignature',
      message: /^Date must be in ISO-8601 'basic format'\./,
    });
  }
});

test('unsigned requests and other ways of signing are told apart', () => {
  const { authorization: _, ...headers } = get().headers;
  const plain = { ...get(), headers };
  assert.deepEqual(parseSignature(plain), { kind: 'none' });
  const sigv4a = { ...plain, headers: { ...headers, authorization: 'AWS4-ECDSA-P256-SHA256 Credential=x' } };
  assert.deepEqual(parseSignature(sigv4a), { kind: 'unsupported', algorithm: 'AWS4-ECDSA-P256-SHA256' });
  assert.deepEqual(parseSignature({ ...plain, query: 'AWSAccessKeyId=x&Signature=y' }), {
    kind: 'unsupported',
    algorithm: 'AWS',
  });
});

test("S3's body must have the hash that its head declares", async () => {
  const request = await signedNow();
  const declaring = (hash: string): HttpRequest => ({
    ...request,
    headers: { ...request.headers, 'x-amz-content-sha256': hash },
  });
  const signature = parseSignature(request) as SigV4;
  verifyBody(declaring('UNSIGNED-PAYLOAD'), signature, SECRET);
  verifyBody(declaring(createHash('sha256').update(request.body).digest('hex')), signature, SECRET);
  assert.throws(() => verifyBody(declaring('0'.repeat(64)), signature, SECRET), {
    code: 'XAmzContentSHA256Mismatch',
  });
});

// The published example of a chunked upload: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
test('the published example of a chunked upload is verified', () => {
  const signature: SigV4 = {
    kind: 'sigv4',
    placement: 'header',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    date: '20130524',
    region: 'us-east-1',
    service: 's3',
    signedHeaders: [],
    signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    timestamp: '20130524T000000Z',
    securityToken: undefined,
    expiresSeconds: undefined,
  };
  const chunk = (size: number, chunkSignature: string): string =>
    `${size.toString(16)};chunk-signature=${chunkSignature}\r\n${'a'.repeat(size)}\r\n`;
  const body = (last: string): Buffer =>
    Buffer.from(
      chunk(65536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648') +
        chunk(1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497') +
        chunk(0, last),
    );
  const request = (last: string): HttpRequest => ({
    ...get({ method: 'PUT', body: body(last) }),
    headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
  });
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  verifyBody(request('b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'), signature, secret);
  assert.throws(() => verifyBody(request('0'.repeat(64)), signature, secret), {
    code: 'SignatureDoesNotMatch',
  });
});

const s3Request = async (over: { headers?: Record<string, string> } = {}): Promise<HttpRequest> =>
  signedNow({
    headers: { ...unsigned.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...over.headers },
  });

test('S3 refuses a header x-amz-* that is not signed', async () => {
  const request = await s3Request();
  verify(request, NOW, 's3');
  const added = { ...request, headers: { ...request.headers, 'x-amz-acl': 'public-read' } };
  assert.throws(() => verify(added, NOW, 's3'), {
    code: 'AccessDenied',
    fields: { HeadersNotSigned: 'x-amz-acl' },
  });
});

test('S3 asks for the hash of the payload', async () => {
  const request = await signedNow();
  const { 'x-amz-content-sha256': _, ...headers } = request.headers;
  const bare = reauthorized('x-amz-content-sha256;', '')({ ...request, headers });
  assert.throws(() => verify(bare, NOW, 's3'), { code: 'InvalidRequest' });
});

test('S3 names the region that it expects, which clients then try', async () => {
  const request = await s3Request();
  const expected = { service: 'sts', regions: ['us-west-2'] };
  assert.throws(
    () =>
      verifySignature(request, parseSignature(request) as SigV4, {
        secretAccessKey: SECRET,
        now: NOW,
        protocol: 's3',
        expected,
      }),
    { code: 'AuthorizationHeaderMalformed', fields: { Region: 'us-west-2' } },
  );
});

for (const expires of ['604801', 'soon', '-1', '1e9']) {
  test(`a presigned request cannot be valid for ${expires} seconds`, async () => {
    const presigned = received(
      await sign.presign(
        { ...unsigned, method: 'GET', body: '' },
        { signingDate: new Date(NOW), expiresIn: 60 },
      ),
    );
    const request = {
      ...presigned,
      query: presigned.query.replace('X-Amz-Expires=60', `X-Amz-Expires=${expires}`),
    };
    assert.throws(() => parseSignature(request), { code: 'IncompleteSignature', message: /^X-Amz-Expires/ });
  });
}
