import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { ResolvedEnvironment, Synthesis } from '@plimsoll/blueprint';
import type { PackedImage } from '@plimsoll/region/planes/images/pack.js';
import type { Host } from '../command.ts';
import { warmUp } from '../deploy/clients.ts';
import { destinationFor } from '../deploy/destination.ts';
import { packedImagePublisher, publisherFor, startPacking } from '../deploy/image-publisher.ts';
import type { Operation } from '../deploy/operation.ts';
import { imageRepository, repositoryStack } from '../deploy/parameters.ts';
import { preparationFor } from '../deploy/stack-status.ts';
import { describeStack } from '../deploy/stacks.ts';
import { UserError } from '../errors.ts';
import { synthesisCache } from '../region/home.ts';
import { reporter } from '../render/reporter.ts';
import { type LocalSession, localSession } from '../session.ts';
import { findDefinition } from '../synth/find-definition.ts';
import { startSynthesis } from '../synth/synthesize.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { discard, makePlan } from './make-plan.ts';
import { planLines, planMarkdown, warningText } from './picture-text.ts';
import { changesAnything, type Plan, type PlanFile, type PlannedImage, sealed } from './plan-document.ts';
import { lossesOf } from './warnings.ts';

export interface PlanFlags {
  readonly env: string;
  readonly target: string;
  readonly image: string | undefined;
  readonly out: string | undefined;
  readonly 'allow-data-loss': string | undefined;
  readonly destroy: boolean;
  readonly home: string | undefined;
  readonly definition: string | undefined;
  readonly json: boolean;
  readonly markdown: boolean;
}

/** Chosen: long enough for a review over a night, short enough that nobody applies last month's. */
const validForMs = 24 * 3600 * 1000;

/** @returns 0: nothing would change; 2: something would */
export async function runPlan(host: Host, flags: PlanFlags): Promise<number> {
  const definition = findDefinition(host.cwd, flags.definition);
  const local = flags.target === 'local' ? await localSession(host, flags) : undefined;
  const folder = await temporaryFolder();
  const { report, close } = reporter(host.terminal, { json: false });
  const quiet = flags.json || flags.markdown;
  const source: Source = {
    definition,
    local,
    outdir: folder.path,
    report: quiet ? () => {} : report,
  };
  try {
    const { operation, plan } = await planFor(host, flags, source);
    close();
    const isKept = flags.out !== undefined && lossesOf(plan, plan.allowedDataLoss).length === 0;
    if (!isKept) await discard(operation, plan);
    assertNoDataLoss(plan);
    if (flags.out !== undefined)
      await writeFile(resolve(host.cwd, flags.out), `${JSON.stringify(plan, undefined, 1)}\n`);
    show(host, flags, plan);
    return changesAnything(plan) ? 2 : 0;
  } finally {
    close();
    await folder.remove();
  }
}

interface Source {
  readonly definition: string;
  readonly local: LocalSession | undefined;
  readonly outdir: string;
  readonly report: Operation['report'];
}

interface Made {
  readonly operation: Operation;
  readonly plan: PlanFile;
}

async function planFor(host: Host, flags: PlanFlags, source: Source): Promise<Made> {
  const { definition, local, outdir, report } = source;
  const cache = local === undefined ? {} : { cache: synthesisCache(local.home) };
  const running = startSynthesis({ definition, environment: flags.env, outdir, ...cache }, host.signal);
  if (local !== undefined) warmUp(local.target);
  const resolved = await running.resolved;
  const { target } = destinationFor(resolved, local);
  const operation: Operation = { target, report, signal: host.signal };
  // The build goes on beside the synthesis and the look at the stacks.
  const isPacked = target.kind === 'local' && flags.image === undefined && !flags.destroy;
  const packed = isPacked ? startPacking(operation, { definition, resolved }) : undefined;
  const sts = await target.clients.sts();
  const [{ Account: account = '' }, commit] = await Promise.all([
    sts.send(new GetCallerIdentityCommand({})),
    commitOf(dirname(definition)),
  ]);
  const common = {
    resolved,
    account,
    now: new Date(),
    validForMs,
    allowedDataLoss: namesIn(flags['allow-data-loss']),
    ...(commit && { commit }),
  };
  if (flags.destroy) {
    // It loads the clients of services that no other plan needs.
    const { makeDestroyPlan } = await import('./make-destroy-plan.ts');
    return { operation, plan: sealed(await makeDestroyPlan(operation, common)) };
  }
  const synthesis = await running.synthesis;
  const image = imageFor(operation, flags, { definition, resolved, synthesis, packed });
  image.catch(() => {});
  const plan = await makePlan(operation, { ...common, synthesis, image });
  return { operation, plan: sealed(plan) };
}

function namesIn(text: string | undefined): readonly string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))].sort();
}

/** The image that is to run: in its repository already, put there now, or to be put there when there is one. */
async function imageFor(
  operation: Operation,
  flags: PlanFlags,
  source: {
    readonly definition: string;
    readonly resolved: ResolvedEnvironment;
    readonly synthesis: Synthesis;
    readonly packed: Promise<PackedImage> | undefined;
  },
): Promise<PlannedImage | undefined> {
  const { stacks } = source.synthesis;
  const repository = stacks.map(imageRepository).find((name) => name !== undefined);
  if (repository === undefined) return undefined;
  const registry = repositoryStack(stacks, repository);
  const client = await operation.target.clients.cloudformation();
  const isThere =
    registry === undefined ||
    preparationFor((await describeStack(client, registry.name))?.StackStatus) !== 'create';
  const { packed } = source;
  if (isThere) {
    const publish =
      packed === undefined
        ? await publisherFor(operation, flags, source)
        : packedImagePublisher(operation, packed);
    return { repository, digest: await publish(repository) };
  }
  if (packed !== undefined) return { repository, digest: (await packed).digest };
  if (flags.image !== undefined) return { repository, digest: flags.image };
  throw new UserError([
    `The repository ${repository} is not there yet, so that no image can be in it.`,
    `Make it first, by \`cdk deploy ${registry?.name}\` or \`plimsoll deploy\`, or name the image: --image sha256:…`,
  ]);
}

/** The commit of the folder; undefined where it is under no version control. */
async function commitOf(folder: string): Promise<Plan['commit']> {
  const git = (...args: readonly string[]): Promise<string> =>
    promisify(execFile)('git', [...args], { cwd: folder }).then(({ stdout }) => stdout.trim());
  try {
    const [id, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
    return { id, isDirty: changes !== '' };
  } catch {
    return undefined;
  }
}

/** @throws UserError naming each resource that would lose data without having been allowed to */
function assertNoDataLoss(plan: Plan): void {
  const refused = lossesOf(plan, plan.allowedDataLoss);
  if (refused.length === 0) return;
  const names = [...plan.allowedDataLoss, ...refused.map(({ logicalId }) => logicalId)];
  throw new UserError([
    'This would lose data, so there is no plan:',
    ...refused.map((warning) => `  ${warningText(warning)}`),
    `If it is meant: --allow-data-loss ${[...new Set(names)].join(',')}`,
  ]);
}

function show({ terminal }: Host, { json, markdown, out }: PlanFlags, plan: PlanFile): void {
  if (json) return terminal.print(JSON.stringify(plan, undefined, 2));
  if (markdown) return terminal.print(planMarkdown(plan));
  for (const line of planLines(plan, (colour, text) => terminal.paint(colour, text))) terminal.print(line);
  if (out !== undefined && changesAnything(plan))
    terminal.print(`\nSaved as ${out}. Apply exactly this: plimsoll apply ${out}`);
}
