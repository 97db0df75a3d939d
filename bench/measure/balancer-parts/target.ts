/**
 * A target as fast as a socket allows: every GET gets a small answer, `/unlike` a small one with a header that differs each
 * time, `/mebibyte` one of 1 MiB, `/gibibyte` one of 1 GiB. Prints its port.
 */
import { createServer, type Socket } from 'node:net';

const MEBIBYTE = Buffer.alloc(1_048_576, '.');
const body = 'UP\n'.padEnd(128, '.');
const small = Buffer.from(`${head(body.length)}${body}`);
const M = 'm'.charCodeAt(0);
const G = 'g'.charCodeAt(0);
const U = 'u'.charCodeAt(0);
let numbers = 0;

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    // `GET /` is five bytes long.
    if (bytes[5] === M) socket.write(Buffer.concat([Buffer.from(head(MEBIBYTE.length)), MEBIBYTE]));
    else if (bytes[5] === G) sendGibibyte(socket);
    else if (bytes[5] === U) socket.write(unlike(), 'latin1');
    else socket.write(small);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(address !== null && typeof address === 'object' ? address.port : 0);
});

function sendGibibyte(socket: Socket): void {
  let left = 1024;
  socket.write(head(1024 * MEBIBYTE.length));
  const send = (): void => {
    while (left > 0) {
      left -= 1;
      if (socket.write(MEBIBYTE)) continue;
      socket.once('drain', send);
      return;
    }
  };
  send();
}

function unlike(): string {
  numbers += 1;
  return `${head(body.length, `X-Request-Id: ${numbers}\r\n`)}${body}`;
}

function head(length: number, more = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${length}\r\n${more}Keep-Alive: timeout=60\r\n\r\n`;
}
