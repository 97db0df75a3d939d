/**
 * Images of the scenarios: one program, whose version and ways to fail are written into it. Answers carry the version in a
 * header and in each of their lines, so that one that is mixed of two versions shows.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PackedImage, packImage } from '../../planes/images/pack.ts';

export interface Program {
  readonly version: string;
  /** Before anything else. */
  readonly first?: string;
  /** Instead of `server.listen(PORT)`. */
  readonly listen?: string;
  /** The status of `/health`. Default 200. */
  readonly health?: number;
}

const lines = 64;

/** What the program of a version answers to `GET /`. */
export function answerOf(version: string): string {
  return `${version}\n`.repeat(lines);
}

/** An image as `plimsoll` packs it, that runs by the command of devops-app's template. */
export async function imageOf(program: Program): Promise<PackedImage> {
  const context = await mkdtemp(join(tmpdir(), 'plimsoll-program-'));
  try {
    await mkdir(join(context, 'dist'));
    await writeFile(join(context, 'dist/main.js'), sourceOf(program));
    await writeFile(join(context, 'package.json'), '{ "type": "module" }');
    return await packImage({ context, config: { command: ['node', 'dist/main.js'], port: 3000 } });
  } finally {
    await rm(context, { recursive: true });
  }
}

/** `/slow` and `/download` take about 5 s; `/upload` says how much it got; an upgrade echoes bytes. */
function sourceOf({ version, first = '', listen = defaultListen, health = 200 }: Program): string {
  return `
${first}
import { createServer } from 'node:http';
const version = ${JSON.stringify(version)};
const body = (version + '\\n').repeat(${lines});
const server = createServer((request, response) => {
  response.setHeader('x-version', version);
  switch (request.url) {
    case '/health':
      response.writeHead(${health}).end('UP');
      return;
    case '/slow':
      setTimeout(() => response.end(body), 5000);
      return;
    case '/download': {
      let chunks = 0;
      const timer = setInterval(() => {
        response.write('x'.repeat(65536));
        chunks += 1;
        if (chunks < 50) return;
        clearInterval(timer);
        response.end();
      }, 100);
      return;
    }
    case '/upload': {
      let bytes = 0;
      request.on('data', (chunk) => { bytes += chunk.length; });
      request.on('end', () => response.end(String(bytes)));
      return;
    }
    default:
      request.resume();
      response.write(body.slice(0, 100));
      setImmediate(() => response.end(body.slice(100)));
  }
});
// Longer than the load balancer's idle timeout: what closes an idle connection as a request comes on it makes a 502, as on AWS.
server.keepAliveTimeout = 65_000;
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nX-Version: ' + version + '\\r\\n\\r\\n');
  socket.on('error', () => {});
  socket.pipe(socket);
});
${listen}
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;
}

export const defaultListen = "server.listen(process.env.PORT, '127.0.0.1', () => console.log('listening'));";
