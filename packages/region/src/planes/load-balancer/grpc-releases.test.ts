/** What a release does to calls and streams of gRPC: targets are replaced again and again, and every call ends well. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientHttp2Session, connect, createServer, type Http2Server } from 'node:http2';
import { after, test } from 'node:test';
import type { TargetConfiguration } from '../../services/elbv2/ports.ts';
import { call, echo, message, messagesOf, resultOf } from './testing/grpc.ts';
import { configuration, listenerCertificate, overTls, testPlane } from './testing/test-plane.ts';

const RELEASES = 5;
const CLIENTS = 10;
const EXCHANGES = 8;

const { book, plane, configured, close } = testPlane();
after(close);

interface GrpcTarget extends TargetConfiguration {
  readonly server: Http2Server;
  /** Under way. */
  readonly streams: Set<object>;
}

async function startTarget(i: number): Promise<GrpcTarget> {
  const server = createServer();
  const streams = new Set<object>();
  server.on('stream', (stream) => {
    streams.add(stream);
    stream.on('error', () => {});
    stream.on('close', () => streams.delete(stream));
    echo(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ip = `10.2.0.${i}`;
  book.register(ip, 50051, { host: '127.0.0.1', port: (server.address() as { port: number }).port });
  return { server, streams, ip, port: 50051, status: 'healthy' };
}

test('calls and streams of gRPC over a release: all end with code 0', async () => {
  const certificate = listenerCertificate();
  const told = (targets: readonly TargetConfiguration[]) =>
    overTls(configuration('grpc-release', targets, {}, [], { protocolVersion: 'GRPC' }), certificate);
  let made = 0;
  const start = () => {
    made += 1;
    return startTarget(made);
  };
  let current = [await start(), await start()];
  const { port } = await configured(told(current));
  const load = new Calls(connect(`https://localhost:${port}`, { rejectUnauthorized: false }));
  for (let release = 0; release < RELEASES; release += 1) {
    await load.everyClientEnded(1);
    const next = [await start(), await start()];
    const draining = current.map((target) => ({ ...target, status: 'draining' as const }));
    await plane.configure(told([...draining, ...next]));
    // What went to a target before it drained has ended when every client has its next answer but one: the delay is over.
    await load.everyClientEnded(2);
    assert.deepEqual(
      current.map(({ streams }) => streams.size),
      [0, 0],
    );
    await plane.configure(told(next));
    for (const { server } of current) server.close();
    current = next;
  }
  assert.deepEqual(await load.stop(), []);
  for (const { server } of current) server.close();
});

/** Streams in which each message is answered before the next is sent, and calls, one after the other. */
class Calls {
  readonly #session: ClientHttp2Session;
  readonly #failures: string[] = [];
  readonly #running: Promise<void>[];
  readonly #changed = new EventTarget();
  readonly #ended: number[] = Array.from({ length: CLIENTS }, () => 0);
  #isStopped = false;

  constructor(session: ClientHttp2Session) {
    this.#session = session;
    session.on('error', (error) => this.#failures.push(error.message));
    session.on('goaway', () => this.#failures.push('GOAWAY'));
    this.#running = Array.from({ length: CLIENTS }, (_, i) => this.#again(i));
  }

  /** Resolves when every client has ended so many more. */
  async everyClientEnded(times: number): Promise<void> {
    const wanted = this.#ended.map((ended) => ended + times);
    while (this.#ended.some((ended, client) => ended < (wanted[client] ?? 0)))
      await once(this.#changed, 'ended', { signal: AbortSignal.timeout(20_000) });
  }

  async stop(): Promise<readonly string[]> {
    this.#isStopped = true;
    await Promise.all(this.#running);
    this.#session.close();
    return this.#failures;
  }

  async #again(client: number): Promise<void> {
    while (!this.#isStopped) {
      const failure = await (client % 2 === 0 ? this.#talk() : this.#ask());
      if (failure !== undefined) this.#failures.push(failure);
      this.#ended[client] = (this.#ended[client] ?? 0) + 1;
      this.#changed.dispatchEvent(new Event('ended'));
    }
  }

  async #ask(): Promise<string | undefined> {
    const stream = call(this.#session);
    stream.end(message('one'));
    const { grpcStatus, messages } = await resultOf(stream);
    return grpcStatus === '0' && messages.join() === 'ONE' ? undefined : `call: ${grpcStatus} ${messages}`;
  }

  async #talk(): Promise<string | undefined> {
    const stream = call(this.#session);
    const result = resultOf(stream);
    for (let i = 0; i < EXCHANGES; i += 1) {
      const answered = once(stream, 'data', { signal: AbortSignal.timeout(10_000) });
      stream.write(message(`m${i}`));
      const [bytes] = (await answered.catch((error: unknown) => [Buffer.from(message(String(error)))])) as [
        Buffer,
      ];
      if (messagesOf(bytes).join() !== `M${i}`) return `stream: ${messagesOf(bytes)}`;
    }
    stream.end();
    const { grpcStatus } = await result;
    return grpcStatus === '0' ? undefined : `stream: ${grpcStatus}`;
  }
}
