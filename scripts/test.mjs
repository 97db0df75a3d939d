// `npm test`: sets up what is missing, then runs every built test. Arguments choose files by a part of their path.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import { root, setUp } from './setup.mjs';
import report from './test-reporter.mjs';

/** Most tests wait for processes, so that even two cores run three files at once faster than one after the other. */
const concurrency = 3;
/** They load the machine or measure what it does, so that each of them has it alone. */
const alone = [
  'packages/cli/dist/scenarios/closed-loop.test.js',
  'packages/region/dist/scenarios/in-flight.test.js',
  'packages/region/dist/scenarios/kills.test.js',
  'packages/region/dist/scenarios/releases.test.js',
  'packages/region/dist/scenarios/releases-over-tls.test.js',
  'packages/region/dist/scenarios/scaling.test.js',
  'packages/region/dist/planes/processes/task-limits.test.js',
];

const usage = `npm test: every test
npm test -- PART…: the test files with one of these parts in their path, e.g. npm test -- ecs/scheduler`;

const chosen = process.argv.slice(2);
if (chosen.some((part) => part === '--help' || part === '-h')) {
  console.log(usage);
  process.exit(0);
}
const flag = chosen.find((part) => part.startsWith('-'));
if (flag !== undefined) refuse(`npm test knows no flag ${flag}.`);
setUp();
const files = ['packages', 'apps', 'bench']
  .flatMap((folder) => testFiles(join(root, folder)))
  .map((file) => relative(root, file))
  .filter((file) => chosen.length === 0 || chosen.some((part) => file.includes(part)))
  .sort();
const idle = chosen.filter((part) => !files.some((file) => file.includes(part)));
if (idle.length > 0) refuse(`No test file has '${idle.join("' or '")}' in its path.`);

process.chdir(root);
for await (const text of report(results())) process.stdout.write(text);

async function* results() {
  const isAlone = (file) => alone.includes(file);
  for await (const result of run({ files: files.filter((file) => !isAlone(file)), concurrency }))
    yield watched(result);
  for await (const result of run({ files: files.filter(isAlone), concurrency: 1 })) yield watched(result);
}

function watched(result) {
  if (result.type === 'test:fail') process.exitCode = 1;
  return result;
}

function refuse(what) {
  console.error(`${what}\n${usage}`);
  process.exit(2);
}

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path);
    return /\.test\.m?js$/.test(entry.name) ? [path] : [];
  });
}
