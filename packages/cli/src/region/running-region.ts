import { UserError } from '../errors.ts';
import { pause } from '../wait.ts';
import { type RegionRecord, readRecord, removeRecord } from './home.ts';
import { processStart } from './process-identity.ts';
import { stopLimitMs } from './region-process.ts';

/** The region that runs from this home, if one does. */
export async function runningRegion(home: string): Promise<RegionRecord | undefined> {
  const record = await readRecord(home);
  return record !== undefined && (await isAlive(record)) ? record : undefined;
}

/** @throws UserError if none runs, saying how to start one */
export async function requireRegion(home: string): Promise<RegionRecord> {
  const record = await runningRegion(home);
  if (record !== undefined) return record;
  throw new UserError([`No region runs from ${home}.`, 'Start it: plimsoll up']);
}

/** Ends the region and waits for it. @throws UserError if it does not end in time */
export async function stopRegion(home: string, record: RegionRecord, signal: AbortSignal): Promise<void> {
  process.kill(record.pid, 'SIGTERM');
  const limit = performance.now() + stopLimitMs + 1_000;
  while (await isAlive(record)) {
    if (performance.now() > limit) {
      throw new UserError([
        `The region (process ${record.pid}) has not ended within 10 s.`,
        `See what it says in ${home}/region.log; kill -9 ${record.pid} ends it by force, nothing stored is lost.`,
      ]);
    }
    await pause(50, signal);
  }
  await removeRecord(home);
}

async function isAlive({ pid, startedAt }: RegionRecord): Promise<boolean> {
  return (await processStart(pid)) === startedAt;
}
