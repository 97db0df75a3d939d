import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseResponseHead } from './response-head.ts';

const parse = (text: string, dropServer = false) => {
  const bytes = Buffer.from(text, 'latin1');
  return parseResponseHead(bytes, 0, bytes.length, { dropServer });
};

test('an answer is read into its framing, and headers of the hop are taken out', () => {
  const parsed = parse(
    'HTTP/1.1 200 Fine\r\nServer: x\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nContent-Length: 3\r\nA: b\r\n\r\nabc',
    true,
  );
  assert.ok(parsed.kind === 'head');
  assert.equal(parsed.head.statusLine, 'HTTP/1.1 200 Fine\r\n');
  assert.equal(parsed.head.fields, 'Content-Length: 3\r\nA: b\r\n');
  assert.equal(parsed.head.contentLength, 3);
  assert.equal(parsed.head.keepAlive, true);
});

test('with Transfer-Encoding, Content-Length does not go on', () => {
  for (const lines of [
    'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked\r\nContent-Length: 3\r\nContent-Length: 3\r\n',
  ]) {
    const parsed = parse(`HTTP/1.1 200 OK\r\n${lines}\r\n`);
    assert.ok(parsed.kind === 'head');
    assert.equal(parsed.head.contentLength, -1);
    assert.doesNotMatch(parsed.head.fields, /content-length/i);
  }
});

test('an answer of HTTP/1.0 closes unless it says otherwise', () => {
  const keepAlive = (head: string) => {
    const parsed = parse(`${head}\r\n\r\n`);
    return parsed.kind === 'head' && parsed.head.keepAlive;
  };
  assert.equal(keepAlive('HTTP/1.0 200 OK'), false);
  assert.equal(keepAlive('HTTP/1.0 200 OK\r\nConnection: keep-alive'), true);
  assert.equal(keepAlive('HTTP/1.1 200 OK'), true);
  assert.equal(keepAlive('HTTP/1.1 200 OK\r\nConnection: close'), false);
});

test('whatever a target answers, what goes on has one framing', () => {
  const eol = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r');
  const line = fc
    .tuple(
      fc.constantFrom(
        'Content-Length',
        'content-length',
        'Transfer-Encoding',
        'Connection',
        'Upgrade',
        'Server',
        'A',
        ' B',
        '',
      ),
      fc.constantFrom(':', ': ', ' : '),
      fc.constantFrom('3', '03', '4', 'chunked', 'gzip', 'close', '', '\0'),
      eol,
    )
    .map((parts) => parts.join(''));
  const status = fc.constantFrom(
    'HTTP/1.1 200 OK',
    'HTTP/1.0 204',
    'HTTP/1.1 99 x',
    'HTTP/2 200',
    'HTTP/1.1 200',
    'x',
  );
  fc.assert(
    fc.property(status, eol, fc.array(line, { maxLength: 6 }), (first, end, lines) => {
      const parsed = parse(`${first}${end}${lines.join('')}\r\n`);
      if (parsed.kind !== 'head') return;
      const lengths = parsed.head.fields.match(/^content-length:/gim) ?? [];
      assert.equal(lengths.length, parsed.head.contentLength >= 0 ? 1 : 0);
      assert.doesNotMatch(parsed.head.fields, /^(transfer-encoding|connection|upgrade)/im);
      assert.match(parsed.head.fields, /^([!-~]+:[^\r\n\0]*\r\n)*$/);
    }),
    { seed: 20261122, numRuns: 4000 },
  );
});
