/**
 * How a thread comes to a port: alone, or with the other threads of the balancer, among whom the kernel then spreads new
 * connections (`SO_REUSEPORT`). A shared port does not say `EADDRINUSE` to another process of the same user that shares it, too,
 * and that would get a part of the connections. So the first of our threads takes a port only after it was bound to it
 * alone, and regions do this one after the other: a socket in Linux's abstract namespace, which ends with its process and
 * is of the same network namespace as the port, is their lock. The other threads join while the first one has the port.
 * https://nodejs.org/api/net.html#serverlistenoptions-callback https://man7.org/linux/man-pages/man7/socket.7.html
 */
import { createServer, type ListenOptions, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ResolvedListener } from './messages.ts';

export interface Binding {
  readonly host: string;
  readonly port: number;
  readonly sharing: ResolvedListener['sharing'];
}

/** The types of Node 20 do not know it yet. */
type SharedListenOptions = ListenOptions & { readonly reusePort: true };

/** Chosen: how long another region may have the lock, which is a matter of microseconds, before the port is busy. */
const LOCK_LIMIT_MS = 2000;
const LOCK_PAUSE_MS = 5;

/** Returns the system's code when the port could not be bound, undefined when it is. */
export function bind(server: Server, { host, port, sharing }: Binding): Promise<string | undefined> {
  if (sharing === undefined) return listen(server, { host, port });
  const options: SharedListenOptions = { host, port, reusePort: true };
  // Confirmed by trying: of port 0 the kernel makes one that nobody has, shared or not.
  if (sharing === 'join' || port === 0) return listen(server, options);
  return claimed(host, port, () => listen(server, options));
}

/** Whether several threads can have one port here: Node 22.12 or 23.1 and Linux. Found by trying. */
export async function canSharePorts(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const [first, second] = [createServer(), createServer()];
  const share = (server: Server, port: number): Promise<string | undefined> =>
    bind(server, { host: '127.0.0.1', port, sharing: 'join' });
  try {
    if ((await share(first, 0)) !== undefined) return false;
    const address = first.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    return (await share(second, port)) === undefined;
  } finally {
    first.close();
    second.close();
  }
}

async function claimed(
  host: string,
  port: number,
  take: () => Promise<string | undefined>,
): Promise<string | undefined> {
  const lock = createServer();
  const code = (await locked(lock, port)) ?? (await free(host, port)) ?? (await take());
  lock.close();
  return code;
}

async function locked(lock: Server, port: number): Promise<string | undefined> {
  const limit = performance.now() + LOCK_LIMIT_MS;
  for (;;) {
    const code = await listen(lock, { path: `\0plimsoll-listener-${port}` });
    if (code !== 'EADDRINUSE' || performance.now() > limit) return code;
    await pause(LOCK_PAUSE_MS);
  }
}

/** Finds whoever has the port, shared or not. */
async function free(host: string, port: number): Promise<string | undefined> {
  const server = createServer();
  const code = await listen(server, { host, port });
  server.close();
  return code;
}

function listen(server: Server, options: ListenOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => resolve(error.code ?? error.message);
    server.once('error', failed);
    server.listen(options, () => {
      server.off('error', failed);
      resolve(undefined);
    });
  });
}
