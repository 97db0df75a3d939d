/**
 * `plimsoll up`: the checks that need nothing changed come first; then the synthesis, the region and the build start beside
 * each other, and the deployment takes each as it comes.
 */
import { dirname, relative } from 'node:path';
import type { ResolvedEnvironment, Synthesis } from '@plimsoll/blueprint';
import type { Host } from '../command.ts';
import { localTarget } from '../deploy/clients.ts';
import { packedImagePublisher } from '../deploy/image-publisher.ts';
import { deployRelease } from '../deploy/release.ts';
import type { Operation } from '../deploy/stack-operation.ts';
import { outputsOf } from '../deploy/stack-status.ts';
import { describeStack } from '../deploy/stacks.ts';
import { Interrupted, UserError } from '../errors.ts';
import { durationText } from '../render/event-line.ts';
import { ProgressView } from '../render/progress-view.ts';
import { readyTable } from '../render/ready-table.ts';
import { startSynthesis } from '../synth/synthesize.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { openHome, regionOfHome, synthesisCache } from './home.ts';
import { type LocalStatus, localStatus, localUrl } from './local-status.ts';
import { assertFree } from './port.ts';
import { whenHealthy } from './readiness.ts';
import { RegionMessages } from './region-messages.ts';
import { type RegionProcess, startRegionProcess } from './region-process.ts';
import { runningRegion } from './running-region.ts';

export interface UpOptions {
  readonly definition: string;
  readonly environment: string;
  readonly home: string;
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly isDetached: boolean;
}

interface Deployed {
  readonly resolved: ResolvedEnvironment;
  readonly synthesis: Synthesis;
}

/** @returns the exit code */
export async function runUp(host: Host, options: UpOptions): Promise<number> {
  await assertNothingRuns(options);
  const began = performance.now();
  const folder = await temporaryFolder();
  try {
    const running = startSynthesis(
      { ...options, outdir: folder.path, validate: false, cache: synthesisCache(options.home) },
      host.signal,
    );
    const started = await start(host, options, running.resolved);
    return await bringUp(host, options, { ...started, synthesis: running.synthesis, began });
  } finally {
    await folder.remove();
  }
}

interface Started {
  readonly region: RegionProcess;
  readonly resolved: ResolvedEnvironment;
}

/** A home tells its region, so that this one need not wait for the definition. */
async function start(
  host: Host,
  options: UpOptions,
  definition: Promise<ResolvedEnvironment>,
): Promise<Started> {
  const known = await regionOfHome(options.home);
  const early =
    known === undefined ? undefined : startRegionProcess({ ...options, region: known }, host.signal);
  early?.catch(() => {});
  try {
    const resolved = await definition;
    await openHome(options.home, resolved.region);
    const region = await (early ?? startRegionProcess({ ...options, region: resolved.region }, host.signal));
    return { region, resolved };
  } catch (error) {
    await early?.then(
      (region) => region.stop(),
      () => {},
    );
    throw error;
  }
}

async function bringUp(
  host: Host,
  options: UpOptions,
  parts: Started & { readonly synthesis: Promise<Synthesis>; readonly began: number },
): Promise<number> {
  const { region, resolved, began } = parts;
  const messages = new RegionMessages(host.terminal, region.log);
  try {
    host.terminal.print(`The region ${resolved.region} answers at ${region.endpoint}.`);
    const deployed = await deploy(host, options, parts);
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

async function deploy(
  host: Host,
  options: UpOptions,
  parts: {
    readonly region: RegionProcess;
    readonly resolved: ResolvedEnvironment;
    readonly synthesis: Promise<Synthesis>;
  },
): Promise<Deployed> {
  const { region, resolved } = parts;
  const view = new ProgressView(host.terminal);
  const target = localTarget(region.endpoint, resolved.region);
  const operation: Operation = { target, report: view.report, signal: host.signal };
  const publishImage = packedImagePublisher(operation, { definition: options.definition, resolved });
  try {
    const synthesis = await parts.synthesis;
    await deployRelease(operation, { resolved, synthesis, publishImage });
    return { resolved, synthesis };
  } finally {
    view.close();
  }
}

async function showReady(
  host: Host,
  options: UpOptions,
  {
    region,
    deployed,
    began,
  }: { readonly region: RegionProcess; readonly deployed: Deployed; readonly began: number },
): Promise<void> {
  const { resolved, synthesis } = deployed;
  const target = localTarget(region.endpoint, resolved.region);
  const stack = synthesis.stacks.at(-1)?.name ?? '';
  const outputs = outputsOf(await describeStack(await target.clients.cloudformation(), stack));
  const serviceUrl = await whenHealthy({
    url: async () => localUrl(await localStatus(region.endpoint), outputs['ServiceUrl'] ?? ''),
    path: resolved.http.healthCheck.path,
    signal: host.signal,
  });
  const status = await localStatus(region.endpoint);
  const { terminal } = host;
  const lines = readyTable(
    {
      ...databaseOf(status, resolved),
      service: resolved.service,
      environment: resolved.environment,
      region: resolved.region,
      accountId: status.accountId,
      serviceUrl,
      healthPath: resolved.http.healthCheck.path,
      endpoint: region.endpoint,
      home: options.home,
      folder: folderToGoTo(host, options),
      isDetached: options.isDetached,
      took: durationText(performance.now() - began),
    },
    (colour, text) => terminal.paint(colour, text),
  );
  for (const line of lines) terminal.print(line);
}

function databaseOf(
  status: LocalStatus,
  { database }: ResolvedEnvironment,
): { readonly database?: NonNullable<Parameters<typeof readyTable>[0]['database']> } {
  if (database === undefined) return {};
  const found = status.databases.find(({ databaseName }) => databaseName === database.name);
  if (found?.port === undefined) return {};
  const { host, port, masterUsername: user, masterUserSecretArn: secretArn } = found;
  return { database: { host, port, name: database.name, user, secretArn } };
}

/** npm changes the working directory; INIT_CWD is where the user is. */
function folderToGoTo(host: Host, { definition }: UpOptions): string | undefined {
  const from = host.env['INIT_CWD'] ?? host.cwd;
  const folder = relative(from, dirname(definition));
  return folder === '' || folder.split('/').every((part) => part === '..') ? undefined : folder;
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
