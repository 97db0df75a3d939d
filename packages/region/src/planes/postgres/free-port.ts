import { createServer } from 'node:net';

/*
 * Databases keep their port over restarts, because it is in task definitions and in users' tools. So it is taken from
 * 20000–29999: below the range from which operating systems take ports for outgoing connections (32768 and up on
 * Linux, 49152 and up on macOS), where it could be taken while the database is stopped.
 */
const first = 20000;
const count = 10000;

/** The preferred port if it is free, else the next free one of the range, beginning at a place that `name` gives. */
export async function freePort(name: string, preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  const begin = hash(name) % count;
  for (let i = 0; i < count; i += 1) {
    const port = first + ((begin + i) % count);
    if (await isFree(port)) return port;
  }
  throw new Error(`all ports from ${first} to ${first + count - 1} are busy`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (Math.imul(value, 31) + character.charCodeAt(0)) >>> 0;
  return value;
}
