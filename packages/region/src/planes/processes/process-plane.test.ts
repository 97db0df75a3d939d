import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ImageStore } from '../images/image-store.ts';
import { ProcessPlane } from './process-plane.ts';
import { markedProcesses } from './process-tree.ts';
import { containerPlaneSuite, type PlaneParts, planeForEachTest } from './testing/container-plane-suite.ts';

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
    startCpuMs: 0,
  });
  await plane.open();
  return plane;
}

containerPlaneSuite({
  name: 'process plane',
  open,
  seen: (home, digest, path) => join(rootfsOf(home, digest), path),
  exitWithoutHandler: { exitCode: 143, signal: 'SIGTERM' },
});

describe('process plane', () => {
  const { plane, parts, container, exited, said, messages } = planeForEachTest(open);

  it('gives processes an empty home folder, so that nothing reads the user’s own files there', async () => {
    await plane().start(await container('console.log(process.env.HOME)'));
    await exited();
    assert.deepEqual(messages(), [join(parts().home, 'task-home')]);
  });

  it('ends the whole tree with its first process, also what left the process group', {
    skip: notLinux,
  }, async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn('sleep', ['600'], { detached: true, stdio: 'inherit' });
      child.once('spawn', () => { console.log('up'); process.on('SIGTERM', () => process.exit(0)); });
      setInterval(() => {}, 1000);`;
    await plane().start(await container(script));
    await said('up');
    const mine = (marker: string) => marker.endsWith('/c-1');
    assert.equal(markedProcesses(mine).length, 2);
    await plane().stop('c-1', { timeoutSeconds: 5 });
    assert.equal((await exited()).exitCode, 0);
    assert.equal(markedProcesses(mine).length, 0);
  });

  it('refuses a container without a command', async () => {
    const spec = await container('', { command: [] });
    const image = { ...spec.image, config: { ...spec.image.config, Cmd: [] } };
    await assert.rejects(plane().start({ ...spec, image }), /no command specified/);
  });

  it('refuses an image that needs a container engine, but runs `node` of any image', async () => {
    const config = { labels: { 'org.plimsoll.process': 'false' }, entrypoint: ['docker-entrypoint.sh'] };
    await assert.rejects(
      plane().start(await container('', { command: ['nginx'] }, config)),
      /needs a container engine/,
    );
    const spec = await container('', { command: ['/usr/local/bin/node', '/app/main.js'] }, config);
    const main = join(rootfsOf(parts().home, spec.image.digest), 'app', 'main.js');
    await writeFile(main, 'console.log("of the image")');
    await plane().start(spec);
    await exited();
    assert.deepEqual(messages(), ['of the image']);
  });
});

function rootfsOf(home: string, digest: string): string {
  return join(home, 'images', digest.replace('sha256:', ''), 'rootfs');
}
