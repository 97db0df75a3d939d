import type { Host } from '../command.ts';
import { durationOf } from '../duration.ts';
import { UserError } from '../errors.ts';
import { localStatus } from '../region/local-status.ts';
import { requireRegion } from '../region/running-region.ts';
import { homeFor } from '../session.ts';
import { type LoadOptions, type LoadSecond, runLoad } from './open-loop.ts';
import { reportLines } from './report-text.ts';

export interface LoadFlags {
  readonly rate: string;
  readonly for: string;
  readonly path: string;
  readonly connections: string;
  readonly 'new-connections': boolean;
  readonly timeout: string;
  readonly url: string | undefined;
  readonly home: string | undefined;
  readonly definition: string | undefined;
  readonly json: boolean;
}

/** Exit code 0 when every request got an answer below 400, else 1. */
export async function runLoadCommand(host: Host, flags: LoadFlags): Promise<number> {
  const options = loadOptions(flags, await target(host, flags));
  const { terminal } = host;
  const report = await runLoad(options, host.signal, (second) => {
    if (!flags.json) terminal.print(secondLine(second));
  });
  if (flags.json) terminal.print(JSON.stringify(report));
  else for (const line of reportLines(report)) terminal.print(line);
  return report.failed === 0 && report.sent > 0 ? 0 : 1;
}

/** The load balancer that the region runs, or `--url`. Only this machine: load on other people's is no test. */
async function target(host: Host, flags: LoadFlags): Promise<URL> {
  const base = flags.url ?? (await balancerUrl(host, flags));
  const url = parseUrl(base);
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname)) {
    throw new UserError(
      `--url: given '${base}'; allowed: an http URL of this machine (localhost, 127.0.0.1)`,
      2,
    );
  }
  return new URL(flags.path, url);
}

async function balancerUrl(host: Host, flags: LoadFlags): Promise<string> {
  const { endpoint } = await requireRegion(homeFor(host, flags));
  const urls = (await localStatus(endpoint)).loadBalancers.flatMap(({ listeners }) =>
    listeners.flatMap(({ url }) => url ?? []),
  );
  const [only, ...others] = urls;
  if (only === undefined)
    throw new UserError(['No load balancer listens in this region.', 'Deploy first: plimsoll deploy']);
  if (others.length === 0) return only;
  throw new UserError(
    [`This region has ${urls.length} listeners: ${urls.join(', ')}.`, 'Choose one with --url.'],
    2,
  );
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:') return url;
  throw new UserError(`--url: given '${text}'; allowed: an http URL`, 2);
}

export function loadOptions(flags: LoadFlags, url: URL): LoadOptions {
  return {
    url,
    rate: between('rate', flags.rate, 0.1, 50_000),
    seconds: secondsOf('for', flags.for, 3600),
    connections: between('connections', flags.connections, 1, 10_000),
    keepAlive: !flags['new-connections'],
    timeoutMs: secondsOf('timeout', flags.timeout, 600) * 1000,
  };
}

function between(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= least && value <= most) return value;
  throw new UserError(`--${name}: given '${text}'; allowed: ${least} to ${most}`, 2);
}

function secondsOf(name: string, text: string, most: number): number {
  const seconds = durationOf(text);
  if (seconds !== undefined && seconds > 0 && seconds <= most) return seconds;
  throw new UserError(
    `--${name}: given '${text}'; allowed: a time such as 500ms, 30s or 2m, up to ${most} s`,
    2,
  );
}

function secondLine({ second, sent, answered, failed }: LoadSecond): string {
  return `${String(second).padStart(4)} s  sent ${sent}  answered ${answered}  failed ${failed}`;
}
