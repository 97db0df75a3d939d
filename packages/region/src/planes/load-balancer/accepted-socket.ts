/**
 * Accepted sockets that read into a buffer of ours. Node allocates 64 KB for each read of a socket and passes what came
 * through a stream, unless the socket is told to read into a given buffer (`onread`): a fifth of what a small request
 * costs. `net.connect` takes that option, `net.createServer` has none for the sockets it accepts. So what lies below an
 * accepted socket, which Node does not document, is moved into a new socket that has the option. Where that cannot be done,
 * the socket is read as Node documents it; the balancer then does the same, more slowly.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The undocumented part. */
interface Internals {
  _handle?: object | null;
}

/**
 * @param onread the bytes are only valid during the call
 * @returns the socket to use from now on; `socket` itself is not to be used again
 */
export function readingInto(socket: Socket, onread: OnReadOpts): Socket {
  return moved(socket, onread) ?? readAsStream(socket, onread);
}

function moved(socket: Socket, onread: OnReadOpts): Socket | undefined {
  const from: Internals = socket as unknown as Internals;
  const handle = from._handle;
  // What lies below a TLS socket is its own kind.
  if (socket instanceof TLSSocket) return undefined;
  // Windows posts its reads ahead: a buffer of its own for each idle client would be too much.
  if (!handle || !('useUserBuffer' in handle) || process.platform === 'win32') return undefined;
  const options: SocketConstructorOpts & Record<string, unknown> = { handle, onread, allowHalfOpen: true };
  from._handle = null;
  const own = new Socket(options);
  if ((own as unknown as Internals)._handle !== handle) {
    from._handle = handle;
    return undefined;
  }
  socket.destroy();
  return own;
}

function readAsStream(socket: Socket, { callback }: OnReadOpts): Socket {
  return socket.on('data', (bytes: Buffer) => callback(bytes.length, bytes));
}
