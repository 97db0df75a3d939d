import { realpath } from 'node:fs/promises';
import type { Machine } from './container-settings.ts';

/** What of this machine containers get. Linux only. */
export async function thisMachine(): Promise<Machine> {
  const folders = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/etc/ssl', '/etc/alternatives'];
  const found = await Promise.all(
    folders.map(async (folder) => {
      const source = await realpath(folder).catch(() => undefined);
      return source === undefined ? [] : [`${source}:${folder}`];
    }),
  );
  const limits = userLimits();
  return {
    nodePath: await realpath(process.execPath),
    systemFolders: found.flat(),
    maximumOpenFiles: limits('open_files'),
    maximumProcesses: limits('max_user_processes'),
  };
}

function userLimits(): (name: string) => number {
  const { userLimits: limits = {} } = process.report.getReport() as {
    userLimits?: Record<string, { readonly hard: number | 'unlimited' }>;
  };
  return (name) => {
    const hard = limits[name]?.hard;
    return typeof hard === 'number' ? hard : Number.POSITIVE_INFINITY;
  };
}
