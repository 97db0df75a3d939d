/** What is still going on when a release switches: slow answers, an upload in pieces, a download, a WebSocket. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { answerOf } from './program.ts';

/** Each takes about five seconds and resolves with the version that answered; rejects when it did not end as it should. */
export type LongRequest = (port: number) => Promise<string>;

export const longRequests: Readonly<Record<string, LongRequest>> = { slow, upload, download, webSocket };

/** A whole answer that comes after 5 s. */
async function slow(port: number): Promise<string> {
  const answer = await answerTo(request({ port, path: '/slow' }).end());
  const version = String(answer.headers['x-version']);
  const text = await textOf(answer);
  if (answer.statusCode !== 200 || text !== answerOf(version))
    throw new Error(`${answer.statusCode}: ${text}`);
  return version;
}

/** 50 chunks in 5 s. */
async function upload(port: number): Promise<string> {
  const sending = request({ port, path: '/upload', method: 'POST' });
  const answered = answerTo(sending);
  const send = async (): Promise<void> => {
    for (let chunk = 0; chunk < 50; chunk += 1) {
      sending.write('x'.repeat(10_000));
      await pause(100);
    }
    sending.end();
  };
  const [answer] = await Promise.all([answered, send()]);
  const text = await textOf(answer);
  if (text !== '500000') throw new Error(`${answer.statusCode}: ${text}`);
  return String(answer.headers['x-version']);
}

/** 50 chunks of 64 KiB in 5 s. */
async function download(port: number): Promise<string> {
  const answer = await answerTo(request({ port, path: '/download' }).end());
  const { length } = await textOf(answer);
  if (length !== 50 * 65_536) throw new Error(`${answer.statusCode}: ${length} bytes`);
  return String(answer.headers['x-version']);
}

/** 50 messages in 5 s, each echoed before the next; then the client closes. */
async function webSocket(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'GET /socket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
  );
  socket.setEncoding('latin1');
  const next = async (): Promise<string> => String((await once(socket, 'data'))[0]);
  const head = await next();
  if (!head.startsWith('HTTP/1.1 101')) throw new Error(head);
  for (let message = 0; message < 50; message += 1) {
    const echo = next();
    socket.write(`message ${message}`);
    const got = await echo;
    if (got !== `message ${message}`) throw new Error(`message ${message} came back as ${got}`);
    await pause(100);
  }
  socket.end();
  return /^X-Version: (.*)\r$/im.exec(head)?.[1] ?? '';
}

async function answerTo(sending: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  return answer;
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of answer.setEncoding('latin1')) text += part;
  return text;
}
