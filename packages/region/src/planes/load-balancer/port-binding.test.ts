import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { after, describe, test } from 'node:test';
import { bind, canSharePorts } from './port-binding.ts';
import { withoutSharing } from './testing/sharing.ts';

const HOST = '127.0.0.1';

test('whether ports can be shared is what the version and the system say', async () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const knowsReusePort = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
  assert.equal(await canSharePorts(), knowsReusePort && process.platform === 'linux');
});

describe('a shared port', { skip: withoutSharing }, () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) if (server.listening) server.close();
  });

  function newServer(): Server {
    const server = createServer();
    servers.push(server);
    return server;
  }

  test('is claimed when nobody has it on this address, and then joined', async () => {
    const port = await freePort(newServer());
    const claim = { host: HOST, port, sharing: 'claim' } as const;
    assert.equal(await bind(newServer(), claim), undefined);
    assert.equal(await bind(newServer(), { ...claim, sharing: 'join' }), undefined);
    assert.equal(await bind(newServer(), claim), 'EADDRINUSE');
    assert.equal(await bind(newServer(), { host: HOST, port, sharing: undefined }), 'EADDRINUSE');
    assert.equal(await bind(newServer(), { ...claim, host: '0.0.0.0' }), 'EADDRINUSE');
    assert.equal(await bind(newServer(), { ...claim, host: '127.0.0.2' }), undefined);
  });

  test('is claimed by one region after the other: who comes later finds the first', async () => {
    const port = await freePort(newServer());
    const lock = newServer().listen({ path: `\0plimsoll-listener-${port}` });
    await once(lock, 'listening');
    const later = bind(newServer(), { host: HOST, port, sharing: 'claim' });
    assert.equal(await bind(newServer(), { host: HOST, port, sharing: 'join' }), undefined);
    lock.close();
    assert.equal(await later, 'EADDRINUSE');
  });
});

async function freePort(server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}
