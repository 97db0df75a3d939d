/**
 * What a second worker adds: the balancer and nginx with one and with two workers, round by round in one run. Load (wrk) and
 * target (nginx) are the cheapest that there are, since on a small machine they take their part of the same cores.
 */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { canSharePorts } from '../../packages/region/dist/planes/load-balancer/port-binding.js';
import { type Figure, median } from './figure.ts';
import {
  cpuSeconds,
  isInstalled,
  type Running,
  residentMebibytes,
  startNginx,
  startNginxTarget,
  startPlimsoll,
} from './proxies.ts';

const SECONDS = 4;
const WARM_UP_SECONDS = 3;
const CONNECTIONS = 128;
const WORKERS = [1, 2] as const;

interface Result {
  readonly rate: number;
  readonly p99: number;
  readonly cpuMicroseconds: number;
  readonly memory: number;
}

export async function scaling(runs: number): Promise<Figure[]> {
  const missing = await whyNot();
  if (missing !== undefined) return [{ name: 'two workers against one', unit: '', values: [], missing }];
  const target = (await startNginxTarget()) as Running;
  const starts = { plimsoll: startPlimsoll, nginx: startNginx };
  const results = new Map<string, Result[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const [name, start] of Object.entries(starts)) {
      for (const workers of WORKERS) {
        const proxy = (await start(target.port, workers)) as Running;
        const key = `${name}, ${workers === 1 ? '1 worker' : `${workers} workers`}`;
        results.set(key, [...(results.get(key) ?? []), await measured(proxy)]);
        await proxy.stop();
      }
    }
  }
  await target.stop();
  return [...results].flatMap(([key, own]) => figuresOf(key, own, results));
}

async function whyNot(): Promise<string | undefined> {
  if (!(await canSharePorts()))
    return `needs Node 22.12 on Linux; this is ${process.versions.node} on ${process.platform}`;
  const cores = availableParallelism();
  if (cores < 2) return 'needs two cores; there is one';
  if (!isInstalled(process.env['BENCH_NGINX'] ?? 'nginx', '-v')) return 'nginx is not installed';
  return (await hasWrk()) ? undefined : 'wrk is not installed';
}

async function measured(proxy: Running): Promise<Result> {
  await wrk(proxy.port, WARM_UP_SECONDS);
  const before = cpuSeconds(proxy.pids);
  const { requests, rate, p99 } = await wrk(proxy.port, SECONDS);
  const cpu = cpuSeconds(proxy.pids) - before;
  return { rate, p99, cpuMicroseconds: (cpu / requests) * 1e6, memory: residentMebibytes(proxy.pid) };
}

async function wrk(port: number, seconds: number) {
  const url = `http://127.0.0.1:${port}/health?a=1`;
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '--latency', url];
  const { stdout } = await promisify(execFile)('wrk', args);
  if (/Socket errors|Non-2xx/.test(stdout)) throw new Error(stdout);
  const of = (pattern: RegExp): RegExpExecArray => {
    const found = pattern.exec(stdout);
    if (!found) throw new Error(stdout);
    return found;
  };
  const [, p99, unit = ''] = of(/99%\s+([\d.]+)(us|ms|s)/);
  return {
    requests: Number(of(/(\d+) requests in/)[1]),
    rate: Number(of(/Requests\/sec:\s+([\d.]+)/)[1]),
    p99: Number(p99) * ({ us: 1, ms: 1000 }[unit] ?? 1e6),
  };
}

/** `wrk -v` ends with 1. */
async function hasWrk(): Promise<boolean> {
  return promisify(execFile)('wrk', ['-v']).then(
    () => true,
    ({ code }: { code?: unknown }) => code !== 'ENOENT',
  );
}

function figuresOf(
  key: string,
  own: readonly Result[],
  results: ReadonlyMap<string, readonly Result[]>,
): Figure[] {
  const peer = key.replace(/\d workers$/, '1 worker');
  const alone = peer === key ? undefined : results.get(peer);
  const figure = (title: string, unit: string, member: keyof Result): Figure => ({
    name: `${key}${title}`,
    unit,
    values: own.map((result) => result[member]),
    ...(alone && { against: { peer, value: median(alone.map((result) => result[member])) } }),
  });
  return [
    figure('', 'req/s', 'rate'),
    figure(', p99', 'µs', 'p99'),
    figure(', CPU per request', 'µs', 'cpuMicroseconds'),
    ...(key.startsWith('plimsoll') ? [figure(', resident memory under load', 'MiB', 'memory')] : []),
  ];
}
