/** What every container plane does, whatever it runs containers on. Each plane's own tests run this suite. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { BlobStore } from '../../blobs/blob-store.ts';
import { type PackedConfig, packImage } from '../../images/pack.ts';
import type { ContainerExit, ContainerPlane, ContainerSpec, LogLine } from '../container-plane.ts';
import { TaskEndpoints } from '../task-endpoints.ts';

export interface PlaneUnderTest {
  readonly name: string;
  readonly skip?: string | false;
  /** Opens a plane; called again for the same home to show what a later run does. */
  open(parts: PlaneParts): Promise<ContainerPlane>;
  /** Where the container sees a path of its image. */
  seen(home: string, digest: string, path: string): string;
  /** The exit of a program without a handler that is told to stop. */
  readonly exitWithoutHandler: Omit<ContainerExit, 'id'>;
}

export interface PlaneParts {
  readonly home: string;
  readonly blobs: BlobStore;
  readonly taskEndpoints: TaskEndpoints;
}

const taskArn = 'arn:aws:ecs:eu-central-1:000000000000:task/devops-app/0123';
const taskRoleArn = 'arn:aws:iam::000000000000:role/task';
const idle = 'setInterval(() => {}, 1000); console.log("up")';

/** Opens a plane on a home of its own before each test, and closes it afterwards. */
export function planeForEachTest(open: (parts: PlaneParts) => Promise<ContainerPlane>) {
  const endpoints = testEndpoints();
  let plane: ContainerPlane;
  let parts: PlaneParts;
  let seen: Observed;
  before(() => endpoints.open());
  after(() => endpoints.close());
  beforeEach(async () => {
    const home = await mkdtemp(join(tmpdir(), 'plimsoll-plane-'));
    const blobs = new BlobStore(join(home, 'blobs'));
    await blobs.open();
    parts = { home, blobs, taskEndpoints: endpoints };
    plane = await open(parts);
    seen = observe(plane);
  });
  afterEach(async () => {
    await plane.close({ deadlineMs: 2000 });
    await rm(parts.home, { recursive: true, force: true });
  });

  /** Pushes an image of these files, below `/app`, and answers with its digest. */
  const push = async (
    files: Readonly<Record<string, string>> = {},
    config: Partial<PackedConfig> = {},
  ): Promise<string> => {
    const context = await mkdtemp(join(parts.home, 'context-'));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(context, path)), { recursive: true });
      await writeFile(join(context, path), content);
    }
    const image = await packImage({ context, config: { command: ['node', 'main.js'], ...config } });
    for (const { bytes } of [...image.blobs, image.manifest]) await parts.blobs.put(bytes);
    return image.digest;
  };
  const container = async (
    script: string,
    spec: Partial<ContainerSpec> = {},
    config: Partial<PackedConfig> = {},
  ): Promise<ContainerSpec> => ({
    id: 'c-1',
    name: 'app',
    taskArn,
    image: await plane.pull(await push({}, config)),
    command: ['node', '-e', script],
    ...spec,
  });
  return {
    plane: () => plane,
    parts: () => parts,
    push,
    container,
    exited: (id = 'c-1') => seen.exited(id),
    said: (text: string) => seen.said(text),
    messages: (stream: LogLine['stream'] = 'stdout') =>
      seen.log.filter((line) => line.stream === stream).map((line) => line.message),
  };
}

