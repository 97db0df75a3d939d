/** HTTPS listeners with real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { LoadBalancerConfiguration, TargetConfiguration } from '../../services/elbv2/ports.ts';
import { configuration, GET, get, listenerCertificate, overTls, testPlane } from './testing/test-plane.ts';

const { plane, counted, logged, reported, httpTarget, tcpTarget, configured, close } = testPlane();
after(close);

const local = listenerCertificate();
let names = 0;

function secure(
  targets: readonly TargetConfiguration[],
  attributes: Partial<LoadBalancerConfiguration['attributes']> = {},
  more: Parameters<typeof overTls>[2] = {},
) {
  names += 1;
  return overTls(configuration(`tls-${names}`, targets, attributes, []), local, more);
}

const echo = () => httpTarget((request, response) => response.end(JSON.stringify(request.headers)));

async function headersAt(balancer: Awaited<ReturnType<typeof configured>>, request = GET) {
  const client = await balancer.connectTls();
  client.write(request);
  const answer = await client.answer();
  client.close();
  return JSON.parse(answer.slice(answer.indexOf('{'))) as Record<string, string>;
}

test('a request over TLS is forwarded as one of HTTPS, on port 443', async () => {
  const balancer = await configured(secure([await echo()]));
  const headers = await headersAt(
    balancer,
    'GET / HTTP/1.1\r\nHost: a:8443\r\nX-Forwarded-Proto: http\r\n\r\n',
  );
  assert.equal(headers['x-forwarded-proto'], 'https');
  assert.equal(headers['x-forwarded-port'], '443');
  assert.equal(headers['host'], 'a');
  assert.equal(headers['x-amzn-tls-version'], undefined);
});

test('targets are told of TLS where that is switched on, and only by the balancer', async () => {
  const balancer = await configured(secure([await echo()], { tlsHeaders: true }));
  const headers = await headersAt(
    balancer,
    'GET / HTTP/1.1\r\nHost: a\r\nX-Amzn-TLS-Version: SSLv2\r\nx-amzn-tls-cipher-suite: NONE\r\n\r\n',
  );
  assert.equal(headers['x-amzn-tls-version'], 'TLSv1.3');
  assert.equal(headers['x-amzn-tls-cipher-suite'], 'TLS_AES_128_GCM_SHA256');
});

test('requests on one connection, bodies of a megabyte both ways, and one that ends with its connection', async () => {
  const target = await httpTarget(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    response.end(Buffer.concat(parts));
  });
  const balancer = await configured(secure([target]));
  const client = await balancer.connectTls();
  const body = 'x'.repeat(1_048_576);
  const post = (text: string, more = '') =>
    `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n${more}\r\n${text}`;
  client.write(get('/1') + get('/2') + post(body) + post('end', 'Connection: close\r\n'));
  await client.ended();
  assert.equal(client.received().split('HTTP/1.1 200 OK').length, 5);
  assert.equal(client.received().match(/x/g)?.length, body.length);
  assert.match(client.received(), /end$/);
});

test('a client speaks by the version and the ciphers of the policy, or not at all', async () => {
  const balancer = await configured(
    secure([await echo()], {}, { maxVersion: 'TLSv1.2', ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384'] }),
  );
  const client = await balancer.connectTls();
  assert.equal(client.socket.getProtocol(), 'TLSv1.2');
  assert.equal(client.socket.getCipher().name, 'ECDHE-ECDSA-AES256-GCM-SHA384');
  await assert.rejects(balancer.connectTls({ minVersion: 'TLSv1.3' }));
  await assert.rejects(balancer.connectTls({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }));
});

test('the oldest policies still speak TLS 1.0, as on AWS', async () => {
  const balancer = await configured(
    secure(
      [await echo()],
      {},
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: ['ECDHE-ECDSA-AES128-SHA'] },
    ),
  );
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  const client = await balancer.connectTls(old);
  assert.equal(client.socket.getProtocol(), 'TLSv1');
  const strict = await configured(secure([await echo()]));
  await assert.rejects(strict.connectTls(old));
});

test('failed handshakes are counted; a client that goes without a word, and plain HTTP, are told apart', async () => {
  const given = secure([await echo()]);
  const balancer = await configured(given);
  await assert.rejects(balancer.connectTls({ maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }));
  const silent = connect({ host: '127.0.0.1', port: balancer.port });
  await once(silent, 'connect');
  silent.destroy();
  const plain = await balancer.connect();
  plain.write(GET);
  await plain.ended();
  assert.doesNotMatch(plain.received(), /HTTP/);
  const errors = () =>
    counted
      .filter(({ loadBalancerArn }) => loadBalancerArn === given.loadBalancerArn)
      .reduce((sum, { counters }) => sum + (counters['ClientTLSNegotiationErrorCount'] ?? 0), 0);
  while (errors() < 2) await once(reported, 'report', { signal: AbortSignal.timeout(5000) });
  assert.equal(errors(), 2);
});

async function subjectFor(balancer: Awaited<ReturnType<typeof configured>>, options: ConnectionOptions) {
  const { socket } = await balancer.connectTls(options);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return (subject as unknown as { CN: string }).CN;
}

test('the certificate is chosen by the name that the client asks for, and by the keys that it knows', async () => {
  const ec = listenerCertificate({ names: ['a.example.com'], commonName: 'ec' }, 'ec');
  const rsa = listenerCertificate({ names: ['a.example.com'], commonName: 'rsa', keyType: 'rsa' }, 'rsa');
  const wild = listenerCertificate({ names: ['*.example.org'], commonName: 'wild' }, 'wild');
  const balancer = await configured(secure([await echo()], {}, { certificates: [rsa, ec, wild] }));
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const subject = (options: ConnectionOptions) => subjectFor(balancer, { maxVersion, ...options });
    assert.equal(await subject({ servername: 'a.example.com' }), 'ec');
    assert.equal(await subject({ servername: 'a.example.com', sigalgs: 'rsa_pss_rsae_sha256' }), 'rsa');
    assert.equal(await subject({ servername: 'x.example.org' }), 'wild');
    assert.equal(await subject({ servername: 'nobody.example.net' }), 'localhost');
    assert.equal(await subject({ servername: '' }), 'localhost');
  }
});

test('another certificate is served at once, and connections that are there go on', async () => {
  const given = secure([await echo()]);
  const balancer = await configured(given);
  const before = await balancer.connectTls();
  const renewed = listenerCertificate({ names: ['renewed.example.com'] });
  await plane.configure(overTls(given, renewed));
  assert.equal(await subjectFor(balancer, {}), 'renewed.example.com');
  before.write(GET);
  assert.match(await before.answer(), /^HTTP\/1\.1 200/);
});

test('a listener becomes one of HTTPS, and one of HTTP again, on its port', async () => {
  const target = await httpTarget((_request, response) => response.end('ok'));
  const given = configuration('changing', [target], {}, []);
  const listeners = given.listeners.map((listener) => ({ ...listener, port: 9000 }));
  const plain = { ...given, listeners };
  const balancer = await configured(plain);
  assert.match(await balancer.ask(GET), /^HTTP\/1\.1 200/);
  const tls = overTls(plain, local).listeners[0]?.tls;
  await plane.configure({ ...plain, listeners: listeners.map((one) => ({ ...one, ...(tls && { tls }) })) });
  const client = await balancer.connectTls();
  client.write(GET);
  assert.match(await client.answer(), /^HTTP\/1\.1 200/);
  await plane.configure(plain);
  assert.match(await balancer.ask(GET), /^HTTP\/1\.1 200/);
});

test('HTTP is redirected to HTTPS where it really listens, and cookies for other sites are secure there', async () => {
  const target = await httpTarget((_request, response) => response.end('ok'));
  const given = configuration('redirecting', [target], {}, [], {
    stickiness: { type: 'lb_cookie', durationSeconds: 60 },
  });
  const [https] = overTls(given, local).listeners;
  const redirect = {
    kind: 'redirect',
    statusCode: 301,
    protocol: 'HTTPS',
    host: '#{host}',
    port: '443',
    path: '/#{path}',
    query: '#{query}',
  } as const;
  assert.ok(https);
  const http = {
    ...https,
    listenerArn: 'http',
    port: 80,
    rules: [{ priority: 0, conditions: [], action: redirect }],
  };
  const { tls: _, ...withoutTls } = http;
  const outcome = await plane.configure({
    ...given,
    listeners: [withoutTls, { ...https, listenerArn: 'https' }],
  });
  const [first, second] = outcome.listeners.map((one) => (one.kind === 'listening' ? one.port : 0));
  const answer = await (await fetch(`http://127.0.0.1:${first}/a?b=c`, { redirect: 'manual' })).headers.get(
    'location',
  );
  assert.equal(answer, `https://127.0.0.1:${second}/a?b=c`);
  const socket = connectTls({ host: '127.0.0.1', port: second ?? 0, rejectUnauthorized: false });
  socket.write(GET);
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  assert.match(
    bytes.toString(),
    /Set-Cookie: AWSALBCORS=[^;]+; Expires=[^;]+; Path=\/; SameSite=None; Secure\r\n/,
  );
  assert.match(bytes.toString(), /Set-Cookie: AWSALB=[^;]+; Expires=[^;]+; Path=\/\r\n/);
});

test('a WebSocket over TLS is a tunnel', async () => {
  const target = await tcpTarget((socket) =>
    socket.once('data', () => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n');
      socket.on('data', (bytes) => socket.write(bytes));
    }),
  );
  const balancer = await configured(secure([target]));
  const client = await balancer.connectTls();
  client.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  await client.until(/\r\n\r\n$/);
  client.write('ping');
  assert.match(await client.until(/ping$/), /^HTTP\/1\.1 101 /);
  client.close();
});

test('the access log tells cipher, version, name and certificate', async () => {
  const target = await httpTarget((_request, response) => response.end('ok'));
  const given = { ...secure([target]), logsRequests: true as const };
  const balancer = await configured(given);
  for (const servername of ['localhost', '']) {
    const client = await balancer.connectTls({ servername });
    client.write('GET /logged HTTP/1.1\r\nHost: a\r\nUser-Agent: test\r\n\r\n');
    await client.answer();
  }
  while (logged.length < 2) await once(reported, 'logged', { signal: AbortSignal.timeout(5000) });
  const [named, unnamed] = logged.map(({ type, middle }) => `${type} ${middle}`);
  assert.match(
    named ?? '',
    /^https .* "GET https:\/\/a:443\/logged HTTP\/1\.1" "test" TLS_AES_128_GCM_SHA256 TLSv1\.3 tg /,
  );
  assert.match(named ?? '', new RegExp(`" "localhost" "${local.certificateArn}" 0$`));
  assert.match(unnamed ?? '', new RegExp(`" "-" "${local.certificateArn}" 0$`));
});

test('a client that does not finish its handshake is cut when its listener goes', async () => {
  const balancer = await configured(secure([await echo()]));
  const silent = await balancer.connect();
  await balancer.remove();
  await silent.ended();
});

test('a client that begins its handshake and stops is waited for, without work, and cut when it goes', async () => {
  const balancer = await configured(secure([await echo()]));
  const slow = await balancer.connect();
  slow.write('\x16\x03\x01\x00\x50\x01\x00');
  const before = await balancer.connectTls();
  before.write(GET);
  assert.match(await before.answer(), /^HTTP\/1\.1 200/);
  slow.end();
  await slow.ended();
  assert.equal(slow.received(), '');
});
