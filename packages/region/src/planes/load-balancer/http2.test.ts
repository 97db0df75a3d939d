/** HTTP/2 in front of targets of HTTP/1.1, with Node's client. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { after, test } from 'node:test';
import type {
  LoadBalancerConfiguration,
  RuleConfiguration,
  TargetConfiguration,
  TargetGroupConfiguration,
} from '../../services/elbv2/ports.ts';
import { configuration, listenerCertificate, overTls, testPlane } from './testing/test-plane.ts';

const { plane, counted, logged, reported, httpTarget, tcpTarget, configured, close } = testPlane();
const sessions: ClientHttp2Session[] = [];
after(async () => {
  for (const session of sessions) session.destroy();
  await close();
});

const certificate = listenerCertificate();
let names = 0;

async function balanced(
  targets: readonly TargetConfiguration[],
  attributes: Partial<LoadBalancerConfiguration['attributes']> = {},
  rules: readonly RuleConfiguration[] = [],
  group: Partial<TargetGroupConfiguration> = {},
  more: Partial<LoadBalancerConfiguration> = {},
) {
  names += 1;
  const given = overTls(
    { ...configuration(`h2-${names}`, targets, attributes, rules, group), ...more },
    certificate,
  );
  const { port, remove } = await configured(given);
  return { port, remove, given, client: () => client(port) };
}

async function client(port: number) {
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false });
  sessions.push(session);
  session.on('error', () => {});
  await Promise.all([once(session, 'connect'), once(session, 'remoteSettings')]);
  return session;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: IncomingHttpHeaders;
  readonly code: number;
  /** The end of the body came. */
  readonly isWhole: boolean;
}

/** Of a stream that ends, however it does. */
async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  let body = '';
  stream.on('response', (received) => {
    headers = received;
  });
  let isWhole = false;
  stream.on('end', () => {
    isWhole = !stream.aborted && (stream.rstCode ?? 0) === 0;
  });
  stream.on('trailers', (received) => {
    trailers = received;
  });
  stream.on('data', (bytes: Buffer) => {
    body += bytes.toString('utf8');
  });
  stream.on('error', () => {});
  await new Promise((resolve) => stream.on('close', resolve));
  return { status: Number(headers[':status']), headers, body, trailers, code: stream.rstCode ?? 0, isWhole };
}

