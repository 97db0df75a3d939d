/** Reads one answer with a pause after every 16 MiB. Arguments: port, path. Prints the bytes received when 1 GiB is there. */
import { connect } from 'node:net';

const [port, path] = process.argv.slice(2);
const PAUSE_EVERY = 16 * 1_048_576;
const PAUSE_MS = 40;
const GIBIBYTE = 1024 ** 3;
let received = 0;
let pausedAt = 0;

const socket = connect({ host: '127.0.0.1', port: Number(port) });
socket.write(`GET ${path} HTTP/1.1\r\nHost: bench.example\r\n\r\n`);
socket.on('data', (bytes) => {
  received += bytes.length;
  if (received > GIBIBYTE) {
    console.log(received);
    process.exit(0);
  }
  if (received - pausedAt < PAUSE_EVERY) return;
  pausedAt = received;
  socket.pause();
  setTimeout(() => socket.resume(), PAUSE_MS);
});
socket.on('close', () => {
  console.error(`the connection closed after ${received} bytes`);
  process.exit(1);
});
