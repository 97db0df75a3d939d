import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translatedRequest, translatedTrailers } from './http2-request.ts';
import { parseRequestHead } from './request-head.ts';

const GET = [':method', 'GET', ':scheme', 'https', ':path', '/a?b=c', ':authority', 'a.example'];

test('pseudo-header fields become request line and Host, fields keep their order, cookies are joined', () => {
  const translated = translatedRequest([
    ...GET,
    'cookie',
    'a=1',
    'x-one',
    '1',
    'te',
    'trailers',
    'cookie',
    'b=2',
  ]);
  assert.deepEqual(translated, {
    kind: 'request',
    method: 'GET',
    head: 'GET /a?b=c HTTP/1.1\r\nHost: a.example\r\nx-one: 1\r\nte: trailers\r\ncookie: a=1; b=2\r\n',
    contentLength: -1,
    isGrpc: false,
  });
});

for (const [type, isGrpc] of [
  ['application/grpc', true],
  ['application/grpc+proto', true],
  ['application/grpc;charset=x', true],
  ['application/grpc-web', false],
  ['text/plain', false],
] as const) {
  test(`${type} is ${isGrpc ? '' : 'not '}gRPC`, () => {
    const translated = translatedRequest([...GET, 'content-type', type]);
    assert.equal(translated.kind === 'request' && translated.isGrpc, isGrpc);
  });
}

const change = (name: string, value: string) => GET.map((one, i) => (GET[i - 1] === name ? value : one));
const without = (name: string) => GET.filter((one, i) => one !== name && GET[i - 1] !== name);

const malformed: readonly (readonly [string, readonly string[]])[] = [
  ['no method', without(':method')],
  ['no path', without(':path')],
  ['no scheme', without(':scheme')],
  ['neither authority nor host', without(':authority')],
  ['a method twice', [':method', 'GET', ...GET]],
  ['a path twice', [':path', '/', ...GET]],
  ['an authority twice', [':authority', 'a.example', ...GET]],
  ['an unknown pseudo-header field', [':proto', 'x', ...GET]],
  ['the one of extended CONNECT', [':protocol', 'websocket', ...GET]],
  ['a pseudo-header field after others', ['x', '1', ...GET]],
  ['one after a cookie', ['cookie', 'a=1', ...GET]],
  ['a method with a space', change(':method', 'GET / HTTP/1.1')],
  ['a method with a line break', change(':method', 'GET\r\nX: 1')],
  ['an empty method', change(':method', '')],
  ['a path with a space', change(':path', '/ HTTP/1.1')],
  ['a path with a line break', change(':path', '/\r\nHost: evil')],
  ['a path that is a URL', change(':path', 'http://evil.example/')],
  ['a path without its slash', change(':path', 'a')],
  ['a path with a character that is not ASCII', change(':path', '/\u00e9')],
  ['an asterisk for GET', change(':path', '*')],
  ['another scheme', change(':scheme', 'ftp')],
  ['a scheme with a path', change(':scheme', 'https://evil.example/?')],
  ['an authority with a path', change(':authority', 'a.example/x')],
  ['an authority with a user', change(':authority', 'user@a.example')],
  ['an authority with a space', change(':authority', 'a.example evil')],
  ['an authority with a line break', change(':authority', 'a.example\r\nX: 1')],
  ['a Host that is not the authority', [...GET, 'host', 'b.example']],
  ['a Host twice', [...without(':authority'), 'host', 'a', 'host', 'b']],
  ['transfer-encoding', [...GET, 'transfer-encoding', 'chunked']],
  ['connection', [...GET, 'connection', 'content-length']],
  ['keep-alive', [...GET, 'keep-alive', '1']],
  ['proxy-connection', [...GET, 'proxy-connection', 'close']],
  ['upgrade', [...GET, 'upgrade', 'h2c']],
  ['te that is not trailers', [...GET, 'te', 'gzip']],
  ['a name in capitals', [...GET, 'X-One', '1']],
  ['a name with a colon', [...GET, 'x:y', '1']],
  ['a name with a space', [...GET, 'x y', '1']],
  ['a name with a line break', [...GET, 'x\r\ny', '1']],
  ['an empty name', [...GET, '', '1']],
  ['a value with CR', [...GET, 'x', '1\r']],
  ['a value with LF', [...GET, 'x', '1\ntransfer-encoding: chunked']],
  ['a value with NUL', [...GET, 'x', '1\0']],
  ['a cookie with a line break', [...GET, 'cookie', 'a=1\r\nX: 1']],
  ['content-length that is no number', [...GET, 'content-length', '1, 1']],
  ['content-length with a sign', [...GET, 'content-length', '+1']],
  ['two content-lengths', [...GET, 'content-length', '1', 'content-length', '2']],
];

