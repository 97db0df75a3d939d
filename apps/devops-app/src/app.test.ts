import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { createApp } from './app.ts';
import { DatabaseUnavailable, type Queryable } from './database.ts';

function appWith(query: Queryable['query']): FastifyInstance {
  return createApp(() => ({ query, close: async () => undefined }), { logLevel: 'silent' });
}

const away = () =>
  appWith(() =>
    Promise.reject(new DatabaseUnavailable('no connection', new Error('connect ECONNREFUSED 10.0.1.2:5432'))),
  );
const empty = () => appWith(async () => []);
const broken = () => appWith(() => Promise.reject(new Error('column "secret_thing" does not exist')));

test('GET /health needs no database', async () => {
  const answer = await away().inject('/health');
  assert.deepEqual([answer.statusCode, answer.body], [200, 'UP\n']);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(answer.headers['content-length'], '3');
});

const json = { 'content-type': 'application/json' };
const problems: readonly [string, () => FastifyInstance, InjectOptions, number, RegExp][] = [
  ['an unknown path', empty, { url: '/a/b' }, 404, /nothing at GET \/a\/b"/],
  ['the query string is not repeated', empty, { url: '/a/b?token=x' }, 404, /nothing at GET \/a\/b"/],
  ['an unknown link', empty, { url: '/links/abc' }, 404, /no link 'abc'/],
  ['an unknown redirect', empty, { url: '/abc' }, 404, /no link 'abc'/],
  ['what cannot be a slug', broken, { url: '/favicon.ico' }, 404, /no link/],
  ['a path that is not UTF-8', empty, { url: '/%ff' }, 400, /not a valid url/],
  [
    'malformed JSON',
    empty,
    { method: 'POST', url: '/links', headers: json, body: '{' },
    400,
    /not valid JSON/,
  ],
  ['no body', empty, { method: 'POST', url: '/links' }, 400, /"field":""/],
  ['a wrong field', empty, { method: 'POST', url: '/links', body: { url: 'x' } }, 400, /"field":"url"/],
  [
    'another media type',
    empty,
    { method: 'POST', url: '/links', body: 'a', headers: { 'content-type': 'a/b' } },
    415,
    /media type/i,
  ],
  [
    'a body of 17 KiB',
    empty,
    { method: 'POST', url: '/links', body: { url: 'x'.repeat(17_000) } },
    413,
    /too large/,
  ],
  ['an error of our own tells nothing', broken, { url: '/links/abc' }, 500, /an error on our side/],
  ['the database is away', away, { url: '/abc' }, 503, /The database cannot be used: no connection"/],
  ['not ready without a database', away, { url: '/ready' }, 503, /The database cannot be used/],
  [
    'not ready before the migrations',
    empty,
    { url: '/ready' },
    503,
    /Migrations are not applied: 0001-links.sql/,
  ],
];

for (const [what, app, request, status, text] of problems) {
  test(`${what}: ${status} as a problem document`, async () => {
    const answer = await app().inject(request);
    assert.equal(answer.statusCode, status, answer.body);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    assert.equal(answer.json<{ status: number }>().status, status);
    assert.match(answer.body, text);
    assert.doesNotMatch(answer.body, /secret_thing|10\.0\.1\.2|node_modules|\.ts:/);
  });
}

test('HEAD answers as GET does, without a body, and is no visit', async () => {
  const statements: string[] = [];
  const row = { slug: 'abc', url: 'https://example.com/', visits: '0', created_at: new Date(0) };
  const app = createApp(
    () => ({
      async query<Row>(text: string) {
        statements.push(text);
        return [row as Row];
      },
      close: async () => undefined,
    }),
    { logLevel: 'silent' },
  );
  const answer = await app.inject({ method: 'HEAD', url: '/abc' });
  assert.deepEqual([answer.statusCode, answer.headers.location, answer.body], [302, row.url, '']);
  assert.ok(statements.every((text) => text.startsWith('SELECT')));
});
