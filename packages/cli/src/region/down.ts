import type { Host } from '../command.ts';
import { localTarget } from '../deploy/clients.ts';
import { destroyStacks } from '../deploy/destroy.ts';
import { UserError } from '../errors.ts';
import { confirm } from '../render/confirm.ts';
import { ProgressView } from '../render/progress-view.ts';
import { homeFor } from '../session.ts';
import { type RegionRecord, removeHome } from './home.ts';
import { runningRegion, stopRegion } from './running-region.ts';

export interface DownFlags {
  readonly destroy: boolean;
  readonly yes: boolean;
  readonly home: string | undefined;
  readonly definition: string | undefined;
}

/** @returns the exit code */
export async function runDown(host: Host, flags: DownFlags): Promise<number> {
  const { terminal, signal } = host;
  const home = homeFor(host, flags);
  const record = await runningRegion(home);
  if (!flags.destroy) {
    if (record === undefined) {
      terminal.print(`No region runs from ${home}.`);
      return 0;
    }
    await stopRegion(home, record, signal);
    terminal.print(`The region (process ${record.pid}) has ended; its data stays in ${home}.`);
    return 0;
  }
  if (terminal.isLive && !flags.yes)
    await confirm(host, `Delete the stacks and all data of the region in ${home}?`);
  if (record !== undefined) {
    await destroyRunning(host, record);
    await stopRegion(home, record, signal);
    terminal.print(`The region (process ${record.pid}) has ended.`);
  }
  const wasThere = await removeHome(home);
  terminal.print(wasThere ? `Removed ${home} with all that was in it.` : `There is nothing in ${home}.`);
  return 0;
}

async function destroyRunning(host: Host, record: RegionRecord): Promise<void> {
  const view = new ProgressView(host.terminal);
  const target = localTarget(record.endpoint, record.region);
  try {
    const kept = await destroyStacks({ target, report: view.report, signal: host.signal });
    if (kept.length === 0) return;
    host.terminal.print(
      'Kept by CloudFormation when the stacks went; gone with the region in the next step:',
    );
    for (const { what, why } of kept) host.terminal.print(`  ${what}: ${why}`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // What the user wants gone goes with the home, whatever holds it in the region.
    host.terminal.complain(`${error.message}\nIt goes with the region in the next step.`);
  } finally {
    view.close();
  }
}
