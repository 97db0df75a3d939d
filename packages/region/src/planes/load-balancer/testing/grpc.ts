/** Clients and targets that speak gRPC by its frames. */
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Stream,
} from 'node:http2';

/** A message of gRPC: not compressed, its length, its bytes. */
export function message(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

export function messagesOf(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1);
    found.push(bytes.toString('utf8', at + 5, at + 5 + length));
    at += 5 + length;
  }
  return found;
}

export const CALL = {
  ':method': 'POST',
  ':path': '/test.Echo/Unary',
  'content-type': 'application/grpc',
  te: 'trailers',
};

export function call(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  return session.request({ ...CALL, ...headers }, { endStream: false });
}

export async function resultOf(stream: ClientHttp2Stream) {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const parts: Buffer[] = [];
  stream.on('response', (received) => {
    headers = received;
  });
  stream.on('trailers', (received) => {
    trailers = received;
  });
  stream.on('data', (bytes: Buffer) => parts.push(bytes));
  stream.on('error', () => {});
  await new Promise((resolve) => stream.on('close', resolve));
  return {
    status: Number(headers[':status']),
    headers,
    grpcStatus: trailers['grpc-status'] ?? headers['grpc-status'],
    trailers,
    messages: messagesOf(Buffer.concat(parts)),
    code: stream.rstCode ?? 0,
  };
}

/** Answers each message with it in capitals, as it comes; with code 0 when the client has ended. */
export function echo(stream: ServerHttp2Stream): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': '' }));
  stream.on('data', (bytes: Buffer) => {
    for (const text of messagesOf(bytes)) stream.write(message(text.toUpperCase()));
  });
  stream.on('end', () => stream.end());
}
