import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilterPattern } from './filter-pattern.ts';

const apache = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';
const json = JSON.stringify({
  level: 'error',
  status: 503,
  sourceIPAddress: '123.123.4.5',
  user: { id: 'u-1', admin: true, email: null },
  tags: ['a', 'b'],
  list: [{ flag: false }, { flag: true }],
  'cluster.name': 'c',
});

/** Patterns by AWS's documentation, a message that matches and one that does not. */
const rows: readonly (readonly [pattern: string, matches: string, other?: string])[] = [
  ['', 'anything'],
  ['ERROR', 'an ERROR', 'an error'],
  ['ERROR fatal', 'fatal ERROR', 'ERROR'],
  ['ERROR -retry', 'ERROR', 'ERROR retry'],
  ['-retry', 'ERROR', 'ERROR retry'],
  ['?ERROR ?WARN', 'WARN', 'INFO'],
  ['"two words"', 'has two words', 'two other words'],
  ['"INTERNAL SERVER ERROR" -"retry later"', 'INTERNAL SERVER ERROR', 'INTERNAL SERVER ERROR retry later'],
  ['%AUTHORIZED%', '[ERROR 401] UNAUTHORIZED REQUEST', '[200] OK'],
  ['%colou?r%', 'color', 'colr'],
  ['[ip, id, user, timestamp, request, status_code, size]', apache, 'a b'],
  ['[ip, id, user, timestamp, request, status_code = 4*, size]', apache, apache.replace(' 404', ' 200')],
  ['[ip, id, user, timestamp, request = *.html*, status_code = 4*, size]', apache, 'x'],
  ['[..., request = %GET .*HTTP%, status_code = 4*, size]', apache, 'x'],
  ['[ip, ..., size > 1000]', apache, apache.replace('1534', '999')],
  ['[ip, user, ..., status_code = 404 || status_code = 410, bytes]', apache, apache.replace(' 404', ' 405')],
  ['[..., status_code != 404 && status_code != 410, bytes]', apache.replace(' 404', ' 405'), apache],
  ['[w1=ERROR, w2]', 'ERROR 419', 'WARN 419'],
  ['{ $.level = "error" }', json, '{"level":"info"}'],
  ['{ $.level = error }', json, 'level = error'],
  ['{ $.status >= 500 }', json, '{"status":499}'],
  ['{ $.status = 503 }', json, '{"status":504}'],
  ['{ $.status = 5* }', json, '{"status":404}'],
  ['{ $.sourceIPAddress = 123.123.* }', json, '{"sourceIPAddress":"1.2.3.4"}'],
  ['{ $.sourceIPAddress != 1.1.* }', json, '{"sourceIPAddress":"1.1.3.4"}'],
  ['{ $.level = %^err% }', json, '{"level":"an err"}'],
  ['{ $.user.admin IS TRUE }', json, '{"user":{"admin":"true"}}'],
  ['{ $.list[0].flag IS FALSE }', json, '{"list":[]}'],
  ['{ $.user.email IS NULL }', json, '{"user":{}}'],
  ['{ $.user.phone NOT EXISTS }', json, '{"user":{"phone":1}}'],
  ['{ $.tags[1] = "b" }', json, '{"tags":["b"]}'],
  ['{ $.tags[*] = "b" }', json, '{"tags":["c"]}'],
  ['{ $.[\'cluster.name\'] = "c" }', json, '{"cluster":{"name":"c"}}'],
  ['{ ($.status = 503) && ($.level = "info" || $.user.id = "u-*") }', json, '{"status":503}'],
  ['{ $.level = "x" || $.status = 503 && $.user.id = "u-1" }', json, '{"status":503}'],
];

for (const [pattern, matches, other] of rows) {
  test(`the filter pattern ${pattern || '(empty)'} matches what it says`, () => {
    const filter = parseFilterPattern(pattern);
    assert.ok(filter.match(matches), matches);
    if (other !== undefined) assert.equal(filter.match(other), undefined, other);
  });
}

test('a match gives the values that it names', () => {
  const fields = parseFilterPattern('[ip, ..., status, size]').match(apache);
  assert.deepEqual(
    ['$ip', '$status', '$size', '$x'].map((name) => fields?.(name)),
    ['127.0.0.1', '404', '1534', undefined],
  );
  const properties = parseFilterPattern('{ $.status > 0 }').match(json);
  assert.deepEqual(
    ['$.status', '$.user.id', '$.nothing'].map((name) => properties?.(name)),
    ['503', 'u-1', undefined],
  );
});

for (const [pattern, message] of [
  ['a:b', /a term with : stands in double quotes/],
  ['{ $.a = 1', /its brace is not closed/],
  ['{ $.a }', /the end stands where a comparison is expected/],
  ['{ a = 1 }', /a is no selector/],
  ['{ $.a > b }', /compares with a number/],
  ['{ ($.a = 1 }', /a parenthesis is not closed/],
  ['{ $.a IS MAYBE }', /IS MAYBE is not IS NULL/],
  ['[a, b', /its bracket is not closed/],
  ['[a=1 && b=2]', /b stands in the conditions of a/],
  ['%(a)%', /\( is not supported in the regular expression/],
  ['{ $.a = %a% && $.b = %b% && $.c = %c% }', /more than two regular expressions/],
] as const) {
  test(`the filter pattern ${pattern} is refused with the reason`, () => {
    assert.throws(() => parseFilterPattern(pattern), { code: 'InvalidParameterException', message });
  });
}
