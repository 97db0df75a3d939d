import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Histogram } from './histogram.ts';
import { type LoadFlags, loadOptions } from './load.ts';
import { type LoadOptions, runLoad } from './open-loop.ts';
import { reportLines } from './report-text.ts';

test('percentiles are within two per cent of the exact ones', () => {
  const histogram = new Histogram();
  for (let i = 1; i <= 1000; i += 1) histogram.record(i);
  for (const part of [0.5, 0.9, 0.99]) {
    const exact = part * 1000;
    assert.ok(Math.abs(histogram.percentile(part) - exact) <= exact * 0.021, `${part}`);
  }
  assert.equal(histogram.percentile(1), 1000);
  assert.equal(new Histogram().percentile(0.5), 0);
});

async function load(t: TestContext, answer: RequestListener, options: Partial<LoadOptions> = {}) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const defaults = { url, rate: 200, seconds: 0.2, connections: 8, keepAlive: true, timeoutMs: 5000 };
  return runLoad({ ...defaults, ...options }, new AbortController().signal);
}

test('every request that was due is sent, answered and counted', async (t) => {
  const report = await load(t, (_request, response) => response.end('UP\n'));
  assert.deepEqual([report.sent, report.answered, report.failed], [40, 40, 0]);
  assert.deepEqual(report.statuses, { '200': 40 });
});

test('failures are told by kind', async (t) => {
  let n = 0;
  const report = await load(t, (_request, response) => {
    n += 1;
    if (n % 4 === 0) response.writeHead(503).end();
    else if (n % 4 === 1) response.socket?.resetAndDestroy();
    else response.end();
  });
  assert.deepEqual(report.failures, { 'status 503': 10, 'connection reset': 10 });
  assert.equal(report.failed, 20);
  assert.match(reportLines(report).join('\n'), /failed {4}20 {2}\(/);
});

test('a report without an answer names no latency', async (t) => {
  const report = await load(t, (request) => request.socket.destroy());
  assert.match(reportLines(report).join('\n'), /latency {3}none: nothing was answered/);
});

test('waiting for a connection counts as latency', async (t) => {
  const report = await load(
    t,
    (_request, response) => {
      // Busy, not asleep: with one connection the tenth request waits for nine of these.
      for (const end = performance.now() + 20; performance.now() < end; );
      response.end();
    },
    { connections: 1, rate: 100, seconds: 0.1 },
  );
  assert.equal(report.answered, 10);
  assert.ok(report.latencyMs.max >= 90, `${report.latencyMs.max}`);
});

test('a server that is not there is a connection refused', async () => {
  const url = new URL('http://127.0.0.1:9/');
  const options = { url, rate: 100, seconds: 0.05, connections: 4, keepAlive: false, timeoutMs: 1000 };
  const report = await runLoad(options, new AbortController().signal);
  assert.deepEqual(report.failures, { 'connection refused': 5 });
});

const flags: LoadFlags = {
  rate: '500',
  for: '2m',
  path: '/health',
  connections: '64',
  'new-connections': false,
  timeout: '500ms',
  url: undefined,
  home: undefined,
  definition: undefined,
  json: false,
};

test('flags become options', () => {
  const url = new URL('http://localhost:8080/health');
  assert.deepEqual(loadOptions(flags, url), {
    url,
    rate: 500,
    seconds: 120,
    connections: 64,
    keepAlive: true,
    timeoutMs: 500,
  });
});

for (const [name, wrong] of [
  ['rate', '0'],
  ['rate', 'fast'],
  ['for', '2h'],
  ['connections', '-1'],
] as const) {
  test(`--${name} ${wrong} is refused with what is allowed`, () => {
    assert.throws(
      () => loadOptions({ ...flags, [name]: wrong }, new URL('http://localhost/')),
      /given '.*'; allowed: /,
    );
  });
}
