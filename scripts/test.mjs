// `npm test`: sets up what is missing, then runs every built test. Arguments choose files by a part of their path.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp();
const chosen = process.argv.slice(2);
const files = ['packages', 'apps', 'bench']
  .flatMap((folder) => testFiles(join(root, folder)))
  .map((file) => relative(root, file))
  .filter((file) => chosen.length === 0 || chosen.some((part) => file.includes(part)))
  .sort();
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', '--test', '--test-reporter=./scripts/test-reporter.mjs', ...files],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
process.exit(status ?? 1);

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path);
    return /\.test\.m?js$/.test(entry.name) ? [path] : [];
  });
}
