import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorAnswer, renderAnswer } from './answers.ts';
import { forwardedHost } from './forwarding.ts';
import { redirectAnswer } from './redirect.ts';
import { parseRequestHead } from './request-head.ts';
import { forwardedTraceId } from './trace-id.ts';

for (const [host, listenerPort, expected] of [
  ['A.Example.com', 80, 'a.example.com'],
  ['a.example.com:8080', 80, 'a.example.com'],
  ['a.example.com:8080', 443, 'a.example.com'],
  ['a.example.com', 8080, 'a.example.com:8080'],
  ['a.example.com:9', 8080, 'a.example.com:9'],
  ['[::1]:8080', 80, '[::1]'],
  ['[::1]', 8080, '[::1]:8080'],
  [undefined, 80, 'lb.example'],
] as const) {
  test(`Host ${host} on a listener of port ${listenerPort} goes on as ${expected}`, () => {
    assert.equal(forwardedHost(host, { dnsName: 'LB.example', listenerPort }), expected);
  });
}

const ID = '1-6553f100-[0-9a-f]{24}';
for (const [received, expected] of [
  [undefined, `^Root=${ID}$`],
  ['Root=1-67891233-abcdef012345678912345678', `^Self=${ID};Root=1-67891233-abcdef012345678912345678$`],
  ['Self=1-1-1;Root=1-2-2;CalledFrom=app', `^Self=${ID};Root=1-2-2;CalledFrom=app$`],
  ['CalledFrom=app', `^Root=${ID};CalledFrom=app$`],
  ['x'.repeat(7169), `^Root=${ID}$`],
] as const) {
  test(`X-Amzn-Trace-Id ${received?.slice(0, 30) ?? 'none'} goes on as ${expected.slice(0, 30)}`, () => {
    assert.match(forwardedTraceId(received, 0x6553f100 * 1000), new RegExp(expected));
  });
}

test('the bodies of 502 and 503 have the lengths that AWS was seen to send', () => {
  assert.equal(errorAnswer(502).body.length, 122);
  assert.equal(errorAnswer(503).body.length, 162);
});

test('a status line ends its code with a blank, phrase or none; 204 has neither a body nor a length', () => {
  const options = { withoutBody: false, keepAlive: true, serverHeader: true };
  const head = (status: number, body: string) =>
    renderAnswer({ status, contentType: 'text/plain', body }, options);
  assert.match(head(460, 'x'), /^HTTP\/1\.1 460 \r\n[\s\S]*Content-Length: 1\r\n[\s\S]*\r\n\r\nx$/);
  // Bytes after it would be taken for the next answer.
  assert.match(head(204, 'x'), /^HTTP\/1\.1 204 No Content\r\n(?![\s\S]*Content-)[\s\S]*\r\n\r\n$/);
});

const origin = {
  localPort: 8080,
  dnsName: 'lb',
  localPortOf: (port: number) => (port === 8444 ? 9444 : undefined),
};

for (const [name, change, expected] of [
  ['another path', { path: '/new/#{path}' }, 'http://a.example:8080/new/old/x?q=1'],
  ['HTTPS', { protocol: 'HTTPS', port: '443' }, 'https://a.example:443/old/x?q=1'],
  [
    'a port of another listener of the load balancer',
    { protocol: 'HTTPS', port: '8444' },
    'https://a.example:9444/old/x?q=1',
  ],
  ['that port of another host', { host: 'b', port: '8444' }, 'http://b:8444/old/x?q=1'],
  ['another host and no query', { host: 'b.#{host}', query: '' }, 'http://b.a.example:8080/old/x'],
] as const) {
  test(`a redirect to ${name}: ${expected}`, () => {
    const unchanged = {
      protocol: '#{protocol}',
      host: '#{host}',
      port: '#{port}',
      path: '/#{path}',
      query: '#{query}',
    };
    const request = Buffer.from('GET /old/x?q=1 HTTP/1.1\r\nHost: a.example:8080\r\n\r\n');
    const parsed = parseRequestHead(request, 0, request.length, {
      dropInvalidNames: false,
    });
    assert.ok(parsed.kind === 'head');
    const action = { kind: 'redirect', statusCode: 301, ...unchanged, ...change } as const;
    assert.equal(redirectAnswer(action, parsed.head, origin, false).location, expected);
  });
}
