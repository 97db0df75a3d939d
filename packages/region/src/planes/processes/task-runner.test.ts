import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ResolvedImage } from '../../services/ecr/ports.ts';
import type { ContainerSpec, TaskRunner, TaskRunnerEvent } from '../../services/ecs/ports.ts';
import { AddressBook } from '../address-book.ts';
import { BlobStore } from '../blobs/blob-store.ts';
import { ImageStore } from '../images/image-store.ts';
import { packImage } from '../images/pack.ts';
import { ProcessPlane } from './process-plane.ts';
import { taskRunner } from './task-runner.ts';

const server = `
  require('node:http').createServer((request, response) => response.end('UP\\n'))
    .listen(process.env.PORT, '127.0.0.1', () => console.log('listening'));`;

describe('ECS’s task runner on the process plane', () => {
  let home: string;
  let blobs: BlobStore;
  let plane: ProcessPlane;
  let runner: TaskRunner;
  let addressBook: AddressBook;
  let resolved: ResolvedImage;
  let event: (kind: TaskRunnerEvent['kind']) => Promise<TaskRunnerEvent>;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'plimsoll-runner-'));
    blobs = new BlobStore(join(home, 'blobs'));
    await blobs.open();
    const images = new ImageStore(join(home, 'images'), blobs);
    await images.open();
    plane = new ProcessPlane({
      home,
      region: 'eu-central-1',
      endpointUrl: () => 'http://127.0.0.1:1',
      images,
    });
    await plane.open();
    addressBook = new AddressBook();
    runner = taskRunner({ plane, addressBook, resolveImage: async () => resolved });
    event = collect(runner);
    resolved = { kind: 'found', digest: await push(server), manifest: '', mediaType: '' };
  });
  afterEach(async () => {
    await plane.close({ deadlineMs: 2000 });
    await rm(home, { recursive: true, force: true });
  });

  it('pulls by digest, starts, is reached by the task’s address, and ends by the stop signal', async () => {
    const pulled = await runner.pullImage('localhost:4566/app:v1');
    assert.deepEqual(pulled, { kind: 'pulled', imageDigest: resolved.kind === 'found' && resolved.digest });
    assert.deepEqual(await runner.startContainer(spec()), { kind: 'started' });
    const lines = await event('logLines');
    assert.equal(lines.kind === 'logLines' && lines.lines[0]?.message, 'listening');
    const address = addressBook.resolve('10.0.1.23', 3000);
    assert.equal(await (await fetch(`http://${address?.host}:${address?.port}/`)).text(), 'UP\n');
    await runner.signalContainer('t-1', 'stop');
    assert.deepEqual(await event('exited'), { kind: 'exited', runtimeId: 't-1', exitCode: 143 });
    assert.equal(addressBook.resolve('10.0.1.23', 3000), undefined);
  });

  it('kills at once when it is told to', async () => {
    await runner.startContainer(
      spec({ command: ['node', '-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e3)'] }),
    );
    await runner.signalContainer('t-1', 'kill');
    assert.deepEqual(await event('exited'), { kind: 'exited', runtimeId: 't-1', exitCode: 137 });
    await runner.signalContainer('t-1', 'kill');
  });

  it('tells why an image cannot be pulled, without the error’s code', async () => {
    resolved = { kind: 'failed', reason: 'not found' };
    assert.deepEqual(await runner.pullImage('x'), { kind: 'failed', detail: 'not found' });
    resolved = { kind: 'found', digest: `sha256:${'0'.repeat(64)}`, manifest: '', mediaType: '' };
    const outcome = await runner.pullImage('x');
    assert.match(outcome.kind === 'failed' ? outcome.detail : '', /^content at sha256:0+ not found/);
  });

  it('tells why a container cannot start, with the error’s code', async () => {
    const outcome = await runner.startContainer(spec({ command: ['no-such-command'] }));
    assert.match(
      outcome.kind === 'failed' ? outcome.reason : '',
      /^CannotStartContainerError: .*executable file not found/,
    );
    assert.equal(addressBook.resolve('10.0.1.23', 3000), undefined);
  });

  it('runs health checks', async () => {
    await runner.startContainer(spec());
    const check = (command: string) =>
      runner.checkContainer('t-1', { command: ['CMD-SHELL', command], timeoutSeconds: 5 });
    assert.deepEqual(await check('test -n "$PORT"'), { passed: true });
    assert.deepEqual(await check('exit 1'), { passed: false });
  });

  function spec(more: Partial<ContainerSpec> = {}): ContainerSpec {
    return {
      runtimeId: 't-1',
      name: 'app',
      taskArn: 'arn:aws:ecs:eu-central-1:000000000000:task/c/t',
      imageDigest: resolved.kind === 'found' ? resolved.digest : '',
      environment: {},
      secrets: {},
      privateIp: '10.0.1.23',
      containerPorts: [3000],
      ...more,
    };
  }

  async function push(content: string): Promise<string> {
    const context = await mkdtemp(join(home, 'context-'));
    await writeFile(join(context, 'main.js'), content);
    const image = await packImage({ context, config: { command: ['node', 'main.js'] } });
    for (const { bytes } of [...image.blobs, image.manifest]) await blobs.put(bytes);
    return image.digest;
  }
});

/** Lets a test wait for the first event of a kind. */
function collect(runner: TaskRunner): (kind: TaskRunnerEvent['kind']) => Promise<TaskRunnerEvent> {
  const events: TaskRunnerEvent[] = [];
  const waiting: (() => void)[] = [];
  runner.connect((event) => {
    events.push(event);
    for (const check of waiting) check();
  });
  return (kind) =>
    new Promise((resolve) => {
      const check = () => {
        const found = events.find((event) => event.kind === kind);
        if (found !== undefined) resolve(found);
      };
      waiting.push(check);
      check();
    });
}
