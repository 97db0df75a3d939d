/**
 * What CONTRIBUTING.md asks for and a compiler cannot see: which folder may import which, no cycles, no clock or chance
 * outside the driver and the planes, no files past their size. A failure names what to do instead.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const region = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(region, 'src');
const repository = resolve(region, '../..');

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const files = ['packages/region/src', 'packages/blueprint/src', 'packages/cli/src', 'apps/devops-app/src']
  .flatMap((folder) => listTypeScript(join(repository, folder)))
  .map(readSource);
const regionFiles = files.filter(({ path }) => path.startsWith(source));

/** A folder of the region, and the folders that its files may import besides their own. */
const mayImport: { readonly [folder: string]: readonly string[] } = {
  kernel: [],
  drivers: ['kernel'],
  store: ['kernel'],
  models: ['kernel'],
  wire: ['models', 'kernel'],
  gateway: ['wire', 'models', 'kernel'],
  services: ['models', 'kernel'],
  planes: ['kernel'],
  authorization: ['kernel'],
  testing: ['kernel', 'drivers'],
};

test('imports point one way: gateway → wire, services → models, kernel; planes → ports', () => {
  const wrong = regionFiles
    .filter(isProduct)
    .flatMap(({ path, imports }) =>
      imports
        .filter((imported) => !isAllowedImport(path, imported))
        .map((imported) => `${name(path)} imports ${name(imported)}`),
    );
  assert.deepEqual(wrong, []);
});

test('no import cycles, type imports counted', () => {
  assert.deepEqual(findCycles(files), []);
});

test('time and chance are arguments outside drivers and planes', () => {
  const banned: readonly (readonly [RegExp, string])[] = [
    [/\bDate\.now\(/, 'Date.now(): take ctx.now'],
    [/\bnew Date\(\)/, 'new Date(): take toDate(ctx.now)'],
    [/\bMath\.random\(/, 'Math.random(): take ctx.random'],
    [/\brandomUUID\(/, 'randomUUID(): take ctx.random.uuid()'],
    [/\bset(Timeout|Interval)\(/, 'setTimeout: set a timer with ctx.timers'],
  ];
  const pure = regionFiles.filter(
    ({ path }) => isProduct({ path }) && /\/(kernel|services|wire|models)\//.test(path),
  );
  assert.deepEqual(
    pure.flatMap(({ path, text }) =>
      banned
        .filter(([pattern]) => pattern.test(code(text)))
        .map(([, instead]) => `${name(path)}: ${instead}`),
    ),
    [],
  );
});

test('no index files inside a package', () => {
  assert.deepEqual(
    files.map(({ path }) => name(path)).filter((path) => /\/index\.ts$/.test(path)),
    [],
  );
});

test('files stay under 400 lines: past that, find the seam by reason to change', () => {
  const long = files.filter(({ path, text }) => isProduct({ path }) && text.split('\n').length > 400);
  assert.deepEqual(
    long.map(({ path }) => name(path)),
    [],
  );
});

function isAllowedImport(from: string, to: string): boolean {
  const [folder = '', part = ''] = relative(source, from).split('/');
  const [toFolder = '', toPart = '', ...rest] = relative(source, to).split('/');
  if (!from.slice(source.length + 1).includes('/')) return true; // region.ts and main.ts plug all together
  if (folder === 'planes' && toFolder === 'services') return rest.join('/') === 'ports.ts';
  // Each service says in `access.ts` what its operations need.
  if (folder === 'authorization' && toFolder === 'services')
    return ['access.ts', 'views.ts'].includes(rest.join('/'));
  if (folder === 'services' && toFolder === 'services' && part !== toPart)
    return rest.join('/') === 'views.ts';
  return folder === toFolder || (mayImport[folder] ?? []).includes(toFolder);
}

function findCycles(all: readonly SourceFile[]): string[] {
  const byPath = new Map(all.map((file) => [file.path, file]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) {
      cycles.push([...trail.slice(at), path].map(name).join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const imported of byPath.get(path)?.imports ?? []) visit(imported, [...trail, path]);
    done.add(path);
  };
  for (const { path } of all) visit(path, []);
  return cycles;
}

function listTypeScript(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return listTypeScript(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, to = '']) =>
    resolve(dirname(path), to),
  );
  return { path, text, imports };
}

function isProduct({ path }: { readonly path: string }): boolean {
  return !path.endsWith('.test.ts') && !path.includes('/testing/');
}

function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

function name(path: string): string {
  return relative(repository, path);
}
