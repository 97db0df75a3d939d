import type { ResolvedEnvironment, Synthesis } from '@plimsoll/blueprint';
import type { PackedImage } from '@plimsoll/region/planes/images/pack.js';
import type { Host } from '../command.ts';
import { localTarget } from '../deploy/clients.ts';
import { packedImagePublisher, startPacking } from '../deploy/image-publisher.ts';
import type { Operation } from '../deploy/operation.ts';
import { deployRelease } from '../deploy/release.ts';
import { Interrupted, UserError } from '../errors.ts';
import { ProgressView } from '../render/progress-view.ts';
import { readDefinition, startSynthesis } from '../synth/synthesize.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { markOf, openHome, type Plane, synthesisCache } from './home.ts';
import { assertFree } from './port.ts';
import { RegionMessages } from './region-messages.ts';
import { type RegionProcess, type RegionProcessOptions, startRegionProcess } from './region-process.ts';
import { runningRegion } from './running-region.ts';
import { type Deployed, showReady } from './show-ready.ts';

export interface UpOptions {
  readonly definition: string;
  readonly environment: string;
  readonly home: string;
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly balancerWorkers: number;
  /** Undefined: as the definition says. */
  readonly plane: Plane | undefined;
  readonly isDetached: boolean;
  /** Nothing is deployed: the region as it is, for `plimsoll plan`. */
  readonly isEmpty: boolean;
  readonly clock: RegionProcessOptions['clock'];
  readonly smtpUrl: string | undefined;
}

/** @returns the exit code */
export async function runUp(host: Host, options: UpOptions): Promise<number> {
  await assertNothingRuns(options);
  const began = performance.now();
  const { definition } = options;
  if (options.isEmpty)
    return bringUpEmpty(host, options, await start(host, options, readDefinition(options, host.signal)));
  const folder = await temporaryFolder();
  const view = new ProgressView(host.terminal);
  try {
    const running = startSynthesis(
      { ...options, outdir: folder.path, cache: synthesisCache(options.home) },
      host.signal,
    );
    const started = start(host, options, running.resolved);
    // The first stacks wait for the synthesis, the image is needed later: the machine's cores go to the former.
    const image = Promise.all([running.resolved, running.synthesis]).then(([resolved]) =>
      startPacking({ report: view.report, signal: host.signal }, { definition, resolved }),
    );
    image.catch(() => {});
    return await bringUp(host, options, {
      ...(await started),
      synthesis: running.synthesis,
      image,
      view,
      began,
    });
  } finally {
    view.close();
    await folder.remove();
  }
}

/** What goes on beside the start of the region. */
interface Work {
  readonly synthesis: Promise<Synthesis>;
  readonly image: Promise<PackedImage>;
  readonly view: ProgressView;
  /** When the command began, by `performance.now()`. */
  readonly began: number;
}

interface Started {
  readonly region: RegionProcess;
  readonly resolved: ResolvedEnvironment;
}

/** A home tells its region and what ran its tasks, so that this one need not wait for the definition. */
async function start(
  host: Host,
  options: UpOptions,
  definition: Promise<ResolvedEnvironment>,
): Promise<Started> {
  const known = await markOf(options.home);
  const guess = options.plane ?? known?.plane;
  let early =
    known && guess && startRegionProcess({ ...options, region: known.region, plane: guess }, host.signal);
  early?.catch(() => {});
  try {
    const resolved = await definition;
    const plane = options.plane ?? resolved.local.plane;
    await openHome(options.home, resolved.region, plane);
    if (early && plane !== guess) {
      await (await early).stop();
      early = undefined;
    }
    const started = early ?? startRegionProcess({ ...options, region: resolved.region, plane }, host.signal);
    return { region: await started, resolved };
  } catch (error) {
    await early?.then(
      (region) => region.stop(),
      () => {},
    );
    throw error;
  }
}

