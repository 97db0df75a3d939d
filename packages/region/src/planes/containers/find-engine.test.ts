import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openEngine } from './find-engine.ts';

describe('which container engine is used', {
  skip: process.platform !== 'linux' && 'needs Linux',
}, () => {
  let home: string;
  let server: Server;
  let kernel: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'plimsoll-engines-'));
    kernel = release();
    server = createServer((_, response) =>
      response.end(JSON.stringify({ KernelVersion: kernel, OperatingSystem: 'Docker Desktop' })),
    );
    await new Promise<void>((resolve) => {
      server.listen(join(home, 'docker.sock'), resolve);
    });
  });
  afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(home, { recursive: true, force: true });
  });
  const open = (env: Record<string, string>) => openEngine({ home, env: { PATH: home, ...env } });

  it('the one that DOCKER_HOST names', async () => {
    const engine = await open({ DOCKER_HOST: `unix://${join(home, 'docker.sock')}` });
    assert.ok(await engine.client.call('GET', '/version'));
    await engine.close();
  });

  it('no other when that one does not answer, or is reached in a way that is not modelled', async () => {
    await assert.rejects(open({ DOCKER_HOST: `unix://${home}/none.sock` }), /does not answer: .*ENOENT/);
    await assert.rejects(open({ DOCKER_HOST: 'tcp://127.0.0.1:2375' }), /only unix:\/\/\/… is modelled/);
  });

  it('none of another machine, whose network is not ours', async () => {
    kernel = '6.6.1-linuxkit';
    const env = { DOCKER_HOST: `unix://${join(home, 'docker.sock')}` };
    await assert.rejects(open(env), /in a virtual one \(Docker Desktop, kernel 6\.6\.1-linuxkit; this is /);
  });

  it('tells what Podman said when its service does not start', async (test) => {
    if (
      await openEngine({ home, env: { PATH: '' } }).then(
        (engine) => engine.close().then(() => true),
        () => false,
      )
    ) {
      return test.skip('an engine of this machine is found first');
    }
    await assert.rejects(open({}), /needs Docker or Podman: neither DOCKER_HOST nor a socket/);
    await writeFile(join(home, 'podman'), '#!/bin/sh\necho "no storage" >&2\nexit 125\n');
    await chmod(join(home, 'podman'), 0o755);
    await assert.rejects(
      open({ PATH: `${home}:${process.env['PATH']}` }),
      /`podman system service` did not start: no storage/,
    );
  });
});
