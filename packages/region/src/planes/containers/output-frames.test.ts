import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { it } from 'node:test';
import { splitOutput } from './output-frames.ts';

const frame = (stream: number, content: string): Buffer => {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(content), 4);
  return Buffer.concat([head, Buffer.from(content)]);
};
const bytes = Buffer.concat([frame(1, 'one\ntw'), frame(2, 'ö'), frame(1, ''), frame(1, 'o\n')]);

for (const size of [1, 3, 8, 9, bytes.length]) {
  it(`an engine’s output is taken apart wherever it is cut: ${size} bytes at a time`, async () => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.subarray(index * size, (index + 1) * size),
    );
    const { stdout, stderr } = splitOutput(Readable.from(chunks));
    assert.deepEqual(await Promise.all([text(stdout), text(stderr)]), ['one\ntwo\n', 'ö']);
  });
}

it('what arrived is kept when the engine’s connection breaks', async () => {
  const source = new PassThrough();
  const { stdout, stderr } = splitOutput(source);
  source.write(frame(1, 'before').subarray(0, 11));
  stdout.once('data', () => source.destroy(new Error('reset')));
  assert.deepEqual(await Promise.all([text(stdout), text(stderr)]), ['bef', '']);
});

it('a reader that is slow holds the engine back', async () => {
  const source = new PassThrough({ highWaterMark: 1 });
  const { stdout } = splitOutput(source);
  let accepted = 0;
  while (accepted < 1000 && source.write(frame(1, 'x'.repeat(1000)))) accepted += 1;
  assert.ok(accepted < 1000);
  source.end();
  assert.equal((await text(stdout)).length, 1000 * (accepted + 1));
});
