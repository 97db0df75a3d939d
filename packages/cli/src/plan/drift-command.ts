import type { Stack } from '@aws-sdk/client-cloudformation';
import type { Host } from '../command.ts';
import type { Target } from '../deploy/clients.ts';
import { allStacks } from '../deploy/stacks.ts';
import { openTarget, type TargetFlags } from '../releases/open-target.ts';
import { localSession } from '../session.ts';
import { driftOfStack } from './drift.ts';
import { driftLines } from './drift-text.ts';
import { isOfEnvironment } from './removal.ts';

export interface DriftFlags extends TargetFlags {
  readonly json: boolean;
}

/** @returns 0: nothing was changed by hand; 2: something was */
export async function runDrift(host: Host, flags: DriftFlags): Promise<number> {
  const { target, stacks } = await stacksOf(host, flags);
  const operation = { target, report: () => {}, signal: host.signal };
  const drifts = await Promise.all(stacks.map((stack) => driftOfStack(operation, stack)));
  if (flags.json) host.terminal.print(JSON.stringify(drifts, undefined, 2));
  else for (const line of driftLines(drifts)) host.terminal.print(line);
  return drifts.some(({ resources }) => resources.length > 0) ? 2 : 0;
}

/** Of a local region all; on AWS, where others have theirs, those of the environment. */
async function stacksOf(
  host: Host,
  flags: DriftFlags,
): Promise<{ readonly target: Target; readonly stacks: readonly Stack[] }> {
  if (flags.target === 'local') {
    const { target } = await localSession(host, flags);
    return { target, stacks: await allStacks(await target.clients.cloudformation()) };
  }
  const { target, resolved } = await openTarget(host, flags);
  const all = await allStacks(await target.clients.cloudformation());
  return { target, stacks: all.filter((stack) => isOfEnvironment(stack, resolved)) };
}
