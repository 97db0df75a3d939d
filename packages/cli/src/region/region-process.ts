import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { killWithUs } from '../children.ts';
import { UserError } from '../errors.ts';
import { pause, within } from '../wait.ts';
import { logName, type Plane, type RegionRecord, removeRecord, writeRecord } from './home.ts';
import { processStart } from './process-identity.ts';
import { RegionLog, type RegionMessage } from './region-log.ts';
import { regionProgram } from './region-program.ts';

export interface RegionProcessOptions {
  readonly home: string;
  readonly region: string;
  readonly environment: string;
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly balancerWorkers: number;
  readonly plane: Plane;
  /** Where its clock begins, ISO 8601, and how fast it goes. */
  readonly clock: { readonly start?: string; readonly rate?: number };
  /** Where its mails go besides its mailbox. */
  readonly smtpUrl: string | undefined;
  /** Whether it outlives this process. */
  readonly isDetached: boolean;
}

/** The region, running in a process of its own. */
export interface RegionProcess {
  readonly pid: number;
  readonly endpoint: string;
  readonly log: RegionLog;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Asks it to end and waits. */
  stop(): Promise<void>;
  /** Lets this process end without it. */
  release(): void;
}

/** How long a region may take to end: tasks have their stop timeout in it. */
export const stopLimitMs = 9_000;

/** @throws UserError if it does not start, with what it said */
export async function startRegionProcess(
  options: RegionProcessOptions,
  signal: AbortSignal,
): Promise<RegionProcess> {
  const file = join(options.home, logName);
  const child = await spawnRegion(options, file);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const log = new RegionLog(file);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await within(stopLimitMs, ended);
    await removeRecord(options.home);
  };
  try {
    const endpoint = await endpointWhenStarted(log, ended, signal);
    const { pid = 0 } = child;
    await writeRecord(options.home, await recordOf(options, pid, endpoint));
    return { pid, endpoint, log, ended, stop, release: () => child.unref() };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function spawnRegion(options: RegionProcessOptions, logFile: string): Promise<ChildProcess> {
  const { home, region, host, port, httpPort, httpsPort, balancerWorkers, plane, clock, smtpUrl } = options;
  const { isDetached } = options;
  const program = await regionProgram();
  const listening = { host, port, httpPort, httpsPort, balancerWorkers };
  const argument = { home, region, ...listening, plane, clock, untilStdinEnds: !isDetached };
  const log = await open(logFile, 'w', 0o600);
  try {
    // A group of its own: a terminal's Ctrl-C comes to us alone, and we end it in order.
    const child = spawn(process.execPath, [...program, JSON.stringify(argument)], {
      detached: true,
      cwd: home,
      // Not in the arguments, which every user of the machine can read: it may hold a password.
      env: { ...process.env, ...(smtpUrl !== undefined && { PLIMSOLL_SMTP_URL: smtpUrl }) },
      stdio: [isDetached ? 'ignore' : 'pipe', log.fd, log.fd],
    });
    if (!isDetached) killWithUs(child);
    return child;
  } finally {
    await log.close();
  }
}

async function endpointWhenStarted(
  log: RegionLog,
  ended: Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  const said: RegionMessage[] = [];
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  for (;;) {
    const isLast = hasEnded;
    for (const message of await log.read()) {
      if (message.code === 'started' && message.endpoint !== undefined) return message.endpoint;
      said.push(message);
    }
    if (isLast) throw startFailed(said);
    await pause(15, signal);
  }
}

/** What a region that did not start said, and what to do about it. */
export function startFailed(said: readonly RegionMessage[]): UserError {
  const failure = said.find(({ code }) => code === 'start-failed');
  const text = failure?.text ?? said.map((message) => message.text).join('\n');
  if (failure?.cause === 'EADDRINUSE') {
    return new UserError([`The region did not start: ${text}`, 'Choose other ports: --port, --http-port']);
  }
  if (/lock/i.test(text)) {
    return new UserError([
      `The region did not start: its home is in use by another process. (${text})`,
      '`plimsoll down` ends a region that runs from it; --home names another folder.',
    ]);
  }
  return new UserError(`The region did not start: ${text === '' ? 'it ended without a word' : text}`);
}

async function recordOf(
  { region, environment }: RegionProcessOptions,
  pid: number,
  endpoint: string,
): Promise<RegionRecord> {
  return { pid, startedAt: (await processStart(pid)) ?? '', endpoint, region, environment };
}
