import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import type { LoggedRequest } from '../../services/elbv2/ports.ts';
import { configuration, testPlane } from './testing/test-plane.ts';

const { close, configured, httpTarget, tcpTarget, logged, reported } = testPlane();
after(close);

let balancers = 0;

/** A balancer that logs, and its requests as they come. */
async function logging(...given: Parameters<typeof configuration> extends [string, ...infer R] ? R : never) {
  balancers += 1;
  const name = `arn:aws:elasticloadbalancing:eu-central-1:0:loadbalancer/app/web-${balancers}/0123456789abcdef`;
  const front = await configured({ ...configuration(name, ...given), logsRequests: true });
  const isOfThis = ({ middle }: LoggedRequest) => middle.startsWith(`app/web-${balancers}/`);
  const requests = async (count = 1): Promise<readonly LoggedRequest[]> => {
    while (logged.filter(isOfThis).length < count)
      await once(reported, 'logged', { signal: AbortSignal.timeout(10_000) });
    return logged.filter(isOfThis);
  };
  return { ...front, id: `app/web-${balancers}/0123456789abcdef`, requests };
}

test('a request is logged with its connection, target, times, codes, sizes and names', async () => {
  const target = await httpTarget((_, response) => response.end('hello'));
  const front = await logging([target], {}, []);
  const request =
    'POST /a?b=c HTTP/1.1\r\nHost: A.example\r\nUser-Agent: a "b"\r\nContent-Length: 4\r\n\r\nbody';
  const answer = await front.ask(request);
  const [entry] = await front.requests();
  assert.equal(entry?.type, 'http');
  assert.match(
    entry.middle,
    new RegExp(
      `^${front.id} 127\\.0\\.0\\.1:\\d+ ${target.ip}:3000 \\d\\.\\d{3} \\d\\.\\d{3} 0\\.000 200 200 ${request.length} ${answer.length} ` +
        '"POST http://A\\.example:80/a\\?b=c HTTP/1\\.1" "a \\\\x22b\\\\x22" - - tg "Root=1-[0-9a-f]{8}-[0-9a-f]{24}" "-" "-" 0$',
    ),
  );
  assert.match(
    entry.tail,
    new RegExp(`^"forward" "-" "-" "${target.ip}:3000" "200" "-" "-" TID_[0-9a-f]{32} "-" "-" "-"$`),
  );
  assert.ok(entry.endedAt >= entry.startedAt);
});

test('answers of the balancer are logged with its code, rule and action, and times of -1', async () => {
  const front = await logging([], {}, [
    {
      priority: 7,
      conditions: [{ field: 'path-pattern', values: ['/old'], regex: false }],
      action: {
        kind: 'redirect',
        statusCode: 301,
        protocol: 'https',
        host: '#{host}',
        port: '443',
        path: '/new',
        query: '',
      },
    },
  ]);
  await front.ask('GET /old HTTP/1.1\r\nHost: a\r\n\r\n');
  await front.ask('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await front.ask('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n');
  const [redirected, unavailable, refused] = await front.requests(3);
  assert.match(redirected?.middle ?? '', / - -1 -1 -1 301 - .* "-" 7$/);
  assert.match(redirected?.tail ?? '', /^"redirect" "https:\/\/a:443\/new" "-" "-" "-" "-" "-" TID_/);
  assert.match(unavailable?.middle ?? '', / - -1 -1 -1 503 - .* "-" 0$/);
  assert.match(refused?.middle ?? '', / - -1 -1 -1 400 - .* "- http:\/\/\S+:80- -" "-" .* -$/);
  assert.match(refused?.tail ?? '', /"Severe" "BadContentLength"/);
});

test('a transform is logged as what it made of the request', async () => {
  const target = await httpTarget((_, response) => response.end());
  const front = await logging([target], {}, [
    {
      priority: 1,
      conditions: [],
      action: { kind: 'forward', targetGroups: [{ targetGroupArn: 'tg', weight: 1 }] },
      transforms: [{ type: 'url-rewrite', regex: '^/api', replace: '' }],
    },
  ]);
  await front.ask('GET /api/x HTTP/1.1\r\nHost: a\r\n\r\n');
  const [entry] = await front.requests();
  assert.match(entry?.middle ?? '', /"GET http:\/\/a:80\/api\/x HTTP\/1\.1"/);
  assert.match(entry?.tail ?? '', /"-" "\/x" "TransformSuccess"$/);
});

test('a client that leaves before its answer is logged as 460', async () => {
  const target = await tcpTarget((socket) =>
    socket.once('data', () => reported.dispatchEvent(new Event('asked'))),
  );
  const front = await logging([target], {}, []);
  const asked = once(reported, 'asked');
  const client = await front.connect();
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await asked;
  client.close();
  const [entry] = await front.requests();
  assert.match(entry?.middle ?? '', new RegExp(` ${target.ip}:3000 \\d\\.\\d{3} -1 -1 460 - `));
});

test('an ambiguous request is logged with its class and reason', async () => {
  const target = await httpTarget((_, response) => response.end());
  const front = await logging([target], {}, []);
  await front.ask('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx');
  const [entry] = await front.requests();
  assert.match(entry?.tail ?? '', /"Ambiguous" "UndefinedContentLengthSemantics"/);
});
