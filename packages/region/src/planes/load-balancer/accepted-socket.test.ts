import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { readingInto } from './accepted-socket.ts';
import { GET, testPlane } from './testing/test-plane.ts';

const { httpTarget, balanced, sockets, close } = testPlane();
after(close);

test('an accepted socket reads into the given buffer, ends when its client ends, and can still answer', async () => {
  const buffer = Buffer.alloc(1024);
  let text = '';
  const server = createServer({ allowHalfOpen: true }, (accepted) => {
    const socket = readingInto(accepted, {
      buffer,
      callback: (length, bytes) => {
        if (process.platform !== 'win32') assert.equal(bytes.buffer, buffer.buffer);
        text += Buffer.from(bytes).toString('latin1', 0, length);
        return true;
      },
    });
    socket.on('end', () => socket.end(`${socket.bytesRead} from ${socket.remotePort}`));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const client = connect({
    host: '127.0.0.1',
    port: address !== null && typeof address === 'object' ? address.port : 0,
  });
  await once(client, 'connect');
  const port = client.localPort;
  client.end('x'.repeat(5000));
  let answer = '';
  client.on('data', (bytes) => {
    answer += bytes;
  });
  await once(client, 'close');
  server.close();
  assert.equal(text.length, 5000);
  assert.equal(answer, `5000 from ${port}`);
});

test('a socket of another make is read as a stream', async () => {
  const stream = new PassThrough();
  let text = '';
  const callback = (length: number, bytes: Uint8Array): boolean => {
    text += Buffer.from(bytes).toString('latin1', 0, length);
    return true;
  };
  const socket = readingInto(stream as unknown as Socket, { buffer: Buffer.alloc(1), callback });
  stream.end('all of it');
  await once(socket, 'end');
  assert.equal(text, 'all of it');
});

test('a large upload arrives whole at a slow target, while other clients are served', async () => {
  const block = Buffer.from(Array.from({ length: 8192 }, (_, i) => String(i).padStart(8, '.')).join(''));
  const blocks = 512;
  const expected = createHash('sha256');
  for (let i = 0; i < blocks; i += 1) expected.update(block);
  const arrived = createHash('sha256');
  const target = await httpTarget((request, response) => {
    if (request.method === 'GET') {
      response.end('other');
      return;
    }
    request.once('readable', () => {
      void others().then(() => {
        request.on('data', (bytes) => arrived.update(bytes));
        request.on('end', () => response.end('received'));
      });
    });
  });
  const balancer = await balanced([target]);
  const others = async (): Promise<void> => {
    for (let i = 0; i < 50; i += 1) assert.match(await balancer.ask(GET), /other$/);
  };
  const socket = connect({ host: '127.0.0.1', port: balancer.port });
  sockets.add(socket);
  socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${block.length * blocks}\r\n\r\n`);
  for (let i = 0; i < blocks; i += 1) socket.write(block);
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1.1 200 /);
  assert.equal(arrived.digest('hex'), expected.digest('hex'));
});
