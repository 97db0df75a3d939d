// The lock file fits the manifests, names no registry host, and nothing needs an install script at run time.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './setup.mjs';

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const problems = [];
for (const [path, entry] of Object.entries(lock.packages)) {
  if (typeof entry.resolved === 'string' && entry.resolved.includes('://'))
    problems.push(`${path} names a host`);
  if (path && !entry.link && !entry.inBundle && path.includes('node_modules/') && !entry.integrity)
    problems.push(`${path} has no integrity`);
}
const listed = spawnSync('npm', ['ls', '--all', '--json'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 1 << 28,
});
for (const problem of JSON.parse(listed.stdout).problems ?? []) problems.push(problem);
if (problems.length > 0) {
  console.log(problems.join('\n'));
  process.exit(1);
}
