import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/*
 * No child outlives its region, even if the region is killed with SIGKILL.
 *
 * Beside each child runs a tiny `/bin/sh`, the watchdog, in a session of its own. It blocks on reading a pipe
 * whose only writer is the region. The region writes the child's pid when it has started, and `released` when it
 * has ended. When the region dies, the kernel closes the pipe; the watchdog reads the end of file and ends the
 * child, also one that stands still for its CPU budget, and on Linux what it started, wherever that went. The watchdog
 * is started first, so that the time in which a child is unknown is one `write`.
 *
 * The script is constant and its arguments are positional: no input ever becomes shell text.
 *
 * If region and watchdogs are killed together, `<home>/run/<pid>.json` remembers the child by pid and start time.
 * The next region ends such leftovers before it starts anything; a pid that was given to someone else since has
 * another start time and is left alone.
 */

/** How a child is ended: `first` at once, `last` if it is still there after `graceSeconds`. */
export interface Ending {
  /** `group`: the child and all in its process group. `process`: the child only, which ends its own children. */
  readonly target: 'group' | 'process';
  readonly first: NodeJS.Signals;
  readonly last: NodeJS.Signals;
  readonly graceSeconds: number;
}

/** For tasks: the whole process group gets SIGTERM, then SIGKILL. */
export function taskEnding(graceSeconds = 5): Ending {
  return { target: 'group', first: 'SIGTERM', last: 'SIGKILL', graceSeconds };
}

/**
 * For PostgreSQL: a fast shutdown (SIGINT), then an immediate one (SIGQUIT), always to the postmaster only.
 * Its children give SIGINT other meanings. https://www.postgresql.org/docs/17/server-shutdown.html
 */
export const postgresEnding: Ending = {
  target: 'process',
  first: 'SIGINT',
  last: 'SIGQUIT',
  graceSeconds: 10,
};

export interface WatchedOptions {
  readonly home: string;
  readonly ending: Ending;
  /** The value of `PLIMSOLL_CONTAINER` in its environment: on Linux, what left its process group is ended by it, too. */
  readonly marker?: string;
  /** As for `spawn`; `detached` is always true, so that the child leads a process group. */
  readonly spawn?: SpawnOptions;
}

/**
 * Starts a child that ends with this process, however this process ends. Like `spawn`, it reports a command that
 * cannot be started by the child's `error` event (its `pid` is then undefined).
 */
export function spawnWatched(
  command: string,
  args: readonly string[],
  options: WatchedOptions,
): ChildProcess {
  const watchdog = startWatchdog(options.ending, options.marker);
  const child = spawn(command, args, { ...options.spawn, detached: true });
  const { pid } = child;
  if (pid === undefined) {
    watchdog.release();
    return child;
  }
  watchdog.watch(pid);
  const file = remember(options.home, pid, options.ending);
  child.once('exit', () => {
    watchdog.release();
    rmSync(file, { force: true });
  });
  return child;
}

/** Signals the child or its group; false if nothing of it is left. */
export function signalChild(pid: number, target: Ending['target'], signal: NodeJS.Signals): boolean {
  try {
    return process.kill(target === 'group' ? -pid : pid, signal);
  } catch (error) {
    // EPERM is an answer for processes that are not ours, so they are not what we started.
    if (isCode(error, 'ESRCH') || isCode(error, 'EPERM')) return false;
    throw error;
  }
}

/**
 * Ends what a killed region left behind in this home, and waits until it has ended. To be called once per start,
 * before anything is spawned. Answers the pids it ended.
 */
export async function reapLeftovers(home: string): Promise<readonly number[]> {
  const leftovers = rememberedIn(home);
  const reaped = await Promise.all(leftovers.map(reap));
  return leftovers.filter((_, index) => reaped[index]).map(({ record }) => record.pid);
}

/** A value that two processes with the same pid never share, or undefined if there is no such process. */
export function processStartTime(pid: number): string | undefined {
  return process.platform === 'linux' ? linuxStartTime(pid) : psStartTime(pid);
}

// --- the watchdog itself