function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}, body?: string | Buffer) {
  const stream = session.request({ ':path': '/', ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return answerOf(stream);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of request.setEncoding('latin1')) text += part;
  return text;
}

const echo = () =>
  httpTarget(async (request, response) => {
    const { method, url, httpVersion, headers, rawHeaders } = request;
    const body = await textOf(request);
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.end(
      JSON.stringify({ method, url, httpVersion, headers, rawHeaders, body, trailers: request.trailers }),
    );
  });

test('a request is forwarded as one of HTTP/1.1 with the headers of forwarding', async () => {
  const session = await (await balanced([await echo()])).client();
  const { status, headers, body } = await ask(session, {
    ':path': '/x?y=1',
    ':authority': 'A.example:8443',
    'x-forwarded-for': '9.9.9.9',
    cookie: ['c=1', 'd=2'],
    te: 'trailers',
  });
  assert.equal(status, 200);
  assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
  assert.equal(headers['connection'], undefined);
  assert.equal(headers['keep-alive'], undefined);
  const seen = JSON.parse(body) as Record<string, unknown> & { headers: Record<string, string> };
  assert.equal(seen['method'], 'GET');
  assert.equal(seen['url'], '/x?y=1');
  assert.equal(seen['httpVersion'], '1.1');
  assert.equal(seen['body'], '');
  assert.equal(seen.headers['host'], 'a.example');
  assert.equal(seen.headers['x-forwarded-for'], '9.9.9.9, 127.0.0.1');
  assert.equal(seen.headers['x-forwarded-proto'], 'https');
  assert.equal(seen.headers['x-forwarded-port'], '443');
  assert.equal(seen.headers['cookie'], 'c=1; d=2');
  assert.equal(seen.headers['te'], undefined);
  assert.equal(seen.headers['transfer-encoding'], undefined);
});

test('bodies go by length and in chunks, with trailers, and bytes that are not ASCII', async () => {
  const session = await (await balanced([await echo()])).client();
  const byLength = await ask(session, { ':method': 'POST', 'content-length': 5 }, 'h\u00e9ll');
  assert.equal((JSON.parse(byLength.body) as { body: string }).body, 'h\u00c3\u00a9ll');
  const stream = session.request({ ':path': '/', ':method': 'POST' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': 'abc' }));
  stream.write('one');
  stream.end('two');
  const seen = JSON.parse((await answerOf(stream)).body) as {
    body: string;
    trailers: object;
    headers: Record<string, string>;
  };
  assert.equal(seen.body, 'onetwo');
  assert.deepEqual(seen.trailers, { 'x-sum': 'abc' });
  assert.equal(seen.headers['transfer-encoding'], 'chunked');
});

test('a GET without a body has none at the target, also when its end comes late', async () => {
  const session = await (await balanced([await echo()])).client();
  const stream = session.request({ ':path': '/' }, { endStream: false });
  stream.end();
  const seen = JSON.parse((await answerOf(stream)).body) as { headers: Record<string, string> };
  assert.equal(seen.headers['transfer-encoding'], undefined);
});

test('a client that expects 100 is told to go on at once', async () => {
  const session = await (await balanced([await echo()])).client();
  const stream = session.request({ ':path': '/', ':method': 'POST', expect: '100-continue' });
  const answer = answerOf(stream);
  await once(stream, 'continue', { signal: AbortSignal.timeout(5000) });
  stream.end('body');
  const seen = JSON.parse((await answer).body) as { body: string; headers: Record<string, string> };
  assert.deepEqual([seen.body, seen.headers['expect']], ['body', undefined]);
});

test('answers: by length, in chunks with trailers, until the connection ends, without a body', async () => {
  const target = await tcpTarget((socket) =>
    socket.once('data', (bytes) => {
      const path = /^\w+ (\S+)/.exec(bytes.toString('latin1'))?.[1] ?? '';
      const answers: Record<string, string> = {
        '/length': 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nX-A:  b \r\n\r\nabc',
        '/chunks':
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: end\r\n\r\n',
        '/close': 'HTTP/1.0 200 OK\r\n\r\nuntil the end',
        '/none': 'HTTP/1.1 204 No Content\r\n\r\n',
        '/hints':
          'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
        '/double':
          'HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Type: c/d\r\nX: 1\r\nX: 2\r\nContent-Length: 0\r\n\r\n',
        '/cut': 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
        '/cut-chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n',
      };
      socket.end(answers[path] ?? 'nonsense', 'latin1');
    }),
  );
  const session = await (await balanced([target])).client();
  const get = (path: string, method = 'GET') => ask(session, { ':path': path, ':method': method });
  const byLength = await get('/length');
  assert.deepEqual(
    [byLength.body, byLength.headers['content-length'], byLength.headers['x-a']],
    ['abc', '3', 'b'],
  );
  const head = await get('/length', 'HEAD');
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '3']);
  const chunks = await get('/chunks');
  assert.equal(chunks.body, 'abcde');
  assert.equal(chunks.trailers['x-t'], 'end');
  assert.equal(chunks.headers['transfer-encoding'], undefined);
  assert.equal((await get('/close')).body, 'until the end');
  assert.equal((await get('/none')).status, 204);
  const hinted = session.request({ ':path': '/hints' });
  const hints: unknown[] = [];
  hinted.on('headers', (received) => hints.push(received[':status'], received['link']));
  assert.equal((await answerOf(hinted)).status, 200);
  assert.deepEqual(hints, [103, '</a>']);
  const double = await get('/double');
  assert.deepEqual([double.headers['content-type'], double.headers['x']], ['a/b', '1, 2']);
  for (const path of ['/cut', '/cut-chunks']) {
    const cut = await get(path);
    assert.deepEqual(
      [cut.status, cut.code, cut.isWhole],
      [200, constants.NGHTTP2_INTERNAL_ERROR, false],
      path,
    );
  }
  assert.equal((await get('/other')).status, 502);
});

test('fields that HTTP/2 does not have, and heads as long as they may be, do no harm', async () => {
  const long = 'y'.repeat(8000);
  const target = await tcpTarget((socket) =>
    socket.on('data', () =>
      socket.write(
        'HTTP/1.1 200 OK\r\nTE: gzip\r\nHTTP2-Settings: x\r\nUpgrade: h2c\r\nProxy-Connection: close\r\n' +
          `A: ${long}\r\nB: ${long}\r\nC: ${long}\r\nD: ${long.slice(0, 7980)}\r\nContent-Length: 2\r\n\r\nok`,
      ),
    ),
  );
  const stickiness = { type: 'lb_cookie', durationSeconds: 60 } as const;
  const session = await (await balanced([target], {}, [], { stickiness })).client();
  const { status, headers, body } = await ask(session);
  assert.deepEqual([status, body, headers['te'], headers['d']?.length], [200, 'ok', undefined, 7980]);
  assert.equal((await ask(session)).status, 200);
});

test('the balancer answers itself as in HTTP/1.1: 503, 405, redirects, fixed responses', async () => {
  const fixed: RuleConfiguration = {
    priority: 1,
    conditions: [{ field: 'path-pattern', values: ['/fixed'], regex: false }],
    action: { kind: 'fixed-response', statusCode: 418, contentType: 'text/plain', messageBody: 'tea' },
  };
  const redirect: RuleConfiguration = {
    priority: 2,
    conditions: [{ field: 'host-header', values: ['old.example'], regex: false }],
    action: {
      kind: 'redirect',
      statusCode: 301,
      protocol: '#{protocol}',
      host: 'new.example',
      port: '443',
      path: '/#{path}',
      query: '#{query}',
    },
  };
  const session = await (await balanced([], {}, [fixed, redirect])).client();
  const none = await ask(session);
  assert.deepEqual(
    [none.status, none.headers['server'], none.headers['content-length']],
    [503, 'awselb/2.0', '162'],
  );
  const tea = await ask(session, { ':path': '/fixed', ':method': 'POST' }, 'body');
  assert.deepEqual([tea.status, tea.body], [418, 'tea']);
  const moved = await ask(session, { ':authority': 'old.example', ':path': '/a?b' });
  assert.equal(moved.headers['location'], 'https://new.example:443/a?b');
  const connected = session.request({ ':method': 'CONNECT', ':authority': 'a.example:443' });
  connected.end();
  assert.equal((await answerOf(connected)).status, 405);
});

test('a hundred streams at once share their connections to targets by the same rules', async () => {
  const targets = [await echo(), await echo()];
  const balancer = await balanced(targets, {}, [], {
    stickiness: { type: 'lb_cookie', durationSeconds: 60 },
  });
  const session = await balancer.client();
  assert.equal(session.remoteSettings.maxConcurrentStreams, 128);
  const answers = await Promise.all(
    Array.from({ length: 100 }, () => ask(session, { ':method': 'POST' }, 'x')),
  );
  assert.ok(answers.every(({ status }) => status === 200));
  const [first] = answers;
  const cookie = String(first?.headers['set-cookie']?.find((one) => one.startsWith('AWSALB='))).split(';')[0];
  assert.match(
    String(first?.headers['set-cookie']),
    /AWSALBCORS=[^;]+; Expires=[^;]+; Path=\/; SameSite=None; Secure/,
  );
  const seen: number[] = [];
  for (const target of targets) target.server.on('request', () => seen.push(target.local));
  for (let i = 0; i < 4; i += 1) await ask(session, { cookie });
  assert.equal(new Set(seen).size, 1);
});

test('bodies of four megabytes stream both ways at once, whole', async () => {
  const target = await httpTarget((request, response) => request.pipe(response));
  const session = await (await balanced([target])).client();
  const body = Buffer.alloc(4_194_304, 'abcdefghij');
  const { status, body: back, code } = await ask(session, { ':method': 'POST' }, body);
  assert.deepEqual([status, back.length, code], [200, body.length, 0]);
  assert.ok(back === body.toString('latin1'));
});

test('a client that does not read makes the target wait', async () => {
  let written = 0;
  const target = await httpTarget(async (_request, response) => {
    const part = Buffer.alloc(65536);
    response.on('error', () => {});
    for (let i = 0; i < 1600 && !response.destroyed; i += 1) {
      written += part.length;
      if (!response.write(part)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  });
  const session = await (await balanced([target])).client();
  const stream = session.request({ ':path': '/' });
  await once(stream, 'response');
  stream.pause();
  let before = -1;
  while (before !== written) {
    before = written;
    await ask(session, { ':path': '/', ':method': 'TRACE' });
  }
  assert.ok(written < 50_000_000, `${written} bytes were taken from the target`);
  let received = 0;
  stream.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  stream.resume();
  await once(stream, 'close');
  assert.equal(received, 1600 * 65536);
});

test('an early answer ends the stream without an error; the rest of the request is not wanted', async () => {
  const target = await tcpTarget((socket) =>
    socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')),
  );
  const session = await (await balanced([target])).client();
  const stream = session.request({ ':path': '/', ':method': 'POST' }, { endStream: false });
  stream.write('some');
  const { status, body, code } = await answerOf(stream);
  assert.deepEqual([status, body, code], [413, 'no', constants.NGHTTP2_NO_ERROR]);
  assert.equal((await ask(session, { ':method': 'TRACE' })).status, 405);
});

async function counter(loadBalancerArn: string, name: string, atLeast: number): Promise<number> {
  const sum = () =>
    counted
      .filter((report) => report.loadBalancerArn === loadBalancerArn)
      .reduce((total, { counters }) => total + (counters[name] ?? 0), 0);
  while (sum() < atLeast) await once(reported, 'report', { signal: AbortSignal.timeout(5000) });
  return sum();
}

test('a client that resets a stream gave up: 460; the target is let go', async () => {
  let closed = 0;
  const target = await tcpTarget((socket) =>
    socket
      .on('close', () => {
        closed += 1;
      })
      .resume(),
  );
  const balancer = await balanced([target]);
  const session = await balancer.client();
  const stream = session.request({ ':path': '/' });
  await once(target.server, 'connection');
  stream.close(constants.NGHTTP2_CANCEL);
  await counter(balancer.given.loadBalancerArn, 'HTTPCode_ELB_4XX_Count', 1);
  while (closed === 0) await once(reported, 'report', { signal: AbortSignal.timeout(5000) });
});

test('a target that does not answer within the idle timeout gives 504; the connection goes on', async () => {
  const target = await tcpTarget(() => {});
  const session = await (await balanced([target], { idleTimeoutSeconds: 1 })).client();
  assert.equal((await ask(session)).status, 504);
  assert.equal((await ask(session, { ':method': 'TRACE' })).status, 405);
});

test('an idle connection, and one that is too old, get a GOAWAY', async () => {
  for (const attributes of [{ idleTimeoutSeconds: 1 }, { clientKeepAliveSeconds: 1 }]) {
    const session = await (await balanced([await echo()], attributes)).client();
    const goaway = once(session, 'goaway', { signal: AbortSignal.timeout(10_000) });
    const closed = once(session, 'close', { signal: AbortSignal.timeout(10_000) });
    await ask(session);
    assert.equal((await goaway)[0], constants.NGHTTP2_NO_ERROR);
    await closed;
  }
});

test('a listener that goes says GOAWAY and lets streams end', async () => {
  let answer = () => {};
  const target = await httpTarget((_request, response) => {
    answer = () => response.end('late');
  });
  const balancer = await balanced([target]);
  const session = await balancer.client();
  const asked = ask(session);
  await once(target.server, 'request');
  const goaway = once(session, 'goaway', { signal: AbortSignal.timeout(10_000) });
  const removed = balancer.remove();
  await goaway;
  answer();
  assert.deepEqual(await asked.then(({ status, body }) => [status, body]), [200, 'late']);
  await removed;
});

test('a target that drains ends its streams; those that are left at the end of the delay get 502', async () => {
  const target = await tcpTarget(() => {});
  const balancer = await balanced([target]);
  const session = await balancer.client();
  const asked = ask(session);
  await once(target.server, 'connection');
  const empty = balancer.given.targetGroups.map((group) => ({ ...group, targets: [] }));
  await plane.configure({ ...balancer.given, targetGroups: empty });
  assert.equal((await asked).status, 502);
  assert.equal((await ask(session)).status, 503);
});

test('with routing.http2.enabled off, clients speak HTTP/1.1', async () => {
  const balancer = await balanced([await echo()], { http2: false });
  const { port } = balancer;
  const session = connect(`https://localhost:${port}`, { rejectUnauthorized: false });
  sessions.push(session);
  const [error] = (await once(session, 'error')) as [NodeJS.ErrnoException];
  assert.match(error.message, /protocol|alert/i);
});

test('the access log calls it h2, and counts connections and requests', async () => {
  const target = await httpTarget((_request, response) => response.end('ok'));
  const balancer = await balanced([target], {}, [], {}, { logsRequests: true });
  const session = await balancer.client();
  await ask(session, { ':path': '/logged', ':authority': 'a', 'user-agent': 'test' });
  await ask(session, { ':path': '/logged', ':authority': 'a' });
  while (logged.length < 2) await once(reported, 'logged', { signal: AbortSignal.timeout(5000) });
  assert.match(
    `${logged[0]?.type} ${logged[0]?.middle}`,
    /^h2 .* 200 200 \d+ \d+ "GET https:\/\/a:443\/logged HTTP\/2\.0" "test" TLS_AES_128_GCM_SHA256 TLSv1\.3 tg .*"localhost" "arn:aws:acm/,
  );
  assert.equal(logged[0]?.tail.match(/TID_\w+/)?.[0], logged[1]?.tail.match(/TID_\w+/)?.[0]);
  assert.equal(await counter(balancer.given.loadBalancerArn, 'NewConnectionCount', 1), 1);
});
