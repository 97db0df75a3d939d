import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { AddressBook } from '../address-book.ts';
import { taskRunner } from '../processes/task-runner.ts';
import {
  containerPlaneSuite,
  type PlaneParts,
  planeForEachTest,
} from '../processes/testing/container-plane-suite.ts';
import type { EngineImage } from './engine-images.ts';
import { EnginePlane } from './engine-plane.ts';
import { engineForTests } from './testing/engine.ts';
import { scratchImage } from './testing/scratch-image.ts';

const engine = await engineForTests();
const { skip, skipLimits } = engine;
after(() => engine.close());

/** A quarter of a core and 128 MiB. */
const taskSize = async () => ({ cpu: 256, memoryMiB: 128 });

async function open({ home, blobs, taskEndpoints }: PlaneParts): Promise<EnginePlane> {
  const plane = new EnginePlane({
    home,
    region: 'eu-central-1',
    endpointUrl: () => 'http://127.0.0.1:4566',
    blobs,
    findEngine: engine.find,
    taskSize,
    taskEndpoints,
  });
  await plane.open();
  return plane;
}

containerPlaneSuite({
  name: 'container plane',
  skip,
  open,
  seen: (_home, _digest, path) => path,
  // As on Fargate: Linux sends the first process of a container no signal that it does not handle.
  exitWithoutHandler: { exitCode: 137, signal: 'SIGKILL' },
});

describe('container plane', { skip }, () => {
  const { plane, parts, push, container, exited, said, messages } = planeForEachTest(open);
  const idle = 'setInterval(() => {}, 1000); console.log("up")';

  it('reports a container that used up its memory as ECS does', { skip: skipLimits }, async () => {
    const hungry = 'const all = []; setInterval(() => all.push(Buffer.alloc(8 << 20, 1)), 1)';
    await plane().start(await container(hungry, { memoryMiB: 96 }));
    assert.deepEqual(await exited(), {
      id: 'c-1',
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
    });
    assert.ok(!existsSync('oom'), 'the engine wrote where the region was started');
  });

  it('is ECS’s task runner, which is told of it too', { skip: skipLimits }, async () => {
    const digest = await push({
      'main.js': 'const all = []; setInterval(() => all.push(Buffer.alloc(8 << 20, 1)), 1)',
    });
    const runner = taskRunner({
      plane: plane(),
      addressBook: new AddressBook(),
      resolveImage: async () => ({ kind: 'found', digest, manifest: '', mediaType: '' }),
    });
    const event = new Promise((resolve) => {
      runner.connect(resolve);
    });
    assert.deepEqual(await runner.pullImage('localhost:4566/app:v1'), {
      kind: 'pulled',
      imageDigest: digest,
    });
    const started = await runner.startContainer({
      runtimeId: 't-1',
      name: 'app',
      taskArn: 't',
      imageDigest: digest,
      environment: {},
      secrets: {},
      privateIp: '10.0.1.23',
      containerPorts: [3000],
    });
    assert.deepEqual(started, { kind: 'started' });
    const reason = 'OutOfMemoryError: Container killed due to memory usage';
    assert.deepEqual(await event, { kind: 'exited', runtimeId: 't-1', exitCode: 137, reason });
  });

  it('limits a container to the size of its task', { skip: skipLimits }, async () => {
    await plane().start(await container(idle));
    await said('up');
    const { output } = await plane().exec('c-1', ['CMD-SHELL', readLimits], { timeoutSeconds: 10 });
    // cgroup v1 and v2; the quota is of 100 ms.
    assert.match(output, /^(25000|25000 100000)\n134217728\n$/);
  });

  it('runs an image that has a system of its own, in that system', async () => {
    const image = await scratchImage(
      '[ -e /usr/bin/env ] || echo "$OF_IMAGE, process $$, in $PWD, of" /*.sh',
    );
    for (const { bytes } of [...image.blobs, image.manifest]) await parts().blobs.put(bytes);
    const pulled = await plane().pull(image.digest);
    await plane().start({ id: 'c-1', name: 'app', taskArn: 't', image: pulled });
    await exited();
    assert.deepEqual(messages(), ['yes, process 1, in /, of /main.sh']);
  });

  it('keeps the machine’s files from a container, and a container’s from the next', async () => {
    const look = `
      const { existsSync, writeFileSync } = require('node:fs');
      const tryTo = (write) => { try { write(); return 'written'; } catch (error) { return error.code; } };
      console.log(existsSync('${import.meta.filename}'), existsSync('/app/left'), tryTo(() => writeFileSync('/app/left', '')),
        tryTo(() => writeFileSync('/tmp/left', '')), tryTo(() => writeFileSync('/usr/left', '')));`;
    const spec = await container(look);
    await plane().start(spec);
    await exited();
    await plane().start({ ...spec, id: 'c-2' });
    await exited('c-2');
    const expected = 'false false written written EROFS';
    assert.deepEqual(messages(), [expected, expected]);
  });

  it('loads an image again that the engine has lost', async () => {
    const spec = await container('console.log("here")');
    const { client } = await engine.find(parts().home);
    const { engineId } = spec.image as EngineImage;
    await client.call('DELETE', `/images/${engineId}?force=1`);
    await plane().start({ ...spec, image: await plane().pull(spec.image.digest) });
    await exited();
    assert.deepEqual(messages(), ['here']);
  });
});

/** Of cgroup v1 or v2, whichever this machine has; the container sees its own. */
const readLimits =
  'cd /sys/fs/cgroup; if [ -e memory.max ]; then cat cpu.max memory.max; ' +
  'else cat cpu/cpu.cfs_quota_us memory/memory.limit_in_bytes; fi';
