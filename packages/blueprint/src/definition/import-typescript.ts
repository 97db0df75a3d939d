/**
 * Imports a TypeScript file. Node 20 strips no types, so the file and what it imports from beside it are turned into one
 * JavaScript module in a temporary folder; packages stay where they are and are imported from there. Refused: a loader
 * hook for the whole process (slower, and it treats the file as CommonJS where the user's package does not say "module").
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BuildFailure, build, type Plugin, stop } from 'esbuild';

/** @throws what the file throws, or esbuild's BuildFailure; `placeOf` finds the place in both */
export async function importTypeScript(file: string): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-definition-'));
  const outfile = join(folder, 'definition.mjs');
  try {
    await writeFile(outfile, await transform(file, outfile));
    // Stack traces then name the user's file and line, not the module's.
    process.setSourceMapsEnabled(true);
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function transform(file: string, outfile: string): Promise<Uint8Array> {
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      outfile,
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      logLevel: 'silent',
      plugins: [packagesByUrl],
    });
    return outputFiles[0]?.contents ?? new Uint8Array();
  } finally {
    // esbuild works in a child process, which nothing else here needs.
    await stop();
  }
}

// The module lies in another folder than the file, so packages are found from the file and named by URL. The definition's
// own package is always this one: one copy of it decides what a definition is.
const packagesByUrl: Plugin = {
  name: 'packages-by-url',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === resolving || kind === 'entry-point' || isAbsolute(path) || path.startsWith('node:'))
        return null;
      if (path === '@plimsoll/blueprint') return { path: ownModule, external: true };
      const found = await resolve(path, { importer, resolveDir, kind, pluginData: resolving });
      if (found.errors.length > 0) return { errors: found.errors };
      return { path: found.external ? found.path : pathToFileURL(found.path).href, external: true };
    });
  },
};

const resolving = Symbol('resolving');
const ownModule = new URL(import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js', import.meta.url)
  .href;

/** Where in the user's files an error is, as file:line:column relative to the working directory, and what it says. */
export function placeOf(error: unknown, file: string): { readonly place?: string; readonly message: string } {
  if (isBuildFailure(error)) {
    const [first] = error.errors;
    const at = first?.location;
    return {
      ...(at && { place: `${at.file}:${at.line}:${at.column + 1}` }),
      message: first?.text ?? error.message,
    };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const frame = /\(?((?:file:\/\/)?\/[^\s()]*?):(\d+):(\d+)\)?$/m;
  const found = (stack ?? '')
    .split('\n')
    .map((line) => frame.exec(line))
    .find((match) => match && asPath(match[1] ?? '') === file);
  return { ...(found && { place: `${relative(process.cwd(), file)}:${found[2]}:${found[3]}` }), message };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}

function asPath(place: string): string {
  return place.startsWith('file:') ? fileURLToPath(place) : place;
}
