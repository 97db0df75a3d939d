import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineSplitter, maximumLineBytes } from './lines.ts';

describe('lines of a container’s output', () => {
  const split = (...chunks: (string | Buffer)[]): string[] => {
    const splitter = new LineSplitter();
    return [...chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk))), ...splitter.end()];
  };

  it('are cut at line feeds, across chunks, with the last one unfinished', () => {
    assert.deepEqual(split('a\nb', 'c\n\nd\r\n', 'e'), ['a', 'bc', '', 'd\r', 'e']);
  });

  it('keep a character whose bytes arrive apart', () => {
    const euro = Buffer.from('€');
    assert.deepEqual(split(euro.subarray(0, 1), euro.subarray(1), '\n'), ['€']);
  });

  it('show bytes that are not UTF-8 as the replacement character', () => {
    assert.deepEqual(split(Buffer.from([0x61, 0xff, 0x62, 10])), ['a\ufffdb']);
  });

  it('are cut at 256 KiB, never inside a character', () => {
    const lines = split('€'.repeat(100_000), '€\n');
    assert.equal(lines.join(''), '€'.repeat(100_001));
    assert.ok(lines.every((line) => Buffer.byteLength(line) <= maximumLineBytes));
    assert.equal(lines.length, 2);
  });

  it('of exactly 256 KiB stay whole', () => {
    assert.deepEqual(split('x'.repeat(maximumLineBytes), '\n').length, 1);
  });
});
