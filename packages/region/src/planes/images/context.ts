import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Paths below a folder in a fixed order, parents before children, `/` between names on every system. */
export async function filesBelow(
  root: string,
  options: {
    readonly include?: readonly string[] | undefined;
    readonly ignore?: readonly string[] | undefined;
  },
): Promise<string[]> {
  const found = new Set<string>();
  for (const path of options.include ?? (await readdir(root))) {
    const clean = cleanPath(path);
    addParents(found, clean);
    await walk(root, clean, found);
  }
  const isIgnored = ignorePattern(options.ignore ?? []);
  return [...found].filter((path) => path !== '' && !isIgnored(path)).sort(byCodeUnit);
}

async function walk(root: string, path: string, found: Set<string>): Promise<void> {
  const stats = await lstat(join(root, path));
  found.add(path);
  if (!stats.isDirectory()) return;
  for (const name of await readdir(join(root, path)))
    await walk(root, path === '' ? name : `${path}/${name}`, found);
}

function addParents(found: Set<string>, path: string): void {
  const names = path.split('/');
  for (let i = 1; i < names.length; i += 1) found.add(names.slice(0, i).join('/'));
}

function cleanPath(path: string): string {
  const names = path.split(/[\\/]+/).filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new Error(`${path} leaves the folder that is packed`);
  return names.join('/');
}

/** Not `localeCompare`: the order must not depend on the machine's language. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Decides as Docker does: the last pattern that matches the path or one of its parents wins.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function ignorePattern(patterns: readonly string[]): (path: string) => boolean {
  const rules = patterns
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const exception = line.startsWith('!');
      const pattern = (exception ? line.slice(1) : line).replace(/^\/+|\/+$/g, '');
      return { exception, expression: expressionOf(pattern) };
    });
  return (path) => {
    let ignored = false;
    for (const { exception, expression } of rules) if (expression.test(path)) ignored = !exception;
    return ignored;
  };
}

/** Matches the path itself and everything below it. */
function expressionOf(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|[.+^${}()|\\[\]]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return token.length > 1 ? token : `\\${token}`;
  });
  return new RegExp(`^${source}(?:/.*)?$`);
}
