import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addedLines, forwardedRequest } from './forwarding.ts';
import { type ParsedRequest, parseRequestHead, type RequestHead } from './request-head.ts';

const H = 'Host: a.example\r\n';

test('a plain request is read into what routing and forwarding need', () => {
  const head = accepted(
    `GET /a/b?c=d HTTP/1.1\r\n${H}User-Agent: x\r\nX-Forwarded-For: 1.1.1.1\r\nConnection: keep-alive\r\nAccept: */*\r\n\r\n`,
  );
  assert.equal(head.method, 'GET');
  assert.equal(head.path, '/a/b');
  assert.equal(head.query, 'c=d');
  assert.equal(head.host, 'a.example');
  assert.equal(head.forwardedFor, '1.1.1.1');
  assert.equal(head.keepAlive, true);
  assert.equal(head.fields, 'User-Agent: x\r\nAccept: */*\r\n');
  assert.equal(head.classification, 'compliant');
});

/** Requests that are refused: nothing of them reaches a target. */
const refusals: readonly (readonly [string, string, string, number?])[] = [
  [
    'conflicting Content-Length',
    `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`,
    'MultipleContentLength',
  ],
  ['a list as Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: 5, 5\r\n\r\n`, 'BadContentLength'],
  ['a signed Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: +5\r\n\r\n`, 'BadContentLength'],
  ['a negative Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: -1\r\n\r\n`, 'BadContentLength'],
  ['a hexadecimal Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length: 0x5\r\n\r\n`, 'BadContentLength'],
  ['an empty Content-Length', `POST / HTTP/1.1\r\n${H}Content-Length:\r\n\r\n`, 'BadContentLength'],
  [
    'an overflowing Content-Length',
    `POST / HTTP/1.1\r\n${H}Content-Length: 18446744073709551617\r\n\r\n`,
    'BadContentLength',
  ],
  [
    'chunked twice',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'MultipleTransferEncodingChunked',
  ],
  [
    'chunked and identity',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n`,
    'BadTransferEncoding',
  ],
  [
    'a list of codings',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    'BadTransferEncoding',
  ],
  [
    'a coding with a parameter',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked;q=1\r\n\r\n`,
    'BadTransferEncoding',
  ],
  ['a quoted coding', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: "chunked"\r\n\r\n`, 'BadTransferEncoding'],
  [
    'a vertical tab before the coding',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: \x0bchunked\r\n\r\n`,
    'BadTransferEncoding',
  ],
  ['another coding', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip\r\n\r\n`, 'BadTransferEncoding', 501],
  ['chunked in HTTP/1.0', `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n`, 'BadTransferEncoding'],
  ['a folded line', `GET / HTTP/1.1\r\n${H}A: b\r\n c\r\n\r\n`, 'BadHeader'],
  ['a first header that is folded', `GET / HTTP/1.1\r\n ${H}\r\n`, 'BadHeader'],
  ['a blank before the colon', `GET / HTTP/1.1\r\n${H}Content-Length : 5\r\n\r\n`, 'BadHeader'],
  ['a tab before the colon', `GET / HTTP/1.1\r\n${H}Transfer-Encoding\t: chunked\r\n\r\n`, 'BadHeader'],
  ['a line without a colon', `GET / HTTP/1.1\r\n${H}Content-Length\r\n\r\n`, 'BadHeader'],
  ['an empty name', `GET / HTTP/1.1\r\n${H}: x\r\n\r\n`, 'EmptyHeader'],
  ['a bare LF in a header', `GET / HTTP/1.1\r\n${H}A: b\nContent-Length: 5\r\n\r\n`, 'BadHeader'],
  ['a bare LF after the request line', `GET / HTTP/1.1\nHost: a\r\n\r\n`, 'BadVersion'],
  ['only bare LFs', 'GET / HTTP/1.1\nHost: a\n\n', 'BadHeader'],
  ['a bare CR in a header', `GET / HTTP/1.1\r\n${H}A: b\rContent-Length: 5\r\n\r\n`, 'BadHeader'],
  ['a bare CR in the request line', `GET /\rX HTTP/1.1\r\n${H}\r\n`, 'BadUri'],
  ['NUL in a header', `GET / HTTP/1.1\r\n${H}A: b\0c\r\n\r\n`, 'BadHeader'],
  ['NUL in the URI', `GET /\0 HTTP/1.1\r\n${H}\r\n`, 'BadUri'],
  ['a tab in the URI', `GET /\ta HTTP/1.1\r\n${H}\r\n`, 'AmbiguousUri'],
  ['no URI', `GET HTTP/1.1\r\n${H}\r\n`, 'BadUri'],
  ['a relative URI', `GET a HTTP/1.1\r\n${H}\r\n`, 'BadUri'],
  ['an asterisk without OPTIONS', `GET * HTTP/1.1\r\n${H}\r\n`, 'BadUri'],
  ['user information in an absolute URI', `GET http://u@b/ HTTP/1.1\r\n${H}\r\n`, 'BadUri'],
  ['another scheme', `GET ftp://b/ HTTP/1.1\r\n${H}\r\n`, 'BadUri'],
  ['no version', `GET /\r\n${H}\r\n`, 'BadVersion'],
  ['a version in small letters', `GET / http/1.1\r\n${H}\r\n`, 'BadVersion'],
  ['HTTP/2 without TLS', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'BadVersion', 505],
  ['a bad method', `G(T / HTTP/1.1\r\n${H}\r\n`, 'BadMethod'],
  ['a blank before the method', ` GET / HTTP/1.1\r\n${H}\r\n`, 'BadMethod'],
  ['no Host in HTTP/1.1', 'GET / HTTP/1.1\r\n\r\n', 'MissingHost'],
  ['a Host with a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n', 'BadHeader'],
  ['a Host with user information', 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n', 'BadHeader'],
  ['a request line over 16 K', `GET /${'a'.repeat(16384)} HTTP/1.1\r\n${H}\r\n`, 'RequestLineTooLong'],
  ['a header over 16 K', `GET / HTTP/1.1\r\n${H}A: ${'a'.repeat(16384)}\r\n\r\n`, 'HeaderTooLong'],
  [
    'headers over 64 K',
    `GET / HTTP/1.1\r\n${H}${`A: ${'a'.repeat(8000)}\r\n`.repeat(9)}\r\n`,
    'HeadersTooLong',
  ],
  [
    'headers over 64 K that do not end',
    `GET / HTTP/1.1\r\n${H}${`A: ${'a'.repeat(8000)}\r\n`.repeat(9)}`,
    'HeadersTooLong',
  ],
];

for (const [name, request, reason, status = 400] of refusals) {
  test(`a request with ${name} is refused with ${status}`, () => {
    assert.deepEqual(parse(request), { kind: 'refused', status, reason });
  });
}

/** Requests that AWS lets through: with their class, and the framing in which they go on. */
const classified: readonly (readonly [
  string,
  string,
  'acceptable' | 'ambiguous',
  string,
  Partial<RequestHead>,
])[] = [
  [
    'Transfer-Encoding and Content-Length',
    `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'ambiguous',
    'BothTeClPresent',
    { isChunked: true, contentLength: -1 },
  ],
  [
    'the same Content-Length twice',
    `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`,
    'ambiguous',
    'DuplicateContentLength',
    { contentLength: 5 },
  ],
  [
    'GET with a body',
    `GET / HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\n`,
    'ambiguous',
    'UndefinedContentLengthSemantics',
    { contentLength: 5 },
  ],
  [
    'GET in chunks',
    `GET / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n`,
    'ambiguous',
    'UndefinedTransferEncodingSemantics',
    { isChunked: true },
  ],
  [
    'a look-alike of Content-Length',
    `POST / HTTP/1.1\r\n${H}Content_Length: 5\r\n\r\n`,
    'ambiguous',
    'SuspiciousHeader',
    { contentLength: -1 },
  ],
  [
    'a look-alike of Transfer-Encoding',
    `POST / HTTP/1.1\r\n${H}Transfer_Encoding: chunked\r\n\r\n`,
    'ambiguous',
    'SuspiciousHeader',
    { isChunked: false },
  ],
  [
    'GET with an empty body',
    `GET / HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\n`,
    'acceptable',
    'GetHeadZeroContentLength',
    { contentLength: 0 },
  ],
  ['a space in the URI', `GET /a b HTTP/1.1\r\n${H}\r\n`, 'acceptable', 'SpaceInUri', { target: '/a%20b' }],
  [
    'a space in the URI and another version',
    `GET /a HTTP/1.0 HTTP/1.5\r\n${H}\r\n`,
    'acceptable',
    'SpaceInUri',
    { target: '/a%20HTTP/1.0' },
  ],
  ['HTTP/1.9', `GET / HTTP/1.9\r\n${H}\r\n`, 'acceptable', 'NonCompliantVersion', { minorVersion: 1 }],
  ['a byte outside ASCII', `GET / HTTP/1.1\r\n${H}A: \xe9\r\n\r\n`, 'acceptable', 'NonCompliantHeader', {}],
];

for (const [name, request, classification, reason, expected] of classified) {
  test(`${name} is ${classification}: ${reason}`, () => {
    const head = accepted(request);
    assert.equal(head.classification, classification);
    assert.equal(head.classificationReason, reason);
    for (const [member, value] of Object.entries(expected))
      assert.deepEqual(head[member as keyof RequestHead], value);
  });
}

test('an absolute URI goes on in origin form, with its own host', () => {
  const head = accepted(`GET http://B.example:81?x HTTP/1.1\r\n${H}\r\n`);
  assert.equal(head.target, '/?x');
  assert.equal(head.host, 'B.example:81');
});

test('of several Host headers the first counts', () => {
  assert.equal(accepted('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n').host, 'a');
});

test('headers that Connection names stay with the hop, and so do Keep-Alive, TE and Upgrade', () => {
  const head = accepted(
    `GET / HTTP/1.1\r\n${H}Connection: close, x-private\r\nX-Private: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nA: b\r\n\r\n`,
  );
  assert.equal(head.fields, 'A: b\r\n');
  assert.equal(head.keepAlive, false);
  assert.equal(head.isWebSocketUpgrade, false);
});

test('only a WebSocket upgrade by GET is passed on', () => {
  const upgrade = `Connection: Upgrade\r\nUpgrade: WebSocket\r\n`;
  assert.equal(accepted(`GET / HTTP/1.1\r\n${H}${upgrade}\r\n`).isWebSocketUpgrade, true);
  assert.equal(accepted(`POST / HTTP/1.1\r\n${H}${upgrade}\r\n`).isWebSocketUpgrade, false);
  assert.equal(accepted(`GET / HTTP/1.0\r\n${H}${upgrade}\r\n`).isWebSocketUpgrade, false);
});

test('drop_invalid_header_fields drops headers whose names have other characters than letters, digits and hyphens', () => {
  const request = `GET / HTTP/1.1\r\n${H}A: b\r\nX_Y: 1\r\nC: d\r\n\r\n`;
  assert.equal(accepted(request).fields, 'A: b\r\nX_Y: 1\r\nC: d\r\n');
  assert.equal(accepted(request, true).fields, 'A: b\r\nC: d\r\n');
});

test('a head that arrives in pieces is the same head', () => {
  const request = `POST /x HTTP/1.1\r\n${H}Content-Length: 3\r\nA: b\r\n\r\nabc`;
  const whole = parse(request);
  const headEnd = request.indexOf('\r\n\r\n') + 4;
  for (let length = 1; length < headEnd; length += 1)
    assert.equal(parse(request.slice(0, length)).kind, 'incomplete');
  assert.deepEqual(parse(request.slice(0, headEnd)), whole);
});

test('whatever arrives, what goes on has one meaning', () => {
  fc.assert(
    fc.property(requests(), (request) => checkOneMeaning(request)),
    { seed: 20261122, numRuns: 4000 },
  );
});

test('bytes at random are refused or incomplete, never an exception', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, (random) => {
      const parsed = parseRequestHead(Buffer.from(random), 0, random.length, { dropInvalidNames: false });
      assert.ok(parsed.kind === 'refused' || parsed.kind === 'incomplete');
    }),
    { seed: 20261122, numRuns: 2000 },
  );
});

/** Requests made of the pieces that smuggling is made of. */
function requests(): fc.Arbitrary<string> {
  const eol = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n', ' \r\n');
  const name = fc.constantFrom(
    'Host',
    'host',
    'Content-Length',
    'content-length',
    'Transfer-Encoding',
    'Content_Length',
    'Connection',
    'X',
    'TE',
    'Expect',
    '',
  );
  const colon = fc.constantFrom(':', ': ', ' :', ':\t', '');
  const value = fc.constantFrom(
    '5',
    '0',
    '05',
    '5,5',
    'a',
    'chunked',
    'Chunked',
    ' chunked',
    'identity',
    'x, chunked',
    'host',
    'content-length',
    'close',
    '',
    '\0',
    '\x0b',
    'é',
  );
  const line = fc.tuple(name, colon, value, eol).map((parts) => parts.join(''));
  const start = fc.tuple(
    fc.constantFrom('GET', 'POST', 'HEAD', 'OPTIONS', 'g t', ''),
    fc.constantFrom(' ', '  ', '\t'),
    fc.constantFrom('/', '/a b', '*', 'http://h/x', '/\r\nX: y', '//h/x', '/?a#b'),
    fc.constantFrom(' HTTP/1.1', ' HTTP/1.0', ' HTTP/1.3', ' HTTP/2.0', '', ' HTTP/1.1 '),
    eol,
  );
  return fc
    .tuple(start, fc.array(line, { maxLength: 6 }), eol)
    .map(([first, lines, last]) => `${first.join('')}Host: h\r\n${lines.join('')}${last}`);
}

/** Reads what would go to the target with a parser of its own, as simple as RFC 9112 allows. */
function checkOneMeaning(request: string): void {
  const parsed = parse(request);
  if (parsed.kind !== 'head') return;
  const { head } = parsed;
  const added = addedLines(
    head,
    { peerAddress: '10.0.0.1', peerPort: 1, listenerPort: 80, dnsName: 'lb' },
    {
      idleTimeoutSeconds: 60,
      clientKeepAliveSeconds: 3600,
      desyncMitigationMode: 'defensive',
      dropInvalidHeaderFields: false,
      preserveHostHeader: false,
      xffHeaderProcessing: 'append',
      xffClientPort: false,
      http2: true,
      tlsHeaders: false,
    },
  );
  const sent = forwardedRequest(head, added, 'Root=1-00000000-000000000000000000000000');
  assert.ok(sent.endsWith('\r\n\r\n') && sent.indexOf('\r\n\r\n') === sent.length - 4, 'one head');
  const [line = '', ...fields] = sent.slice(0, -4).split('\r\n');
  assert.match(line, /^[A-Z]+ [^\s]+ HTTP\/1\.1$/);
  for (const field of fields) assert.match(field, /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+: ?[^\r\n\0]*$/);
  const named = (name: string) => fields.filter((field) => field.toLowerCase().startsWith(`${name}:`));
  assert.equal(named('host').length, 1);
  assert.equal(named('content-length').length, head.contentLength >= 0 ? 1 : 0);
  assert.equal(named('transfer-encoding').length, head.isChunked ? 1 : 0);
  assert.ok(!(head.isChunked && head.contentLength >= 0), 'one framing');
  assert.equal(named('connection').length + named('te').length, 0);
}

function parse(request: string, dropInvalidNames = false): ParsedRequest {
  return parseRequestHead(Buffer.from(request, 'latin1'), 0, request.length, { dropInvalidNames });
}

function accepted(request: string, dropInvalidNames = false): RequestHead {
  const parsed = parse(request, dropInvalidNames);
  assert.equal(parsed.kind, 'head', JSON.stringify(parsed));
  if (parsed.kind !== 'head') throw new Error('unreachable');
  return parsed.head;
}
