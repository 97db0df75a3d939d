/** Parameters written (each answered after its commit is on the disk) and read per second: a closed loop of 8 clients. */
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Figure } from './figure.ts';
import { clientOptions, startRegion, withHome } from './region.ts';

const clients = 8;
const seconds = 3;

export async function api(runs: number): Promise<Figure[]> {
  const written: number[] = [];
  const read: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await withHome(async (home) => {
      const region = await startRegion(home);
      await region.started;
      const client = new SSMClient({ ...clientOptions(region.port), maxAttempts: 1 });
      written.push(
        await perSecond((n) =>
          client.send(
            new PutParameterCommand({
              Name: `/bench/${n % 100}`,
              Value: `${n}`,
              Type: 'String',
              Overwrite: true,
            }),
          ),
        ),
      );
      read.push(await perSecond((n) => client.send(new GetParameterCommand({ Name: `/bench/${n % 100}` }))));
      await region.stop();
    });
  }
  return [
    { name: 'PutParameter, committed', unit: '/s', values: written },
    { name: 'GetParameter', unit: '/s', values: read },
  ];
}

/** The client's own work (signing, parsing) shares the machine with the region and is in the figure. */
async function perSecond(call: (n: number) => Promise<unknown>): Promise<number> {
  let calls = 0;
  let isOver = false;
  const loop = async (): Promise<void> => {
    while (!isOver) {
      const n = calls;
      calls += 1;
      await call(n);
    }
  };
  const loops = Array.from({ length: clients }, loop);
  const begin = performance.now();
  const before = calls;
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const counted = calls - before;
  const took = (performance.now() - begin) / 1000;
  isOver = true;
  await Promise.all(loops);
  return counted / took;
}
