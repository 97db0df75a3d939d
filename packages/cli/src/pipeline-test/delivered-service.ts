/** What the pipeline's tests share: a repository with the committed workflows, an account with the delivery stack, GitHub. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  CloudFormationClient,
  CreateStackCommand,
  type Stack,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { startRegion } from '@plimsoll/region/region.js';
import { startTokenIssuer, type TokenIssuer } from '@plimsoll/region/testing/token-issuer.js';
import { outputsOf } from '../deploy/stack-status.ts';
import { allStacks } from '../deploy/stacks.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ConcurrencyGroups } from './concurrency-groups.ts';
import { dockerScript } from './docker-tool.ts';
import type { PipelineOptions } from './pipeline.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const binary = join(root, 'packages/cli/bin/plimsoll.mjs');
const run = promisify(execFile);

export interface DeliveredService {
  /** What the workflows run against; environments may be replaced. */
  readonly pipeline: PipelineOptions;
  readonly issuer: TokenIssuer;
  readonly cloudformation: CloudFormationClient;
  /** Makes a branch and goes to it. */
  branch(name: string): Promise<void>;
  /** Goes to a branch that is there. */
  checkout(name: string): Promise<void>;
  /** Commits what was written, as another version of devops-app: another image. */
  commit(version: string): Promise<void>;
  /** Writes a file of devops-app, or removes it. */
  write(path: string, text: string | undefined): Promise<void>;
  stack(name: string): Promise<Stack | undefined>;
  /** Calls `plimsoll` as the account's administrator, in the service's folder. */
  administrator(...args: readonly string[]): Promise<string>;
}

/** Everything is ended and removed after the test. */
export async function deliveredService(t: TestContext): Promise<DeliveredService> {
  const folder = await temporaryFolder();
  const issuer = await startTokenIssuer();
  const region = await startRegion({
    home: join(folder.path, 'home'),
    region: 'eu-central-1',
    port: 0,
    httpPort: 0,
    tokenIssuers: { 'https://token.actions.githubusercontent.com': issuer.url },
    report: () => {},
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const cloudformation = new CloudFormationClient({
    endpoint: region.endpoint,
    region: 'eu-central-1',
    credentials,
  });
  t.after(async () => {
    cloudformation.destroy();
    await region.close();
    await issuer.close();
    await folder.remove();
  });
  const repository = join(folder.path, 'repository');
  const service = join(repository, 'apps/devops-app');
  const tools = join(folder.path, 'tools');
  await writeRepository(repository, service);
  await writeTool(join(tools, 'docker'), dockerScript(join(folder.path, 'docker')));
  await writeTool(
    join(tools, 'gh'),
    `#!/bin/sh\nfor last; do :; done\ncp "$last" '${join(folder.path, 'comment.md')}'\n`,
  );
  const administrator = async (...args: readonly string[]): Promise<string> => {
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: region.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-central-1',
    };
    return (await run(process.execPath, [binary, ...args], { cwd: service, env })).stdout;
  };
  const variables = await prepareAccount(cloudformation, repository, administrator);
  return {
    pipeline: {
      repository: { name: 'plimsoll/plimsoll', folder: repository },
      variables,
      environments: { dev: {}, stage: {}, prod: {} },
      endpoint: region.endpoint,
      issuer,
      temporary: folder.path,
      tools,
      groups: new ConcurrencyGroups(),
    },
    issuer,
    cloudformation,
    administrator,
    branch: async (name) => {
      await run('git', ['checkout', '--quiet', '-b', name], { cwd: repository });
    },
    checkout: async (name) => {
      await run('git', ['checkout', '--quiet', name], { cwd: repository });
    },
    commit: (version) => commitAll(repository, service, version),
    write: (path, text) =>
      text === undefined ? rm(join(service, path)) : writeFile(join(service, path), text),
    stack: async (name) => (await allStacks(cloudformation)).find(({ StackName }) => StackName === name),
  };
}

/** This repository as far as its workflows go: they themselves, and devops-app. */
async function writeRepository(repository: string, service: string): Promise<void> {
  await cp(join(root, '.github'), join(repository, '.github'), { recursive: true });
  for (const file of ['.gitignore', 'tsconfig.base.json']) await cp(join(root, file), join(repository, file));
  await cp(join(root, 'apps/devops-app'), service, { recursive: true, filter: isSource });
  await mkdir(join(repository, 'scripts'));
  await writeFile(join(repository, 'scripts/setup.mjs'), setup);
  await run('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: repository });
  await commitAll(repository, service, 'one');
}

/** Not what was built, and no notes of what was. */
function isSource(path: string): boolean {
  return !['dist', 'cdk.out', '.tsbuild', '.plimsoll', 'node_modules'].includes(basename(path));
}

async function commitAll(repository: string, service: string, version: string): Promise<void> {
  const file = join(service, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, `${JSON.stringify({ ...manifest, version: `0.0.0-${version}` })}\n`);
  const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  await run('git', ['add', '--all'], { cwd: repository });
  await run('git', [...who, 'commit', '--quiet', '--message', version], { cwd: repository });
}

async function writeTool(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, 0o755);
}

/** As `plimsoll init github` says. @returns the repository's variables */
async function prepareAccount(
  client: CloudFormationClient,
  repository: string,
  administrator: DeliveredService['administrator'],
): Promise<Readonly<Record<string, string>>> {
  const out = join(repository, '../synthesized');
  await administrator('synth', '--env', 'stage', '--out', out);
  const registry = join(out, 'devops-app-registry.template.json');
  const delivery = join(repository, '.github/delivery.template.json');
  await createStack(client, 'devops-app-registry', await readFile(registry, 'utf8'));
  await createStack(client, 'plimsoll-delivery', await readFile(delivery, 'utf8'));
  const stack = (await allStacks(client)).find(({ StackName }) => StackName === 'plimsoll-delivery');
  const outputs = outputsOf(stack);
  const named = (output: string): string => {
    assert.ok(outputs[output], `${output} is an output of the delivery stack`);
    return outputs[output];
  };
  return {
    AWS_PUSH_ROLE_ARN: named('ImagePushRoleArn'),
    AWS_PLAN_ROLE_ARN: named('PlanRoleArn'),
    AWS_DEPLOY_ROLE_ARN: named('DeployRoleArn'),
    AWS_CLOUDFORMATION_ROLE_ARN: named('CloudFormationRoleArn'),
  };
}

async function createStack(
  client: CloudFormationClient,
  StackName: string,
  TemplateBody: string,
): Promise<void> {
  await client.send(
    new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
  );
  await waitUntilStackCreateComplete({ client, maxWaitTime: 120, minDelay: 1, maxDelay: 1 }, { StackName });
}

/**
 * In place of the repository's own, which has run for this very test: the runner has this checkout's dependencies and
 * packages. devops-app is built, as the own one does.
 */
const setup = `
  import { execFileSync } from 'node:child_process';
  import { symlinkSync } from 'node:fs';
  export function setUp() {
    symlinkSync(${JSON.stringify(join(root, 'node_modules'))}, 'node_modules');
    execFileSync(process.execPath, ['apps/devops-app/build.mjs'], { stdio: 'inherit' });
  }
`;
