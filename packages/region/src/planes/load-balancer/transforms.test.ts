import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { parseRequestHead } from './request-head.ts';
import { testPlane } from './testing/test-plane.ts';
import { compileTransform } from './transforms.ts';

for (const [type, regex, replace, host, target, expected] of [
  [
    'url-rewrite',
    '^/dp/([A-Za-z0-9]+)/?$',
    '/product.php?id=$1',
    'a.example',
    '/dp/B09',
    'a.example /product.php?id=B09',
  ],
  ['url-rewrite', '^/api/', '/', 'a.example', '/api/v1?x=1', 'a.example /v1?x=1'],
  ['url-rewrite', '^/API/', '/', 'a.example', '/api/v1', 'a.example /api/v1'],
  ['url-rewrite', 'x=(\\d+)', 'y=$1', 'a.example', '/p?x=12', 'a.example /p?y=12'],
  ['url-rewrite', '^/(a)?b', '/[$1]', 'a.example', '/b', 'a.example /[]'],
  ['url-rewrite', '^/old', 'old', 'a.example', '/old', 'failed'],
  ['url-rewrite', 'old', 'new place', 'a.example', '/old', 'failed'],
  [
    'host-header-rewrite',
    '^mywebsite-(.+).com$',
    'internal.dev.$1.myweb.com',
    'MyWebsite-Example.com:8080',
    '/',
    'internal.dev.Example.myweb.com /',
  ],
  ['host-header-rewrite', '^other$', 'x', 'a.example', '/', 'a.example /'],
  ['host-header-rewrite', '.*', '', 'a.example', '/', 'failed'],
  ['host-header-rewrite', '^a', 'a/b', 'a.example', '/', 'failed'],
] as const) {
  test(`${type} of ${host}${target} by ${regex}: ${expected}`, () => {
    const request = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const parsed = parseRequestHead(request, 0, request.length, { dropInvalidNames: false });
    assert.ok(parsed.kind === 'head');
    const isDone = compileTransform({ type, regex, replace })(parsed.head);
    assert.equal(isDone ? `${parsed.head.host} ${parsed.head.target}` : 'failed', expected);
  });
}

const { httpTarget, balanced, close } = testPlane();
after(close);

test('a rule rewrites what it forwards, not what it decides by; a transform that fails is answered with 500', async () => {
  const target = await httpTarget((request, response) =>
    response.end(`${request.headers.host} ${request.url}`),
  );
  const forward = { kind: 'forward', targetGroups: [{ targetGroupArn: 'tg', weight: 1 }] } as const;
  const balancer = await balanced([target], {}, [
    {
      priority: 1,
      conditions: [{ field: 'path-pattern', values: ['/api/*'], regex: false }],
      action: forward,
      transforms: [
        { type: 'host-header-rewrite', regex: '^(\\w+)\\.example$', replace: '$1.internal' },
        { type: 'url-rewrite', regex: '^/api', replace: '' },
      ],
    },
  ]);
  const ask = (path: string) => balancer.ask(`GET ${path} HTTP/1.1\r\nHost: shop.example\r\n\r\n`);
  assert.match(await ask('/api/cart?x=1'), /shop\.internal \/cart\?x=1$/);
  assert.match(await ask('/other'), /shop\.example \/other$/);
  // What is left of the path does not begin with a slash.
  const bare = await balanced([target], {}, [
    {
      priority: 1,
      conditions: [],
      action: forward,
      transforms: [{ type: 'url-rewrite', regex: '^/', replace: '' }],
    },
  ]);
  assert.match(
    await bare.ask('GET /x HTTP/1.1\r\nHost: a\r\n\r\n'),
    /^HTTP\/1\.1 500 Internal Server Error\r\n/,
  );
});
