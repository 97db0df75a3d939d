import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { ImageConfig } from '../images/image.ts';
import type { ContainerExit, ContainerSpec, LogLine } from './container-plane.ts';
import { ProcessPlane } from './process-plane.ts';
import { markedProcesses } from './process-tree.ts';
import { TaskEndpoints } from './task-endpoints.ts';

const taskArn = 'arn:aws:ecs:eu-central-1:000000000000:task/devops-app/0123';
const taskRoleArn = 'arn:aws:iam::000000000000:role/task';

const notLinux = process.platform !== 'linux' && 'needs /proc';

describe('process plane', () => {
  let home: string;
  let rootfs: string;
  let plane: ProcessPlane;
  let log: LogLine[];
  let exited: (id: string) => Promise<ContainerExit>;
  let said: (text: string) => Promise<LogLine>;
  const endpoints = new TaskEndpoints({
    container: async (containerId) => ({ DockerId: containerId }),
    task: async (arn, { withTags }) => ({ TaskARN: arn, ...(withTags ? { TaskTags: { a: 'b' } } : {}) }),
    credentials: async (_task, RoleArn) => ({
      RoleArn,
      AccessKeyId: 'ASIA',
      SecretAccessKey: 's',
      Token: 't',
      Expiration: '2026-01-01T00:00:00Z',
    }),
  });

  before(() => endpoints.open());
  after(() => endpoints.close());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'plimsoll-processes-'));
    rootfs = join(home, 'rootfs');
    await mkdir(join(rootfs, 'app'), { recursive: true });
    plane = new ProcessPlane({
      home,
      region: 'eu-central-1',
      endpointUrl: () => 'http://127.0.0.1:4566',
      images: { pull: async (digest) => ({ digest, rootfs, config: {} }) },
      taskEndpoints: endpoints,
    });
    await plane.open();
    ({ exited, said, log } = observe(plane));
  });
  afterEach(async () => {
    await plane.close({ deadlineMs: 2000 });
    await rm(home, { recursive: true, force: true });
  });

  const labelled = { 'org.plimsoll.process': 'true' };
  const container = (
    script: string,
    spec: Partial<ContainerSpec> = {},
    config: ImageConfig = {},
  ): ContainerSpec => ({
    id: 'c-1',
    name: 'app',
    taskArn,
    image: { digest: 'sha256:0', rootfs, config: { WorkingDir: '/app', Labels: labelled, ...config } },
    command: ['node', '-e', script],
    ...spec,
  });

  it('runs the command in the image’s working directory and reports output and exit code', async () => {
    const { pid, ports } = await plane.start(
      container('console.log(process.cwd()); console.error("oh"); process.exit(3)'),
    );
    assert.ok(pid > 0);
    assert.deepEqual(ports, []);
    assert.deepEqual(await exited('c-1'), { id: 'c-1', exitCode: 3 });
    assert.deepEqual(messages('stdout'), [join(rootfs, 'app')]);
    assert.deepEqual(messages('stderr'), ['oh']);
  });

  it('gives the process an environment of its own and nothing of the region’s', async () => {
    process.env['AWS_SECRET_ACCESS_KEY'] = 'the user’s own';
    const spec = container('console.log(JSON.stringify(process.env))', {
      environment: { A: 'task', B: 'task', C: 'task' },
      secrets: { C: 'secret' },
      containerPorts: [3000, 9000],
    });
    const { ports } = await plane.start({
      ...spec,
      image: { ...spec.image, config: { ...spec.image.config, Env: ['A=image', 'D=image=1', 'PATH=/none'] } },
    });
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    await exited('c-1');
    const env = JSON.parse(messages('stdout')[0] ?? '{}');
    assert.equal(env.AWS_SECRET_ACCESS_KEY, undefined);
    assert.deepEqual([env.A, env.B, env.C, env.D], ['task', 'task', 'secret', 'image=1']);
    assert.equal(env.PORT, String(ports[0]?.hostPort));
    assert.equal(env.PORT_9000, String(ports[1]?.hostPort));
    assert.equal(env.AWS_REGION, 'eu-central-1');
    assert.equal(env.AWS_ENDPOINT_URL, 'http://127.0.0.1:4566');
    assert.equal(env.AWS_EXECUTION_ENV, 'AWS_ECS_FARGATE');
    assert.notEqual(env.HOME, process.env['HOME']);
    assert.match(env.ECS_CONTAINER_METADATA_URI_V4, /^http:\/\/127\.0\.0\.1:\d+\/v4\/[0-9a-f]{32}$/);
    assert.equal(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, undefined);
  });

  it('serves task metadata and, with the container’s token, the task role’s credentials', async () => {
    const script = `
      const { ECS_CONTAINER_METADATA_URI_V4: m, AWS_CONTAINER_CREDENTIALS_FULL_URI: c } = process.env;
      const get = async (u, h) => { const r = await fetch(u, { headers: h }); return [r.status, await r.json()]; };
      const authorization = process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
      Promise.all([get(m), get(m + '/task'), get(m + '/taskWithTags'), get(c, { authorization }), get(c), get(m + 'x')])
        .then((all) => console.log(JSON.stringify(all)))`;
    await plane.start(container(script, { taskRoleArn }));
    await exited('c-1');
    const [self, task, tagged, credentials, refused, unknown] = JSON.parse(messages('stdout')[0] ?? '[]');
    assert.deepEqual(self, [200, { DockerId: 'c-1' }]);
    assert.deepEqual(task, [200, { TaskARN: taskArn }]);
    assert.deepEqual(tagged, [200, { TaskARN: taskArn, TaskTags: { a: 'b' } }]);
    assert.equal(credentials[1].RoleArn, taskRoleArn);
    assert.equal(refused[0], 401);
    assert.equal(unknown[0], 404);
  });

  it('stops with SIGTERM; a process that ends by it without a handler has exit code 143', async () => {
    await plane.start(container('setInterval(() => {}, 1000); console.log("up")'));
    await said('up');
    await plane.stop('c-1', { timeoutSeconds: 5 });
    assert.deepEqual(await exited('c-1'), { id: 'c-1', exitCode: 143, signal: 'SIGTERM' });
  });

  it('uses the image’s stop signal', async () => {
    const script =
      'process.on("SIGINT", () => process.exit(7)); setInterval(() => {}, 1000); console.log("up")';
    await plane.start(container(script, {}, { StopSignal: 'SIGINT' }));
    await said('up');
    await plane.stop('c-1', { timeoutSeconds: 5 });
    assert.equal((await exited('c-1')).exitCode, 7);
  });

  it('kills what ignores SIGTERM after the stop timeout, exit code 137', async () => {
    await plane.start(
      container('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")'),
    );
    await said('up');
    await plane.stop('c-1', { timeoutSeconds: 0.1 });
    assert.deepEqual(await exited('c-1'), { id: 'c-1', exitCode: 137, signal: 'SIGKILL' });
  });

  it('ends the whole tree with its first process, also what left the process group', {
    skip: notLinux,
  }, async () => {
    const script = `
      const { spawn } = require('node:child_process');
      const child = spawn('sleep', ['600'], { detached: true, stdio: 'inherit' });
      child.once('spawn', () => { console.log('up'); process.on('SIGTERM', () => process.exit(0)); });
      setInterval(() => {}, 1000);`;
    await plane.start(container(script));
    await said('up');
    const mine = (marker: string) => marker.endsWith('/c-1');
    assert.equal(markedProcesses(mine).length, 2);
    await plane.stop('c-1', { timeoutSeconds: 5 });
    assert.equal((await exited('c-1')).exitCode, 0);
    assert.equal(markedProcesses(mine).length, 0);
  });

  it('refuses a command that is not there, as the container runtime words it', async () => {
    await assert.rejects(plane.start(container('', { command: ['no-such-command'] })), {
      message:
        /^CannotStartContainerError: .*exec: "no-such-command": executable file not found in \$PATH: unknown$/,
    });
    await assert.rejects(
      plane.start(container('', { command: ['/no/such'] })),
      /stat \/no\/such: no such file or directory/,
    );
    await writeFile(join(rootfs, 'app', 'plain'), '', { mode: 0o644 });
    await assert.rejects(plane.start(container('', { command: ['/app/plain'] })), /permission denied/);
    await assert.rejects(plane.start(container('', { command: [] })), /no command specified/);
  });

  it('refuses an image that needs a container engine, but runs `node` of any image', async () => {
    const config = { Labels: {}, Entrypoint: ['docker-entrypoint.sh'] };
    await assert.rejects(
      plane.start(container('', { command: ['nginx'] }, config)),
      /needs a container engine/,
    );
    await writeFile(join(rootfs, 'app', 'main.js'), 'console.log("of the image")');
    await plane.start(container('', { command: ['/usr/local/bin/node', '/app/main.js'] }, config));
    await exited('c-1');
    assert.deepEqual(messages('stdout'), ['of the image']);
  });

  it('gives each container a port of its own, on which it is reached', async () => {
    const script = `require('node:http').createServer((_, r) => r.end('UP\\n')).listen(process.env.PORT, '127.0.0.1', () => console.log('up'))`;
    const { ports } = await plane.start(container(script, { containerPorts: [3000] }));
    await said('up');
    assert.equal(ports[0]?.containerPort, 3000);
    assert.equal(await (await fetch(`http://127.0.0.1:${ports[0]?.hostPort}/`)).text(), 'UP\n');
  });

  it('runs a health check in the container’s environment', async () => {
    await plane.start(container('setInterval(() => {}, 1000)', { environment: { COLOUR: 'red' } }));
    assert.deepEqual(await plane.exec('c-1', ['CMD-SHELL', 'echo $COLOUR; exit 4'], { timeoutSeconds: 5 }), {
      exitCode: 4,
      output: 'red\n',
    });
    assert.equal((await plane.exec('c-1', ['CMD', 'sleep', '60'], { timeoutSeconds: 0.1 })).exitCode, 124);
    assert.equal((await plane.exec('c-1', ['CMD', 'no-such'], { timeoutSeconds: 5 })).exitCode, 127);
    assert.equal((await plane.exec('gone', ['CMD', 'true'], { timeoutSeconds: 5 })).exitCode, 1);
  });

  it('stops everything when it is closed, also what is just starting, and starts nothing afterwards', async () => {
    let told = 0;
    plane.onExit(() => {
      told += 1;
    });
    const up = container('setInterval(() => {}, 1000); console.log("up")');
    const { pid } = await plane.start(up);
    await said('up');
    const late = plane.start({ ...up, id: 'c-2' });
    await plane.close({ deadlineMs: 2000 });
    for (const gone of [pid, (await late).pid]) assert.throws(() => process.kill(gone, 0), { code: 'ESRCH' });
    assert.equal(told, 0);
    await assert.rejects(plane.start(container('')), /the region is stopping/);
    await plane.stop('c-1', { timeoutSeconds: 1 });
  });

  it('ends at its start what an earlier run of the same home left behind', { skip: notLinux }, async () => {
    await plane.start(container('setInterval(() => {}, 1000); console.log("up")'));
    await said('up');
    const images = { pull: async (digest: string) => ({ digest, rootfs, config: {} }) };
    const other = join(home, 'other');
    const stranger = new ProcessPlane({ home: other, region: 'eu-central-1', endpointUrl: () => '', images });
    await stranger.open();
    assert.equal(markedProcesses((marker) => marker.endsWith('/c-1')).length, 1);
    await new ProcessPlane({ home, region: 'eu-central-1', endpointUrl: () => '', images }).open();
    assert.equal((await exited('c-1')).exitCode, 137);
  });

  it('cannot be left by a working directory', async () => {
    await plane.start(container('console.log(process.cwd())', { workingDirectory: '../../../etc/here' }));
    await exited('c-1');
    assert.deepEqual(messages('stdout'), [join(rootfs, 'etc/here')]);
    assert.equal(await readFile('/etc/here', 'utf8').catch(() => 'none'), 'none');
  });

  function messages(stream: LogLine['stream']): string[] {
    return log.filter((line) => line.stream === stream).map((line) => line.message);
  }
});

/** Collects what the plane tells and lets a test wait for it. */
function observe(plane: ProcessPlane) {
  const log: LogLine[] = [];
  const exits: ContainerExit[] = [];
  const waiting: (() => void)[] = [];
  const changed = () => {
    for (const check of waiting) check();
  };
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = () => {
        const seen = look();
        if (seen !== undefined) resolve(seen);
      };
      waiting.push(check);
      check();
    });
  plane.onExit((exit) => {
    exits.push(exit);
    changed();
  });
  plane.onLog((batch) => {
    log.push(...batch.events);
    changed();
  });
  return {
    log,
    exited: (id: string) => until(() => exits.find((exit) => exit.id === id)),
    said: (text: string) => until(() => log.find((line) => line.message === text)),
  };
}
