/** Target groups of HTTP/2 and gRPC: targets speak HTTP/2 without TLS, clients and targets speak gRPC by its frames. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { after, test } from 'node:test';
import type {
  LoadBalancerConfiguration,
  RuleConfiguration,
  TargetConfiguration,
} from '../../services/elbv2/ports.ts';
import { CALL, call, echo, message, messagesOf, resultOf } from './testing/grpc.ts';
import { configuration, get, listenerCertificate, overTls, testPlane } from './testing/test-plane.ts';

const { book, plane, counted, logged, reported, tcpTarget, httpTarget, configured, close } = testPlane();
const closing: (() => void)[] = [];
after(async () => {
  for (const end of closing) end();
  await close();
});

const certificate = listenerCertificate();
let names = 0;

/** A target that speaks HTTP/2 with prior knowledge. */
async function http2Target(
  serve: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  settings: Settings = {},
) {
  const server = createServer({ settings });
  const sessions = new Set<{ destroy(): void }>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    serve(stream, headers);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  names += 1;
  const ip = `10.1.0.${names}`;
  book.register(ip, 50051, { host: '127.0.0.1', port: (server.address() as { port: number }).port });
  return { ip, port: 50051, status: 'healthy' as const, server, sessions };
}

async function balanced(
  targets: readonly TargetConfiguration[],
  protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC' = 'GRPC',
  more: Partial<LoadBalancerConfiguration> = {},
  attributes: Partial<LoadBalancerConfiguration['attributes']> = {},
  rules: readonly RuleConfiguration[] = [],
) {
  names += 1;
  const group = protocolVersion === 'HTTP1' ? {} : { protocolVersion };
  const given = overTls(
    { ...configuration(`grpc-${names}`, targets, attributes, rules, group), ...more },
    certificate,
  );
  const balancer = await configured(given);
  return {
    ...balancer,
    given,
    client: async () => {
      const session = connect(`https://localhost:${balancer.port}`, { rejectUnauthorized: false });
      closing.push(() => session.destroy());
      session.on('error', () => {});
      await once(session, 'connect');
      return session;
    },
  };
}

test('a unary call arrives as gRPC with the headers of forwarding, its answer with its trailers', async () => {
  let seen: IncomingHttpHeaders = {};
  const target = await http2Target((stream, headers) => {
    seen = headers;
    echo(stream);
  });
  const session = await (await balanced([target])).client();
  const stream = call(session, { 'grpc-timeout': '10S', 'x-bin': 'AAE=' });
  stream.end(message('hello'));
  const result = await resultOf(stream);
  assert.deepEqual([result.status, result.grpcStatus, result.messages], [200, '0', ['HELLO']]);
  assert.equal(result.headers['content-type'], 'application/grpc');
  assert.equal(seen[':method'], 'POST');
  assert.equal(seen[':path'], '/test.Echo/Unary');
  assert.equal(seen[':scheme'], 'http');
  assert.equal(seen[':authority'], 'localhost');
  assert.equal(seen['te'], 'trailers');
  assert.equal(seen['grpc-timeout'], '10S');
  assert.equal(seen['x-bin'], 'AAE=');
  assert.equal(seen['x-forwarded-proto'], 'https');
  assert.equal(seen['x-forwarded-for'], '127.0.0.1');
  assert.match(String(seen['x-amzn-trace-id']), /^Root=1-/);
  assert.equal(seen['transfer-encoding'], undefined);
});

test('a bidirectional stream: each message is answered before the next one is sent', async () => {
  const session = await (await balanced([await http2Target(echo)])).client();
  const stream = call(session);
  const result = resultOf(stream);
  for (const word of ['one', 'two', 'three']) {
    stream.write(message(word));
    const [bytes] = (await once(stream, 'data')) as [Buffer];
    assert.deepEqual(messagesOf(bytes), [word.toUpperCase()]);
  }
  stream.end();
  assert.equal((await result).grpcStatus, '0');
});

