/** Requests of HTTP/2 that a target of HTTP/1.1 could take for two: sent as frames, since clients refuse to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { data, END_HEADERS, END_STREAM, type Fields, headers, rawHttp2, reset } from './testing/raw-http2.ts';
import { configuration, listenerCertificate, overTls, testPlane } from './testing/test-plane.ts';

const { httpTarget, configured, close } = testPlane();
after(close);

const certificate = listenerCertificate();
/** What targets took for requests. */
const seen: string[] = [];
const target = await httpTarget((request, response) => {
  let body = '';
  request.on('data', (bytes: Buffer) => {
    body += bytes.toString('latin1');
  });
  request.on('end', () => {
    seen.push(`${request.method} ${request.url} ${request.headers.host} ${body}`);
    response.end('ok');
  });
});
const { port } = await configured(overTls(configuration('smuggling', [target], {}, []), certificate));

const EVIL = 'GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n';
const OPEN = END_HEADERS;

function request(change: Readonly<Record<string, string | undefined>> = {}, more: Fields = []): Fields {
  const pseudo = { ':method': 'POST', ':scheme': 'https', ':path': '/bad', ':authority': 'a', ...change };
  const given = Object.entries(pseudo).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return [...given, ...more];
}

const one = (change: Readonly<Record<string, string | undefined>>, more?: Fields) => [
  headers(1, request(change, more)),
];
const withBody = (more: Fields, ...parts: readonly Buffer[]) => [
  headers(1, request({}, more), OPEN),
  ...parts,
];

const attempts: readonly (readonly [string, readonly Buffer[]])[] = [
  ['more DATA than content-length', withBody([['content-length', '3']], data(1, `abc${EVIL}`))],
  ['more DATA, in two frames', withBody([['content-length', '3']], data(1, 'abc', 0), data(1, EVIL))],
  ['less DATA than content-length', withBody([['content-length', '50']], data(1, 'abc'))],
  ['content-length without DATA', [headers(1, request({}, [['content-length', '5']]))]],
  ['content-length 0 with DATA', withBody([['content-length', '0']], data(1, EVIL))],
  [
    'two content-lengths',
    withBody(
      [
        ['content-length', '3'],
        ['content-length', '33'],
      ],
      data(1, `abc${EVIL}`),
    ),
  ],
  ['a content-length with a sign', withBody([['content-length', '+3']], data(1, `abc${EVIL}`))],
  ['transfer-encoding', withBody([['transfer-encoding', 'chunked']], data(1, `0\r\n\r\n${EVIL}`))],
  [
    'transfer-encoding with content-length',
    withBody(
      [
        ['content-length', '40'],
        ['transfer-encoding', 'chunked'],
      ],
      data(1, `0\r\n\r\n${EVIL}`),
    ),
  ],
  ['a name with a line break', one({}, [[`x\r\ntransfer-encoding`, 'chunked']])],
  ['a name with a colon', one({}, [['transfer-encoding: chunked\r\nx', 'y']])],
  ['a name with a space', one({}, [['content-length ', '3']])],
  ['a name in capitals', one({}, [['Transfer-Encoding', 'chunked']])],
  ['a value with a line break', one({}, [['x', `1\r\n\r\n${EVIL}`]])],
  ['a value with LF alone', one({}, [['x', '1\ntransfer-encoding: chunked']])],
  ['a value with NUL', one({}, [['x', '1\0']])],
  ['a method with a request in it', one({ ':method': `GET / HTTP/1.1\r\nHost: a\r\n\r\n${EVIL}` })],
  ['a method with a space', one({ ':method': 'GET /evil' })],
  ['a path with a request in it', one({ ':path': `/ HTTP/1.1\r\nHost: a\r\n\r\n${EVIL}` })],
  ['a path with a space', one({ ':path': '/evil HTTP/1.1' })],
  ['a path that is a URL', one({ ':path': 'http://evil/evil' })],
  ['an authority with a line break', one({ ':authority': 'a\r\nTransfer-Encoding: chunked' })],
  ['an authority with a user', one({ ':authority': 'evil@a' })],
  ['a Host that is another', one({}, [['host', 'evil']])],
  ['no authority at all', one({ ':authority': undefined })],
  ['a path twice', [headers(1, [...request(), [':path', '/evil']])]],
  [
    'a path after other fields',
    [headers(1, [...request({ ':path': undefined }), ['x', '1'], [':path', '/evil']])],
  ],
  ['a method twice', [headers(1, [[':method', 'GET'], ...request()])]],
  [
    'connection',
    one({}, [
      ['connection', 'content-length'],
      ['content-length', '0'],
    ]),
  ],
  ['upgrade', one({}, [['upgrade', 'websocket']])],
  ['the pseudo-header field of extended CONNECT', one({ ':protocol': 'websocket', ':method': 'CONNECT' })],
  ['trailers with a pseudo-header field', withBody([], data(1, 'abc', 0), headers(1, [[':path', '/evil']]))],
  [
    'trailers with a request in them',
    withBody([], data(1, 'abc', 0), headers(1, [['x', `1\r\n\r\n${EVIL}`]])),
  ],
];

/** What goes on nevertheless: the part that was whole, or the request without the field that Node has dropped. */
const forwarded: Readonly<Record<string, string>> = {
  'more DATA, in two frames': 'POST /bad a abc',
  'content-length 0 with DATA': 'POST /bad a ',
  'a name with a line break': 'POST /bad a ',
  'a name with a colon': 'POST /bad a ',
  'a name with a space': 'POST /bad a ',
  'a value with a line break': 'POST /bad a ',
  'a value with LF alone': 'POST /bad a ',
  'a value with NUL': 'POST /bad a ',
  'trailers with a request in them': 'POST /bad a abc',
};