// `sleep 0.2` is known to GNU, BSD, macOS and most busybox builds; POSIX knows whole seconds only.
const SCRIPT = `
read -r pid || exit 0
read -r word && exit 0
if [ "$1" = group ]; then target="-$pid"; else target="$pid"; fi
if kill -s "$2" -- "$target" 2>/dev/null; then
  kill -s CONT -- "$target" 2>/dev/null
  tries=$(($4 * 5))
  while [ "$tries" -gt 0 ] && kill -s 0 -- "$target" 2>/dev/null; do
    sleep 0.2 2>/dev/null || sleep 1
    tries=$((tries - 1))
  done
  kill -s "$3" -- "$target" 2>/dev/null
fi
[ -n "$5" ] || exit 0
for file in $(grep -lsF -e "PLIMSOLL_CONTAINER=$5" /proc/[0-9]*/environ 2>/dev/null); do
  left=\${file#/proc/}
  kill -s KILL "\${left%/environ}" 2>/dev/null
done
exit 0
`;

interface Watchdog {
  watch(pid: number): void;
  release(): void;
}

function startWatchdog(ending: Ending, marker = ''): Watchdog {
  const { target, first, last, graceSeconds } = ending;
  const args = [target, bare(first), bare(last), String(Math.ceil(graceSeconds)), marker];
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'plimsoll-watchdog', ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  const pipe = shell.stdin;
  // A watchdog that was killed must not take the region with it: its pipe then answers EPIPE.
  pipe.on('error', () => {});
  shell.on('error', () => {});
  shell.unref();
  if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
  return {
    watch: (pid) => void pipe.write(`${pid}\n`),
    release: () => void pipe.end('released\n'),
  };
}

/** The shell's `kill -s` takes the name without `SIG`. */
function bare(signal: NodeJS.Signals): string {
  return signal.replace(/^SIG/, '');
}

// --- what the next start must know

interface Remembered {
  readonly pid: number;
  readonly startTime: string;
  readonly ending: Ending;
}

interface Leftover {
  readonly file: string;
  readonly record: Remembered;
}

function remember(home: string, pid: number, ending: Ending): string {
  const folder = path.join(home, 'run');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = path.join(folder, `${pid}.json`);
  const record: Remembered = { pid, startTime: processStartTime(pid) ?? '', ending };
  writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return file;
}

function rememberedIn(home: string): readonly Leftover[] {
  const folder = path.join(home, 'run');
  const files = listFolder(folder).filter((name) => name.endsWith('.json'));
  return files.flatMap((name) => {
    const file = path.join(folder, name);
    const record = parse(readFileSync(file, 'utf8'));
    if (record) return [{ file, record }];
    rmSync(file, { force: true });
    return [];
  });
}

function parse(text: string): Remembered | undefined {
  try {
    const record: Partial<Remembered> = JSON.parse(text);
    const { pid, startTime, ending } = record;
    if (!Number.isSafeInteger(pid) || !pid || pid < 2 || !startTime || !ending) return undefined;
    return { pid, startTime, ending };
  } catch {
    return undefined;
  }
}

async function reap({ file, record }: Leftover): Promise<boolean> {
  const { pid, ending } = record;
  const found = isOurs(record);
  if (found) {
    signalChild(pid, ending.target, ending.first);
    // A task that stood still for its CPU budget would not notice.
    signalChild(pid, ending.target, 'SIGCONT');
    if (!(await isGone(record, ending.graceSeconds))) {
      signalChild(pid, ending.target, ending.last);
      await isGone(record, ending.graceSeconds);
    }
  }
  rmSync(file, { force: true });
  return found;
}

function isOurs({ pid, startTime }: Remembered): boolean {
  return processStartTime(pid) === startTime;
}

async function isGone(record: Remembered, limitSeconds: number): Promise<boolean> {
  for (let tries = limitSeconds * 20; tries > 0; tries--) {
    if (!isOurs(record)) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return !isOurs(record);
}

/** Field 22 of `/proc/<pid>/stat`, ticks since boot, and the boot it counts from. A zombie has ended. */
function linuxStartTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in parentheses, may itself hold spaces and parentheses.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${rest[18]}`;
  } catch {
    return undefined;
  }
}

function psStartTime(pid: number): string | undefined {
  try {
    const line = execFileSync('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C' },
    }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}

function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
