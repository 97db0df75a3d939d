/** Closed-loop load over keep-alive connections. Arguments: port, connections, seconds. Prints `{requests, p50, p99}` (µs). */
import { connect } from 'node:net';

const [port = 0, connections = 64, seconds = 3] = process.argv.slice(2).map(Number);
const request = Buffer.from(
  'GET /health?a=1 HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nCookie: session=0123456789abcdef\r\n\r\n',
);
const latencies: number[] = [];
let requests = 0;
let isCounting = false;

for (let i = 0; i < connections; i += 1) open();
setTimeout(() => {
  isCounting = true;
}, 1000);
setTimeout(
  () => {
    latencies.sort((a, b) => a - b);
    const at = (share: number): number =>
      Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 1000);
    console.log(JSON.stringify({ requests, p50: at(0.5), p99: at(0.99) }));
    process.exit(0);
  },
  1000 + seconds * 1000,
);

function open(): void {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let sentAt = 0;
  const send = (): void => {
    sentAt = performance.now();
    socket.write(request);
  };
  socket.on('connect', send);
  socket.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  // Small answers come in one piece here: what comes is the whole answer.
  socket.on('data', (bytes) => {
    if (!bytes.subarray(0, 15).equals(Buffer.from('HTTP/1.1 200 OK'))) {
      console.error(bytes.toString('latin1'));
      process.exit(1);
    }
    if (isCounting) {
      requests += 1;
      latencies.push(performance.now() - sentAt);
    }
    send();
  });
}
