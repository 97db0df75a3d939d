import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../temporary-folder.ts';
import { homeOf, markOf, openHome, removeHome } from './home.ts';
import { localUrl } from './local-status.ts';
import { assertFree, listenerInode } from './port.ts';
import { processStart, startFromStat } from './process-identity.ts';
import { messageFrom } from './region-log.ts';
import { startFailed } from './region-process.ts';

test('the home is what the flag says, else the environment, else beside the definition', () => {
  const home = (given: string | undefined, variable: string | undefined) =>
    homeOf({
      given,
      env: { PLIMSOLL_HOME: variable },
      cwd: '/project',
      definition: () => '/app/plimsoll.config.ts',
    });
  assert.equal(home('here', '/there'), '/project/here');
  assert.equal(home(undefined, '/there'), '/there');
  assert.equal(home(undefined, ''), '/app/.plimsoll');
  assert.equal(home(undefined, undefined), '/app/.plimsoll');
});

test('a home is made once, keeps its region, and is removed whole', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const home = join(folder.path, 'home');
  await openHome(home, 'eu-central-1', 'process');
  await openHome(home, 'eu-central-1', 'process');
  await openHome(home, 'eu-central-1', 'container');
  assert.deepEqual(await markOf(home), { plimsoll: 'home', region: 'eu-central-1', plane: 'container' });
  await assert.rejects(openHome(home, 'eu-west-1', 'process'), { message: /holds the region eu-central-1/ });
  assert.equal(await removeHome(home), true);
  assert.equal(await removeHome(home), false);
});

test('a folder that is not ours is neither filled nor removed', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  await writeFile(join(folder.path, 'letter.txt'), 'dear');
  await assert.rejects(openHome(folder.path, 'eu-central-1', 'process'), {
    message: /is not empty and was not made by/,
  });
  await assert.rejects(removeHome(folder.path), { message: /nothing in it was removed/ });
  assert.deepEqual(await readdir(folder.path), ['letter.txt']);
  await mkdir(join(folder.path, 'empty'));
  await openHome(join(folder.path, 'empty'), 'eu-central-1', 'process');
});

test('a busy port is refused with its holder and another choice', async (t) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const { port } = address;
  const expected = process.platform === 'linux' ? `\\(process ${process.pid}\\)` : '';
  await assert.rejects(assertFree('127.0.0.1', port, 'http-port'), {
    name: 'UserError',
    message: new RegExp(
      `^Port ${port} \\(--http-port\\) is in use.*${expected}.*\n.*--http-port ${port + 1}`,
    ),
  });
  await assertFree('127.0.0.1', 0, 'port');
});

test('the socket that listens on a port is read from the table of sockets', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:11D6 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 111 1',
    '   1: 0100007F:11D6 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 222 1',
  ].join('\n');
  assert.equal(listenerInode(table, 4566), '222');
  assert.equal(listenerInode(table, 8080), undefined);
});

test('a process is named by its number and its start', async () => {
  assert.equal(await processStart(process.pid), await processStart(process.pid));
  assert.notEqual(await processStart(process.pid), undefined);
  assert.equal(await processStart(2 ** 22 + 1), undefined);
  const fields = Array.from({ length: 30 }, (_, index) => String(index));
  assert.equal(startFromStat(`7 (a (b) c) S ${fields.join(' ')}`), '18');
  assert.equal(startFromStat(`7 (gone) Z ${fields.join(' ')}`), undefined);
});

test('what a region that did not start says becomes something to do', () => {
  const failed = (text: string, cause?: string) =>
    startFailed([{ code: 'start-failed', level: 'error', text, ...(cause !== undefined && { cause }) }])
      .message;
  assert.match(failed('listen EADDRINUSE', 'EADDRINUSE'), /--port, --http-port/);
  assert.match(failed('IO error: lock /x/LOCK: already held'), /home is in use .*\n.*plimsoll down/);
  assert.match(failed('no space left'), /^The region did not start: no space left$/);
  assert.match(startFailed([]).message, /without a word/);
});

test('a line of the log that is no message is shown as it is', () => {
  assert.deepEqual(messageFrom('{"code":"a","level":"info","text":"b"}'), {
    code: 'a',
    level: 'info',
    text: 'b',
  });
  assert.deepEqual(messageFrom('Segmentation fault'), {
    code: 'output',
    level: 'error',
    text: 'Segmentation fault',
  });
});

test("a load balancer's URL is translated to where its listener is on this machine", () => {
  const status = {
    region: 'eu-central-1',
    accountId: '000000000000',
    endpoint: '',
    clock: { now: '', rate: 1, machine: '' },
    databases: [],
    deliveries: { waiting: [], failed: [] },
    messages: [],
    loadBalancers: [
      {
        loadBalancerArn: 'arn',
        dnsName: 'Shop-1.eu-central-1.elb.amazonaws.com',
        listeners: [{ listenerPort: 80, url: 'http://localhost:8080' }, { listenerPort: 443 }],
        traffic: { requestsPerSecond: 0, requests: 0, failedRequests: 0 },
      },
    ],
  };
  assert.equal(localUrl(status, 'http://Shop-1.eu-central-1.elb.amazonaws.com'), 'http://localhost:8080');
  const other = 'https://Shop-1.eu-central-1.elb.amazonaws.com/';
  assert.equal(localUrl(status, other), other);
});
