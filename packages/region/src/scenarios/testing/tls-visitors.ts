/** Visitors over TLS: HTTP/2 streams, HTTP/1.1 on connections that stay, and WebSockets, without a pause until stopped. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, get } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { answerOf } from './program.ts';

const STREAMS = 8;
const CONNECTIONS = 4;
const SOCKETS = 2;
const MESSAGES = 20;

/** A kind of visit: resolves with the version that answered, rejects when it did not end as it should. */
type Visit = () => Promise<string>;

export class TlsVisitors {
  readonly failures: string[] = [];
  /** By kind, the versions that answered, and how often. */
  readonly answered: Record<string, Record<string, number>> = {};
  readonly #port: number;
  readonly #ca: string;
  readonly #agent: Agent;
  readonly #running: Promise<void>[];
  #isStopped = false;

  constructor(port: number, ca: string) {
    this.#port = port;
    this.#ca = ca;
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS, ca });
    this.#running = [
      this.#overHttp2(),
      ...this.#many(CONNECTIONS, 'https', () => this.#overHttp1()),
      ...this.#many(SOCKETS, 'wss', () => this.#overWebSocket()),
    ];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
    this.#agent.destroy();
  }

  #many(count: number, kind: string, visit: Visit): Promise<void>[] {
    return Array.from({ length: count }, () => this.#again(kind, visit));
  }

  async #again(kind: string, visit: Visit): Promise<void> {
    while (!this.#isStopped) {
      try {
        const version = await visit();
        this.answered[kind] ??= {};
        const versions = this.answered[kind];
        versions[version] = (versions[version] ?? 0) + 1;
      } catch (error) {
        this.failures.push(`${kind}: ${error}`);
      }
      await pause(10);
    }
  }

  async #overHttp2(): Promise<void> {
    const session = connectHttp2(`https://localhost:${this.#port}`, { ca: this.#ca });
    session.on('goaway', (code) => this.failures.push(`h2: GOAWAY ${code}`));
    session.on('error', (error) => this.failures.push(`h2: ${error.message}`));
    const visit: Visit = async () => {
      const stream = session.request({ ':path': '/' });
      stream.setEncoding('latin1');
      const [headers] = (await once(stream, 'response')) as [Record<string, string>];
      let text = '';
      for await (const part of stream) text += part;
      const version = headers['x-version'] ?? '';
      if (Number(headers[':status']) !== 200 || text !== answerOf(version))
        throw new Error(`${headers[':status']}: ${text}`);
      return version;
    };
    await Promise.all(this.#many(STREAMS, 'h2', visit));
    session.close();
  }

  #overHttp1(): Promise<string> {
    return new Promise((resolve, reject) => {
      const url = `https://localhost:${this.#port}/`;
      get(url, { agent: this.#agent }, async (answer) => {
        let text = '';
        for await (const part of answer.setEncoding('latin1')) text += part;
        const version = String(answer.headers['x-version']);
        if (answer.statusCode === 200 && text === answerOf(version)) resolve(version);
        else reject(new Error(`${answer.statusCode}: ${text}`));
      }).on('error', reject);
    });
  }

  /** Messages for two seconds, each echoed before the next. */
  async #overWebSocket(): Promise<string> {
    const socket = connect({ host: 'localhost', port: this.#port, ca: this.#ca, servername: 'localhost' });
    socket.setEncoding('latin1');
    const next = async (): Promise<string> => String((await once(socket, 'data'))[0]);
    const head = next();
    socket.write(
      'GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    const answer = await head;
    if (!answer.startsWith('HTTP/1.1 101')) throw new Error(answer);
    for (let message = 0; message < MESSAGES; message += 1) {
      const echo = next();
      socket.write(`message ${message}`);
      const got = await echo;
      if (got !== `message ${message}`) throw new Error(`message ${message} came back as ${got}`);
      await pause(100);
    }
    socket.end();
    return /^X-Version: (.*)\r$/im.exec(answer)?.[1] ?? '';
  }
}
