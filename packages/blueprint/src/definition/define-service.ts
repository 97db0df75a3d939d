import { type Check, isObject, join, object, type Problem, problemsOf, record } from './check.ts';
import { mergedOptions } from './resolved-environment.ts';
import { environmentName, optionChecks, placeChecks, serviceName } from './rules.ts';
import type { EnvironmentOptions, ServiceDefinition } from './service-definition.ts';

/** A definition that cannot be built. `problems` has all of them; the message too, one a line. */
export class DefinitionError extends Error {
  readonly problems: readonly Problem[];

  /** @param file what to call the place of the definition */
  constructor(problems: readonly Problem[], file = 'the definition') {
    const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
    const lines = problems.map(({ path, message }) => `  ${path === '' ? 'definition' : path}: ${message}`);
    super(`${count} in ${file}:\n${lines.join('\n')}`);
    this.name = 'DefinitionError';
    this.problems = problems;
  }
}

/**
 * Describes a web service and its environments. Export the result as the default of `plimsoll.config.ts`.
 * @returns the definition as given
 * @throws DefinitionError with every problem: where it is, what was given, what is allowed
 */
export function defineService(definition: ServiceDefinition): ServiceDefinition {
  const problems = definitionProblems(definition);
  if (problems.length > 0) throw new DefinitionError(problems);
  return definition;
}

/** All problems of a definition: first the service's own, then those that an environment brings in. */
export function definitionProblems(definition: unknown): readonly Problem[] {
  const own = problemsOf(service, definition);
  if (!isDefinition(definition)) return own;
  const merged = Object.entries(definition.environments).flatMap(([name, overrides]) =>
    isObject(overrides) ? environmentProblems(definition, name, overrides) : [],
  );
  return [...own, ...merged];
}

const environment: Check = (value, path, report) => {
  // Options are checked after the merge, where an override may complete what the service began.
  const anything: Check = () => undefined;
  const options = Object.fromEntries(Object.keys(optionChecks).map((key) => [key, anything]));
  object({ ...placeChecks, ...options })(value, path, report);
  const { region, regions } = Object(value) as EnvironmentOptions;
  if (region === undefined && regions === undefined)
    report(join(path, 'region'), "missing; give it, for instance 'eu-central-1'");
  if (region !== undefined && regions !== undefined)
    report(join(path, 'regions'), 'given next to region; allowed: one of them');
};

const service = object(
  { name: serviceName, ...optionChecks, environments: record(environmentName, environment, true) },
  ['name', 'environments'],
);

// What the service alone has wrong is reported once, at the service; everything else comes from what the environment says.
function environmentProblems(
  definition: ServiceDefinition,
  name: string,
  overrides: EnvironmentOptions,
): readonly Problem[] {
  const options = object(optionChecks);
  const own = problemsOf(options, onlyOptions(mergedOptions(definition, {})));
  const merged = problemsOf(options, onlyOptions(mergedOptions(definition, overrides)));
  return merged
    .filter(
      (problem) => !own.some(({ path, message }) => path === problem.path && message === problem.message),
    )
    .map(({ path, message }) => ({ path: `environments.${name}.${path}`, message }));
}

// Keys that are no options have been reported already.
function onlyOptions(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([key]) => Object.hasOwn(optionChecks, key)));
}

// Enough of one to look into its environments.
function isDefinition(value: unknown): value is ServiceDefinition {
  return isObject(value) && isObject(value['environments']);
}
