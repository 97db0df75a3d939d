/**
 * Small keep-alive GETs through the load balancer, through a proxy on `node:http`, and through nginx where it is
 * installed (or named by BENCH_NGINX): requests per second, latency, and CPU time per request, with ratios of one run.
 *
 *   node --import tsx bench/load-balancer.ts [connections] [seconds]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const [connections = '64', seconds = '3'] = process.argv.slice(2);
const CLOCK_TICKS = 100;

interface Proxy {
  readonly process: ChildProcess;
  readonly port: number;
  /** Whose CPU time counts: the worker. */
  readonly pid: number;
}

interface Result {
  readonly name: string;
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50: number;
  readonly p99: number;
}

const target = await startScript('target.ts');
const results: Result[] = [];
for (const [name, start] of [
  ['plimsoll', () => startScript('plimsoll.ts', target.port)],
  ['node:http', () => startScript('node-http.ts', target.port)],
  ['nginx', () => startNginx(target.port)],
] as const) {
  const proxy = await start();
  if (!proxy) {
    console.log(`${name} is not installed`);
    continue;
  }
  results.push(await measure(name, proxy));
  proxy.process.kill();
  await once(proxy.process, 'exit');
}
target.process.kill();
print(results);

async function measure(name: string, proxy: Proxy): Promise<Result> {
  const before = cpuSeconds(proxy.pid);
  const load = spawnScript('load.ts', [String(proxy.port), connections, seconds]);
  const { requests, p50, p99 } = JSON.parse(await firstLine(load)) as {
    requests: number;
    p50: number;
    p99: number;
  };
  // The first second is not counted in the requests, but in the CPU time: scale it.
  const cpu = ((cpuSeconds(proxy.pid) - before) * Number(seconds)) / (Number(seconds) + 1);
  return { name, perSecond: requests / Number(seconds), cpuMicroseconds: (cpu / requests) * 1e6, p50, p99 };
}

function print(all: readonly Result[]): void {
  const reference = all.at(-1);
  for (const { name, perSecond, cpuMicroseconds, p50, p99 } of all) {
    const ratio = perSecond / (reference?.perSecond ?? 1);
    const cpuRatio = (reference?.cpuMicroseconds ?? 1) / cpuMicroseconds;
    console.log(
      `${name.padEnd(10)} ${perSecond.toFixed(0).padStart(7)} req/s  p50 ${p50} µs  p99 ${p99} µs  ` +
        `${cpuMicroseconds.toFixed(1)} µs CPU/request  ${ratio.toFixed(2)} × ${reference?.name} (per CPU ${cpuRatio.toFixed(2)})`,
    );
  }
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
  const path = fileURLToPath(new URL(`./load-balancer/${script}`, import.meta.url));
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
