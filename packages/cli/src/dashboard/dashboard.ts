import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Host } from '../command.ts';
import { UserError } from '../errors.ts';
import { requireRegion } from '../region/running-region.ts';
import { homeFor, type LocalFlags } from '../session.ts';

export interface DashboardFlags extends LocalFlags {
  readonly open: boolean;
  readonly save: string | undefined;
  readonly json: boolean;
}

/** @returns the exit code */
export async function runDashboard(host: Host, flags: DashboardFlags, name?: string): Promise<number> {
  const { endpoint } = await requireRegion(homeFor(host, flags));
  const base = `${endpoint}/_plimsoll/dashboards`;
  const names = await dashboardNames(base);
  if (name === undefined && !flags.open && flags.save === undefined) return list(host, flags, base, names);
  const url = `${base}/${encodeURIComponent(chosen(names, name))}`;
  if (flags.save !== undefined) {
    const path = resolve(host.cwd, flags.save);
    await writeFile(path, await (await fetch(url)).text());
    host.terminal.print(flags.json ? JSON.stringify({ url, saved: path }) : `Saved to ${path}`);
  } else host.terminal.print(flags.json ? JSON.stringify({ url }) : url);
  if (flags.open) openInBrowser(host, url);
  return 0;
}

async function dashboardNames(base: string): Promise<readonly string[]> {
  const { dashboards } = (await (await fetch(base)).json()) as { dashboards: readonly string[] };
  return dashboards;
}

function list({ terminal }: Host, flags: DashboardFlags, base: string, names: readonly string[]): number {
  const found = names.map((name) => ({ name, url: `${base}/${encodeURIComponent(name)}` }));
  if (flags.json) terminal.print(JSON.stringify({ dashboards: found }, undefined, 2));
  else if (found.length === 0) for (const line of nothingYet) terminal.print(line);
  else for (const { name, url } of found) terminal.print(`${name}  ${url}`);
  return 0;
}

const nothingYet = [
  'There are no dashboards yet.',
  'A monitoring stack has one (see monitoring in the definition), and aws cloudwatch put-dashboard makes more.',
];

/** The only one, when no name was given. */
function chosen(names: readonly string[], name: string | undefined): string {
  const [only] = names;
  if (name === undefined && names.length === 1 && only !== undefined) return only;
  if (name !== undefined && names.includes(name)) return name;
  const problem = name === undefined ? 'Which dashboard?' : `There is no dashboard ${name}.`;
  throw new UserError([problem, ...(names.length === 0 ? nothingYet : [`There are: ${names.join(', ')}`])]);
}

/** A machine without a browser has printed the URL all the same. */
function openInBrowser({ env }: Host, url: string): void {
  const command = env['BROWSER'] ?? (process.platform === 'darwin' ? 'open' : 'xdg-open');
  spawn(command, [url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
