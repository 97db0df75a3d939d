/** devops-app by the CLI: from an empty home to the first answer, a release, a resume, and the region's memory under it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Figure } from './figure.ts';
import { freePort, repository, residentMemory, withHome } from './region.ts';

const cli = join(repository, 'packages/cli/bin/plimsoll.mjs');
const idleMs = 10_000;

interface Place {
  readonly app: string;
  readonly home: string;
  readonly port: number;
  readonly httpPort: number;
}

export async function service(runs: number): Promise<Figure[]> {
  const first: number[] = [];
  const resumed: number[] = [];
  const released: number[] = [];
  const planned: number[] = [];
  const rehearsed: number[] = [];
  const memory: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await withCopyOfApp((app) =>
      withHome(async (home) => {
        const place = { app, home, port: await freePort(), httpPort: await freePort() };
        first.push(await up(place, 'UP'));
        await pause(idleMs);
        memory.push(residentMemory(await regionPid(place)));
        released.push(await release(place));
        planned.push(await plan(place));
        rehearsed.push(await rehearsal(place));
        await plimsoll(place, 'down');
        resumed.push(await up(place, 'OK'));
        await plimsoll(place, 'down', '--destroy');
      }),
    );
  }
  return [
    { name: 'resident memory, idle, devops-app deployed', unit: 'MiB', values: memory, atMost: 170 },
    { name: 'plimsoll up, empty home → first 200', unit: 's', values: first, atMost: 10 },
    { name: 'plimsoll up, resumed → first 200', unit: 's', values: resumed, atMost: 4 },
    { name: 'plimsoll deploy: changed code → its answer', unit: 's', values: released, atMost: 5 },
    { name: 'plimsoll plan, nothing changed, all stacks', unit: 's', values: planned, atMost: 3 },
    { name: 'plimsoll rehearse: a plan that releases', unit: 's', values: rehearsed, atMost: 90 },
  ];
}

/** Seconds until the service answers with the text through the load balancer; then waits until `up` is done. */
async function up(place: Place, text: string): Promise<number> {
  const begin = performance.now();
  const { port, httpPort } = place;
  const child = start(place, ['up', '--detach', '--port', `${port}`, '--http-port', `${httpPort}`]);
  const seconds = untilAnswer(httpPort, text, begin);
  await done(child);
  return seconds;
}

/** Seconds from the command to the first answer of the changed code; the build is in it. */
async function release(place: Place): Promise<number> {
  await sayInstead(place, 'UP', 'OK');
  const begin = performance.now();
  const child = start(place, ['deploy']);
  const seconds = untilAnswer(place.httpPort, 'OK', begin);
  await done(child);
  return seconds;
}

/** Seconds for the plan of a service that is as it was deployed: synthesis, build and a look for drift are in it. */
async function plan(place: Place): Promise<number> {
  const begin = performance.now();
  await plimsoll(place, 'plan');
  return (performance.now() - begin) / 1000;
}

/** Seconds for the rehearsal of a release: a region, what runs now, the plan, a bad release, a rollback, under load. */
async function rehearsal(place: Place): Promise<number> {
  await sayInstead(place, 'OK', 'YES');
  const [code] = await once(start(place, ['plan', '--out', 'bench.plan']), 'exit');
  if (code !== 2) throw new Error(`plimsoll plan ended with ${code}`);
  const begin = performance.now();
  await plimsoll(place, 'rehearse', 'bench.plan');
  const seconds = (performance.now() - begin) / 1000;
  await sayInstead(place, 'YES', 'OK');
  return seconds;
}

async function sayInstead({ app }: Place, was: string, is: string): Promise<void> {
  const source = join(app, 'src/app.ts');
  const code = await readFile(source, 'utf8');
  await writeFile(source, code.replace(`'${was}\\n'`, `'${is}\\n'`));
}

async function untilAnswer(port: number, text: string, begin: number): Promise<number> {
  while ((await bodyOf(port)) !== `${text}\n`) await pause(10);
  return (performance.now() - begin) / 1000;
}

function bodyOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, path: '/health', agent: false }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      answer.on('end', () => resolve(body));
      answer.on('error', () => resolve(undefined));
    });
    asked.on('error', () => resolve(undefined));
  });
}

function start({ app, home }: Place, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [cli, ...args, '--home', home], {
    cwd: app,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function done(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
}

async function plimsoll(place: Place, ...args: readonly string[]): Promise<void> {
  await done(start(place, args));
}

async function regionPid({ port }: Place): Promise<number> {
  const { stdout } = await promisify(execFile)('pgrep', ['-f', `"port":${port},`]);
  return Number(stdout.trim().split('\n')[0]);
}

/** A copy inside the repository, so that it finds its dependencies; `.plimsoll` is ignored by git. */
async function withCopyOfApp<T>(run: (app: string) => Promise<T>): Promise<T> {
  const folder = join(repository, 'bench/.plimsoll/devops-app');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const left = /(^|\/)(node_modules|\.plimsoll|cdk\.out)(\/|$)/;
  const from = join(repository, 'apps/devops-app');
  await cp(from, folder, { recursive: true, filter: (path) => !left.test(path.slice(from.length)) });
  try {
    return await run(folder);
  } finally {
    await rm(join(repository, 'bench/.plimsoll'), { recursive: true, force: true });
  }
}
