/**
 * Checks of plain data that collect every problem instead of stopping at the first. A check looks at one value; `object`
 * combines checks by key. Each problem says where, what was given and what is allowed:
 *
 *   scaling.min: given 'two'; allowed: a whole number from 0 to 5000
 */
export interface Problem {
  /** Where: the keys from the definition's root, joined by dots. */
  readonly path: string;
  /** What is wrong, with what was given and what is allowed. */
  readonly message: string;
}

export type Report = (path: string, message: string) => void;
export type Check = (value: unknown, path: string, report: Report) => void;

/** Runs a check over a value and returns all that it found, in the order of the definition. */
export function problemsOf(check: Check, value: unknown, path = ''): readonly Problem[] {
  const problems: Problem[] = [];
  check(value, path, (where, message) => problems.push({ path: where, message }));
  return problems;
}

/** An object whose known keys have these checks. Unknown keys are problems; keys not in `required` may be missing. */
export function object(fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  return (value, path, report) => {
    if (!isObject(value)) return report(path, given(value, `an object with ${list(Object.keys(fields))}`));
    for (const key of required) {
      if (value[key] === undefined) report(join(path, key), 'missing; it must be given');
    }
    for (const [key, member] of Object.entries(value)) {
      const check = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (check === undefined) report(join(path, key), unknownKey(key, Object.keys(fields)));
      else if (member !== undefined) check(member, join(path, key), report);
    }
  };
}

/** An object with any keys of one form, for instance environments by name. */
export function record(keyForm: Form, check: Check, atLeastOne = false): Check {
  return (value, path, report) => {
    if (!isObject(value)) return report(path, given(value, 'an object'));
    if (atLeastOne && Object.keys(value).length === 0) report(path, 'empty; at least one must be given');
    for (const [key, member] of Object.entries(value)) {
      if (!keyForm.pattern.test(key))
        report(join(path, key), `the name is not allowed; allowed: ${keyForm.allowed}`);
      check(member, join(path, key), report);
    }
  };
}

export function listOf(check: Check, what: string): Check {
  return (value, path, report) => {
    if (!Array.isArray(value) || value.length === 0) return report(path, given(value, `a list of ${what}`));
    for (const [index, member] of value.entries()) check(member, `${path}[${index}]`, report);
  };
}

/** A list that names nothing twice. */
export function listOfDistinct(check: Check, what: string): Check {
  const list = listOf(check, what);
  return (value, path, report) => {
    list(value, path, report);
    if (!Array.isArray(value)) return;
    for (const [index, member] of value.entries()) {
      const first = value.indexOf(member);
      if (first < index) report(`${path}[${index}]`, given(member, `each once; it is ${path}[${first}] too`));
    }
  };
}

export function wholeNumber(from: number, to: number, unit = ''): Check {
  return (value, path, report) => {
    if (Number.isInteger(value) && Number(value) >= from && Number(value) <= to) return;
    report(path, given(value, `a whole number from ${from} to ${to}${unit && ` ${unit}`}`));
  };
}

/** A number that may have decimals. */
export function numberFrom(from: number, to: number, unit: string): Check {
  return (value, path, report) => {
    if (typeof value === 'number' && value >= from && value <= to) return;
    report(path, given(value, `a number from ${from} to ${to} ${unit}`));
  };
}

export function oneOf(...allowed: readonly (string | number)[]): Check {
  return (value, path, report) => {
    if (allowed.some((one) => one === value)) return;
    report(path, given(value, list(allowed.map((one) => show(one)))));
  };
}

/** What a text must look like, and how to say so. */
export interface Form {
  readonly pattern: RegExp;
  readonly allowed: string;
}

export function text(form: Form): Check {
  return (value, path, report) => {
    if (typeof value === 'string' && form.pattern.test(value)) return;
    report(path, given(value, form.allowed));
  };
}

export const trueOrFalse: Check = (value, path, report) => {
  if (typeof value !== 'boolean') report(path, given(value, 'true or false'));
};

/** The words of a problem with a value: what was given, what is allowed. */
export function given(value: unknown, allowed: string): string {
  return `given ${show(value)}; allowed: ${allowed}`;
}

export function join(path: string, key: string): string {
  const step = /^[\w-]+$/.test(key) ? key : JSON.stringify(key);
  return path === '' ? step : `${path}.${step}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

function list(words: readonly string[]): string {
  const last = words.at(-1) ?? 'nothing';
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${last}` : last;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.find((one) => distance(one.toLowerCase(), key.toLowerCase()) <= 2);
  const question = near === undefined ? '' : `; did you mean '${near}'?`;
  return `not known${question}; allowed: ${list(known)}`;
}

// Levenshtein, one row at a time.
function distance(a: string, b: string): number {
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
