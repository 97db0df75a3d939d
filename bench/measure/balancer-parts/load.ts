/**
 * Closed-loop load over keep-alive connections. Arguments: port, connections, seconds of warming up, seconds, path (in which
 * `#` is another number with each request), bytes of the body. Prints `warm` when it begins to count, then `{requests, p50, p99}` (µs).
 */
import { connect } from 'node:net';

const [portText, connectionsText, warmUpText, secondsText, path = '/', bodyText] = process.argv.slice(2);
const port = Number(portText);
const warmUpMs = Number(warmUpText) * 1000;
const seconds = Number(secondsText);
const bodyBytes = Number(bodyText);
const same = requestOf(path);
const differs = path.includes('#');
let numbers = 0;
const OK = Buffer.from('HTTP/1.1 200 OK');
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const latencies: number[] = [];
let requests = 0;
let isCounting = false;

for (let i = 0; i < Number(connectionsText); i += 1) open();
setTimeout(() => {
  isCounting = true;
  console.log('warm');
}, warmUpMs);
setTimeout(
  () => {
    latencies.sort((a, b) => a - b);
    const at = (share: number): number =>
      Math.round((latencies[Math.floor(latencies.length * share)] ?? 0) * 1000);
    console.log(JSON.stringify({ requests, p50: at(0.5), p99: at(0.99) }));
    process.exit(0);
  },
  warmUpMs + seconds * 1000,
);

function open(): void {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let sentAt = 0;
  /** Of the answer, as soon as its head is there. */
  let left = -1;
  const send = (): void => {
    sentAt = performance.now();
    left = -1;
    numbers += 1;
    socket.write(differs ? requestOf(path.replace('#', String(numbers))) : same);
  };
  socket.on('connect', send);
  socket.on('error', (error) => fail(error.message));
  socket.on('data', (bytes) => {
    if (left < 0) left = bodyBytes + headLength(bytes as Buffer);
    left -= bytes.length;
    if (left > 0) return;
    if (isCounting) {
      requests += 1;
      latencies.push(performance.now() - sentAt);
    }
    send();
  });
}

function requestOf(target: string): Buffer {
  return Buffer.from(
    `GET ${target} HTTP/1.1\r\nHost: bench.example\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nCookie: session=0123456789abcdef\r\n\r\n`,
  );
}

/** A head comes in one piece here. */
function headLength(bytes: Buffer): number {
  const end = bytes.indexOf(END_OF_HEAD);
  if (end < 0 || !bytes.subarray(0, OK.length).equals(OK)) fail(bytes.toString('latin1', 0, 500));
  return end + END_OF_HEAD.length;
}

function fail(why: string): void {
  console.error(why);
  process.exit(1);
}
