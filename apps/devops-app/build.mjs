// Bundles each command of the image into dist/, dependencies included: `dist/`, `migrations/` and package.json
// (it says "type": "module") are the whole image, without node_modules. Type checking is `tsc -b`'s work.
//   node build.mjs [folder, dist if none is given]
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const outdir = resolve(process.argv[2] ?? `${root}dist`);
await rm(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts', 'src/migrate.ts'],
  outdir,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Where a package brings ES modules, what is not used is left out.
  mainFields: ['module', 'main'],
  // What both commands need is written once, and the AWS SDK is parsed only when the secret is first needed.
  splitting: true,
  // Identifiers are kept: a stack trace in the logs stays readable without a source map.
  minifyWhitespace: true,
  minifySyntax: true,
  // Optional parts of `pg` that are never loaded here.
  external: ['pg-native', 'pg-cloudflare'],
  // CommonJS dependencies ask for Node's own modules by `require`.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
