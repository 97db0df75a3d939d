/**
 * The proxies that the balancer is compared with, each one worker and a process of its own: Plimsoll's balancer, nginx and
 * HAProxy where they are installed (or named by BENCH_NGINX and BENCH_HAPROXY), and a plain proxy on `node:http`.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const CLOCK_TICKS = 100;

export interface Running {
  readonly port: number;
  /** Whose memory counts: the worker, or the first of them. */
  readonly pid: number;
  /** Whose CPU time counts: all workers. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Undefined: it is not installed. */
export type Start = (targetPort: number) => Promise<Running | undefined>;

export const peers: Readonly<Record<'nginx' | 'HAProxy' | 'node:http', Start>> = {
  nginx: (port) => startNginx(port),
  HAProxy: startHaproxy,
  'node:http': (port) => startScript('node-http.ts', port),
};

export function startPlimsoll(targetPort: number, workers = 1): Promise<Running> {
  return startScript('plimsoll.ts', targetPort, workers);
}

export async function startScript(script: string, ...args: readonly number[]): Promise<Running> {
  const child = spawnScript(script, ...args);
  const { pid = 0 } = child;
  return { port: Number(await nextLine(child)), pid, pids: [pid], stop: () => stopped(child) };
}

export function spawnScript(script: string, ...args: readonly (number | string)[]): ChildProcess {
  const path = fileURLToPath(new URL(`./balancer-parts/${script}`, import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', path, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

export async function nextLine(child: ChildProcess): Promise<string> {
  const { value } = await linesOf(child).next();
  return String(value);
}

export function linesOf(child: ChildProcess): AsyncIterator<string> {
  if (!child.stdout) throw new Error('no output');
  return createInterface(child.stdout)[Symbol.asyncIterator]();
}

export async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + cpuSecondsOf(pid), 0);
}

function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

export function residentMebibytes(pid: number): number {
  const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

export async function startNginx(targetPort: number, workers = 1): Promise<Running | undefined> {
  return startNginxWith(nginxConfiguration(workers), targetPort, workers);
}

/** nginx as a target: one worker that answers each GET with 128 bytes. */
export async function startNginxTarget(): Promise<Running | undefined> {
  return startNginxWith(nginxTargetConfiguration, 0, 1);
}

async function startNginxWith(
  configuration: Configuration,
  targetPort: number,
  workers: number,
): Promise<Running | undefined> {
  const binary = process.env['BENCH_NGINX'] ?? 'nginx';
  if (!isInstalled(binary, '-v')) return undefined;
  return startPeer(targetPort, configuration, (folder, file) => [binary, '-p', folder, '-c', file], workers);
}

async function startHaproxy(targetPort: number): Promise<Running | undefined> {
  const binary = process.env['BENCH_HAPROXY'] ?? 'haproxy';
  if (!isInstalled(binary, '-v')) return undefined;
  return startPeer(targetPort, haproxyConfiguration, (_, file) => [binary, '-db', '-q', '-f', file], 0);
}

type Configuration = (folder: string, port: number, targetPort: number) => string;

async function startPeer(
  targetPort: number,
  configuration: Configuration,
  command: (folder: string, file: string) => readonly string[],
  /** How many children do the work; 0: it does it itself. */
  children: number,
): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-peer-'));
  const file = join(folder, 'configuration');
  const port = await freePort();
  writeFileSync(file, configuration(folder, port, targetPort));
  const [binary = '', ...args] = command(folder, file);
  const child = spawn(binary, args, { stdio: 'inherit' });
  await accepting(port);
  const own = child.pid ?? 0;
  const pids = children > 0 ? await childrenOf(own, children) : [own];
  const stop = async (): Promise<void> => {
    await stopped(child);
    rmSync(folder, { recursive: true, force: true });
  };
  return { port, pid: pids[0] ?? 0, pids, stop };
}

/** What nginx writes to disk for a body larger than its buffers is switched off: it streams, as the others do. */
const nginxConfiguration =
  (workers: number): Configuration =>
  (folder, port, targetPort) =>
    `daemon off; worker_processes ${workers};
pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 16384; }
http {
  access_log off; keepalive_requests 1000000; proxy_max_temp_file_size 0;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  upstream target { server 127.0.0.1:${targetPort}; keepalive 1024; }
  server {
    listen 127.0.0.1:${port} backlog=4096${workers > 1 ? ' reuseport' : ''};
    location / {
      proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header X-Amzn-Trace-Id "Root=1-$msec-$request_id";
    }
  }
}
`;

const nginxTargetConfiguration: Configuration = (folder, port) => `daemon off; worker_processes 1;
pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 1000000000; default_type text/plain;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen 127.0.0.1:${port} backlog=4096; location / { return 200 "${'.'.repeat(128)}"; } }
}
`;

const haproxyConfiguration: Configuration = (_, port, targetPort) => `global
  nbthread 1
  fd-hard-limit 16384
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  http-reuse always
frontend clients
  bind 127.0.0.1:${port} backlog 4096
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Port %[dst_port]
  http-request set-header X-Amzn-Trace-Id Root=1-%[date,hex]-%[uuid()]
  default_backend targets
backend targets
  server target 127.0.0.1:${targetPort}
`;

/** The port accepts before the last of them is there. */
async function childrenOf(pid: number, wanted: number): Promise<readonly number[]> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    if (found[0] !== '' && found.length === wanted) return found.map(Number);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('a peer has not all of its workers');
}

export function isInstalled(binary: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(binary, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}

async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('a peer does not listen');
}
