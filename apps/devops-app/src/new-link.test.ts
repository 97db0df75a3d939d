import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSlug, parseNewLink, slugFromBytes } from './new-link.ts';

const accepted: readonly [unknown, string][] = [
  [{ url: 'https://example.com' }, 'https://example.com/'],
  [{ url: 'http://example.com/a?b=c#d', slug: 'abc' }, 'http://example.com/a?b=c#d'],
  [{ url: 'https://bücher.example/ä' }, 'https://xn--bcher-kva.example/%C3%A4'],
  [{ url: 'https://example.com/\r\nSet-Cookie: a=b' }, 'https://example.com/Set-Cookie:%20a=b'],
];

for (const [body, href] of accepted) {
  test(`${JSON.stringify(body)} is a link to ${href}`, () => {
    const parsed = parseNewLink(body);
    assert.equal(parsed.ok && parsed.link.url, href);
  });
}

const url = 'https://example.com/';
const refused: readonly [string, unknown, readonly string[]][] = [
  ['no body', null, ['']],
  ['an array', [], ['']],
  ['no url', {}, ['url']],
  ['a number as url', { url: 1 }, ['url']],
  ['a relative url', { url: '/a' }, ['url']],
  ['another scheme', { url: 'javascript:alert(1)' }, ['url']],
  ['a file', { url: 'file:///etc/passwd' }, ['url']],
  ['a user name', { url: 'https://user:secret@example.com' }, ['url']],
  ['2049 characters', { url: url.padEnd(2049, 'a') }, ['url']],
  ['a url that is too long once encoded', { url: url.padEnd(1000, 'ä') }, ['url']],
  ['a reserved slug', { url, slug: 'health' }, ['slug']],
  ['a reserved slug in other letters', { url, slug: 'Links' }, ['slug']],
  ['a slug of two letters', { url, slug: 'ab' }, ['slug']],
  ['a slug of 65 letters', { url, slug: 'a'.repeat(65) }, ['slug']],
  ['a slug with a slash', { url, slug: 'a/b/c' }, ['slug']],
  ['a slug that begins with a hyphen', { url, slug: '-abc' }, ['slug']],
  ['an empty slug', { url, slug: '' }, ['slug']],
  ['null as slug', { url, slug: null }, ['slug']],
  ['several mistakes', { slug: 'a', colour: 'red' }, ['url', 'slug', 'colour']],
];

for (const [what, body, fields] of refused) {
  test(`${what} is refused at ${fields.map((field) => field || 'the body').join(', ')}`, () => {
    const parsed = parseNewLink(body);
    assert.deepEqual(parsed.ok || parsed.errors.map(({ field }) => field), fields);
  });
}

test('a generated slug is a slug, whatever the bytes', () => {
  for (let byte = 0; byte < 256; byte++) assert.ok(isSlug(slugFromBytes(new Uint8Array(16).fill(byte))));
  assert.equal(slugFromBytes(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7)), '2345678');
});