async function bringUp(host: Host, options: UpOptions, parts: Started & Work): Promise<number> {
  const { region, resolved, began } = parts;
  const messages = new RegionMessages(host.terminal, region.log);
  try {
    host.terminal.print(`The region ${resolved.region} answers at ${region.endpoint}.`);
    const deployed = await deploy(host, parts);
    await messages.show();
    await showReady(host, options, { region, deployed, began });
    if (options.isDetached) {
      region.release();
      return 0;
    }
    return await stayUntilEnded(host, region, 0);
  } catch (error) {
    return await endFailed(host, options, region, error);
  } finally {
    await messages.close();
  }
}

/** A region without a deployment by this command; what its home held is there. */
async function bringUpEmpty(host: Host, options: UpOptions, { region, resolved }: Started): Promise<number> {
  const { terminal } = host;
  const messages = new RegionMessages(terminal, region.log);
  try {
    terminal.print(
      `The region ${resolved.region} answers at ${region.endpoint}. Nothing was deployed to it.`,
    );
    terminal.print(
      'Next: plimsoll plan --out local.plan, then plimsoll apply local.plan; or plimsoll deploy',
    );
    await messages.show();
    if (!options.isDetached) return await stayUntilEnded(host, region, 0);
    region.release();
    return 0;
  } finally {
    await messages.close();
  }
}

async function assertNothingRuns(options: UpOptions): Promise<void> {
  const record = await runningRegion(options.home);
  if (record !== undefined) {
    throw new UserError([
      `A region runs from ${options.home} already: process ${record.pid}, at ${record.endpoint}.`,
      '`plimsoll deploy` releases to it, `plimsoll status` shows it, `plimsoll down` ends it.',
      'A second one needs a home and ports of its own: --home, --port, --http-port',
    ]);
  }
  await assertFree(options.host, options.port, 'port');
  await assertFree(options.host, options.httpPort, 'http-port');
}

async function deploy(host: Host, { region, resolved, view, ...work }: Started & Work): Promise<Deployed> {
  const target = localTarget(region.endpoint, resolved.region);
  const operation: Operation = { target, report: view.report, signal: host.signal };
  const publishImage = packedImagePublisher(operation, work.image);
  try {
    const synthesis = await work.synthesis;
    await deployRelease(operation, { resolved, synthesis, publishImage });
    return { resolved, synthesis };
  } finally {
    view.close();
  }
}

/** Waits until the user ends it, or it ends by itself. */
async function stayUntilEnded(host: Host, region: RegionProcess, code: number): Promise<number> {
  const { terminal, signal } = host;
  const interrupted = new Promise<'interrupted'>((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  const why = await Promise.race([interrupted, region.ended]);
  if (why === 'interrupted') {
    await stop(host, region);
    return code;
  }
  await region.stop();
  terminal.print('The region has ended. `plimsoll up` starts it again with its data.');
  return code;
}

async function stop(host: Host, region: RegionProcess): Promise<void> {
  host.terminal.print('Stopping …');
  await region.stop();
  host.terminal.print('Stopped; the data stays. `plimsoll up` goes on with it.');
}

/** On a terminal the region stays after a failed deployment, so that one can look at it; a script gets its exit code. */
async function endFailed(
  host: Host,
  { isDetached }: UpOptions,
  region: RegionProcess,
  error: unknown,
): Promise<number> {
  const { terminal } = host;
  if (error instanceof Interrupted || host.signal.aborted) {
    await stop(host, region);
    return 130;
  }
  if (!(error instanceof UserError) || (!isDetached && !terminal.isLive)) {
    await region.stop();
    throw error;
  }
  if (isDetached) {
    region.release();
    throw new UserError([
      error.message,
      'The region runs on: plimsoll status, plimsoll deploy, plimsoll down',
    ]);
  }
  terminal.complain(`${terminal.paint('red', '✖')} ${error.message}`);
  terminal.print('The region stays, so that you can look: plimsoll status, plimsoll logs. Ctrl-C ends it.');
  return stayUntilEnded(host, region, 1);
}
