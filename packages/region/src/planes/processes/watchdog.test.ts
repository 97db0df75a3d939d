import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  type Ending,
  postgresEnding,
  processStartTime,
  reapLeftovers,
  signalChild,
  spawnWatched,
  taskEnding,
} from './watchdog.ts';

const homes: string[] = [];
after(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), 'plimsoll-watchdog-'));
  homes.push(home);
  return home;
}

const module = fileURLToPath(new URL(`./watchdog${path.extname(import.meta.url)}`, import.meta.url));

/** A process that stands for the region: it starts `command` watched and prints the child's pid. */
async function startParent(
  home: string,
  command: string,
  ending: Ending,
  marker?: string,
): Promise<[ChildProcess, number]> {
  const env = { ...process.env, ...(marker !== undefined && { PLIMSOLL_CONTAINER: marker }) };
  const options = { home, ending, marker, spawn: { stdio: ['ignore', 'pipe', 'ignore'], env } };
  const code = `
    import { spawnWatched } from ${JSON.stringify(module)};
    const child = spawnWatched('/bin/sh', ['-c', ${JSON.stringify(command)}],
      ${JSON.stringify(options)});
    child.stdout.once('data', () => console.log(child.pid));`;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(parent.stdout);
  const [line] = await once(createInterface(parent.stdout), 'line');
  return [parent, Number(line)];
}

async function untilGone(pid: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (processStartTime(pid) === undefined) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`process ${pid} is still there`);
}

async function killParent(parent: ChildProcess): Promise<void> {
  const exited = once(parent, 'exit');
  parent.kill('SIGKILL');
  await exited;
}

test('a child ends when its region is killed with SIGKILL', async () => {
  const [parent, pid] = await startParent(newHome(), 'echo up; exec sleep 300', taskEnding());
  assert.ok(processStartTime(pid));
  await killParent(parent);
  await untilGone(pid);
});

test('a child that stands still when its region is killed still ends in its own way', async () => {
  const home = newHome();
  const note = path.join(home, 'ended');
  const command = `trap 'echo > ${note}; exit 0' TERM; echo up; kill -s STOP $$; while :; do sleep 0.1; done`;
  const [parent, pid] = await startParent(home, command, taskEnding());
  await killParent(parent);
  await untilGone(pid);
  assert.ok(existsSync(note));
});

test('what left the process group ends with its region, too', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async () => {
  const home = newHome();
  const note = path.join(home, 'grandchild');
  const command = `setsid sh -c 'echo $$ > ${note}; echo up; kill -s STOP $$; sleep 300' & wait`;
  const [parent, pid] = await startParent(home, command, taskEnding(), 'plane/c-1');
  const grandchild = Number(readFileSync(note, 'utf8'));
  assert.ok(processStartTime(grandchild));
  await killParent(parent);
  await untilGone(pid);
  await untilGone(grandchild);
});

test('a child that ignores SIGTERM is killed after the grace, with the processes it started', async () => {
  const home = newHome();
  const note = path.join(home, 'grandchild');
  const command = `trap '' TERM; sleep 300 & echo $! > ${note}; echo up; while :; do sleep 1; done`;
  const [parent, pid] = await startParent(home, command, taskEnding(1));
  const grandchild = Number(readFileSync(note, 'utf8'));
  await killParent(parent);
  await untilGone(pid);
  await untilGone(grandchild);
});

test('a database gets SIGINT, its fast shutdown, when its region is killed', async () => {
  const home = newHome();
  const note = path.join(home, 'signal');
  const command = `trap 'echo INT > ${note}; exit 0' INT; trap '' TERM; echo up; while :; do sleep 0.1; done`;
  const [parent, pid] = await startParent(home, command, postgresEnding);
  await killParent(parent);
  await untilGone(pid);
  assert.ok(existsSync(note));
});

test('a child that ends by itself is forgotten', async () => {
  const home = newHome();
  const child = spawnWatched('/bin/sh', ['-c', 'exit 3'], { home, ending: taskEnding() });
  const [code] = await once(child, 'exit');
  assert.equal(code, 3);
  assert.deepEqual(readdirSync(path.join(home, 'run')), []);
});

test('a command that is not there is reported by the error event', async () => {
  const child = spawnWatched('/nonexistent/command', [], { home: newHome(), ending: taskEnding() });
  const [error] = await once(child, 'error');
  assert.equal(error.code, 'ENOENT');
});

test('the next start ends what a region and its watchdogs, killed together, left behind', async () => {
  const home = newHome();
  const orphan = spawn('/bin/sh', ['-c', 'echo up; exec sleep 300'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.ok(orphan.pid && orphan.stdout);
  await once(orphan.stdout, 'data');
  writeRecord(home, orphan.pid, processStartTime(orphan.pid) ?? '');
  assert.deepEqual(await reapLeftovers(home), [orphan.pid]);
  assert.equal(processStartTime(orphan.pid), undefined);
  assert.deepEqual(readdirSync(path.join(home, 'run')), []);
});

test('the next start leaves a process alone that has the pid but another start time', async () => {
  const home = newHome();
  const stranger = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  assert.ok(stranger.pid);
  writeRecord(home, stranger.pid, 'some-boot:1');
  assert.deepEqual(await reapLeftovers(home), []);
  assert.ok(processStartTime(stranger.pid));
  const exited = once(stranger, 'exit');
  assert.equal(signalChild(stranger.pid, 'group', 'SIGKILL'), true);
  await exited;
  assert.equal(signalChild(stranger.pid, 'group', 'SIGKILL'), false);
});

test('a home without leftovers, or with a torn record, is no error', async () => {
  const home = newHome();
  assert.deepEqual(await reapLeftovers(home), []);
  mkdirSync(path.join(home, 'run'));
  writeFileSync(path.join(home, 'run', '12.json'), '{"pid":12');
  assert.deepEqual(await reapLeftovers(home), []);
});

function writeRecord(home: string, pid: number, startTime: string): void {
  mkdirSync(path.join(home, 'run'));
  const record = { pid, startTime, ending: taskEnding() };
  writeFileSync(path.join(home, 'run', `${pid}.json`), JSON.stringify(record));
}
