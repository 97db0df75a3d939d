/**
 * Small keep-alive GETs through the load balancer, through a proxy on `node:http`, and through nginx where it is
 * installed (or named by BENCH_NGINX): a closed loop of 64 connections from a process of its own. Requests per second, latency, and CPU time per request, with ratios of one run.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Figure, median } from './figure.ts';

const connections = '64';
const seconds = '3';
const CLOCK_TICKS = 100;

interface Proxy {
  readonly process: ChildProcess;
  readonly port: number;
  /** Whose CPU time counts: the worker. */
  readonly pid: number;
}

interface Result {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50: number;
  readonly p99: number;
}

export async function balancer(runs: number): Promise<Figure[]> {
  const target = await startScript('target.ts');
  const results = new Map<string, Result[]>();
  // Round by round, so that what else the machine does falls on all alike.
  for (let run = 0; run < runs; run += 1) {
    for (const [name, start] of proxies) {
      const proxy = await start(target.port);
      if (!proxy) continue;
      results.set(name, [...(results.get(name) ?? []), await measure(proxy)]);
      proxy.process.kill();
      await once(proxy.process, 'exit');
    }
  }
  target.process.kill();
  return figures(results);
}

const proxies = [
  ['plimsoll', (port: number) => startScript('plimsoll.ts', port)],
  ['nginx', startNginx],
  ['node:http', (port: number) => startScript('node-http.ts', port)],
] as const;

function figures(results: ReadonlyMap<string, readonly Result[]>): Figure[] {
  const own = results.get('plimsoll') ?? [];
  const of = (all: readonly Result[], member: keyof Result): number[] => all.map((result) => result[member]);
  const peers = proxies.map(([name]) => name).filter((name) => name !== 'plimsoll');
  const compared = peers.flatMap((peer): Figure[] => {
    const theirs = results.get(peer);
    if (!theirs) return [{ name: `balancer against ${peer}`, unit: '', values: [], missing: 'peer missing' }];
    const against = { peer, value: median(of(own, 'perSecond')) };
    return [
      {
        name: `${peer}, as a proxy`,
        unit: 'req/s',
        values: of(theirs, 'perSecond'),
        against: { ...against, peer: 'plimsoll' },
      },
      { name: `${peer}, latency p50`, unit: 'µs', values: of(theirs, 'p50') },
      { name: `${peer}, latency p99`, unit: 'µs', values: of(theirs, 'p99') },
      { name: `${peer}, CPU per request`, unit: 'µs', values: of(theirs, 'cpuMicroseconds') },
    ];
  });
  const nginx = results.get('nginx');
  const ratio = nginx && { against: { peer: 'nginx', value: median(of(nginx, 'perSecond')) } };
  return [
    { name: 'load balancer', unit: 'req/s', values: of(own, 'perSecond'), ...ratio },
    { name: 'load balancer, latency p50', unit: 'µs', values: of(own, 'p50') },
    { name: 'load balancer, latency p99', unit: 'µs', values: of(own, 'p99') },
    { name: 'load balancer, CPU per request', unit: 'µs', values: of(own, 'cpuMicroseconds') },
    ...compared,
  ];
}

async function measure(proxy: Proxy): Promise<Result> {
  const before = cpuSeconds(proxy.pid);
  const load = spawnScript('load.ts', [String(proxy.port), connections, seconds]);
  const { requests, p50, p99 } = JSON.parse(await firstLine(load)) as {
    requests: number;
    p50: number;
    p99: number;
  };
  // The first second is not counted in the requests, but in the CPU time: scale it.
  const cpu = ((cpuSeconds(proxy.pid) - before) * Number(seconds)) / (Number(seconds) + 1);
  return { perSecond: requests / Number(seconds), cpuMicroseconds: (cpu / requests) * 1e6, p50, p99 };
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

async function startScript(script: string, ...args: readonly number[]): Promise<Proxy> {
  const child = spawnScript(script, args.map(String));
  return { process: child, port: Number(await firstLine(child)), pid: child.pid ?? 0 };
}

function spawnScript(script: string, args: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`./balancer-parts/${script}`, import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line;
}

async function startNginx(targetPort: number): Promise<Proxy | undefined> {
  const binary = process.env['BENCH_NGINX'] ?? 'nginx';
  try {
    execFileSync(binary, ['-v'], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), nginxConfiguration(folder, port, targetPort));
  const child = spawn(binary, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'inherit' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const worker = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' }).trim();
  return { process: child, port, pid: Number(worker) };
}

function nginxConfiguration(folder: string, port: number, targetPort: number): string {
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  upstream target { server 127.0.0.1:${targetPort}; keepalive 1024; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Amzn-Trace-Id "Root=1-$msec-$request_id";
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address !== null && typeof address === 'object' ? address.port : 0;
}
