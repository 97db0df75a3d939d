// The server as a real process: its bytes, and how it stops.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { buildImage, listening } from './testing/command.ts';

const image = buildImage();
after(() => image.remove());

test('/health answers these bytes, though nothing of the database is configured', async () => {
  const command = image.run('main', {});
  try {
    const socket = open(await listening(command));
    socket.write('GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const answer = (await received(socket, /UP\n$/)).replace(/\r\nDate: [^\r]+/, '');
    assert.equal(
      answer,
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nConnection: close\r\n\r\nUP\n',
    );
  } finally {
    command.process.kill();
    await command.exit;
  }
});

test('SIGTERM: no new connection, idle ones closed, what is in flight is answered, exit code 0', async (t) => {
  const command = image.run('main', {});
  t.after(() => command.process.kill('SIGKILL'));
  const url = await listening(command);
  const idle = open(url);
  idle.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n');
  await received(idle, /UP\n$/);
  const busy = open(url);
  // The interim answer shows that the request has arrived and waits for its body.
  busy.write(
    'POST /links HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
  );
  await received(busy, /100 Continue/);

  command.process.kill('SIGTERM');
  await once(idle, 'close');
  const [refused] = await once(open(url), 'error');
  assert.match(refused.code, /^ECONN(REFUSED|RESET)$/); // reset: it was still in the closing socket's queue
  busy.write('{}');
  const answer = await received(busy, /\r\n\r\n\{.*\}$/);
  assert.match(answer, /^HTTP\/1.1 400 Bad Request\r\n(.+\r\n)*connection: close\r\n/);
  assert.equal(await command.exit, 0);
});

test('a wrong PORT is named, and the exit code is 2', async () => {
  const command = image.run('main', { PORT: 'http' });
  assert.equal(await command.exit, 2);
  assert.deepEqual(command.lines, ["devops-app: PORT is 'http'; a port is a number from 0 to 65535"]);
});

test('migrate names every variable that is missing, and the exit code is 2', async () => {
  const command = image.run('migrate', {});
  assert.equal(await command.exit, 2);
  assert.deepEqual(command.lines, [
    'migrate: DATABASE_HOST is not set; DATABASE_NAME is not set; DATABASE_SECRET_ARN is not set',
  ]);
});

function open(url: string): Socket {
  return connect(Number(new URL(url).port), '127.0.0.1').setEncoding('latin1');
}

/** What came since the call, once it matches. */
async function received(socket: Socket, wanted: RegExp): Promise<string> {
  let text = '';
  for (;;) {
    const [chunk] = await once(socket, 'data');
    text += chunk;
    if (wanted.test(text)) return text;
  }
}
