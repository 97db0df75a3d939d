import { parseArgs } from 'node:util';
import { UserError } from './errors.ts';

/** One flag of a command: `--name` or `--name VALUE`. */
export interface Flag {
  readonly type: 'boolean' | 'string';
  /** One line for the help, without a full stop. */
  readonly text: string;
  /** What the help calls the value; only with `string`. */
  readonly value?: string;
  readonly default?: string;
  readonly choices?: readonly string[];
  readonly short?: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** Booleans are always there; a string is there if it was given or has a default. */
export type FlagValues<F extends Flags> = {
  readonly [Name in keyof F]: F[Name]['type'] extends 'boolean'
    ? boolean
    : F[Name] extends { readonly default: string }
      ? string
      : string | undefined;
};

/** @throws UserError with exit code 2, naming what is wrong and what is allowed */
export function parseFlags<F extends Flags>(
  command: string,
  flags: F,
  args: readonly string[],
): FlagValues<F> {
  const given = parsed(command, flags, args);
  const values = Object.entries(flags).map(([name, flag]) => [
    name,
    flag.type === 'boolean' ? given[name] === true : checked(name, flag, given[name]),
  ]);
  return Object.fromEntries(values) as FlagValues<F>;
}

/**
 * Takes the arguments that are no flags out of the others.
 * @throws UserError with exit code 2 if there are more than `most`
 */
export function splitArguments(
  command: string,
  flags: Flags,
  args: readonly string[],
  most: number,
): { readonly given: readonly string[]; readonly rest: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    options: optionsOf(flags),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const found = tokens.flatMap((token) => (token.kind === 'positional' ? [token] : []));
  const unexpected = found[most];
  if (unexpected !== undefined) {
    throw new UserError(
      [`plimsoll ${command}: unexpected argument '${unexpected.value}'`, `See: plimsoll ${command} --help`],
      2,
    );
  }
  const places = new Set(found.map(({ index }) => index));
  return { given: found.map(({ value }) => value), rest: args.filter((_, index) => !places.has(index)) };
}

/** A port as given by a flag; 0 means a free one. */
export function portOf(name: string, value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new UserError(`--${name}: given '${value}'; allowed: 0 (a free port) to 65535`, 2);
}

function parsed(command: string, flags: Flags, args: readonly string[]): Record<string, unknown> {
  try {
    return parseArgs({ args: [...args], options: optionsOf(flags), allowPositionals: false }).values;
  } catch (error) {
    throw new UserError(
      [`plimsoll ${command}: ${explained(error, flags)}`, `See: plimsoll ${command} --help`],
      2,
    );
  }
}

function optionsOf(flags: Flags): Record<string, { type: 'boolean' | 'string'; short?: string }> {
  const options = Object.entries(flags).map(([name, { type, short }]) => [
    name,
    { type, ...(short !== undefined && { short }) },
  ]);
  return Object.fromEntries(options);
}

function explained(error: unknown, flags: Flags): string {
  const text = error instanceof Error ? error.message : String(error);
  const unknown = /^Unknown option '(--?[^']+)'/.exec(text)?.[1];
  if (unknown !== undefined) {
    const near = nearest(
      unknown,
      Object.keys(flags).map((name) => `--${name}`),
    );
    return `unknown flag ${unknown}${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  const extra = /^Unexpected argument '([^']*)'/.exec(text)?.[1];
  if (extra !== undefined) return `unexpected argument '${extra}'`;
  const missing = /^Option '([^']+)' argument missing/.exec(text)?.[1];
  if (missing !== undefined) return `${missing.replace(/^-\w, /, '')}: its value is missing`;
  return text.split(/[.\n]/, 1)[0] ?? text;
}

function checked(name: string, flag: Flag, value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : flag.default;
  if (text === undefined || flag.choices === undefined || flag.choices.includes(text)) return text;
  throw new UserError(`--${name}: given '${text}'; allowed: ${flag.choices.join(', ')}`, 2);
}

/** The candidate that most likely was meant, if one is near enough. */
export function nearest(given: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, distance: editDistance(given, candidate) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.candidate;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
