/** `plimsoll init github` in a fresh repository of somebody's, and what it says to do, done as it says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { startRegion } from '@plimsoll/region/region.js';
import { startTokenIssuer } from '@plimsoll/region/testing/token-issuer.js';
import { outputsOf } from '../deploy/stack-status.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const run = promisify(execFile);
const binary = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));
const issuerName = 'https://token.actions.githubusercontent.com';
const hasAwsCli = await run('aws', ['--version']).then(
  () => true,
  () => false,
);

const definition = `
  import { defineService } from '@plimsoll/blueprint';
  const region = 'eu-west-1';
  export default defineService({
    name: 'shop',
    image: { command: ['node', 'dist/main.js'] },
    environments: { local: { region }, dev: { region }, stage: { region }, prod: { region } },
  });
`;

/** As somebody has it: a remote at GitHub, the service in a folder of its own. */
async function repository(t: TestContext): Promise<{ readonly root: string; readonly service: string }> {
  const folder = await temporaryFolder();
  t.after(folder.remove);
  const root = folder.path;
  const service = join(root, 'services/shop');
  await run('git', ['init', '--quiet'], { cwd: root });
  await run('git', ['remote', 'add', 'origin', 'git@github.com:Acme/shop.git'], { cwd: root });
  await mkdir(service, { recursive: true });
  await writeFile(join(service, 'plimsoll.config.ts'), definition);
  return { root, service };
}

const init = async (cwd: string, ...flags: readonly string[]): Promise<string> =>
  (await run(process.execPath, [binary, 'init', 'github', ...flags], { cwd })).stdout;

test('init github overwrites no file that differs unless it is forced, and asks for what the definition lacks', async (t) => {
  const { root, service } = await repository(t);
  await init(service);
  assert.deepEqual(await readdir(join(root, '.github')), ['actions', 'delivery.template.json', 'workflows']);
  await init(service);
  const file = join(root, '.github/workflows/plimsoll-plan.yml');
  const written = await readFile(file, 'utf8');
  assert.match(written, /working-directory: services\/shop/);
  await writeFile(file, 'mine');
  await assert.rejects(init(service), {
    stderr: /nothing was written.*--force\n {2}\.github\/workflows\/plimsoll-plan\.yml/s,
  });
  assert.equal(await readFile(file, 'utf8'), 'mine');
  await init(service, '--force');
  assert.equal(await readFile(file, 'utf8'), written);
  await writeFile(join(service, 'plimsoll.config.ts'), definition.replace('stage: { region },', ''));
  await assert.rejects(init(service), { stderr: /the definition has no stage/ });
});

test('the commands that init github prints make the roles, for tokens of this repository and no other', {
  skip: hasAwsCli ? false : 'needs the AWS CLI',
  timeout: 180_000,
}, async (t) => {
  const { root, service } = await repository(t);
  const said = await init(service);
  assert.match(said, /AWS_DEPLOY_ROLE_ARN +DeployRoleArn/);
  assert.match(said, /permissionsBoundary: 'acme-delivery-boundary'/);
  const issuer = await startTokenIssuer();
  const region = await startRegion({
    home: join(root, '.plimsoll'),
    region: 'eu-west-1',
    port: 0,
    httpPort: 0,
    tokenIssuers: { [issuerName]: issuer.url },
    report: () => {},
  });
  const { endpoint } = region;
  const config = { endpoint, region: 'eu-west-1', credentials };
  const cloudformation = new CloudFormationClient(config);
  const sts = new STSClient(config);
  t.after(async () => {
    cloudformation.destroy();
    sts.destroy();
    await region.close();
    await issuer.close();
  });
  await asAdministrator(root, endpoint, commandsOf(said));
  const describe = (StackName: string) => cloudformation.send(new DescribeStacksCommand({ StackName }));
  assert.equal((await describe('shop-registry')).Stacks?.[0]?.StackStatus, 'CREATE_COMPLETE');
  const { DeployRoleArn } = outputsOf((await describe('acme-delivery')).Stacks?.[0]);
  const assume = (sub: string) =>
    sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: DeployRoleArn,
        RoleSessionName: 'test',
        WebIdentityToken: issuer.token({
          iss: issuerName,
          aud: 'sts.amazonaws.com',
          sub,
          exp: inFiveMinutes(),
        }),
      }),
    );
  const { AssumedRoleUser: who } = await assume('repo:Acme/shop:environment:prod');
  assert.match(who?.Arn ?? '', /assumed-role\/acme-deploy\/test$/);
  for (const other of ['repo:Acme/other:environment:prod', 'repo:Acme/shop:ref:refs/heads/main'])
    await assert.rejects(assume(other), { name: 'AccessDenied' }, other);
});

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const inFiveMinutes = (): number => Math.floor(Date.now() / 1000) + 300;

/** What is to be typed: the lines after the one that says who does it. */
function commandsOf(said: string): string {
  const [, block = ''] = /administers the account.*:\n([\s\S]*?)\n\n/.exec(said) ?? [];
  assert.match(block, /^ {2}aws cloudformation deploy/);
  return block;
}

async function asAdministrator(root: string, endpoint: string, commands: string): Promise<void> {
  const tools = join(root, 'node_modules/.bin');
  await mkdir(tools, { recursive: true });
  await symlink(binary, join(tools, 'plimsoll'));
  const env = {
    ...process.env,
    PATH: [tools, process.env['PATH']].join(delimiter),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: 'eu-west-1',
  };
  await run('bash', ['-ec', commands], { cwd: root, env });
}
