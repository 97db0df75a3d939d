/** What keeps a region from starting is told so that a user can act on it, and regions do not disturb each other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { FaultyRegion } from './testing/faulty-region.ts';

test('a busy port ends the start with the port and what to do', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { home, httpPort } = await FaultyRegion.create(t);
  await assert.rejects(new FaultyRegion(home, port, httpPort).start(), {
    message: `Port ${port} of 127.0.0.1 is in use by another program: end that or choose another one with --port.`,
  });
});

test('a home that another region uses, that is a file, or whose state is no state is refused by name', async (t) => {
  const region = await FaultyRegion.create(t);
  await region.start();
  const other = await FaultyRegion.create(t);
  const on = (home: string) => new FaultyRegion(home, other.port, other.httpPort);
  await assert.rejects(
    on(region.home).start(),
    /^Error: Another region is running on .*Stop it .* or choose another --home/,
  );
  const file = join(other.home, 'file');
  await writeFile(file, '');
  await assert.rejects(
    on(file).start(),
    /^Error: The home .* cannot be written: there is a file of that name/,
  );
  await mkdir(join(other.home, 'state'));
  await writeFile(join(other.home, 'state', 'CURRENT'), 'garbage');
  await assert.rejects(other.start(), /^Error: The state in .* cannot be opened: Corruption/);
});

test('two regions with homes and ports of their own do not disturb each other', async (t) => {
  const regions = [await FaultyRegion.create(t), await FaultyRegion.create(t)];
  await Promise.all(regions.map((region) => region.start()));
  const clients = regions.map((region) => new SSMClient(region.client));
  for (const [i, client] of clients.entries()) {
    await client.send(new PutParameterCommand({ Name: '/who', Value: `region ${i}`, Type: 'String' }));
  }
  await regions[0]?.kill();
  const { Parameter } = (await clients[1]?.send(new GetParameterCommand({ Name: '/who' }))) ?? {};
  assert.equal(Parameter?.Value, 'region 1');
  await regions[0]?.start();
  const again = await clients[0]?.send(new GetParameterCommand({ Name: '/who' }));
  assert.equal(again?.Parameter?.Value, 'region 0');
});