for (const [what, frames] of attempts) {
  test(`nothing is smuggled by ${what}`, async () => {
    seen.length = 0;
    const client = await rawHttp2(port);
    client.send(...frames);
    const outcome = await client.outcomeOf(1);
    const harmless = forwarded[what];
    if (harmless === undefined) assert.notEqual(outcome, 'answered');
    // What comes next on this connection, or on another one, is taken for what it is.
    const good = request({ ':method': 'GET', ':path': '/good' });
    client.send(headers(3, good));
    if ((await client.outcomeOf(3)) !== 'answered') {
      const another = await rawHttp2(port);
      another.send(headers(1, good));
      assert.equal(await another.outcomeOf(1), 'answered');
      another.close();
    }
    assert.deepEqual(
      seen.filter((one) => one !== harmless),
      ['GET /good a '],
    );
    client.close();
  });
}

test('what looks like chunks in DATA is content', async () => {
  seen.length = 0;
  const client = await rawHttp2(port);
  client.send(headers(1, request(), OPEN), data(1, `0\r\n\r\n${EVIL}`));
  assert.equal(await client.outcomeOf(1), 'answered');
  assert.deepEqual(seen, [`POST /bad a 0\r\n\r\n${EVIL}`]);
  client.close();
});

test('headers of more than 64 K are refused, those below are not', async () => {
  const client = await rawHttp2(port);
  const fields = (count: number): Fields =>
    Array.from({ length: count }, (_, i) => [`x-${i}`, 'y'.repeat(1000)]);
  // A frame has 16 K at most: the rest goes on in CONTINUATION frames.
  const block = headers(1, [...request(), ...fields(70)]).subarray(9);
  const parts: Buffer[] = [];
  for (let at = 0; at < block.length; at += 16_000) {
    const part = block.subarray(at, at + 16_000);
    const head = Buffer.alloc(9);
    head.writeUIntBE(part.length, 0, 3);
    head[3] = at === 0 ? 1 : 9;
    head[4] = (at === 0 ? END_STREAM : 0) | (at + 16_000 >= block.length ? END_HEADERS : 0);
    head.writeUInt32BE(1, 5);
    parts.push(head, part);
  }
  seen.length = 0;
  client.send(...parts);
  await client.outcomeOf(1);
  assert.deepEqual(seen, []);
  client.close();
  const other = await rawHttp2(port);
  other.send(headers(1, [...request({ ':method': 'GET' }), ...fields(15)]));
  assert.equal(await other.outcomeOf(1), 'answered');
  assert.deepEqual(seen, ['GET /bad a ']);
  other.close();
});

test('a client that opens and resets streams without end is sent away', async () => {
  const client = await rawHttp2(port);
  let stream = 1;
  for (let i = 0; i < 3000; i += 1, stream += 2)
    client.send(headers(stream, request({ ':path': '/reset' }), OPEN), reset(stream));
  const ended = async () => {
    for (;;) {
      if (client.frames.some(({ type }) => type === 'GOAWAY')) return 'goaway';
      if ((await client.outcomeOf(0)) !== 'reset') return 'closed';
    }
  };
  assert.match(await ended(), /goaway|closed/);
  client.close();
  const next = await rawHttp2(port);
  next.send(headers(1, request({ ':method': 'GET', ':path': '/good' })));
  assert.equal(await next.outcomeOf(1), 'answered');
  next.close();
});

test('the 129th stream at once is refused', async () => {
  const waiting = await httpTarget(() => {});
  const balancer = await configured(overTls(configuration('streams', [waiting], {}, []), certificate));
  const client = await rawHttp2(balancer.port);
  for (let i = 0; i < 129; i += 1) client.send(headers(2 * i + 1, request({ ':method': 'GET' })));
  const refused = () => client.frames.find(({ type }) => type === 'RST_STREAM');
  while (!refused()) await client.outcomeOf(257);
  assert.equal(refused()?.stream, 257);
  client.close();
  await once(waiting.server, 'request').catch(() => {});
});

test('no bytes of a client, within frames or within TLS, end the balancer', async () => {
  const steady = await rawHttp2(port);
  const good = request({ ':method': 'GET', ':path': '/good' });
  steady.send(headers(1, good));
  assert.equal(await steady.outcomeOf(1), 'answered');
  let seed = 7;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => next(256)));
  for (let round = 0; round < 150; round += 1) {
    const client = await rawHttp2(port);
    for (let i = 0; i < 6; i += 1) {
      const stream = 2 * next(5) + 1;
      const length = next(40);
      const head = Buffer.from([0, 0, length, next(12), next(64), 0, 0, 0, stream]);
      const kinds = [
        () => Buffer.concat([head, noise(length)]),
        () => headers(stream, good, next(2) === 0 ? OPEN : undefined),
        () => data(stream, noise(next(50)).toString('latin1'), next(2)),
        () => reset(stream),
      ];
      client.send((kinds[next(kinds.length)] ?? kinds[0])?.() ?? head);
    }
    client.close();
    const hello = Buffer.concat([Buffer.from([22, 3, 1, 0, next(60)]), noise(next(80))]);
    const plain = connect({ host: '127.0.0.1', port });
    plain.on('error', () => {});
    plain.resume().end(round % 2 === 0 ? hello : noise(next(200)));
    await once(plain, 'close');
  }
  steady.send(headers(3, good));
  assert.equal(await steady.outcomeOf(3), 'answered');
  steady.close();
});