test('a client that streams, and a server that streams', async () => {
  const target = await http2Target((stream, headers) => {
    let received = Buffer.alloc(0);
    stream.on('data', (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
    });
    stream.on('end', () => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      if (headers[':path'] === '/test.Echo/Collect') stream.end(message(messagesOf(received).join('+')));
      else {
        for (let i = 0; i < 500; i += 1) stream.write(message(`${i}`));
        stream.end();
      }
    });
  });
  const session = await (await balanced([target])).client();
  const collect = call(session, { ':path': '/test.Echo/Collect' });
  for (let i = 0; i < 500; i += 1) collect.write(message(`${i}`));
  collect.end();
  const numbers = Array.from({ length: 500 }, (_, i) => `${i}`);
  assert.deepEqual((await resultOf(collect)).messages, [numbers.join('+')]);
  const spread = call(session, { ':path': '/test.Echo/Spread' });
  spread.end(message(''));
  assert.deepEqual((await resultOf(spread)).messages, numbers);
});

test('messages of four megabytes both ways', async () => {
  const target = await http2Target((stream) => {
    stream.respond({ ':status': 200 }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.pipe(stream);
  });
  const session = await (await balanced([target])).client();
  const stream = call(session);
  const text = 'abcdefgh'.repeat(524_288);
  stream.end(message(text));
  const { messages, grpcStatus } = await resultOf(stream);
  assert.equal(grpcStatus, '0');
  assert.ok(messages[0] === text);
});

test('a call that fails at once has its code in the headers', async () => {
  const target = await http2Target((stream) =>
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': '12',
        'grpc-message': 'no such method',
      },
      { endStream: true },
    ),
  );
  const session = await (await balanced([target])).client();
  const stream = call(session);
  stream.end(message(''));
  const { headers, grpcStatus, messages } = await resultOf(stream);
  assert.deepEqual(
    [grpcStatus, headers['grpc-message'], headers['content-length'], messages],
    ['12', 'no such method', undefined, []],
  );
});

test("the balancer's own errors have a code of gRPC", async () => {
  const nobody = call(await (await balanced([])).client());
  nobody.end(message(''));
  const none = await resultOf(nobody);
  assert.deepEqual([none.status, none.grpcStatus, none.headers['grpc-message']], [503, '14', 'unavailable']);
  const gone = await tcpTarget(() => {});
  gone.server.close();
  const refused = call(await (await balanced([gone])).client());
  refused.end(message(''));
  const failed = await resultOf(refused);
  assert.deepEqual([failed.status, failed.grpcStatus], [502, '14']);
  const silent = await http2Target(() => {});
  const waiting = call(await (await balanced([silent], 'GRPC', {}, { idleTimeoutSeconds: 1 })).client());
  waiting.end(message(''));
  const late = await resultOf(waiting);
  assert.deepEqual([late.status, late.grpcStatus], [504, '14']);
});

test('a target that speaks something else, or resets, gives 502; a reset within the answer resets the stream', async () => {
  const http1 = await httpTarget((_request, response) => response.end('ok'));
  const wrong = call(await (await balanced([http1])).client());
  wrong.end(message(''));
  assert.equal((await resultOf(wrong)).status, 502);
  for (const code of [
    constants.NGHTTP2_REFUSED_STREAM,
    constants.NGHTTP2_CANCEL,
    constants.NGHTTP2_INTERNAL_ERROR,
  ]) {
    const early = await http2Target((stream) => stream.close(code));
    const reset = call(await (await balanced([early])).client());
    reset.end(message(''));
    assert.equal((await resultOf(reset)).status, 502);
  }
  // Node's `close` would send the end of the answer first.
  const within = await http2Target((stream) => {
    stream.respond({ ':status': 200 });
    stream.write(message('begun'), () => stream.destroy(new Error('reset')));
  });
  const cut = call(await (await balanced([within])).client());
  cut.end(message(''));
  const { status, code } = await resultOf(cut);
  assert.deepEqual([status, code], [200, constants.NGHTTP2_INTERNAL_ERROR]);
});

test('464: what a client speaks and what a target group speaks do not go together', async () => {
  const target = await http2Target(echo);
  const plain = await httpTarget((_request, response) => response.end('ok'));
  const ask = async (session: ClientHttp2Session, headers: OutgoingHttpHeaders) => {
    const stream = session.request({ ':path': '/', ...headers });
    stream.end();
    return (await resultOf(stream)).status;
  };
  const grpc = await balanced([target]);
  const http2 = await balanced([target], 'HTTP2');
  const http1 = await balanced([plain], 'HTTP1');
  for (const balancer of [grpc, http2]) {
    const client = await balancer.connectTls();
    client.write(get('/'));
    assert.match(await client.answer(), /^HTTP\/1\.1 464/);
  }
  assert.equal(await ask(await grpc.client(), { ':method': 'GET' }), 464);
  assert.equal(await ask(await http1.client(), CALL), 464);
  assert.equal(await ask(await http1.client(), { ':method': 'GET' }), 200);
});

