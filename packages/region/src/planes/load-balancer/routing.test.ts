import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleConditionConfiguration } from '../../services/elbv2/ports.ts';
import { parseRequestHead } from './request-head.ts';
import { compileRules, matchingRule } from './routing.ts';
import { matchesPattern } from './wildcard.ts';

for (const [pattern, text, matches] of [
  ['/img/*', '/img/a/b', true],
  ['/img/*', '/img', false],
  ['/img/*/pics', '/img/x/y/pics', true],
  ['*', '', true],
  ['?', '', false],
  ['/?', '/a', true],
  ['/?', '/ab', false],
  ['a*b*c', 'aXbYbZc', true],
  ['a*b*c', 'aXbYbZ', false],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['a\\?b', 'a?b', true],
  [`${'*a'.repeat(20)}b`, 'a'.repeat(200), false],
] as const) {
  test(`the pattern ${pattern.slice(0, 20)} ${matches ? 'matches' : 'does not match'} '${text.slice(0, 20)}'`, () => {
    assert.equal(matchesPattern(text, pattern), matches);
  });
}

const path = (...values: string[]): RuleConditionConfiguration => ({
  field: 'path-pattern',
  values,
  regex: false,
});
const host = (...values: string[]): RuleConditionConfiguration => ({
  field: 'host-header',
  values,
  regex: false,
});

for (const [name, condition, request, matches] of [
  ['path patterns see no query', path('/a'), 'GET /a?b=c', true],
  ['path patterns tell capitals', path('/A'), 'GET /a', false],
  ['one of several values is enough', path('/x', '/a'), 'GET /a', true],
  [
    'a path may be given as a regular expression',
    { field: 'path-pattern', values: ['^/v\\d+/'], regex: true },
    'GET /v12/a',
    true,
  ],
  [
    'hosts do not tell capitals, and the port is not looked at',
    host('A.example.com'),
    'GET / a.EXAMPLE.com:80',
    true,
  ],
  ['*.example.com does not match example.com', host('*.example.com'), 'GET / example.com', false],
  ['methods are compared exactly', { field: 'http-request-method', values: ['POST'] }, 'POST /', true],
  [
    'a method in another case is another one',
    { field: 'http-request-method', values: ['POST'] },
    'post /',
    false,
  ],
  [
    'a header by its name in any case',
    { field: 'http-header', name: 'x-kind', values: ['*mobile*'], regex: false },
    'GET / h X-Kind:a-Mobile-b',
    true,
  ],
  [
    'a header that is not there',
    { field: 'http-header', name: 'x-kind', values: ['*'], regex: false },
    'GET /',
    false,
  ],
  [
    'Upgrade, which does not pass through as it came',
    { field: 'http-header', name: 'Upgrade', values: ['websocket'], regex: false },
    'GET / h Upgrade:WebSocket',
    true,
  ],
  ['a query pair', { field: 'query-string', values: [{ key: 'v', value: '1' }] }, 'GET /?a=b&V=1', true],
  ['a query value alone', { field: 'query-string', values: [{ value: 'ba*' }] }, 'GET /?a=bar', true],
  ['no query', { field: 'query-string', values: [{ value: '*' }] }, 'GET /', false],
  ['the address of the peer', { field: 'source-ip', values: ['10.1.0.0/16'] }, 'GET /', true],
  [
    'never X-Forwarded-For',
    { field: 'source-ip', values: ['9.9.9.9/32'] },
    'GET / h X-Forwarded-For:9.9.9.9',
    false,
  ],
] as const satisfies readonly (readonly [string, RuleConditionConfiguration, string, boolean])[]) {
  test(`conditions: ${name}`, () => {
    const rules = compileRules({
      listenerArn: 'l',
      port: 80,
      serverHeader: true,
      rules: [{ priority: 1, conditions: [condition], action: NONE }],
    });
    assert.equal(
      matchingRule(rules, { head: headOf(request), peerAddress: '10.1.2.3' }) !== undefined,
      matches,
    );
  });
}

test('the first rule in the order of priorities wins, the default rule takes the rest', () => {
  const rules = compileRules({
    listenerArn: 'l',
    port: 80,
    serverHeader: true,
    rules: [
      { priority: 1, conditions: [path('/a*'), host('x.y')], action: NONE },
      { priority: 5, conditions: [path('/a*')], action: NONE },
      { priority: 0, conditions: [], action: NONE },
    ],
  });
  const priorityOf = (request: string) =>
    matchingRule(rules, { head: headOf(request), peerAddress: '::1' })?.priority;
  assert.equal(priorityOf('GET /ab x.y'), 1);
  assert.equal(priorityOf('GET /ab z'), 5);
  assert.equal(priorityOf('GET /b z'), 0);
});

const NONE = { kind: 'fixed-response', statusCode: 200, contentType: '', messageBody: '' } as const;

/** `METHOD TARGET [HOST] [NAME:VALUE]` */
function headOf(request: string) {
  const [method, target, hostName = 'h', header = 'A:b'] = request.split(' ');
  const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: ${hostName}\r\n${header}\r\n\r\n`);
  const parsed = parseRequestHead(bytes, 0, bytes.length, { dropInvalidNames: false });
  if (parsed.kind !== 'head') throw new Error(JSON.stringify(parsed));
  return parsed.head;
}
