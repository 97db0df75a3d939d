import assert from 'node:assert/strict';
import { createVerify, X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { HttpDelivery } from './http-delivery.ts';
import { MessageSigner } from './message-signer.ts';

async function listen(t: TestContext, server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?a=b`;
}

function serve(t: TestContext, handle: RequestListener): Promise<string> {
  const server = createServer({ keepAlive: false }, handle);
  t.after(() => server.closeAllConnections());
  return listen(t, server);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

const post = (url: string) => ({ url, headers: { 'x-amz-sns-message-type': 'Notification' }, body: 'Grüße' });

test('a message arrives with its headers, its bytes and the login of the URL', async (t) => {
  const seen: string[] = [];
  const url = await serve(t, async (request, response) => {
    const { headers } = request;
    seen.push(
      request.method ?? '',
      request.url ?? '',
      headers['x-amz-sns-message-type'] as string,
      headers.authorization ?? '',
      await textOf(request),
    );
    response.end('thanks');
  });
  const delivery = new HttpDelivery();
  const outcome = await delivery.post(post(url.replace('//', '//user:p%40ss@')));
  assert.deepEqual(outcome, { kind: 'delivered' });
  const login = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  assert.deepEqual(seen, ['POST', '/hook?a=b', 'Notification', login, 'Grüße']);
});

// Confirmed by docs: 200 to 4xx is no failure that SNS tries again.
const statuses: readonly (readonly [status: number, verdict: 'delivered' | 'permanent' | 'again'])[] = [
  [200, 'delivered'],
  [204, 'delivered'],
  [302, 'delivered'],
  [400, 'permanent'],
  [404, 'permanent'],
  [429, 'permanent'],
  [500, 'again'],
  [503, 'again'],
];

for (const [status, verdict] of statuses) {
  test(`an endpoint that answers ${status}: ${verdict}`, async (t) => {
    const url = await serve(t, (_, response) => response.writeHead(status, { location: '/other' }).end());
    const outcome = await new HttpDelivery().post(post(url));
    const found = outcome.kind === 'delivered' ? 'delivered' : outcome.isPermanent ? 'permanent' : 'again';
    assert.equal(found, verdict);
  });
}

test('an endpoint that does not answer in time is tried again', async (t) => {
  const url = await serve(t, () => {});
  const outcome = await new HttpDelivery({ timeoutMs: 100 }).post(post(url));
  assert.deepEqual(outcome, {
    kind: 'failed',
    reason: 'the endpoint did not answer within 0.1 s',
    isPermanent: false,
  });
});

test('an endpoint that hangs up is tried again, and so is one that is not there', async (t) => {
  const server = createTcpServer((socket) => socket.destroy());
  const url = await listen(t, server);
  const hungUp = await new HttpDelivery().post(post(url));
  assert.equal(hungUp.kind === 'failed' && hungUp.isPermanent, false);
  await new Promise<void>((resolve) => server.close(() => resolve()));
  const gone = await new HttpDelivery().post(post(url));
  assert.match(gone.kind === 'failed' ? gone.reason : '', /ECONNREFUSED/);
});

test('only names that mean this machine are sent to, unless told otherwise', () => {
  const delivery = new HttpDelivery();
  for (const host of ['localhost:1', '127.0.0.1', '127.9.9.9', '[::1]:8080']) {
    assert.equal(delivery.mayReach(`http://${host}/`), true, host);
  }
  for (const host of ['example.com', '10.0.0.1', '169.254.169.254', 'localhost.example.com', '0.0.0.0']) {
    assert.equal(delivery.mayReach(`http://${host}/`), false, host);
  }
  assert.equal(new HttpDelivery({ reachesAll: true }).mayReach('https://example.com/'), true);
});

test("a URL of one of the region's load balancers is found where it listens, under its own name", async (t) => {
  let host = '';
  const url = await serve(t, (request, response) => {
    host = `${request.headers.host} ${request.url}`;
    response.end();
  });
  const delivery = new HttpDelivery({
    locate: ({ hostname }) =>
      ({ 'web.elb.amazonaws.com': { url: new URL(url).origin }, 'new.elb.amazonaws.com': {} })[hostname],
  });
  assert.deepEqual(await delivery.post(post('http://web.elb.amazonaws.com/alarm?x=1')), {
    kind: 'delivered',
  });
  assert.equal(host, 'web.elb.amazonaws.com /alarm?x=1');
  const waiting = await delivery.post(post('http://new.elb.amazonaws.com/'));
  assert.equal(waiting.kind === 'failed' && waiting.isPermanent, false);
  assert.equal(delivery.mayReach('http://other.elb.amazonaws.com/'), false);
});

test('messages are verified by the certificate that they name; the key outlives the region', async (t) => {
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-signer-'));
  t.after(() => rm(home, { recursive: true, force: true }));
  const now = Date.parse('2026-11-22T12:00:00Z');
  const open = () => new MessageSigner({ home, endpointUrl: () => 'http://127.0.0.1:4566', now: () => now });
  const signer = open();
  const [first, second] = await Promise.all([signer.sign('text\n', '1'), signer.sign('text\n', '2')]);
  assert.equal(first.certificateUrl, second.certificateUrl);
  const { pathname } = new URL(first.certificateUrl);
  assert.match(pathname, /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/);
  const pem = (await open().certificate(pathname)) ?? '';
  const certificate = new X509Certificate(pem);
  assert.match(certificate.subject, /CN=sns\.amazonaws\.com of a local Plimsoll region/);
  assert.equal(certificate.verify(certificate.publicKey), true);
  assert.ok(Date.parse(certificate.validFrom) < now && Date.parse(certificate.validTo) > now);
  const verify = (algorithm: string, signature: string) =>
    createVerify(algorithm).update('text\n').verify(certificate.publicKey, signature, 'base64');
  assert.equal(verify('RSA-SHA1', first.signature), true);
  assert.equal(verify('RSA-SHA256', second.signature), true);
  assert.equal(await open().certificate('/SimpleNotificationService-1.pem'), undefined);
  assert.equal((await stat(join(home, 'sns-signing.pem'))).mode & 0o777, 0o600);
});
