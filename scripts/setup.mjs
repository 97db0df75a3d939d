// What a fresh clone needs before anything runs: the locked dependencies, and the built packages. Both are skipped when
// they are up to date.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Installs and builds what is missing. Ends the process with a text when that fails.
 * `buildsApp: false` leaves devops-app out, for whoever builds it anyway.
 */
export function setUp({ buildsApp = true } = {}) {
  checkNode();
  install();
  build();
  if (buildsApp)
    run(process.execPath, [join(root, 'apps/devops-app/build.mjs')], 'devops-app could not be built.');
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`Plimsoll needs Node.js 20.19 or newer; this is ${process.versions.node}.`);
}

function install() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const stamp = join(root, 'node_modules', '.plimsoll-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing dependencies (once) …');
  // Not `npm ci`: it wants every platform's optional binaries in the lock file, and registries that mirror only some
  // platforms cannot give them. `--no-save` takes the locked versions all the same and leaves the lock file alone.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', args, 'The dependencies could not be installed.');
  writeFileSync(stamp, lock);
}

function build() {
  if (!existsSync(join(root, 'packages/cli/dist'))) console.log('Building (once) …');
  run(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-b'],
    'The packages could not be built.',
  );
  bundleRegion();
}

function bundleRegion() {
  const region = join(root, 'packages/region');
  const bundle = join(region, 'dist/bundle/main.js');
  const isCurrent =
    existsSync(bundle) && statSync(bundle).mtimeMs > statSync(join(region, 'tsconfig.tsbuildinfo')).mtimeMs;
  if (!isCurrent) run(process.execPath, [join(region, 'build.mjs')], 'The region could not be bundled.');
}

function run(command, args, complaint) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) fail(`${complaint} ${error.message}`);
  if (status !== 0) fail(complaint);
}

export function fail(text) {
  console.error(text);
  process.exit(1);
}
