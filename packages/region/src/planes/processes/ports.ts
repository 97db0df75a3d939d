import { createServer } from 'node:net';

/**
 * Host ports for containers. A port is taken from below the range from which operating systems take the local ports of
 * outgoing connections (32768 on Linux, 49152 elsewhere): so none of those can take it between our look and the moment
 * the container listens.
 */
export class PortPool {
  readonly #taken = new Set<number>();

  async reserve(): Promise<number> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const port = lowest + Math.floor(Math.random() * (highest - lowest));
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      if (await isFree(port)) return port;
      this.#taken.delete(port);
    }
    throw new Error('no free port on 127.0.0.1 was found');
  }

  release(port: number): void {
    this.#taken.delete(port);
  }
}

const lowest = 20_000;
const highest = 32_768;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
