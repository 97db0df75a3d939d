/** The functions of Insights that are modelled. A function of something missing is missing. */
import { compareValues, isTime, numberOf, type Time, textOf, type Value } from './value.ts';

type Function = (...values: readonly Value[]) => Value;

const ofText =
  (work: (text: string) => Value): Function =>
  (value) =>
    value === undefined ? undefined : work(textOf(value));

const ofNumber =
  (work: (number: number) => number): Function =>
  (value) => {
    const number = numberOf(value);
    return number === undefined ? undefined : work(number);
  };

/** By name, with the least and the greatest number of arguments. */
export const functions: ReadonlyMap<string, readonly [work: Function, least: number, most: number]> = new Map<
  string,
  readonly [Function, number, number]
>([
  ['strlen', [ofText((text) => [...text].length), 1, 1]],
  ['toupper', [ofText((text) => text.toUpperCase()), 1, 1]],
  ['tolower', [ofText((text) => text.toLowerCase()), 1, 1]],
  ['trim', [ofText((text) => text.trim()), 1, 1]],
  ['ltrim', [ofText((text) => text.trimStart()), 1, 1]],
  ['rtrim', [ofText((text) => text.trimEnd()), 1, 1]],
  ['concat', [(...values) => values.map(textOf).join(''), 1, 100]],
  ['substr', [substr, 2, 3]],
  ['replace', [(text, from, to) => textOf(text).replaceAll(textOf(from), textOf(to)), 3, 3]],
  ['strcontains', [(text, part) => Number(textOf(text).includes(textOf(part))), 2, 2]],
  ['ispresent', [(value) => value !== undefined, 1, 1]],
  ['isempty', [(value) => value === undefined || textOf(value) === '', 1, 1]],
  ['isblank', [(value) => value === undefined || textOf(value).trim() === '', 1, 1]],
  ['coalesce', [(...values) => values.find((value) => value !== undefined), 1, 100]],
  ['abs', [ofNumber(Math.abs), 1, 1]],
  ['ceil', [ofNumber(Math.ceil), 1, 1]],
  ['floor', [ofNumber(Math.floor), 1, 1]],
  ['sqrt', [ofNumber(Math.sqrt), 1, 1]],
  ['greatest', [(...values) => ordered(values).at(-1), 1, 100]],
  ['least', [(...values) => ordered(values)[0], 1, 100]],
  ['tomillis', [(value) => (isTime(value) ? value.ms : undefined), 1, 1]],
  ['frommillis', [asTime, 1, 1]],
]);

const periodMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `5m` in milliseconds. */
export function periodOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d+)(\w+)$/.exec(text) ?? [];
  return Number(count) * (periodMs[unit] ?? 0);
}

export function floorTime(value: Value, period: number): Time | undefined {
  const ms = isTime(value) ? value.ms : undefined;
  return ms === undefined || period === 0 ? undefined : { ms: Math.floor(ms / period) * period };
}

function asTime(value: Value): Value {
  const ms = numberOf(value);
  return ms === undefined ? undefined : { ms };
}

/** Confirmed by docs: the first character has the number 0. */
function substr(text: Value, start: Value, length: Value): Value {
  const from = numberOf(start) ?? 0;
  const count = numberOf(length);
  return textOf(text).slice(from, count === undefined ? undefined : from + count);
}

function ordered(values: readonly Value[]): readonly Value[] {
  return values.filter((value) => value !== undefined).sort(compareValues);
}