export function containerPlaneSuite(subject: PlaneUnderTest): void {
  describe(`${subject.name}: what every container plane does`, { skip: subject.skip ?? false }, () => {
    const { plane, parts, push, container, exited, said, messages } = planeForEachTest(subject.open);

    it('runs the command in the image’s working directory and reports output and exit code', async () => {
      const spec = await container('console.log(process.cwd()); console.error("oh"); process.exit(3)');
      const { ports } = await plane().start(spec);
      assert.deepEqual(ports, []);
      assert.deepEqual(await exited(), { id: 'c-1', exitCode: 3 });
      assert.deepEqual(messages(), [subject.seen(parts().home, spec.image.digest, '/app')]);
      assert.deepEqual(messages('stderr'), ['oh']);
    });

    it('runs the image’s own command with its files', async () => {
      const image = await plane().pull(await push({ 'main.js': 'console.log("of the image")' }));
      await plane().start({ id: 'c-1', name: 'app', taskArn, image });
      await exited();
      assert.deepEqual(messages(), ['of the image']);
    });

    it('keeps every line of a busy container, in order', async () => {
      await plane().start(await container('for (let i = 0; i < 20000; i++) console.log("line " + i)'));
      await exited();
      assert.deepEqual(
        messages(),
        Array.from({ length: 20_000 }, (_, index) => `line ${index}`),
      );
    });

    it('gives the container an environment of its own and nothing of the region’s', async () => {
      process.env['AWS_SECRET_ACCESS_KEY'] = 'the user’s own';
      const spec = await container(
        'console.log(JSON.stringify(process.env))',
        {
          environment: { A: 'task', B: 'task', C: 'task' },
          secrets: { C: 'secret' },
          containerPorts: [3000, 9000],
        },
        { environment: { A: 'image', D: 'image=1', PATH: '/none' } },
      );
      const { ports } = await plane().start(spec);
      delete process.env['AWS_SECRET_ACCESS_KEY'];
      await exited();
      const env = JSON.parse(messages()[0] ?? '{}');
      assert.equal(env.AWS_SECRET_ACCESS_KEY, undefined);
      assert.deepEqual([env.A, env.B, env.C, env.D], ['task', 'task', 'secret', 'image=1']);
      assert.equal(env.PORT, String(ports[0]?.hostPort));
      assert.equal(env.PORT_9000, String(ports[1]?.hostPort));
      assert.equal(env.HOST, '127.0.0.1');
      assert.equal(env.AWS_REGION, 'eu-central-1');
      assert.equal(env.AWS_ENDPOINT_URL, 'http://127.0.0.1:4566');
      assert.equal(env.AWS_EXECUTION_ENV, 'AWS_ECS_FARGATE');
      assert.equal(env.AWS_EC2_METADATA_DISABLED, 'true');
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
      await plane().start(await container(script, { taskRoleArn }));
      await exited();
      const [self, task, tagged, credentials, refused, unknown] = JSON.parse(messages()[0] ?? '[]');
      assert.deepEqual(self, [200, { DockerId: 'c-1' }]);
      assert.deepEqual(task, [200, { TaskARN: taskArn }]);
      assert.deepEqual(tagged, [200, { TaskARN: taskArn, TaskTags: { a: 'b' } }]);
      assert.equal(credentials[1].RoleArn, taskRoleArn);
      assert.equal(refused[0], 401);
      assert.equal(unknown[0], 404);
    });

    it('stops with SIGTERM, which the program may handle', async () => {
      await plane().start(await container(`process.on('SIGTERM', () => process.exit(0)); ${idle}`));
      await said('up');
      await plane().stop('c-1', { timeoutSeconds: 10 });
      assert.deepEqual(await exited(), { id: 'c-1', exitCode: 0 });
    });

    it('stops a program without a handler', async () => {
      await plane().start(await container(idle));
      await said('up');
      await plane().stop('c-1', { timeoutSeconds: 0.5 });
      assert.deepEqual(await exited(), { id: 'c-1', ...subject.exitWithoutHandler });
    });

    it('uses the image’s stop signal', async () => {
      const script = `process.on('SIGINT', () => process.exit(7)); ${idle}`;
      await plane().start(await container(script, {}, { stopSignal: 'SIGINT' }));
      await said('up');
      await plane().stop('c-1', { timeoutSeconds: 10 });
      assert.equal((await exited()).exitCode, 7);
    });

    it('kills what ignores SIGTERM after the stop timeout, exit code 137', async () => {
      await plane().start(await container(`process.on('SIGTERM', () => {}); ${idle}`));
      await said('up');
      await plane().stop('c-1', { timeoutSeconds: 0.1 });
      assert.deepEqual(await exited(), { id: 'c-1', exitCode: 137, signal: 'SIGKILL' });
    });

    it('ends what the program started with the program, also what left its process group', async () => {
      const script = `
        const { spawn } = require('node:child_process');
        const forever = ['-e', 'require("node:http").createServer().listen(process.env.PORT, "127.0.0.1", () => console.log("up")); process.on("SIGTERM", () => {})'];
        const child = spawn(process.execPath, forever, { detached: true, stdio: 'inherit' });
        process.on('SIGTERM', () => process.exit(0));
        setInterval(() => {}, 1000);`;
      const { ports } = await plane().start(await container(script, { containerPorts: [3000] }));
      await said('up');
      await plane().stop('c-1', { timeoutSeconds: 10 });
      assert.equal((await exited()).exitCode, 0);
      await assert.rejects(fetch(`http://127.0.0.1:${ports[0]?.hostPort}/`));
    });

    it('refuses a command that is not there, as the container runtime words it', async () => {
      const start = async (command: readonly string[]) =>
        plane().start({ ...(await container('')), command, image: await plane().pull(image) });
      const image = await push({ plain: '' });
      await assert.rejects(start(['no-such-command']), {
        message:
          /^CannotStartContainerError: .*exec: "no-such-command": executable file not found in \$PATH: unknown$/,
      });
      await assert.rejects(start(['/no/such']), /stat \/no\/such: no such file or directory/);
      await assert.rejects(start(['/app/plain']), /permission denied/);
    });

    it('refuses an image that is not there', async () => {
      await assert.rejects(plane().pull(`sha256:${'0'.repeat(64)}`), {
        message: /^CannotPullContainerError: content at sha256:0+ not found: not found$/,
      });
    });

    it('gives each container a port of its own, on which it is reached', async () => {
      const script = `require('node:http').createServer((_, r) => r.end('UP\\n')).listen(process.env.PORT, '127.0.0.1', () => console.log('up'))`;
      const { ports } = await plane().start(await container(script, { containerPorts: [3000] }));
      await said('up');
      assert.equal(ports[0]?.containerPort, 3000);
      assert.equal(await (await fetch(`http://127.0.0.1:${ports[0]?.hostPort}/`)).text(), 'UP\n');
    });

    it('runs a health check in the container’s environment', async () => {
      await plane().start(await container(idle, { environment: { COLOUR: 'red' } }));
      const check = (command: readonly string[], timeoutSeconds = 10) =>
        plane().exec('c-1', command, { timeoutSeconds });
      assert.deepEqual(await check(['CMD-SHELL', 'echo $COLOUR; exit 4']), { exitCode: 4, output: 'red\n' });
      assert.equal((await check(['CMD', 'sleep', '60'], 0.1)).exitCode, 124);
      assert.equal((await check(['CMD', 'no-such'])).exitCode, 127);
      assert.equal((await plane().exec('gone', ['CMD', 'true'], { timeoutSeconds: 5 })).exitCode, 1);
    });

    it('measures what a container uses since it was last measured', async () => {
      const script = `
        const from = process.cpuUsage();
        for (;;) { const { user, system } = process.cpuUsage(from); if (user + system >= 150_000) break; }
        console.log('spent'); setInterval(() => {}, 1000);`;
      await plane().start(await container(script));
      await said('spent');
      const [usage] = await plane().measure();
      assert.equal(usage?.id, 'c-1');
      assert.ok((usage?.cores ?? 0) > 0.005 && (usage?.cores ?? 0) < 4, `${usage?.cores}`);
      assert.ok((usage?.memoryMiB ?? 0) > 1 && (usage?.memoryMiB ?? 0) < 500, `${usage?.memoryMiB}`);
      assert.deepEqual(await plane().measure(), []);
      await plane().stop('c-1', { timeoutSeconds: 1 });
      assert.deepEqual(await plane().measure(), []);
    });

    it('stops everything when it is closed, also what is just starting, and starts nothing afterwards', async () => {
      let told = 0;
      plane().onExit(() => {
        told += 1;
      });
      const up = await container(idle);
      const { pid } = await plane().start(up);
      await said('up');
      const late = plane().start({ ...up, id: 'c-2' });
      await plane().close({ deadlineMs: 2000 });
      for (const gone of [pid, (await late).pid])
        assert.throws(() => process.kill(gone, 0), { code: 'ESRCH' });
      assert.equal(told, 0);
      await assert.rejects(plane().start(up), /the region is stopping/);
      await plane().stop('c-1', { timeoutSeconds: 1 });
    });

    it('ends at its start what an earlier run of the same home left behind, and nothing of other homes', {
      skip: process.platform !== 'linux' && 'needs Linux',
    }, async () => {
      const { pid } = await plane().start(await container(idle));
      await said('up');
      const other = join(parts().home, 'other');
      await mkdir(other);
      const stranger = await subject.open({ ...parts(), home: other });
      process.kill(pid, 0);
      const later = await subject.open(parts());
      assert.equal((await exited()).exitCode, 137);
      assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
      await Promise.all([stranger.close(), later.close()]);
    });

    it('cannot be left by a working directory', async () => {
      const spec = await container('console.log(process.cwd())', {
        workingDirectory: '../../../app/../here',
      });
      await plane().start(spec);
      await exited();
      assert.deepEqual(messages(), [subject.seen(parts().home, spec.image.digest, '/here')]);
    });
  });
}

interface Observed {
  readonly log: readonly LogLine[];
  exited(id: string): Promise<ContainerExit>;
  said(text: string): Promise<LogLine>;
}

/** Collects what the plane tells and lets a test wait for it. */
function observe(plane: ContainerPlane): Observed {
  const log: LogLine[] = [];
  const exits: ContainerExit[] = [];
  const waiting: (() => void)[] = [];
  const changed = () => {
    for (const check of waiting) check();
  };
  const until = <T>(look: () => T | undefined): Promise<T> =>
    new Promise((resolve) => {
      const check = () => {
        const found = look();
        if (found !== undefined) resolve(found);
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
    exited: (id) => until(() => exits.find((exit) => exit.id === id)),
    said: (text) => until(() => log.find((line) => line.message === text)),
  };
}

function testEndpoints(): TaskEndpoints {
  return new TaskEndpoints({
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
}
