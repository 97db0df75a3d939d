import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { processStart } from '../region/process-identity.ts';
import type { RegionStatus } from '../status/region-status.ts';
import { type TinyService, tinyService } from '../testing/tiny-service.ts';
import { pause } from '../wait.ts';

const freePorts = ['--port', '0', '--http-port', '0'] as const;

async function statusOf(service: TinyService): Promise<RegionStatus> {
  const { code, stdout, stderr } = await service.plimsoll('status', '--json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as RegionStatus;
}

async function answerOf(status: RegionStatus): Promise<string> {
  const response = await fetch(`${status.services[0]?.url}/health`);
  assert.equal(response.status, 200);
  return response.text();
}

test('a service comes up, is released anew, is resumed with its state, and goes without a trace', {
  timeout: 180_000,
}, async (t) => {
  const service = await tinyService(t);

  const up = await service.plimsoll('up', '--detach', ...freePorts);
  assert.equal(up.code, 0, `${up.stdout}\n${up.stderr}`);
  assert.match(up.stdout, /✔ tiny-local-service: CREATE_COMPLETE/);
  assert.match(up.stdout, /tiny \(local\) is up after/);
  const first = await statusOf(service);
  assert.equal(await answerOf(first), 'one');
  assert.equal(first.services[0]?.tasks[0]?.targetHealth, 'healthy');
  assert.equal(
    (await service.plimsoll('up', '--detach')).code,
    1,
    'a second region in the same home is refused',
  );

  await service.answer('two');
  const release = await service.plimsoll('deploy');
  assert.equal(release.code, 0, `${release.stdout}\n${release.stderr}`);
  assert.match(release.stdout, /network-local: no changes/);
  assert.match(release.stdout, /✔ tiny-local-service: UPDATE_COMPLETE/);
  assert.equal(await answerOf(await statusOf(service)), 'two');
  assert.match((await service.plimsoll('logs')).stdout, / tiny\/[0-9a-f]{8} listening\n/);

  const again = await service.plimsoll('deploy');
  assert.match(again.stdout, /tiny-local-service: no changes/);

  const rollback = await service.plimsoll('rollback');
  assert.equal(rollback.code, 0, `${rollback.stdout}\n${rollback.stderr}`);
  assert.match(rollback.stdout, /tiny \(local\) is back at release 1 /);
  assert.equal(await answerOf(await statusOf(service)), 'one');
  assert.match((await service.plimsoll('rollback')).stderr, /no earlier release that was successful/);
  assert.match((await service.plimsoll('rollback', '1')).stderr, /Release 1 runs already/);
  assert.equal((await service.plimsoll('rollback', '2')).code, 0);
  assert.equal(await answerOf(await statusOf(service)), 'two');
  const { stdout: releases } = await service.plimsoll('releases');
  assert.match(
    releases,
    /● 4 +SUCCESSFUL .*\n {2}3 +SUCCESSFUL .*\n {2}2 +SUCCESSFUL .*\n {2}1 +SUCCESSFUL /,
  );

  assert.match((await service.plimsoll('down')).stdout, /has ended; its data stays in/);
  assert.equal((await service.plimsoll('status')).code, 3);
  assert.equal(await processStart(first.pid), undefined);

  const resumed = await service.plimsoll('up', '--detach', ...freePorts);
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, /tiny-local-service: no changes/);
  assert.equal(await answerOf(await statusOf(service)), 'two');

  const destroyed = await service.plimsoll('down', '--destroy');
  assert.equal(destroyed.code, 0, destroyed.stderr);
  assert.match(destroyed.stdout, /✔ network-local: DELETE_COMPLETE/);
  assert.equal(existsSync(service.home), false);
});

test('Ctrl-C ends the region in the foreground with everything that it started', {
  timeout: 60_000,
}, async (t) => {
  const service = await tinyService(t);
  const up = service.start(['up', ...freePorts]);
  await up.printed(/Stop: Ctrl-C/);
  const { pid } = await statusOf(service);
  up.child.kill('SIGINT');
  const { code, stdout } = await up.ended;
  assert.equal(code, 0);
  assert.match(stdout, /Stopping …\nStopped; the data stays/);
  assert.equal(await processStart(pid), undefined);
});

test('a region in the foreground ends when the command that started it is killed', {
  timeout: 60_000,
}, async (t) => {
  const service = await tinyService(t);
  const up = service.start(['up', ...freePorts]);
  await up.printed(/network-local: CREATE_COMPLETE/);
  const { pid } = await statusOf(service);
  up.child.kill('SIGKILL');
  await up.ended;
  // It takes the time that its tasks take.
  while ((await processStart(pid)) !== undefined) await pause(50, t.signal);
});
