import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { regionClock } from './clock-client.ts';

async function server(t: TestContext, answers: Readonly<Record<string, string>>): Promise<string> {
  const http = createServer((request, response) => {
    response.end(answers[request.url ?? ''] ?? '<?xml version="1.0"?><Error/>');
  }).listen(0, '127.0.0.1');
  t.after(() => http.close());
  await once(http, 'listening');
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

const reading = { now: '2026-11-27T17:58:00.000Z', rate: 1, machine: '2026-12-01T00:00:00.000Z' };

test('an endpoint may end with a slash, as AWS_ENDPOINT_URL may', async (t) => {
  const endpoint = await server(t, { '/_plimsoll/clock': JSON.stringify(reading) });
  assert.deepEqual(await regionClock(endpoint).read(), reading);
  assert.deepEqual(await regionClock(`${endpoint}/`).read(), reading);
});

test('whatever else answers is told as a rejection', async (t) => {
  const endpoint = await server(t, {});
  await assert.rejects(regionClock(endpoint).read(), {
    message: `${endpoint} is no region: HTTP 200`,
  });
  await assert.rejects(regionClock('nonsense').read(), /Invalid URL/);
  await assert.rejects(regionClock('http://127.0.0.1:1').read(), /ECONNREFUSED/);
});
