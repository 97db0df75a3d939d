/** The whole plane with real sockets: clients as bytes, targets as servers of this process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import type { ConfigureOutcome, RuleConfiguration } from '../../services/elbv2/ports.ts';
import { BalancerThread } from './balancer-thread.ts';
import { LoadBalancerPlane } from './load-balancer-plane.ts';
import { configuration, GET, get, testPlane } from './testing/test-plane.ts';

const { book, plane, sockets, counted, reported, httpTarget, tcpTarget, balanced, close } = testPlane();
after(close);

test('a request goes to a target with the headers of forwarding, and the answer comes back', async () => {
  const balancer = await balanced([
    await httpTarget((request, response) => response.end(JSON.stringify(request.headers))),
  ]);
  const answer = await balancer.ask(
    'GET /x HTTP/1.1\r\nHost: A.example:1\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  const headers = JSON.parse(answer.slice(answer.indexOf('{'))) as Record<string, string>;
  assert.equal(headers['x-forwarded-for'], '9.9.9.9, 127.0.0.1');
  assert.equal(headers['x-forwarded-proto'], 'http');
  assert.equal(headers['x-forwarded-port'], '80');
  assert.equal(headers['host'], 'a.example');
  assert.match(headers['x-amzn-trace-id'] ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
});

test('requests go round the healthy targets, over connections that are used again', async () => {
  let connections = 0;
  const targets = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const target = await httpTarget((_request, response) => response.end(name));
      target.server.on('connection', () => {
        connections += 1;
      });
      return target;
    }),
  );
  const balancer = await balanced(targets);
  const answers: string[] = [];
  for (let i = 0; i < 6; i += 1) answers.push((await balancer.ask(GET)).slice(-1));
  assert.equal(answers.join('').replace(/^b/, ''), answers[0] === 'b' ? 'ababa' : 'ababab');
  assert.equal(connections, 2);
});

test('requests that come at once are answered in their order', async () => {
  const balancer = await balanced([await httpTarget((request, response) => response.end(request.url))]);
  const client = await balancer.connect();
  client.write(`${get('/1')}${get('/2')}${get('/3')}`);
  const all = await client.until(/\/3$/);
  assert.deepEqual(
    all.match(/\r\n\r\n(\/\d)/g)?.map((match) => match.slice(-2)),
    ['/1', '/2', '/3'],
  );
});

test('without targets the answer is 503, with the body and the headers of AWS', async () => {
  const balancer = await balanced([]);
  const answer = await balancer.ask(GET);
  assert.match(
    answer,
    /^HTTP\/1\.1 503 Service Temporarily Unavailable\r\nServer: awselb\/2\.0\r\nDate: [^\r]+\r\nContent-Type: text\/html\r\nContent-Length: 162\r\nConnection: keep-alive\r\n\r\n<html>/,
  );
});

test('targets that are only initial get nothing, targets that are all unhealthy get everything', async () => {
  const target = await httpTarget((_request, response) => response.end('ok'));
  assert.match(await (await balanced([{ ...target, status: 'initial' }])).ask(GET), /^HTTP\/1\.1 503/);
  assert.match(await (await balanced([{ ...target, status: 'unhealthy' }])).ask(GET), /^HTTP\/1\.1 200/);
});

test('a target that refuses, closes or answers nonsense gives 502', async () => {
  const gone = await tcpTarget(() => {});
  gone.server.close();
  assert.match(await (await balanced([gone])).ask(GET), /^HTTP\/1\.1 502 Bad Gateway/);
  const closing = await tcpTarget((socket) => socket.once('data', () => socket.end()));
  assert.match(await (await balanced([closing])).ask(GET), /^HTTP\/1\.1 502 Bad Gateway/);
  for (const nonsense of [
    'hello\r\n\r\n',
    'HTTP/1.1 200 OK\nA: b\n\n\r\n\r\n',
    'HTTP/1.1 200 OK\r\nA : b\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
    `HTTP/1.1 200 OK\r\n${`A: ${'b'.repeat(9000)}\r\n`.repeat(4)}\r\n`,
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n',
  ]) {
    const target = await tcpTarget((socket) => socket.once('data', () => socket.write(nonsense, 'latin1')));
    assert.match(
      await (await balanced([target])).ask(GET),
      /^HTTP\/1\.1 502 Bad Gateway/,
      nonsense.slice(0, 60),
    );
  }
});

test('a target that does not answer within the idle timeout gives 504', async () => {
  const balancer = await balanced([await tcpTarget(() => {})], { idleTimeoutSeconds: 1 });
  assert.match(await balancer.ask(GET), /^HTTP\/1\.1 504 Gateway Time-out/);
});

test('a client that does not finish its request within the idle timeout gets 408; one that sends nothing is closed', async () => {
  const balancer = await balanced([await httpTarget((_request, response) => response.end())], {
    idleTimeoutSeconds: 1,
  });
  assert.match(await balancer.ask('GET / HTTP/1.1\r\nHost'), /^HTTP\/1\.1 408/);
  const silent = await balancer.connect();
  await silent.ended();
  assert.equal(silent.received(), '');
});

test('bodies stream both ways, by length and in chunks', async () => {
  const balancer = await balanced([await httpTarget((request, response) => request.pipe(response))]);
  const byLength = await balancer.ask(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello',
  );
  assert.match(byLength, /transfer-encoding: chunked[\s\S]*5\r\nhello\r\n0\r\n\r\n$/i);
  const inChunks = await balancer.ask(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
  );
  assert.equal(inChunks.slice(inChunks.indexOf('\r\n\r\n') + 4).replace(/[0-9]|\r\n/g, ''), 'hello');
});

test('a large body arrives whole at a slow reader, and the target is made to wait', async () => {
  const size = 64 * 1024 * 1024;
  const block = Buffer.alloc(65536, 'x');
  let written = 0;
  const target = await httpTarget((_request, response) => {
    response.writeHead(200, { 'content-length': size });
    const more = (): void => {
      while (written < size) {
        written += block.length;
        if (!response.write(block)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  const other = await httpTarget((_request, response) => response.end());
  const balancer = await balanced([target]);
  const socket = connect({ host: '127.0.0.1', port: balancer.port });
  sockets.add(socket);
  socket.pause();
  socket.write(GET);
  await once(target.server, 'request');
  // Nothing is read: the target stops when all that is between them is full.
  for (let same = 0, before = -1; same < 20; same = written === before ? same + 1 : 0) {
    before = written;
    await plane.probe({ ip: other.ip, port: other.port, path: '/', timeoutSeconds: 5 });
  }
  assert.ok(written < size, `the target wrote ${written} bytes`);
  let received = 0;
  socket.on('data', (bytes) => {
    received += bytes.length;
    if (received > size) socket.end();
  });
  socket.resume();
  await once(socket, 'close');
  assert.ok(received > size && received < size + 1000);
});

test('Expect: 100-continue is answered at once and not passed on', async () => {
  const balancer = await balanced([
    await httpTarget((request, response) => response.end(String(request.headers.expect))),
  ]);
  const client = await balancer.connect();
  client.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
  client.write('ok');
  assert.match(await client.until(/undefined$/), /HTTP\/1\.1 200 OK/);
});

test('an answer that ends with its connection reaches an HTTP/1.1 client in chunks and an HTTP/1.0 client as it is', async () => {
  const target = await tcpTarget((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nhello')),
  );
  const balancer = await balanced([target]);
  const chunked = await balancer.ask(GET);
  assert.match(
    chunked,
    /Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n5\r\nhello\r\n0\r\n\r\n$/,
  );
  assert.match(await balancer.ask('GET / HTTP/1.0\r\n\r\n'), /Connection: close\r\n\r\nhello$/);
});

test('a chunked answer reaches an HTTP/1.0 client without the chunks', async () => {
  const balancer = await balanced([
    await httpTarget((_request, response) => response.write('he', () => response.end('llo'))),
  ]);
  assert.match(await balancer.ask('GET / HTTP/1.0\r\n\r\n'), /Connection: close\r\n\r\nhello$/);
});

test('HEAD, 204 and 304 have no body', async () => {
  const balancer = await balanced([
    await httpTarget((request, response) => {
      response.writeHead(Number(request.url?.slice(1)), { 'content-length': request.url === '/204' ? 0 : 5 });
      response.end(request.method === 'HEAD' || request.url !== '/200' ? undefined : 'hello');
    }),
  ]);
  const client = await balancer.connect();
  client.write('HEAD /200 HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.until(/content-length: 5\r\n[\s\S]*Connection: keep-alive\r\n\r\n$/);
  client.write(get('/304'));
  await client.until(/304 Not Modified[\s\S]*\r\n\r\n$/);
  client.write(get('/204'));
  await client.until(/204 No Content[\s\S]*\r\n\r\n$/);
  client.write(get('/200'));
  await client.until(/hello$/);
});

test('an answer that is cut off is cut off for the client too', async () => {
  const target = await tcpTarget((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello')),
  );
  const client = await (await balanced([target])).connect();
  client.write(GET);
  await client.ended();
  assert.ok(!client.received().includes('502'));
});

test('an answer to a request that was not asked ends the connection, and nobody gets it', async () => {
  const target = await tcpTarget((socket) => {
    socket.on('data', () =>
      socket.write(
        'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil',
      ),
    );
  });
  const balancer = await balanced([target]);
  const client = await balancer.connect();
  for (let i = 1; i <= 3; i += 1) {
    client.write(GET);
    const all = await client.until(new RegExp(`(?:[\\s\\S]*?\\r\\n\\r\\nok){${i}}$`));
    assert.ok(!all.includes('evil'));
  }
});

test('what is ambiguous goes on in one meaning, and both connections are closed', async () => {
  const seen: string[] = [];
  const target = await tcpTarget((socket) => {
    socket.on('data', (bytes) => {
      seen.push(bytes.toString('latin1'));
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  const client = await (await balanced([target])).connect();
  client.write(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  await client.ended();
  assert.match(client.received(), /^HTTP\/1\.1 200 OK[\s\S]*Connection: close\r\n\r\nok$/);
  assert.match(seen.join(''), /Transfer-Encoding: chunked/);
  assert.doesNotMatch(seen.join(''), /Content-Length|admin/);
});

test('strictest mode refuses what is ambiguous', async () => {
  const target = await httpTarget((_request, response) => response.end());
  const balancer = await balanced([target], { desyncMitigationMode: 'strictest' });
  assert.match(
    await balancer.ask('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx'),
    /^HTTP\/1\.1 400/,
  );
});

test('a malformed request is answered with 400 and its connection closed; so is a malformed body', async () => {
  const seen: string[] = [];
  const target = await tcpTarget((socket) =>
    socket.on('data', (bytes) => seen.push(bytes.toString('latin1'))),
  );
  const balancer = await balanced([target]);
  const client = await balancer.connect();
  client.write('GET / HTTP/1.1\nHost: a\n\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n');
  await client.ended();
  assert.match(client.received(), /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*Connection: close/);
  const second = await balancer.connect();
  second.write(
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: a\r\n\r\n',
  );
  await second.ended();
  assert.match(second.received(), /^HTTP\/1\.1 400 Bad Request\r\n/);
  assert.doesNotMatch(seen.join(''), /admin|hello/);
});

test('a kept connection that its target closes as a request is sent is 502, and reported with how long it was idle', async () => {
  const target = await tcpTarget((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      socket.once('data', () => socket.destroy());
    });
  });
  const balancer = await balanced([target]);
  const reports = counted.length;
  const isReported = (): boolean =>
    counted.slice(reports).some(({ targetGroups }) => targetGroups[0]?.closedAfterIdleMs !== undefined);
  assert.match(await balancer.ask(GET), /^HTTP\/1\.1 200/);
  assert.match(await balancer.ask(GET), /^HTTP\/1\.1 502/);
  while (!isReported()) await once(reported, 'report', { signal: AbortSignal.timeout(10_000) });
});

test('TRACE and CONNECT are refused with 405, more than 30 forwarded addresses with 463', async () => {
  const balancer = await balanced([await httpTarget((_request, response) => response.end())]);
  assert.match(await balancer.ask('TRACE / HTTP/1.1\r\nHost: a\r\n\r\n'), /^HTTP\/1\.1 405/);
  for (const target of ['a:443', '/'])
    assert.match(await balancer.ask(`CONNECT ${target} HTTP/1.1\r\nHost: a:443\r\n\r\n`), /^HTTP\/1\.1 405/);
  const addresses = Array(31).fill('1.1.1.1').join(', ');
  assert.match(
    await balancer.ask(`GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${addresses}\r\n\r\n`),
    /^HTTP\/1\.1 463/,
  );
});

test('WebSocket: after 101 bytes pass both ways', async () => {
  const target = await tcpTarget((socket) => {
    socket.once('data', (head) => {
      assert.match(head.toString(), /Connection: upgrade\r\nUpgrade: websocket\r\n/);
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\r\nhi',
      );
      socket.on('data', (bytes) => socket.write(`echo ${bytes}`));
    });
  });
  const client = await (await balanced([target])).connect();
  client.write(
    'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
  );
  await client.until(/^HTTP\/1\.1 101 Switching Protocols\r\n[\s\S]*Upgrade: websocket\r\n\r\nhi$/);
  client.write('one');
  await client.until(/echo one$/);
});

test('rules: a redirect, a fixed response, and weights', async () => {
  const target = await httpTarget((_request, response) => response.end('target'));
  const rules: RuleConfiguration[] = [
    {
      priority: 1,
      conditions: [{ field: 'path-pattern', values: ['/old*'], regex: false }],
      action: {
        kind: 'redirect',
        statusCode: 302,
        protocol: '#{protocol}',
        host: '#{host}',
        port: '#{port}',
        path: '/new',
        query: '',
      },
    },
    {
      priority: 2,
      conditions: [{ field: 'path-pattern', values: ['/health'], regex: false }],
      action: { kind: 'fixed-response', statusCode: 200, contentType: 'text/plain', messageBody: 'grüße' },
    },
    {
      priority: 3,
      conditions: [{ field: 'path-pattern', values: ['/weighted'], regex: false }],
      action: {
        kind: 'forward',
        targetGroups: [
          { targetGroupArn: 'tg', weight: 3 },
          { targetGroupArn: 'none', weight: 1 },
        ],
      },
    },
  ];
  const balancer = await balanced([target], {}, rules);
  const redirect = await balancer.ask(get('/old'));
  assert.match(
    redirect,
    new RegExp(`^HTTP/1\\.1 302 Found\\r\\n[\\s\\S]*Location: http://a:${balancer.port}/new\\r\\n`),
  );
  assert.match(await balancer.ask(get('/health')), /Content-Length: 7\r\n[\s\S]*grÃ¼Ã\x9fe$/);
  const codes: string[] = [];
  for (let i = 0; i < 8; i += 1) codes.push((await balancer.ask(get('/weighted'))).slice(9, 12));
  assert.deepEqual(codes.sort(), ['200', '200', '200', '200', '200', '200', '503', '503']);
});

test('a draining target gets no new request, its request in flight ends; when it is gone, one still in flight gets 502', async () => {
  const waiting: { url: string; finish: () => void }[] = [];
  const target = await httpTarget((request, response) => {
    waiting.push({ url: request.url ?? '', finish: () => response.end('done') });
  });
  const balancer = await balanced([target]);
  const [first, second] = [await balancer.connect(), await balancer.connect()];
  const arrived = async (count: number) => {
    while (waiting.length < count) await once(target.server, 'request');
  };
  first.write(get('/first'));
  second.write(get('/second'));
  await arrived(2);
  await balancer.retarget([{ ...target, status: 'draining' }]);
  assert.match(await balancer.ask(GET), /^HTTP\/1\.1 503/);
  waiting.find(({ url }) => url === '/first')?.finish();
  assert.match(await first.until(/done$/), /^HTTP\/1\.1 200/);
  await balancer.retarget([]);
  assert.match(await second.until(/<\/html>\r\n$/), /^HTTP\/1\.1 502/);
});

test('a removed load balancer ends what is in flight, closes idle connections and accepts nothing', async () => {
  let finish = (): void => {};
  const target = await httpTarget((_request, response) => {
    finish = () => response.end('done');
  });
  const balancer = await balanced([target]);
  const idle = await balancer.connect();
  const busy = await balancer.connect();
  busy.write(GET);
  await once(target.server, 'request');
  const removed = balancer.remove();
  await idle.ended();
  finish();
  assert.match(await busy.until(/done$/), /Connection: close\r\n/);
  await removed;
  await assert.rejects(balancer.connect(), /ECONNREFUSED/);
});

test('a port that is busy is an outcome that says what to do', async () => {
  const blocker = await tcpTarget(() => {});
  const other = new LoadBalancerPlane({ addresses: book, httpPort: blocker.local });
  const outcome = await other.configure(configuration('busy', [], {}, []));
  await other.close();
  const [listener] = outcome.listeners;
  assert.equal(listener?.kind, 'failed');
  assert.match(
    listener?.kind === 'failed' ? listener.reason : '',
    /port \d+ of 127\.0\.0\.1 is in use.*--http-port/,
  );
});

test('a target that moves is found at its new address', async () => {
  const target = await httpTarget((_request, response) => response.end('old'));
  const balancer = await balanced([target]);
  assert.match(await balancer.ask(GET), /old$/);
  const moved = await httpTarget((_request, response) => response.end('new'));
  book.register(target.ip, target.port, { host: '127.0.0.1', port: moved.local });
  // The book tells the plane, which tells the thread before it hears of the next probe.
  await plane.probe({ ip: target.ip, port: target.port, path: '/', timeoutSeconds: 5 });
  assert.match(await balancer.ask(GET), /new$/);
});

test('a probe is a GET by ELB-HealthChecker/2.0 on a new connection', async () => {
  const target = await httpTarget((request, response) => {
    response.statusCode =
      request.headers['user-agent'] === 'ELB-HealthChecker/2.0' && request.url === '/up' ? 204 : 500;
    response.end();
  });
  const request = { ip: target.ip, port: target.port, path: '/up', timeoutSeconds: 5 };
  assert.deepEqual(await plane.probe(request), { kind: 'answered', statusCode: 204 });
  const silent = await tcpTarget(() => {});
  assert.deepEqual(await plane.probe({ ip: silent.ip, port: silent.port, path: '/', timeoutSeconds: 0.1 }), {
    kind: 'timedOut',
  });
  assert.equal((await plane.probe({ ip: '10.9.9.9', port: 1, path: '/', timeoutSeconds: 1 })).kind, 'failed');
});

for (const [name, attributes, expected] of [
  ['preserved', { xffHeaderProcessing: 'preserve' }, '9.9.9.9'],
  ['removed', { xffHeaderProcessing: 'remove' }, undefined],
  ['appended with the client port', { xffClientPort: true }, /^9\.9\.9\.9, 127\.0\.0\.1:\d+$/],
] as const) {
  test(`X-Forwarded-For can be ${name}`, async () => {
    const target = await httpTarget((request, response) =>
      response.end(JSON.stringify({ value: request.headers['x-forwarded-for'] })),
    );
    const balancer = await balanced([target], attributes);
    const answer = await balancer.ask('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n\r\n');
    const { value } = JSON.parse(answer.slice(answer.indexOf('{'))) as { value?: string };
    if (expected instanceof RegExp) assert.match(value ?? '', expected);
    else assert.equal(value, expected);
  });
}

test('preserve_host_header passes Host on as it came', async () => {
  const target = await httpTarget((request, response) => response.end(request.headers.host));
  const balancer = await balanced([target], { preserveHostHeader: true });
  assert.match(await balancer.ask('GET / HTTP/1.1\r\nHost: A.Example:81\r\n\r\n'), /A\.Example:81$/);
});

test('a client that asks to close is closed after its answer; without a body read to its end, too', async () => {
  const balancer = await balanced([await httpTarget((_request, response) => response.end('early'))]);
  const closing = await balancer.connect();
  closing.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await closing.ended();
  assert.match(closing.received(), /Connection: close\r\n\r\nearly$/);
  const early = await balancer.connect();
  early.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nsome');
  await early.ended();
  assert.match(early.received(), /Connection: close\r\n\r\nearly$/);
});

test('a client that goes away takes its request from the target', async () => {
  const target = await httpTarget(() => {});
  const client = await (await balanced([target])).connect();
  client.write(GET);
  const [request] = (await once(target.server, 'request')) as [IncomingMessage];
  request.on('error', () => {});
  const closed = new Promise((resolve) => request.on('close', resolve));
  client.close();
  await closed;
  assert.ok(request.destroyed);
});

test('what happens is counted under the names of the metrics', async () => {
  const target = await httpTarget((request, response) => {
    response.statusCode = request.url === '/404' ? 404 : 200;
    response.end();
  });
  const rules: RuleConfiguration[] = [
    {
      priority: 1,
      conditions: [{ field: 'path-pattern', values: ['/fixed'], regex: false }],
      action: { kind: 'fixed-response', statusCode: 200, contentType: 'text/plain', messageBody: '' },
    },
  ];
  const balancer = await balanced([target], {}, rules);
  for (const path of ['/', '/', '/404', '/fixed']) await balancer.ask(get(path));
  await balancer.ask('GET / HTTP/1.1\r\nHost: a\r\nX_Y: 1\r\n\r\n');
  await balancer.ask('TRACE / HTTP/1.1\r\nHost: a\r\n\r\n');
  const sum = (name: string) =>
    counted
      .filter(({ loadBalancerArn }) => loadBalancerArn === balancer.name)
      .flatMap(({ counters, targetGroups }) => [counters, ...targetGroups.map((group) => group.counters)])
      .reduce((total, counters) => total + (counters[name] ?? 0), 0);
  while (sum('HTTPCode_ELB_4XX_Count') === 0) {
    await once(reported, 'report', { signal: AbortSignal.timeout(10_000) });
  }
  assert.deepEqual(
    [
      'RequestCount',
      'HTTPCode_Target_2XX_Count',
      'HTTPCode_Target_4XX_Count',
      'HTTP_Fixed_Response_Count',
      'HTTPCode_ELB_4XX_Count',
      'NewConnectionCount',
      'RuleEvaluations',
      'ForwardedInvalidHeaderRequestCount',
    ].map(sum),
    [4, 3, 1, 1, 1, 6, 6, 1],
  );
});

test('when the load balancer of the HTTP port is gone, the next one on port 80 takes it, and says so', async () => {
  const free = await tcpTarget(() => {});
  free.server.close();
  const other = new LoadBalancerPlane({ addresses: book, httpPort: free.local });
  const portOf = ({ listeners: [listener] }: ConfigureOutcome) =>
    listener?.kind === 'listening' ? listener.port : 0;
  assert.equal(portOf(await other.configure(configuration('old', [], {}, []))), free.local);
  assert.notEqual(portOf(await other.configure(configuration('new', [], {}, []))), free.local);
  const moved = new Promise<ConfigureOutcome>((resolve) => other.watch(resolve));
  await other.remove('old');
  const outcome = await moved;
  assert.equal(outcome.loadBalancerArn, 'new');
  assert.equal(portOf(outcome), free.local);
  await other.close();
});

test('a thread that dies rejects what it was asked, and is started again by the next question', async () => {
  const failures: Error[] = [];
  const thread = new BalancerThread({
    host: '127.0.0.1',
    minLifeMs: 0,
    onCounters: () => {},
    onRequests: () => {},
    onFailure: (error) => failures.push(error),
  });
  const impossible = { loadBalancerArn: 'x' } as unknown as Parameters<BalancerThread['configure']>[0];
  await assert.rejects(thread.configure(impossible));
  assert.equal(failures.length, 1);
  const probe = { address: { host: '127.0.0.1', port: 1 }, host: 'a', path: '/', timeoutSeconds: 1 };
  assert.equal((await thread.probe(probe)).kind, 'failed');
  await thread.close();
});
