import type { ChildProcess } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { signalChild, spawnWatched, taskEnding } from '../processes/watchdog.ts';
import { EngineClient } from './engine-client.ts';

export interface Engine {
  readonly client: EngineClient;
  /** Engines without root limit nothing with cgroup v1: Podman then ignores the limits that it is given. */
  readonly keepsLimits: boolean;
  /** Ends the engine if it is ours. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** No engine can be used. The text says what was looked for. */
export class NoEngineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'NoEngineError';
  }
}

/**
 * The engine to use: DOCKER_HOST; else Docker's socket; else Podman's; else Podman's service as a child of ours, on a socket of
 * its own. Rejects with `NoEngineError`, also when the engine runs on another machine.
 */
export async function openEngine({ home, env = process.env }: EngineOptions): Promise<Engine> {
  if (process.platform !== 'linux') {
    throw new NoEngineError(
      'The container plane needs Linux: elsewhere engines run in a virtual machine, whose network tasks would share. ' +
        'Use --plane process.',
    );
  }
  const engine = (await runningEngine(env)) ?? (await startPodman(home, env));
  try {
    const info = await engine.client.call<Info>('GET', '/info');
    assertSameMachine(info);
    return { ...engine, keepsLimits: keepsLimits(info) };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

async function runningEngine(env: Environment): Promise<Found | undefined> {
  const { DOCKER_HOST: given } = env;
  if (given !== undefined && given !== '') {
    const [, socketPath] = /^unix:\/\/(\/.+)$/.exec(given) ?? [];
    if (socketPath === undefined)
      throw new NoEngineError(`DOCKER_HOST is ${given}, but only unix:///… is modelled.`);
    const client = new EngineClient(socketPath);
    await client.call('GET', '/version').catch((error: Error) => {
      throw new NoEngineError(
        `The container engine at DOCKER_HOST, ${given}, does not answer: ${error.message}`,
      );
    });
    return { client, close: async () => {} };
  }
  for (const socketPath of socketsToTry(env)) {
    const client = new EngineClient(socketPath);
    if (await answers(client)) return { client, close: async () => {} };
  }
  return undefined;
}

function socketsToTry({ XDG_RUNTIME_DIR: runtime }: Environment): readonly string[] {
  const ofUser = runtime === undefined ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`];
  return ['/var/run/docker.sock', ...ofUser, '/run/podman/podman.sock'];
}

/** Without systemd there is no manager of cgroups to ask: Podman then writes them itself. */
async function startPodman(home: string, env: Environment): Promise<Found> {
  const podman = await findOnPath('podman', env);
  if (podman === undefined) {
    throw new NoEngineError(
      'The container plane needs Docker or Podman: neither DOCKER_HOST nor a socket of theirs answers, and there is no ' +
        '`podman` on PATH. Use --plane process.',
    );
  }
  const { socketPath, remove } = await socketOfOurs(home);
  const manager = (await exists('/run/systemd/system')) ? [] : ['--cgroup-manager=cgroupfs'];
  const args = [...manager, 'system', 'service', '--time=0', `unix://${socketPath}`];
  const child = spawnWatched(podman, args, {
    home,
    // The group: without root, Podman goes on in a child of its own.
    ending: taskEnding(),
    // Its monitors write a file `oom` where they run when they see a kill: that is no place of the user's.
    spawn: { cwd: dirname(socketPath), stdio: ['ignore', 'ignore', 'pipe'] },
  });
  const said = lastWords(child);
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve()).once('close', () => resolve());
  });
  const close = async (): Promise<void> => {
    if (child.pid !== undefined) signalChild(child.pid, 'group', 'SIGTERM');
    await ended;
    await remove();
  };
  const client = new EngineClient(socketPath);
  if (await answersInTime(client, ended)) return { client, close };
  await close();
  throw new NoEngineError(`\`podman system service\` did not start: ${said()}`);
}

/** In the home, which only its owner can enter; a path too long for a socket (107 bytes on Linux) gets a folder like it. */
async function socketOfOurs(home: string): Promise<{ readonly socketPath: string; remove(): Promise<void> }> {
  const inHome = join(home, 'podman.sock');
  const folder =
    Buffer.byteLength(inHome) > 107 ? await mkdtemp(join(tmpdir(), 'plimsoll-podman-')) : undefined;
  const socketPath = folder === undefined ? inHome : join(folder, 'podman.sock');
  // One that a killed region left would keep Podman from listening.
  await rm(socketPath, { force: true });
  return { socketPath, remove: () => rm(folder ?? socketPath, { recursive: true, force: true }) };
}

async function answersInTime(client: EngineClient, ended: Promise<void>): Promise<boolean> {
  const gone = ended.then(() => true);
  for (let attempt = 0; attempt < 150; attempt += 1) {
    if (await answers(client)) return true;
    if (await Promise.race([gone, delay(100, false)])) return false;
  }
  return false;
}

/**
 * Tasks share the engine's network, so it must be ours. The kernel's release tells a virtual machine (Docker Desktop,
 * `podman machine`) or a forwarded socket from an engine of this machine.
 */
function assertSameMachine({ KernelVersion, OperatingSystem }: Info): void {
  if (KernelVersion === release()) return;
  throw new NoEngineError(
    `The container engine runs on another machine or in a virtual one (${OperatingSystem}, kernel ${KernelVersion}; this is ` +
      `${release()}), whose network tasks would share: that is not modelled. Use --plane process.`,
  );
}

function keepsLimits({ Rootless, SecurityOptions, CgroupVersion }: Info): boolean {
  const isRootless =
    Rootless === true || (SecurityOptions ?? []).some((option) => option === 'name=rootless');
  return !(isRootless && CgroupVersion === '1');
}

interface Info {
  readonly KernelVersion: string;
  readonly OperatingSystem: string;
  readonly CgroupVersion?: string;
  /** Podman's. */
  readonly Rootless?: boolean;
  /** Docker's: `name=rootless` is one of them. */
  readonly SecurityOptions?: readonly string[] | null;
}

/** An engine of which nothing is known yet. */
type Found = Omit<Engine, 'keepsLimits'>;

type Environment = Readonly<Record<string, string | undefined>>;

function answers(client: EngineClient): Promise<boolean> {
  return client.call('GET', '/version').then(
    () => true,
    () => false,
  );
}

function lastWords(child: ChildProcess): () => string {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  return () => said.trim().split('\n').at(-1) ?? '';
}

async function findOnPath(name: string, { PATH = '' }: Environment): Promise<string | undefined> {
  for (const folder of PATH.split(delimiter)) {
    const file = join(folder, name);
    if (folder !== '' && (await exists(file))) return file;
  }
  return undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
