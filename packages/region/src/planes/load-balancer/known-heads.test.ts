import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readRequestHead, readResponseHead } from './known-heads.ts';
import { parseRequestHead } from './request-head.ts';
import { parseResponseHead } from './response-head.ts';

/** Messages that are much alike: the same head with other bodies, other heads of the same length, lengths that differ. */
const requests = fc
  .tuple(
    fc.constantFrom('GET', 'PUT', 'get', 'G\0T'),
    fc.stringMatching(/^[ab]{0,3}$/),
    fc.constantFrom('', 'Content-Length: 3\r\n', 'Content_Length: 3\r\n', 'Content-Length: x\r\n', 'A: b\n'),
    fc.stringMatching(/^[cd]{0,3}$/),
    fc.constantFrom('', '\r\n', 'GET / HTTP/1.1\r\nHost: b\r\n\r\n', 'abc'),
  )
  .map(
    ([method, path, line, value, rest]) =>
      `${method} /${path} HTTP/1.1\r\nHost: a\r\n${line}X: ${value}\r\n\r\n${rest}`,
  );

test('a request that was seen before is read as if it were the first', () => {
  const options = { dropInvalidNames: false };
  const strict = { dropInvalidNames: true };
  fc.assert(
    fc.property(fc.array(requests, { minLength: 1, maxLength: 30 }), fc.nat(), (messages, cut) => {
      for (const message of messages) {
        const bytes = Buffer.from(message, 'latin1');
        for (const to of [bytes.length, cut % (bytes.length + 1)]) {
          assert.deepEqual(readRequestHead(bytes, to, options), parseRequestHead(bytes, 0, to, options));
          assert.deepEqual(readRequestHead(bytes, to, strict), parseRequestHead(bytes, 0, to, strict));
        }
      }
    }),
    { seed: 20261122, numRuns: 300 },
  );
});

const responses = fc
  .tuple(
    fc.constantFrom('200 OK', '204 No Content', '101 Switching Protocols', '2000'),
    fc.constantFrom('', 'Server: x\r\n', 'Date: now\r\n', 'A : b\r\n', 'Connection: close\r\n'),
    fc.nat({ max: 12 }),
    fc.stringMatching(/^[ef]{0,3}$/),
  )
  .map(
    ([status, line, length, body]) => `HTTP/1.1 ${status}\r\n${line}Content-Length: ${length}\r\n\r\n${body}`,
  );

test('an answer that was seen before is read as if it were the first', () => {
  fc.assert(
    fc.property(fc.array(responses, { minLength: 1, maxLength: 30 }), fc.nat(), (messages, cut) => {
      for (const message of messages) {
        const bytes = Buffer.from(message, 'latin1');
        for (const dropServer of [false, true]) {
          for (const to of [bytes.length, cut % (bytes.length + 1)]) {
            const read = readResponseHead(bytes, 0, to, { dropServer });
            const parsed = parseResponseHead(bytes, 0, to, { dropServer });
            const rest = read.kind === 'head' && read.rest === '' ? { rest: '' } : {};
            assert.deepEqual(read, { ...parsed, ...rest });
          }
        }
      }
    }),
    { seed: 20261122, numRuns: 300 },
  );
});

test('the same request is found again: nothing is read a second time; nor is it after many others', () => {
  const headOf = (target: string) => {
    const bytes = Buffer.from(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const read = readRequestHead(bytes, bytes.length, { dropInvalidNames: false });
    return read.kind === 'head' ? read.head : undefined;
  };
  for (let others = 0; others < 3; others += 1) {
    for (let i = 0; i < 1000; i += 1) headOf(`/${others}/${i}`);
    for (let i = 0; i < 200; i += 1) headOf('/same');
    assert.equal(headOf('/same'), headOf('/same'));
  }
});
