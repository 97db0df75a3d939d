/**
 * The load balancer beside its peers, all in one run and round by round, so that what else the machine does falls on all
 * alike: small keep-alive GETs in a closed loop of 64 and of 512 connections, the same request each time and another each
 * time, bodies of 1 MiB, a slow reader of 1 GiB, and 10,000 idle connections.
 */
import { type Figure, median } from './figure.ts';
import {
  cpuSeconds,
  linesOf,
  nextLine,
  peers,
  type Running,
  residentMebibytes,
  type Start,
  spawnScript,
  startPlimsoll,
  startScript,
  stopped,
} from './proxies.ts';

const SECONDS = 4;
/** A process on Node compiles its hot code while it is used: that is over by then. */
const WARM_UP_SECONDS = 3;
const IDLE_CONNECTIONS = 10_000;
const SAMPLE_MS = 50;

interface Load {
  readonly name: string;
  readonly connections: number;
  readonly path: string;
  readonly bodyBytes: number;
  readonly proxies: Readonly<Record<string, Start>>;
  /** How the rate is told. */
  readonly unit: 'req/s' | 'MiB/s';
}

interface Result {
  readonly rate: number;
  readonly cpuMicroseconds: number;
  readonly p50: number;
  readonly p99: number;
}

const rivals = { plimsoll: startPlimsoll, nginx: peers.nginx, HAProxy: peers.HAProxy };
const loads: readonly Load[] = [
  {
    name: '64 connections',
    connections: 64,
    path: '/health?a=1',
    bodyBytes: 128,
    proxies: { ...rivals, ...peers },
    unit: 'req/s',
  },
  {
    name: '64 connections, no two heads alike',
    connections: 64,
    path: '/unlike?a=#',
    bodyBytes: 128,
    proxies: rivals,
    unit: 'req/s',
  },
  {
    name: '512 connections',
    connections: 512,
    path: '/health?a=1',
    bodyBytes: 128,
    proxies: rivals,
    unit: 'req/s',
  },
  {
    name: '1 MiB bodies',
    connections: 16,
    path: '/mebibyte',
    bodyBytes: 1_048_576,
    proxies: rivals,
    unit: 'MiB/s',
  },
];

export async function balancer(runs: number): Promise<Figure[]> {
  const target = await startScript('target.ts');
  const figures: Figure[] = [];
  for (const load of loads) figures.push(...(await compared(load, target.port, runs)));
  for (const name of ['plimsoll', 'nginx'] as const) {
    figures.push(...(await memory(name, rivals[name], target.port)));
  }
  await target.stop();
  return figures;
}

async function compared(load: Load, targetPort: number, runs: number): Promise<Figure[]> {
  const results = new Map<string, Result[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const [name, start] of Object.entries(load.proxies)) {
      const proxy = await start(targetPort);
      if (!proxy) continue;
      results.set(name, [...(results.get(name) ?? []), await measured(load, proxy)]);
      await proxy.stop();
    }
  }
  return Object.keys(load.proxies).flatMap((name) => figuresOf(load, name, results));
}

async function measured({ connections, path, bodyBytes, unit }: Load, proxy: Running): Promise<Result> {
  const lines = linesOf(
    spawnScript('load.ts', proxy.port, connections, WARM_UP_SECONDS, SECONDS, path, bodyBytes),
  );
  await lines.next();
  const before = cpuSeconds(proxy.pids);
  const { value } = await lines.next();
  const cpu = cpuSeconds(proxy.pids) - before;
  const { requests, p50, p99 } = JSON.parse(String(value)) as Record<'requests' | 'p50' | 'p99', number>;
  const rate = (requests / SECONDS) * (unit === 'MiB/s' ? bodyBytes / 1_048_576 : 1);
  return { rate, cpuMicroseconds: (cpu / requests) * 1e6, p50, p99 };
}

function figuresOf(load: Load, name: string, results: ReadonlyMap<string, readonly Result[]>): Figure[] {
  const label = `${name}, ${load.name}`;
  const own = results.get(name);
  if (!own) return [{ name: label, unit: '', values: [], missing: 'not installed' }];
  const of = (all: readonly Result[], member: keyof Result): number[] => all.map((result) => result[member]);
  const plimsoll = name === 'plimsoll' ? undefined : results.get('plimsoll');
  const against = (member: keyof Result) =>
    plimsoll && { against: { peer: 'plimsoll', value: median(of(plimsoll, member)) } };
  const figure = (title: string, unit: string, member: keyof Result): Figure => ({
    name: `${label}${title}`,
    unit,
    values: of(own, member),
    ...against(member),
  });
  return [
    figure('', load.unit, 'rate'),
    figure(', p50', 'µs', 'p50'),
    figure(', p99', 'µs', 'p99'),
    figure(', CPU per request', 'µs', 'cpuMicroseconds'),
  ];
}

/** What 10,000 idle connections, and then 1 GiB to a slow reader, add to the resident memory. */
async function memory(name: string, start: Start, targetPort: number): Promise<Figure[]> {
  const proxy = await start(targetPort);
  if (!proxy) return [];
  const load = linesOf(spawnScript('load.ts', proxy.port, 64, 0, 1, '/health', 128));
  await load.next();
  await load.next();
  const warm = residentMebibytes(proxy.pid);
  const idle = spawnScript('idle.ts', proxy.port, IDLE_CONNECTIONS);
  await nextLine(idle);
  const withIdle = residentMebibytes(proxy.pid);
  await stopped(idle);
  const before = residentMebibytes(proxy.pid);
  const reader = spawnScript('slow-reader.ts', proxy.port, '/gibibyte');
  let highest = before;
  const sampling = setInterval(() => {
    highest = Math.max(highest, residentMebibytes(proxy.pid));
  }, SAMPLE_MS);
  await nextLine(reader);
  clearInterval(sampling);
  await proxy.stop();
  const isOurs = name === 'plimsoll';
  return [
    { name: `${name}, 1 GiB to a slow reader`, unit: 'MiB more', values: [highest - before] },
    {
      name: `${name}, 10,000 idle connections`,
      unit: 'MiB more',
      values: [withIdle - warm],
      ...(isOurs && { atMost: 150 }),
    },
  ];
}
