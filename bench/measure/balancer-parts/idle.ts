/** Keep-alive connections that have had one answer and ask nothing more. Arguments: port, how many. Prints how many. */
import { once } from 'node:events';
import { connect } from 'node:net';

const [port = 0, connections = 0] = process.argv.slice(2).map(Number);
const AT_ONCE = 100;

for (let opened = 0; opened < connections; opened += AT_ONCE)
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, connections - opened) }, () => open()));
console.log(connections);

async function open(): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.write('GET /health HTTP/1.1\r\nHost: bench.example\r\n\r\n');
  await once(socket, 'data');
  socket.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
}
