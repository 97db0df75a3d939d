/** What each desync mitigation mode does with each of ALB's reasons, on real connections. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { testPlane } from './testing/test-plane.ts';

const { httpTarget, balanced, close } = testPlane();
after(close);

const H = 'Host: a\r\n';
const CHUNKS = '1\r\nx\r\n0\r\n\r\n';
const MODES = ['monitor', 'defensive', 'strictest'] as const;

/** `status kept` or `status closed`, in the order of the modes. */
const compliant = ['200 kept', '200 kept', '200 kept'];
const acceptable = ['200 kept', '200 kept', '400 closed'];
const ambiguous = ['200 kept', '200 closed', '400 closed'];
// Differs from AWS in monitor: what cannot be read in one way only is never forwarded.
const severe = ['400 closed', '400 closed', '400 closed'];

for (const [reason, request, expected] of [
  ['Compliant', `GET / HTTP/1.1\r\n${H}\r\n`, compliant],
  ['GetHeadZeroContentLength', `GET / HTTP/1.1\r\n${H}Content-Length: 0\r\n\r\n`, acceptable],
  ['SpaceInUri', `GET /a b HTTP/1.1\r\n${H}\r\n`, acceptable],
  ['NonCompliantVersion', `GET / HTTP/1.7\r\n${H}\r\n`, acceptable],
  ['NonCompliantHeader', `GET / HTTP/1.1\r\n${H}A: \xe9\r\n\r\n`, acceptable],
  [
    'BothTeClPresent',
    `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    ambiguous,
  ],
  [
    'DuplicateContentLength',
    `POST / HTTP/1.1\r\n${H}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`,
    ambiguous,
  ],
  ['SuspiciousHeader', `POST / HTTP/1.1\r\n${H}Content_Length: 1\r\n\r\n`, ambiguous],
  ['UndefinedContentLengthSemantics', `GET / HTTP/1.1\r\n${H}Content-Length: 1\r\n\r\nx`, ambiguous],
  [
    'UndefinedTransferEncodingSemantics',
    `GET / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    ambiguous,
  ],
  ['BadContentLength', `POST / HTTP/1.1\r\n${H}Content-Length: x\r\n\r\n`, severe],
  ['MultipleContentLength', `POST / HTTP/1.1\r\n${H}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`, severe],
  [
    'MultipleTransferEncodingChunked',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n${CHUNKS}`,
    severe,
  ],
  ['EmptyHeader', `GET / HTTP/1.1\r\n${H}: x\r\n\r\n`, severe],
  ['BadHeader', `GET / HTTP/1.1\r\n${H}A : b\r\n\r\n`, severe],
  ['BadMethod', `G(T / HTTP/1.1\r\n${H}\r\n`, severe],
  ['BadUri', `GET a HTTP/1.1\r\n${H}\r\n`, severe],
  ['BadVersion', `GET / HTTX/1.1\r\n${H}\r\n`, severe],
] as const) {
  test(`${reason}: ${MODES.map((mode, i) => `${mode} ${expected[i]}`).join(', ')}`, async () => {
    for (const [i, mode] of MODES.entries()) assert.equal(await outcome(mode, request), expected[i], mode);
  });
}

const target = httpTarget((request, response) => {
  request.resume();
  request.on('end', () => response.end('ok'));
});

async function outcome(mode: (typeof MODES)[number], request: string): Promise<string> {
  const balancer = await balanced([await target], { desyncMitigationMode: mode });
  const client = await balancer.connect();
  client.write(request);
  const answer = await client.answer();
  const isClosed = /^Connection: close\r$/m.test(answer);
  if (!isClosed) client.close();
  await balancer.remove();
  return `${answer.slice(9, 12)} ${isClosed ? 'closed' : 'kept'}`;
}
