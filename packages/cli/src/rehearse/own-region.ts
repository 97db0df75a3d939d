import { regionClock } from '@plimsoll/region/clock-client.js';
import { localTarget, type Target } from '../deploy/clients.ts';
import { openHome, type Plane } from '../region/home.ts';
import { startRegionProcess } from '../region/region-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { isBaking } from './baking.ts';
import { homeIn, startHomeKeeper } from './home-keeper.ts';

/** A region that is there for one rehearsal. */
export interface OwnRegion {
  readonly target: Target;
  readonly endpoint: string;
  /** Seconds of its clock in one of the machine. */
  setRate(rate: number): Promise<void>;
  /** As fast as its clock may go while tasks are looked at. */
  readonly fastRate: number;
  /** Whether its services wait for the alarms of their deployments and for nothing else. */
  isBaking(): Promise<boolean>;
  /** Ends it and removes its home. */
  close(): Promise<void>;
}

/** Faster, and the machine's own slowness looks like a task that does not answer. */
const fastRates: Readonly<Record<Plane, number>> = { process: 10, container: 4 };

/** @throws UserError if it does not start */
export async function startOwnRegion(
  options: { readonly region: string; readonly environment: string; readonly plane: Plane },
  signal: AbortSignal,
): Promise<OwnRegion> {
  const { path: folder } = await temporaryFolder();
  const keeper = startHomeKeeper(folder);
  const home = homeIn(folder);
  // What alarms send in a rehearsal stays in its mailbox, whatever this machine is set up for.
  delete process.env['PLIMSOLL_SNS_ENDPOINTS'];
  try {
    await openHome(home, options.region, options.plane);
    const running = await startRegionProcess(
      {
        ...options,
        home,
        host: '127.0.0.1',
        port: 0,
        httpPort: 0,
        httpsPort: 0,
        balancerWorkers: 1,
        clock: { rate: 1 },
        smtpUrl: '',
        isDetached: false,
      },
      signal,
    );
    const { endpoint } = running;
    const clock = regionClock(endpoint);
    const target = localTarget(endpoint, options.region);
    return {
      endpoint,
      target,
      fastRate: fastRates[options.plane],
      isBaking: () => isBaking(target),
      setRate: async (rate) => void (await clock.setRate(rate)),
      close: async () => {
        await running.stop();
        await keeper.end();
      },
    };
  } catch (error) {
    await keeper.end();
    throw error;
  }
}
