/** From the start of the process to the first answered API call, on an empty home; and its memory when idle. */
import { setTimeout as pause } from 'node:timers/promises';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Figure } from './figure.ts';
import { clientOptions, residentMemory, startRegion, withHome } from './region.ts';

const idleMs = 5000;

export async function startup(runs: number): Promise<Figure[]> {
  const milliseconds: number[] = [];
  const memory: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await withHome(async (home) => {
      const region = await startRegion(home);
      const sts = new STSClient(clientOptions(region.port));
      while (!(await answers(sts))) await pause(2);
      milliseconds.push(performance.now() - region.begunAt);
      await pause(idleMs);
      memory.push(residentMemory(region.process.pid ?? 0));
      await region.stop();
    });
  }
  return [
    { name: 'process start → first API answer', unit: 'ms', values: milliseconds, atMost: 400 },
    { name: 'resident memory, idle, empty region', unit: 'MiB', values: memory, atMost: 170 },
  ];
}

function answers(sts: STSClient): Promise<boolean> {
  return sts.send(new GetCallerIdentityCommand({})).then(
    () => true,
    () => false,
  );
}
