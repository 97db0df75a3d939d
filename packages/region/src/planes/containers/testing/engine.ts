import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NoEngineError, openEngine } from '../find-engine.ts';

/** Why tests on a real engine are skipped here, `false` where one can be used. */
export async function whyNoEngine(): Promise<string | false> {
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-engine-'));
  try {
    await (await openEngine({ home })).close();
    return false;
  } catch (error) {
    if (!(error instanceof NoEngineError)) throw error;
    return 'skipped: needs Docker or Podman';
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
