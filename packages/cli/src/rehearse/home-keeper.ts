/**
 * Removes the home of a rehearsal however that ends, kill -9 included: a process of its own whose standard input is a pipe
 * from the rehearsal. When the pipe closes it waits for the region, which ends by the same sign, and removes what is left.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { removeHome } from '../region/home.ts';
import { stopLimitMs } from '../region/region-process.ts';
import { runningRegion } from '../region/running-region.ts';

export interface HomeKeeper {
  /** Has the folder removed, and waits until it is. */
  end(): Promise<void>;
}

/** The home in the folder of a rehearsal. */
export function homeIn(folder: string): string {
  return join(folder, 'home');
}

/** @param folder what is to go; the region's home is in it */
export function startHomeKeeper(folder: string): HomeKeeper {
  const program = `
    import { ${removeWhenLeft.name} } from ${JSON.stringify(import.meta.url)};
    await ${removeWhenLeft.name}(process.argv[1]);
  `;
  // Detached: a terminal's Ctrl-C must not end it.
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(child, 'close');
  ended.catch(() => {});
  return {
    end: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** What the keeper's process does. */
export async function removeWhenLeft(folder: string): Promise<void> {
  await once(process.stdin.resume(), 'end');
  const home = homeIn(folder);
  const limit = performance.now() + stopLimitMs + 3_000;
  let region = await runningRegion(home);
  while (region !== undefined && performance.now() < limit) {
    await delay(50);
    region = await runningRegion(home);
  }
  if (region !== undefined) process.kill(region.pid, 'SIGKILL');
  await remove(folder);
}

/** More than once: a region that was left while it started has no record yet, and may write until it has ended. */
async function remove(folder: string): Promise<void> {
  for (let round = 0; round < 10; round += 1) {
    await removeHome(homeIn(folder)).catch(() => {});
    const isGone = await rm(folder, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (isGone && round > 0) return;
    await delay(round === 0 ? 20 : 500);
  }
}
