/** A mail server for tests: takes mails, or behaves badly in the ways that servers do. */
import { createServer, type Server, type Socket } from 'node:net';
import { type ReadMail, readMail } from '../read-mail.ts';

export type Behaviour =
  | 'accept'
  /** 550 to every address. */
  | 'refuse-recipient'
  /** 451 to every address: try again later. */
  | 'greylist'
  /** 554 to the text. */
  | 'refuse-text'
  /** Takes the connection and says nothing. */
  | 'stall'
  /** Closes the connection in the middle of the text. */
  | 'hang-up';

interface ReceivedMail extends ReadMail {
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
}

export class SmtpSink {
  readonly received: ReceivedMail[] = [];
  behaviour: Behaviour = 'accept';
  /** User and password in base64 as AUTH PLAIN sends them, the newest. */
  credentials: string | undefined;
  port = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];

  constructor() {
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      this.#converse(socket);
    });
  }

  /** On the given port, 0 for a free one; gives `smtp://127.0.0.1:port`. */
  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    return `smtp://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Resolves when so many mails have come. */
  async count(expected: number): Promise<void> {
    while (this.received.length < expected) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #converse(socket: Socket): void {
    if (this.behaviour === 'stall') return;
    const session: Session = { from: '', to: '', isData: false, buffer: '' };
    socket.setEncoding('latin1');
    socket.write('220 sink ESMTP\r\n');
    socket.on('data', (chunk: string) => {
      session.buffer += chunk;
      this.#read(socket, session);
    });
  }

  #read(socket: Socket, session: Session): void {
    for (;;) {
      const end = session.isData ? '\r\n.\r\n' : '\r\n';
      const at = session.buffer.indexOf(end);
      if (session.isData && this.behaviour === 'hang-up') return void socket.destroy();
      if (at < 0) return;
      const text = session.buffer.slice(0, at);
      session.buffer = session.buffer.slice(at + end.length);
      socket.write(`${session.isData ? this.#take(session, text) : this.#command(session, text)}\r\n`);
    }
  }

  #command(session: Session, line: string): string {
    const [verb = '', ...rest] = line.split(' ');
    switch (verb.toUpperCase()) {
      case 'EHLO':
        return '250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME';
      case 'AUTH':
        this.credentials = rest[1] ?? '';
        return '235 welcome';
      case 'MAIL':
        session.from = /<([^>]*)>/.exec(line)?.[1] ?? '';
        return '250 ok';
      case 'RCPT':
        session.to = /<([^>]*)>/.exec(line)?.[1] ?? '';
        if (this.behaviour === 'refuse-recipient') return '550 5.1.1 no such user here';
        return this.behaviour === 'greylist' ? '451 4.7.1 try again later' : '250 ok';
      case 'DATA':
        session.isData = true;
        return '354 go on';
      default:
        return '250 ok';
    }
  }

  #take(session: Session, text: string): string {
    session.isData = false;
    if (this.behaviour === 'refuse-text') return '554 5.7.1 this looks like spam';
    const source = Buffer.from(text.replace(/^\.\./gm, '.'), 'latin1');
    this.received.push({ ...readMail(source), envelopeFrom: session.from, envelopeTo: session.to });
    for (const resolve of this.#waiting.splice(0)) resolve();
    return '250 taken';
  }
}

interface Session {
  from: string;
  to: string;
  isData: boolean;
  buffer: string;
}
