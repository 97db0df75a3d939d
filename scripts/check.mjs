// `npm run check`: everything that CI holds the tree to besides the tests. Each check is named; all run; any failure fails.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './setup.mjs';

const bin = (name) => join(root, 'node_modules', '.bin', name);
const checks = [
  ['type check', bin('tsc'), ['-b']],
  ['type check of the benchmarks', bin('tsc'), ['-p', 'bench']],
  ['purity', bin('tsc'), ['-p', 'packages/region/tsconfig.pure.json']],
  ['lint and formatting', bin('biome'), ['check', '--error-on-warnings', '.']],
  ['dead code and dependencies', bin('knip'), []],
  ['lock file', process.execPath, ['scripts/check-lock.mjs']],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  console.log(`${status === 0 ? '✔' : '✖'} ${name}`);
  if (status === 0) continue;
  failed += 1;
  console.log(`${stdout}${stderr}`.replace(/^/gm, '    '));
}
process.exit(failed === 0 ? 0 : 1);