for (const [what, fields] of malformed) {
  test(`a request of HTTP/2 is malformed: ${what}`, () => {
    assert.equal(translatedRequest(fields).kind, 'malformed');
  });
}

test('Host stands in for a missing authority; OPTIONS * and CONNECT are known', () => {
  const hosted = translatedRequest([...without(':authority'), 'host', 'a.example']);
  assert.match(
    hosted.kind === 'request' ? hosted.head : '',
    /^GET \/a\?b=c HTTP\/1\.1\r\nHost: a\.example\r\n$/,
  );
  const options = translatedRequest([
    ':method',
    'OPTIONS',
    ':scheme',
    'https',
    ':path',
    '*',
    ':authority',
    'a',
  ]);
  assert.match(options.kind === 'request' ? options.head : '', /^OPTIONS \* HTTP\/1\.1\r\n/);
  const connect = translatedRequest([':method', 'CONNECT', ':authority', 'a.example:443']);
  assert.match(
    connect.kind === 'request' ? connect.head : '',
    /^CONNECT \/ HTTP\/1\.1\r\nHost: a\.example:443\r\n$/,
  );
});

/** As a fuzzer would: whatever bytes the fields have, what comes out is one head of HTTP/1.1 or none. */
test('what is translated is one request, with as many fields as were given', () => {
  const parts = [
    'a',
    ':',
    ' ',
    '\r',
    '\n',
    '\r\n',
    '\0',
    '\t',
    'é',
    'host',
    'content-length',
    'transfer-encoding',
    '0',
    '/',
    '?',
  ];
  let seed = 1;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const text = () => Array.from({ length: next(4) }, () => parts[next(parts.length)]).join('');
  let translated = 0;
  for (let i = 0; i < 20_000; i += 1) {
    const fields = GET.map((one, at) => (at % 2 === 1 && next(8) === 0 ? one + text() : one));
    const count = next(3);
    for (let k = 0; k < count; k += 1) fields.push(`x${text()}`, text());
    const request = translatedRequest(fields);
    if (request.kind !== 'request') continue;
    translated += 1;
    const bytes = Buffer.from(`${request.head}\r\n`, 'latin1');
    const parsed = parseRequestHead(bytes, 0, bytes.length, { dropInvalidNames: false });
    if (parsed.kind === 'refused') continue;
    assert.ok(parsed.kind === 'head');
    assert.equal(parsed.end, bytes.length);
    assert.equal(bytes.toString('latin1').split('\r\n').length, 2 + 1 + count + 1);
    assert.ok(!parsed.head.isChunked && parsed.head.contentLength < 0);
  }
  assert.ok(translated > 1000);
});

test('trailers are lines, and none of them can end the message early', () => {
  assert.equal(translatedTrailers(['grpc-status', '0', 'x', 'y']), 'grpc-status: 0\r\nx: y\r\n');
  for (const fields of [
    [':path', '/'],
    ['x', '1\r\n\r\nGET / HTTP/1.1'],
    ['x y', '1'],
    ['transfer-encoding', 'chunked'],
  ])
    assert.equal(translatedTrailers(fields), undefined);
});
