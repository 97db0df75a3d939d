/**
 * Loads the schemas of one `@aws-sdk/client-*` package and nothing else of it.
 *
 * Importing a whole client brings its commands, endpoint rules and credential providers: for EC2 450 ms and 66 MB, where
 * its schemas alone take 150 ms and 30 MB; for most others 15 ms and 5 MB against 2 ms and 1 MB. The region answers for
 * these services and never calls them, so only the schemas are of use. They are one file of each package,
 * `dist-es/schemas/schemas_0.js`, whose only imports are the error classes and the registry for them. That file is an
 * ES module in a package which Node takes for CommonJS, with imports that Node cannot resolve, so it is compiled here
 * as a function that is given stand-ins for both. If a release of the SDK changes the file's form, the whole package is
 * imported instead, and schema-module.test.ts says so.
 */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';

/** Schemas by the names under which the package exports them: `CreateCluster$`, `ClusterNotFoundException$`. */
export type SchemaModule = Readonly<Record<string, unknown>>;

export async function loadSchemaModule(client: string): Promise<SchemaModule> {
  return (await loadSchemasAlone(client)) ?? ((await import(client)) as SchemaModule);
}

const ENTRY = /dist-cjs[\\/]index\.js$/;

/** @returns undefined if the package is not laid out as described above. */
export async function loadSchemasAlone(client: string): Promise<SchemaModule | undefined> {
  const entry = createRequire(import.meta.url).resolve(client);
  if (!ENTRY.test(entry)) return undefined;
  const file = entry.replace(ENTRY, 'dist-es/schemas/schemas_0.js');
  try {
    return evaluate(await readFile(file, 'utf8'), file);
  } catch {
    return undefined;
  }
}

function evaluate(source: string, file: string): SchemaModule {
  const imported = [...source.matchAll(/^import \{([^}]*)\} from "[^"]+";$/gm)].flatMap(([, names]) =>
    (names ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
  const exported = [...source.matchAll(/^export (?:var|const) ([\w$]+) =/gm)].map(([, name]) => name);
  const body = source.replace(/^import .*$/gm, '').replace(/^export (?=(?:var|const) )/gm, '');
  const module = compileFunction(`${body}\nreturn { ${exported.join(', ')} };`, imported, { filename: file });
  return module(...imported.map(standIn)) as SchemaModule;
}

function standIn(imported: string): unknown {
  return imported === 'TypeRegistry' ? Registry : class {};
}

/** The SDK's own registry is one per process: registering stand-ins there would take the error classes from real clients. */
class Registry {
  static for(): Registry {
    return new Registry();
  }

  registerError(): void {}
}
