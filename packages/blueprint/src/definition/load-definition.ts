import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { isObject } from './check.ts';
import { DefinitionError, definitionProblems } from './define-service.ts';
import { importTypeScript, placeOf } from './import-typescript.ts';
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
  const shown = relative(process.cwd(), file);
  if (!existsSync(file)) {
    throw new DefinitionFileError(
      `${shown}: there is no such file. It should export default defineService({ ... }).`,
    );
  }
  const definition = await importDefault(file, shown);
  if (definition === undefined) {
    throw new DefinitionFileError(
      `${shown}: exports no default. It should export default defineService({ ... }).`,
    );
  }
  // Also when the file does without defineService, which only checks and types.
  const problems = definitionProblems(definition);
  if (problems.length > 0) throw new DefinitionError(problems, shown);
  return definition as ServiceDefinition;
}

async function importDefault(file: string, shown: string): Promise<unknown> {
  try {
    const exported = await importTypeScript(file);
    return isObject(exported) ? exported['default'] : undefined;
  } catch (error) {
    if (error instanceof DefinitionError) throw new DefinitionError(error.problems, shown);
    const { place, message } = placeOf(error, file);
    throw new DefinitionFileError(`${place ?? shown}: ${message}`, { cause: error });
  }
}
