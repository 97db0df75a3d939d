/** Frames of HTTP/2 as bytes, for what a client that keeps the rules would not send. Fields are literals (RFC 7541, 6.2.2). */
import { once } from 'node:events';
import { connect } from 'node:tls';

export const END_STREAM = 1;
export const END_HEADERS = 4;

export type Fields = readonly (readonly [name: string, value: string])[];

export interface Frame {
  readonly type: 'DATA' | 'HEADERS' | 'RST_STREAM' | 'SETTINGS' | 'GOAWAY' | 'other';
  readonly stream: number;
  readonly flags: number;
  readonly payload: Buffer;
}

const types: readonly Frame['type'][] = [
  'DATA',
  'HEADERS',
  'other',
  'RST_STREAM',
  'SETTINGS',
  'other',
  'other',
  'GOAWAY',
];

export function headers(stream: number, fields: Fields, flags = END_HEADERS | END_STREAM): Buffer {
  const block = fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]);
  return frame(1, flags, stream, Buffer.concat(block));
}

export function data(stream: number, content: string, flags = END_STREAM): Buffer {
  return frame(0, flags, stream, Buffer.from(content, 'latin1'));
}

export function reset(stream: number): Buffer {
  return frame(3, 0, stream, Buffer.from([0, 0, 0, 8]));
}

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from(prefixed(bytes.length)), bytes]);
}

/** An integer with a prefix of seven bits (RFC 7541, 5.1). */
function prefixed(value: number): number[] {
  if (value < 127) return [value];
  const digits = [127];
  let rest = value - 127;
  while (rest >= 128) {
    digits.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return [...digits, rest];
}

/** A connection that speaks HTTP/2 by frames. */
export async function rawHttp2(port: number) {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const frames: Frame[] = [];
  const changed = new EventTarget();
  let rest = Buffer.alloc(0);
  let isOver = false;
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3);
      const [type, flags, stream] = [rest[3] ?? 0, rest[4] ?? 0, rest.readUInt32BE(5)];
      frames.push({ type: types[type] ?? 'other', flags, stream, payload: rest.subarray(9, end) });
      rest = rest.subarray(end);
    }
    changed.dispatchEvent(new Event('change'));
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isOver = true;
    changed.dispatchEvent(new Event('change'));
  });
  socket.write(
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0, Buffer.alloc(0))]),
  );
  return {
    frames,
    send: (...parts: readonly Buffer[]) => socket.write(Buffer.concat(parts)),
    close: () => socket.destroy(),
    /** Until a stream was answered to its end or reset, or the connection ended: how it went. */
    async outcomeOf(stream: number): Promise<'answered' | 'reset' | 'goaway' | 'closed'> {
      for (;;) {
        const own = frames.filter((one) => one.stream === stream);
        if (own.some(({ type }) => type === 'RST_STREAM')) return 'reset';
        if (own.some(({ type, flags }) => (type === 'DATA' || type === 'HEADERS') && flags & END_STREAM))
          return 'answered';
        if (frames.some(({ type }) => type === 'GOAWAY')) return 'goaway';
        if (isOver) return 'closed';
        await once(changed, 'change', { signal: AbortSignal.timeout(10_000) });
      }
    },
  };
}
