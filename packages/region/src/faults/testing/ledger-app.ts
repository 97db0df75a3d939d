/**
 * The program in the image: `PUT /<key>` stores a row and answers 201 once PostgreSQL has it, `GET /<key>` reads it,
 * `/health` needs no database, `/version` tells the release, `/slow` answers half of it and the rest a second later, `/busy`
 * starts programs that never end, one of them in a process group of its own.
 */
export const ledgerApp = `
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
const { default: pg } = await import(process.env.PG);
const pool = new pg.Pool({ max: 4, connectionTimeoutMillis: 2000 });
pool.on('error', () => {});
let table;
const query = async (text, values) => {
  table ??= pool.query('create table if not exists entries (key text primary key)');
  await table.catch((error) => { table = undefined; throw error; });
  return pool.query(text, values);
};
const answer = async ({ method, url }) => {
  if (url === '/health') return [200, 'UP'];
  if (url === '/version') return [200, process.env.VERSION];
  if (url === '/busy') {
    for (const detached of [true, false, false, false]) spawn(process.execPath, ['-e', 'for (;;);'], { detached });
    return [200, 'busy'];
  }
  if (method === 'PUT') {
    await query('insert into entries values ($1)', [url]);
    return [201, 'stored'];
  }
  const { rows } = await query('select key from entries where key = $1', [url]);
  return rows.length > 0 ? [200, rows[0].key] : [404, 'unknown'];
};
const server = createServer((request, response) => {
  if (request.url === '/slow') {
    response.writeHead(200).write('half ');
    setTimeout(() => response.end('whole'), 1000);
    return;
  }
  answer(request).then(
    ([status, text]) => response.writeHead(status).end(text),
    (error) => response.writeHead(500).end(String(error)),
  );
});
server.listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;