test('a target group of HTTP/2 takes any request of HTTP/2', async () => {
  const target = await http2Target((stream, headers) => {
    if (headers[':method'] === 'HEAD')
      stream.respond({ ':status': 200, 'content-length': 2 }, { endStream: true });
    else if (headers[':path'] === '/length') {
      stream.respond({ ':status': 200, 'content-length': 2, 'set-cookie': ['a=1', 'b=2'] });
      stream.end('ok');
    } else if (headers[':path'] === '/none') stream.respond({ ':status': 204 }, { endStream: true });
    else {
      stream.additionalHeaders({ ':status': 103, link: '</a>' });
      stream.respond({ ':status': 200, 'x-length': headers['content-length'] ?? '' });
      stream.pipe(stream);
    }
  });
  const session = await (await balanced([target], 'HTTP2')).client();
  const ask = async (headers: OutgoingHttpHeaders, body = '') => {
    const stream = session.request(headers);
    let text = '';
    let answered: IncomingHttpHeaders = {};
    stream.on('response', (received) => {
      answered = received;
    });
    stream.on('data', (bytes: Buffer) => {
      text += bytes;
    });
    if (body === '') stream.end();
    else stream.end(body);
    await once(stream, 'close');
    return { status: answered[':status'], headers: answered, text };
  };
  const byLength = await ask({ ':path': '/length' });
  assert.deepEqual(
    [byLength.status, byLength.text, byLength.headers['set-cookie']],
    [200, 'ok', ['a=1', 'b=2']],
  );
  assert.equal((await ask({ ':path': '/none' })).status, 204);
  const head = await ask({ ':path': '/length', ':method': 'HEAD' });
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '2']);
  const posted = await ask({ ':path': '/', ':method': 'POST', 'content-length': 3 }, 'abc');
  assert.deepEqual([posted.text, posted.headers['x-length']], ['abc', '3']);
});

test('calls share a connection to the target, and get another one past its limit of streams', async () => {
  const target = await http2Target(echo, { maxConcurrentStreams: 10 });
  const session = await (await balanced([target])).client();
  const first = call(session);
  first.end(message('x'));
  await resultOf(first);
  const calls = Array.from({ length: 30 }, () => call(session));
  const results = calls.map(resultOf);
  for (const stream of calls) stream.write(message('x'));
  await Promise.all(calls.map((stream) => once(stream, 'data')));
  assert.ok(target.sessions.size > 1);
  for (const stream of calls) stream.end();
  for (const result of results) assert.equal((await result).grpcStatus, '0');
});

test('a target that says GOAWAY after each call is called over another connection', async () => {
  const target = await http2Target((stream) => {
    stream.session?.close();
    echo(stream);
  });
  const session = await (await balanced([target])).client();
  for (let i = 0; i < 10; i += 1) {
    const stream = call(session);
    stream.end(message('x'));
    assert.equal((await resultOf(stream)).grpcStatus, '0');
  }
  assert.equal(target.sessions.size, 10);
});

test('a call that the client cancels is cancelled at the target', async () => {
  const target = await http2Target(() => {});
  const session = await (await balanced([target])).client();
  const cancelling = new AbortController();
  const stream = session.request(CALL, { endStream: false, signal: cancelling.signal });
  stream.on('error', () => {});
  const received = once(target.server, 'stream');
  stream.write(message('x'));
  const [atTarget] = (await received) as [ServerHttp2Stream];
  const closed = once(atTarget, 'close', { signal: AbortSignal.timeout(5000) });
  let isWhole = false;
  atTarget.resume().on('end', () => {
    isWhole = (atTarget.rstCode ?? 0) === 0;
  });
  cancelling.abort();
  await closed;
  assert.deepEqual([atTarget.rstCode, isWhole], [constants.NGHTTP2_CANCEL, false]);
});

