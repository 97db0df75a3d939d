import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { loadDefinition, resolveEnvironment, synthesizeDelivery } from '@plimsoll/blueprint';
import type { Host } from '../command.ts';
import { messageOf, UserError } from '../errors.ts';
import { findDefinition } from '../synth/find-definition.ts';
import { workflowFiles } from './workflow-files.ts';

export interface InitFlags {
  readonly repository: string | undefined;
  readonly organization: string | undefined;
  readonly install: string;
  readonly 'existing-provider': boolean;
  readonly force: boolean;
  readonly definition: string | undefined;
}

/** What the workflows deliver to. */
const environments = ['dev', 'stage', 'prod'] as const;

/** @returns the exit code */
export async function runInitGithub(host: Host, flags: InitFlags): Promise<number> {
  const file = findDefinition(host.cwd, flags.definition);
  const root = await git(dirname(file), 'rev-parse', '--show-toplevel');
  if (root === undefined) throw new UserError(`${dirname(file)} is in no git repository. Make one: git init`);
  const repository = flags.repository ?? repositoryOf(await git(root, 'remote', 'get-url', 'origin'));
  if (repository === undefined)
    throw new UserError('Which repository of GitHub is this? --repository OWNER/NAME', 2);
  const definition = await loadDefinition(file).catch((error: unknown) => {
    throw new UserError(messageOf(error));
  });
  const missing = ['local', ...environments].filter((name) => !(name in definition.environments));
  if (missing.length > 0) {
    throw new UserError([
      `The workflows rehearse in local and deliver to ${environments.join(', ')}; the definition has no ${missing.join(', ')}.`,
      'Add what is missing to its `environments`.',
    ]);
  }
  const organization = flags.organization ?? (repository.split('/')[0] ?? '').toLowerCase();
  const { region } = resolveEnvironment(definition, 'stage');
  const delivery = await synthesizeDelivery({
    organization,
    repository,
    services: [definition.name],
    environments,
    hasProvider: flags['existing-provider'],
  }).catch((error: unknown) => {
    throw new UserError(messageOf(error));
  });
  const folder = relative(root, dirname(file)) || '.';
  const files = new Map(await workflowFiles({ folder, install: flags.install, region }));
  files.set(deliveryFile, `${JSON.stringify(delivery.template, undefined, 2)}\n`);
  await writeAll(join(root, '.github'), files, flags.force);
  for (const path of files.keys()) host.terminal.print(`  .github/${path}`);
  for (const line of whatIsNext({
    stackName: delivery.stackName,
    repository,
    service: definition.name,
    definition: relative(root, file),
    region,
  }))
    host.terminal.print(line);
  return 0;
}

const deliveryFile = 'delivery.template.json';

/** @throws UserError before anything is written, naming each file that is there and differs */
async function writeAll(folder: string, files: ReadonlyMap<string, string>, force: boolean): Promise<void> {
  const there = await Promise.all(
    [...files].map(async ([path, text]) => {
      const before = await readFile(join(folder, path), 'utf8').catch(() => undefined);
      return before !== undefined && before !== text ? path : undefined;
    }),
  );
  const differing = there.filter((path) => path !== undefined);
  if (differing.length > 0 && !force)
    throw new UserError([
      'These files are there and differ; nothing was written. To overwrite them: --force',
      ...differing.map((path) => `  .github/${path}`),
    ]);
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

function whatIsNext(names: {
  readonly stackName: string;
  readonly repository: string;
  readonly service: string;
  /** From the repository's root. */
  readonly definition: string;
  readonly region: string;
}): readonly string[] {
  const { stackName, repository, service, definition, region } = names;
  const registry = `${service}-registry`;
  const where = dirname(definition) === '.' ? '' : ` --definition ${definition}`;
  return [
    '',
    "Once, by somebody who administers the account, at the repository's root:",
    `  aws cloudformation deploy --region ${region} --stack-name ${stackName} \\`,
    `    --template-file .github/${deliveryFile} --capabilities CAPABILITY_NAMED_IAM`,
    `  plimsoll synth --env stage${where} --out cdk.out`,
    `  aws cloudformation deploy --region ${region} --stack-name ${registry} \\`,
    `    --template-file cdk.out/${registry}.template.json`,
    '',
    `Once, at https://github.com/${repository}/settings:`,
    `  Environments ${environments.join(', ')}: who approves, and which branches and tags may deploy`,
    '    (dev: any branch; stage: main; prod: tags v*). A token names its environment, so this is what keeps others out.',
    "  Variables, from that stack's outputs:",
    '    AWS_PUSH_ROLE_ARN            ImagePushRoleArn',
    '    AWS_PLAN_ROLE_ARN            PlanRoleArn',
    '    AWS_DEPLOY_ROLE_ARN          DeployRoleArn',
    '    AWS_CLOUDFORMATION_ROLE_ARN  CloudFormationRoleArn',
    '',
    `In the definition: permissionsBoundary: '${stackName}-boundary', which CloudFormation's role asks for.`,
  ];
}

/** `owner/name` of an address of GitHub. */
function repositoryOf(remote: string | undefined): string | undefined {
  return /github\.com[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(remote ?? '')?.[1];
}

async function git(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    return (await promisify(execFile)('git', [...args], { cwd: folder })).stdout.trim();
  } catch {
    return undefined;
  }
}
