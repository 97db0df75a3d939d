import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChunkedBody } from './body.ts';

const good = '5;a="b c"\r\nhello\r\n00a\r\n0123456789\r\n0\r\nDigest: x\r\n\r\n';

test('a chunked body ends where it ends, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(good.length), { maxLength: 8 }), (cuts) => {
      const { content, taken, isComplete } = read(`${good}GET / HTTP/1.1`, cuts);
      assert.equal(content, 'hello0123456789');
      assert.equal(taken, good.length);
      assert.ok(isComplete);
    }),
    { seed: 1, numRuns: 500 },
  );
});

for (const [name, body] of [
  ['a bare LF after the size', '5\nhello\r\n0\r\n\r\n'],
  ['a bare LF after the data', '5\r\nhello\n0\r\n\r\n'],
  ['more data than its size', '5\r\nhello!\r\n0\r\n\r\n'],
  ['no size', '\r\nhello\r\n0\r\n\r\n'],
  ['a size that is no number', 'g\r\nhello\r\n0\r\n\r\n'],
  ['a size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'],
  ['a negative size', '-5\r\nhello\r\n0\r\n\r\n'],
  ['a blank before the size', ' 5\r\nhello\r\n0\r\n\r\n'],
  ['a blank after the size', '5 \r\nhello\r\n0\r\n\r\n'],
  ['a size that overflows', '10000000000000005\r\nhello\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '5;a\nb\r\nhello\r\n0\r\n\r\n'],
  ['a bare CR in an extension', '5;a\rb\r\nhello\r\n0\r\n\r\n'],
  ['an endless extension', `5;${'a'.repeat(5000)}\r\nhello\r\n0\r\n\r\n`],
  ['a trailer that is folded', '0\r\nA: b\r\n c\r\n\r\n'],
  ['a trailer without a colon', '0\r\nA\r\n\r\n'],
  ['Content-Length as a trailer', '0\r\nContent-Length: 5\r\n\r\n'],
  ['Transfer-Encoding as a trailer', '0\r\ntransfer-encoding: chunked\r\n\r\n'],
  ['a bare LF at its end', '0\r\n\n'],
  ['endless trailers', `0\r\n${`A: ${'b'.repeat(1000)}\r\n`.repeat(20)}\r\n`],
] as const) {
  test(`a chunked body with ${name} is malformed`, () => {
    assert.equal(read(body, []).taken, -1);
    assert.equal(read(body, [...Array(Math.min(body.length, 40)).keys()]).taken, -1);
  });
}

function read(text: string, cuts: readonly number[]) {
  const bytes = Buffer.from(text, 'latin1');
  let content = '';
  const body = new ChunkedBody((chunk, start, end) => {
    content += Buffer.from(chunk.subarray(start, end)).toString('latin1');
  });
  let taken = 0;
  for (const cut of [...cuts].sort((a, b) => a - b).concat(bytes.length)) {
    const next = body.take(bytes, taken, Math.max(cut, taken));
    if (next < 0) return { content, taken: -1, isComplete: false };
    taken = next;
    if (body.isComplete) break;
  }
  return { content, taken, isComplete: body.isComplete };
}