test('a draining target ends the streams it has, and gets no more', async () => {
  const draining = await http2Target(echo);
  const other = await http2Target(echo);
  const balancer = await balanced([draining]);
  const session = await balancer.client();
  const stream = call(session);
  const result = resultOf(stream);
  stream.write(message('one'));
  await once(stream, 'data');
  const retarget = (targets: readonly TargetConfiguration[]) =>
    plane.configure({
      ...balancer.given,
      targetGroups: balancer.given.targetGroups.map((group) => ({
        ...group,
        targets: targets.map(({ ip, port, status }) => ({ ip, port, status })),
      })),
    });
  await retarget([{ ...draining, status: 'draining' }, other]);
  const next = call(session);
  const reached = once(other.server, 'stream');
  next.end(message('x'));
  await reached;
  assert.equal((await resultOf(next)).grpcStatus, '0');
  stream.write(message('two'));
  await once(stream, 'data');
  stream.end();
  assert.deepEqual((await result).messages, ['ONE', 'TWO']);
  // What is still there when the delay is over is cut.
  await retarget([draining]);
  const cut = call(session);
  const cutResult = resultOf(cut);
  cut.write(message('x'));
  await once(cut, 'data');
  await retarget([]);
  assert.notEqual((await cutResult).code, constants.NGHTTP2_NO_ERROR);
});

test('calls are counted and logged as requests, by the type grpcs', async () => {
  const balancer = await balanced([await http2Target(echo)], 'GRPC', { logsRequests: true });
  const stream = call(await balancer.client(), { ':authority': 'a' });
  stream.end(message('x'));
  await resultOf(stream);
  while (logged.length < 1) await once(reported, 'logged', { signal: AbortSignal.timeout(5000) });
  assert.match(
    `${logged[0]?.type} ${logged[0]?.middle}`,
    /^grpcs .* 200 200 \d+ \d+ "POST https:\/\/a:443\/test\.Echo\/Unary HTTP\/2\.0" /,
  );
  const ofGroup = () =>
    counted
      .filter(({ loadBalancerArn }) => loadBalancerArn === balancer.name)
      .flatMap(({ targetGroups }) => targetGroups);
  while (ofGroup().length === 0) await once(reported, 'report', { signal: AbortSignal.timeout(5000) });
  assert.equal(ofGroup()[0]?.counters['RequestCount'], 1);
  assert.equal(ofGroup()[0]?.counters['GrpcRequestCount'], 1);
  assert.equal(ofGroup()[0]?.counters['HTTPCode_Target_2XX_Count'], 1);
});

test('health checks: the code of gRPC in headers or trailers, the code of HTTP/2, and everything that is neither', async () => {
  const target = await http2Target((stream, headers) => {
    const path = headers[':path'];
    if (path === '/unimplemented') {
      assert.equal(headers['user-agent'], 'ELB-HealthChecker/2.0');
      stream.respond({ ':status': 200, 'grpc-status': '12' }, { endStream: true });
    } else if (path === '/serving') {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(message(''));
    } else if (path === '/none') stream.respond({ ':status': 200 }, { endStream: true });
    else if (path === '/http') stream.respond({ ':status': 404 }, { endStream: true });
  });
  const probe = (path: string, protocolVersion: 'HTTP2' | 'GRPC' = 'GRPC') =>
    plane.probe({ ip: target.ip, port: target.port, path, timeoutSeconds: 1, protocolVersion });
  assert.deepEqual(await probe('/unimplemented'), { kind: 'answered', statusCode: 12 });
  assert.deepEqual(await probe('/serving'), { kind: 'answered', statusCode: 0 });
  assert.deepEqual(await probe('/none'), { kind: 'failed', reason: 'there is no grpc-status' });
  assert.deepEqual(await probe('/http'), { kind: 'failed', reason: 'the target answered with 404' });
  assert.deepEqual(await probe('/http', 'HTTP2'), { kind: 'answered', statusCode: 404 });
  assert.deepEqual(await probe('/silent'), { kind: 'timedOut' });
  const http1 = await httpTarget((_request, response) => response.end('ok'));
  const wrong = await plane.probe({
    ip: http1.ip,
    port: http1.port,
    path: '/',
    timeoutSeconds: 2,
    protocolVersion: 'GRPC',
  });
  assert.equal(wrong.kind, 'failed');
});
