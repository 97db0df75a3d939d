import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import { isObject } from './check.ts';
import { DefinitionError, definitionProblems } from './define-service.ts';
import type { ServiceDefinition } from './service-definition.ts';

/** The definition's file cannot be read as one: it is missing, does not parse, throws, or exports nothing. */
export class DefinitionFileError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DefinitionFileError';
  }
}

/**
 * Reads a definition from a TypeScript or JavaScript file.
 * @param path for instance 'plimsoll.config.ts'; relative to the working directory
 * @throws DefinitionError if the definition has problems
 * @throws DefinitionFileError if the file cannot be read as one; the message starts with file, line and column
 */
export async function loadDefinition(path: string): Promise<ServiceDefinition> {
  const file = resolve(path);
  const shown = relative(process.cwd(), file) || file;
  if (!existsSync(file)) {
    throw new DefinitionFileError(
      `${shown}: there is no such file. It should export default defineService({ ... }).`,
    );
  }
  const exported = await importModule(file, shown);
  const definition = isObject(exported) ? exported['default'] : undefined;
  if (definition === undefined) {
    throw new DefinitionFileError(
      `${shown}: exports no default. It should export default defineService({ ... }).`,
    );
  }
  // Also when the file does without defineService, which only checks and types.
  const problems = definitionProblems(definition);
  if (problems.length > 0) throw new DefinitionError(problems);
  return definition as ServiceDefinition;
}

async function importModule(file: string, shown: string): Promise<unknown> {
  try {
    return await tsImport(pathToFileURL(file).href, import.meta.url);
  } catch (error) {
    // The file has its own copy of this module's classes when it resolves another installation: names decide.
    if (error instanceof Error && error.name === 'DefinitionError') throw error;
    throw new DefinitionFileError(describe(error, file, shown), { cause: error });
  }
}

function describe(error: unknown, file: string, shown: string): string {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  // The transform's own errors start with the place.
  const place = /^(?:.*\n)*?(.+?):(\d+):(\d+): (?:ERROR|error): (.*)/.exec(message);
  if (place) return `${shown}:${place[2]}:${place[3]}: ${place[4]}`;
  const frame = (stack ?? '')
    .split('\n')
    .find((line) => line.includes(file) || line.includes(pathToFileURL(file).href));
  const at = /:(\d+):(\d+)\)?$/.exec(frame ?? '');
  return `${shown}${at ? `:${at[1]}:${at[2]}` : ''}: ${message.replaceAll(pathToFileURL(file).href, fileURLToPath(pathToFileURL(file)))}`;
}
