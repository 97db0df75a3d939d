import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { ResolvedEnvironment, Synthesis } from '@plimsoll/blueprint';
import type { Host } from '../command.ts';
import { synthesisCache } from '../region/home.ts';
import { localStatus, localUrl } from '../region/local-status.ts';
import { type Readiness, whenHealthy } from '../region/readiness.ts';
import { confirm } from '../render/confirm.ts';
import { durationText } from '../render/event-line.ts';
import { reporter } from '../render/reporter.ts';
import { hoursNote } from '../schedule/hours-note.ts';
import { localSession } from '../session.ts';
import { findDefinition } from '../synth/find-definition.ts';
import { startSynthesis } from '../synth/synthesize.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { warmUp } from './clients.ts';
import { type Destination, destinationFor } from './destination.ts';
import { publisherFor } from './image-publisher.ts';
import type { Operation } from './operation.ts';
import { previewRelease } from './preview.ts';
import { deployRelease, runningCount } from './release.ts';
import { serviceStack } from './service-stack.ts';
import { outputsOf } from './stack-status.ts';
import { describeStack } from './stacks.ts';

export interface DeployFlags {
  readonly env: string;
  readonly target: string;
  readonly yes: boolean;
  readonly image: string | undefined;
  readonly home: string | undefined;
  readonly definition: string | undefined;
  readonly json: boolean;
}

/** @returns the exit code */
export async function runDeploy(host: Host, flags: DeployFlags): Promise<number> {
  const began = performance.now();
  const definition = findDefinition(host.cwd, flags.definition);
  const local = flags.target === 'local' ? await localSession(host, flags) : undefined;
  const folder = await temporaryFolder();
  const { report, close } = reporter(host.terminal, flags);
  try {
    const running = startSynthesis(
      {
        definition,
        environment: flags.env,
        outdir: folder.path,
        ...(local !== undefined && { cache: synthesisCache(local.home) }),
      },
      host.signal,
    );
    // The synthesis has a process of its own and half a second to go.
    if (local !== undefined) warmUp(local.target);
    const resolved = await running.resolved;
    const destination = destinationFor(resolved, local);
    const operation: Operation = {
      target: destination.target,
      report,
      signal: host.signal,
      insisted: host.insisted,
    };
    const publishImage = await publisherFor(operation, flags, { definition, resolved });
    const synthesis = await running.synthesis;
    if (flags.target === 'aws') await approve(host, flags, { operation, resolved, synthesis });
    await deployRelease(operation, { resolved, synthesis, publishImage });
    const { url, isAtZero, now } = await readiness(operation, destination, { resolved, synthesis });
    const what = isAtZero ? `deployed, at zero, its URL ${url},` : `live at ${url}`;
    report({
      kind: 'note',
      text: `${resolved.service} (${resolved.environment}) is ${what} after ${durationText(performance.now() - began)}.`,
    });
    const hours = hoursNote(resolved, { now, isAtZero });
    if (hours !== undefined) report({ kind: 'note', text: `Schedule: ${hours}.` });
    return 0;
  } finally {
    close();
    await folder.remove();
  }
}

async function approve(
  host: Host,
  { yes }: DeployFlags,
  release: {
    readonly operation: Operation;
    readonly resolved: ResolvedEnvironment;
    readonly synthesis: Synthesis;
  },
): Promise<void> {
  const { operation, resolved, synthesis } = release;
  const sts = await operation.target.clients.sts();
  const { Account: account, Arn: arn } = await sts.send(new GetCallerIdentityCommand({}));
  const { report } = operation;
  report({ kind: 'note', text: `Account ${account}, region ${resolved.region}, as ${arn}` });
  for (const text of await previewRelease(operation, synthesis)) report({ kind: 'note', text });
  if (yes) return;
  await confirm(host, `Deploy ${resolved.service} (${resolved.environment}) to account ${account}?`);
}

/** Whether the service answers or is not meant to, and the time where it runs. */
async function readiness(
  operation: Operation,
  { target, endpoint }: Destination,
  { resolved, synthesis }: { readonly resolved: ResolvedEnvironment; readonly synthesis: Synthesis },
): Promise<Readiness & { readonly now: Date }> {
  const { name } = serviceStack(synthesis);
  const outputs = outputsOf(await describeStack(await target.clients.cloudformation(), name));
  const { ServiceUrl: url = '' } = outputs;
  const isAtZero = async (): Promise<boolean> => (await runningCount(target, outputs)) === 0;
  if (endpoint === undefined) return { url, isAtZero: await isAtZero(), now: new Date() };
  const found = await whenHealthy({
    isAtZero,
    url: async () => localUrl(await localStatus(endpoint), url),
    path: resolved.http.healthCheck.path,
    signal: operation.signal,
  });
  return { ...found, now: new Date((await localStatus(endpoint)).clock.now) };
}
