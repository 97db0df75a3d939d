import { dirname, relative } from 'node:path';
import type { ResolvedEnvironment, Synthesis } from '@plimsoll/blueprint';
import type { Host } from '../command.ts';
import { localTarget } from '../deploy/clients.ts';
import { runningCount } from '../deploy/release.ts';
import { serviceStack } from '../deploy/service-stack.ts';
import { outputsOf } from '../deploy/stack-status.ts';
import { describeStack } from '../deploy/stacks.ts';
import { durationText } from '../render/event-line.ts';
import { readyTable } from '../render/ready-table.ts';
import { hoursNote } from '../schedule/hours-note.ts';
import { type LocalStatus, localStatus, localUrl } from './local-status.ts';
import { whenHealthy } from './readiness.ts';
import type { RegionProcess } from './region-process.ts';

export interface ReadyOptions {
  readonly definition: string;
  readonly home: string;
  readonly isDetached: boolean;
}

export interface Deployed {
  readonly resolved: ResolvedEnvironment;
  readonly synthesis: Synthesis;
}

/** Waits until the service answers 200 or is known to be at zero, then says where everything is and what to do next. */
export async function showReady(
  host: Host,
  options: ReadyOptions,
  {
    region,
    deployed,
    began,
  }: { readonly region: RegionProcess; readonly deployed: Deployed; readonly began: number },
): Promise<void> {
  const { resolved, synthesis } = deployed;
  const target = localTarget(region.endpoint, resolved.region);
  const stack = serviceStack(synthesis).name;
  const outputs = outputsOf(await describeStack(await target.clients.cloudformation(), stack));
  const { url: serviceUrl, isAtZero } = await whenHealthy({
    isAtZero: async () => (await runningCount(target, outputs)) === 0,
    url: async () => localUrl(await localStatus(region.endpoint), outputs['ServiceUrl'] ?? ''),
    path: resolved.http.healthCheck.path,
    signal: host.signal,
  });
  const status = await localStatus(region.endpoint);
  const { terminal } = host;
  const hours = hoursNote(resolved, { now: new Date(status.clock.now), isAtZero });
  const lines = readyTable(
    {
      ...databaseOf(status, resolved),
      ...(hours !== undefined && { hours }),
      isAtZero,
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
function folderToGoTo(host: Host, { definition }: ReadyOptions): string | undefined {
  const from = host.env['INIT_CWD'] ?? host.cwd;
  const folder = relative(from, dirname(definition));
  return folder === '' || folder.split('/').every((part) => part === '..') ? undefined : folder;
}
