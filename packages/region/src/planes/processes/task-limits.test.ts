import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ImageStore } from '../images/image-store.ts';
import { outOfMemory } from './container-plane.ts';
import { ProcessPlane } from './process-plane.ts';
import { type PlaneParts, planeForEachTest } from './testing/container-plane-suite.ts';

const notLinux = process.platform !== 'linux' && 'needs /proc';

async function open({ home, blobs, taskEndpoints }: PlaneParts): Promise<ProcessPlane> {
  const images = new ImageStore(join(home, 'images'), blobs);
  await images.open();
  const plane = new ProcessPlane({
    home,
    region: 'eu-central-1',
    endpointUrl: () => 'http://127.0.0.1:4566',
    images,
    taskEndpoints,
    taskSize: async (taskArn) => ({ cpu: taskArn === tiny ? 20 : 256, memoryMiB: 512 }),
    startCpuMs: 0,
  });
  await plane.open();
  return plane;
}

/**
 * Spends what was saved, then measures itself over some CPU time: how many cores it had, and how many of the time in which
 * it did not wait for other programs of a busy machine.
 */
const busy = (savedMs: number, measuredMs: number) => `
  const burn = (ms) => { const from = process.cpuUsage(); for (;;) { const { user, system } = process.cpuUsage(from); if (user + system >= ms * 1000) return; } };
  const waited = () => Number(require('node:fs').readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1]);
  burn(${savedMs});
  console.log('spent');
  const at = process.hrtime.bigint(); const from = process.cpuUsage(); const before = waited();
  burn(${measuredMs});
  const { user, system } = process.cpuUsage(from);
  const used = (user + system) * 1000; const passed = Number(process.hrtime.bigint() - at);
  console.log('cores ' + used / passed + ' ' + used / (passed - waited() + before));
  console.log('done');`;

const spin = (after: string) =>
  `${after}; setInterval(() => { const end = Date.now() + 500; while (Date.now() < end); }, 1);`;

/** So small that it stands still soon on any machine. */
const tiny = 'arn:aws:ecs:eu-central-1:000000000000:task/devops-app/tiny';

function stateOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2)[0];
}

describe('limits of tasks', { skip: notLinux }, () => {
  const { plane, container, exited, said, messages } = planeForEachTest(open);
  const coresSaid = () =>
    messages().flatMap((message) => {
      const [word, cores, ofFreeTime] = message.split(' ');
      return word === 'cores' ? { cores: Number(cores), ofFreeTime: Number(ofFreeTime) } : [];
    });
  const assertQuarter = (): void => {
    const [said] = coresSaid();
    assert.ok(said && said.cores <= 0.35 && said.ofFreeTime >= 0.15, JSON.stringify(said));
  };
  const looked = () => new Promise((resolve) => setTimeout(resolve, 5));
  const untilStopped = async (pid: number): Promise<void> => {
    while (stateOf(pid) !== 'T') await looked();
  };

  it('a task of 256 CPU units that wants more gets a quarter of a core', async () => {
    await plane().start(await container(busy(300, 1000)));
    await exited();
    assertQuarter();
  });

  it('what it starts is held to the same share, also what leaves its process group', async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(busy(800, 1000))}], { detached: true, stdio: 'inherit' });
      child.once('exit', () => process.exit(0));`;
    await plane().start(await container(script));
    await exited();
    assertQuarter();
  });

  it('containers of one task share what it reserves', { skip: availableParallelism() < 2 }, async () => {
    const spec = await container(busy(150, 250));
    await plane().start(spec);
    await plane().start({ ...spec, id: 'c-2' });
    await Promise.all([exited('c-1'), exited('c-2')]);
    const cores = coresSaid().map((said) => said.cores);
    // The one that ends first leaves its part to the other.
    assert.ok(Math.min(...cores) <= 0.25, `${cores}`);
  });

  it('measures CPU by real time, and memory', async () => {
    await plane().start(await container(`${busy(300, 300)}; setInterval(() => {}, 1000)`));
    await said('spent');
    await plane().measure();
    await said('done');
    const [usage] = await plane().measure();
    assert.equal(usage?.id, 'c-1');
    const [own] = coresSaid();
    assert.ok(Math.abs((usage?.cores ?? 0) - (own?.cores ?? 0)) <= 0.1, `${usage?.cores} ${own?.cores}`);
    assert.ok((usage?.memoryMiB ?? 0) > 10 && (usage?.memoryMiB ?? 0) < 200, `${usage?.memoryMiB}`);
    assert.deepEqual(await plane().measure(), []);
  });

  it('a task that stands still takes its stop signal at once', async () => {
    const script = spin("process.on('SIGTERM', () => process.exit(7)); console.log('up')");
    const { pid } = await plane().start(await container(script, { taskArn: tiny }));
    await said('up');
    await untilStopped(pid);
    await plane().stop('c-1', { timeoutSeconds: 20 });
    assert.deepEqual(await exited(), { id: 'c-1', exitCode: 7 });
  });

  it('a task that stands still is killed', async () => {
    const { pid } = await plane().start(await container(spin("console.log('up')"), { taskArn: tiny }));
    await said('up');
    await untilStopped(pid);
    plane().signal('c-1', 'kill');
    assert.equal((await exited()).exitCode, 137);
  });

  it('a task that holds more than its memory is killed, as ECS tells it', async () => {
    const script = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(32 << 20, 1)), 5)';
    await plane().start(await container(script));
    assert.deepEqual(await exited(), { id: 'c-1', exitCode: 137, signal: 'SIGKILL', reason: outOfMemory });
  });

  it('a container that holds more than its own hard limit is killed, others of the task are not', async () => {
    const other = await container("setInterval(() => {}, 1000); console.log('up')");
    await plane().start({ ...other, id: 'c-2', memoryMiB: 400 });
    await said('up');
    const greedy = 'globalThis.kept = Buffer.alloc(200 << 20, 1); setInterval(() => {}, 1000)';
    await plane().start(await container(greedy, { memoryMiB: 128 }));
    assert.equal((await exited('c-1')).reason, outOfMemory);
    await plane().stop('c-2', { timeoutSeconds: 10 });
    assert.equal((await exited('c-2')).reason, undefined);
  });
});
