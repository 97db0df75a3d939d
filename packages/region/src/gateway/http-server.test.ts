import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { Gateway } from './http-server.ts';

const chunk = Buffer.alloc(64 * 1024, 'x');

/** Answers every request with `chunks` times 64 KiB. */
async function streamingGateway(t: TestContext, chunks: number, hasEnded: () => void = () => {}) {
  const bugs: unknown[] = [];
  const gateway = new Gateway({
    host: '127.0.0.1',
    port: 0,
    mounts: [],
    onBug: (error) => bugs.push(error),
    answer: async () => ({
      response: { status: 200, headers: {}, body: '' },
      stream: (async function* () {
        try {
          for (let sent = 0; sent < chunks; sent += 1) yield chunk;
        } finally {
          hasEnded();
        }
      })(),
    }),
  });
  const port = await gateway.listen();
  t.after(() => gateway.close());
  const [response] = (await once(get({ port }), 'response')) as [IncomingMessage];
  return { response, bugs };
}

test('a body far larger than the socket takes at once arrives whole, at the pace of its reader', async (t) => {
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  const { response } = await streamingGateway(t, 320);
  const hash = createHash('sha256');
  for await (const part of response) hash.update(part as Buffer);
  const wanted = createHash('sha256');
  for (let sent = 0; sent < 320; sent += 1) wanted.update(chunk);
  assert.equal(hash.digest('hex'), wanted.digest('hex'));
  assert.deepEqual(warnings, []);
});

test('the source of a body is closed when its reader leaves, and that is no fault', async (t) => {
  let tell = (): void => {};
  const ended = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const { response, bugs } = await streamingGateway(t, 1_000_000, tell);
  response.destroy();
  await ended;
  assert.deepEqual(bugs, []);
});
