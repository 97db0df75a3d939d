import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { type ConnectionOptions, connect } from 'node:tls';
import { readClientHello } from './client-hello.ts';

/** What Node's client says first. */
async function said(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connect({ host: '127.0.0.1', port, ...options });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes as Buffer;
}

function helloOf(bytes: Buffer) {
  const hello = readClientHello(bytes);
  assert.ok(typeof hello !== 'string', String(hello));
  return hello;
}

test('name, ciphers, signature schemes and versions are read', async () => {
  const hello = helloOf(await said({ servername: 'a.example.com', sigalgs: 'rsa_pss_rsae_sha256' }));
  assert.equal(hello.serverName, 'a.example.com');
  assert.deepEqual(hello.signatureSchemes, [0x0804]);
  assert.ok(hello.cipherSuites.includes(0x1301));
  assert.equal(hello.knowsTls13, true);
});

test('a client of TLS 1.2 without a name', async () => {
  const hello = helloOf(await said({ maxVersion: 'TLSv1.2' }));
  assert.equal(hello.serverName, undefined);
  assert.equal(hello.knowsTls13, false);
});

test('every beginning is incomplete, every cut in two records is read the same', async () => {
  const bytes = await said({ servername: 'a.example.com', maxVersion: 'TLSv1.2' });
  const whole = helloOf(bytes);
  for (let length = 0; length < bytes.length; length += 1)
    assert.equal(readClientHello(bytes.subarray(0, length)), 'incomplete');
  const record = (part: Buffer) =>
    Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]);
  const message = bytes.subarray(5);
  for (let cut = 1; cut < message.length; cut += 1) {
    const halves = Buffer.concat([record(message.subarray(0, cut)), record(message.subarray(cut))]);
    assert.deepEqual(readClientHello(halves), whole);
  }
});

test('what is no ClientHello is unreadable, whatever follows', async () => {
  const bytes = await said({ servername: 'a.example.com' });
  assert.equal(readClientHello(Buffer.from('GET / HTTP/1.1\r\n\r\n')), 'unreadable');
  assert.equal(readClientHello(Buffer.from([22, 3, 1, 0, 0])), 'unreadable');
  const other = Buffer.from(bytes);
  other[5] = 2;
  assert.equal(readClientHello(other), 'unreadable');
});

test('no change of a byte makes the reader throw', async () => {
  const bytes = await said({ servername: 'a.example.com' });
  for (let at = 0; at < bytes.length; at += 1) {
    for (const value of [0, 1, 127, 128, 255]) {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      readClientHello(changed);
    }
  }
});
