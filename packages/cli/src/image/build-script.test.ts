import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../temporary-folder.ts';
import { buildCommand, plainNodeArguments } from './build-script.ts';

const rows: readonly (readonly [
  what: string,
  scripts: Readonly<Record<string, string>>,
  args: readonly string[] | undefined,
])[] = [
  ['a program of node', { build: 'node build.mjs' }, ['build.mjs']],
  ['with arguments', { build: 'node --import tsx build.ts dist' }, ['--import', 'tsx', 'build.ts', 'dist']],
  ['two commands', { build: 'node a.mjs && node b.mjs' }, undefined],
  ['a variable', { build: 'node build.mjs $OUT' }, undefined],
  ['quotes', { build: 'node -e "1"' }, undefined],
  ['a pattern', { build: 'node build.mjs src/*.ts' }, undefined],
  ['another program', { build: 'tsc -b' }, undefined],
  ['a hook before', { build: 'node build.mjs', prebuild: 'rm -rf dist' }, undefined],
  ['a hook after', { build: 'node build.mjs', postbuild: 'node sign.mjs' }, undefined],
];

for (const [what, scripts, args] of rows) {
  test(`a build script: ${what}: ${args === undefined ? 'npm runs it' : 'node runs it'}`, () => {
    assert.deepEqual(plainNodeArguments(scripts), args);
  });
}

test('without npm a build script finds the programs of its dependencies and the facts of its package', async (t) => {
  const { path: folder, remove } = await temporaryFolder();
  t.after(remove);
  const context = join(folder, 'app');
  await mkdir(context);
  assert.equal(await buildCommand(context, {}), undefined);
  const manifest = { name: 'shop', version: '1.2.3', scripts: { build: 'node build.mjs' } };
  await writeFile(join(context, 'package.json'), JSON.stringify(manifest));
  const found = await buildCommand(context, { PATH: '/bin' });
  assert.equal(found?.command, 'node');
  assert.equal(found.env['npm_package_version'], '1.2.3');
  const folders = (found.env['PATH'] ?? '').split(':');
  assert.deepEqual(folders.slice(0, 2), [
    join(context, 'node_modules/.bin'),
    join(folder, 'node_modules/.bin'),
  ]);
  assert.equal(folders.at(-1), '/bin');
  await writeFile(join(context, '.npmrc'), 'script-shell=bash');
  assert.equal((await buildCommand(context, {}))?.command, 'npm');
});
