/**
 * AWS's cron expressions: six fields, minute, hour, day of the month, month, day of the week, year, with `?`, `L`, `W` and
 * `#`. A parsed expression says which days match and which minutes of a day; it knows wall times only, no zones.
 *
 *   parseCron('0 18 ? * MON-FRI *')   18:00 from Monday to Friday
 *   parseCron('0 8 LW * ? *')         8:00 on the last weekday of each month
 *
 * Confirmed by docs: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
 */

interface Day {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  /** 1 is Sunday. */
  readonly weekday: number;
  readonly lastDay: number;
}

type DayMatch = (day: Day) => boolean;

export interface Cron {
  /** Minutes since midnight at which it is due on a day that matches, ascending. */
  readonly minutes: readonly number[];
  readonly years: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly matchesDay: DayMatch;
}

const dayMs = 86_400_000;
const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Undefined when the expression is none. */
export function parseCron(expression: string): Cron | undefined {
  const all = expression.trim().toUpperCase().split(/\s+/);
  // Confirmed by docs: seconds may lead; the resolution is a minute all the same.
  const fields = all.length === 7 && values(all[0], { from: 0, to: 59 }) ? all.slice(1) : all;
  if (fields.length !== 6) return undefined;
  const [minute, hour, dayOfMonth = '', month, dayOfWeek = '', year] = fields;
  const minutes = values(minute, { from: 0, to: 59 });
  const hours = values(hour, { from: 0, to: 23 });
  const months = values(month, { from: 1, to: 12, names: monthNames });
  const years = values(year, { from: 1970, to: 2199 });
  const matchesDay = parseDays(dayOfMonth, dayOfWeek);
  if (!minutes || !hours || !months || !years || !matchesDay) return undefined;
  return {
    minutes: [...hours].flatMap((h) => [...minutes].map((m) => h * 60 + m)).sort((a, b) => a - b),
    months,
    years,
    matchesDay,
  };
}

/** The first wall time after `wallMs` that the expression names; undefined when there is none. */
export function nextWallTime(cron: Cron, wallMs: number): number | undefined {
  const today = Math.floor(wallMs / dayMs) * dayMs;
  const last = Date.UTC(Math.max(...cron.years), 11, 31);
  for (let midnight = today; midnight <= last; midnight = nextDay(cron, midnight)) {
    if (!matches(cron, midnight)) continue;
    const minute = cron.minutes.find((one) => midnight + one * 60_000 > wallMs);
    if (minute !== undefined) return midnight + minute * 60_000;
  }
  return undefined;
}

/** The next day that may match: months and years that do not are passed over as a whole. */
function nextDay(cron: Cron, midnight: number): number {
  const date = new Date(midnight);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (!cron.years.has(year)) return Date.UTC(year + 1, 0, 1);
  return cron.months.has(month + 1) ? midnight + dayMs : Date.UTC(year, month + 1, 1);
}

function matches({ years, months, matchesDay }: Cron, midnight: number): boolean {
  const date = new Date(midnight);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  if (!years.has(year) || !months.has(month)) return false;
  return matchesDay({
    year,
    month,
    day: date.getUTCDate(),
    weekday: date.getUTCDay() + 1,
    lastDay: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  });
}

/** Confirmed by docs: one of the two fields must be `?`. */
function parseDays(dayOfMonth: string, dayOfWeek: string): DayMatch | undefined {
  if (dayOfWeek === '?') return parseDayOfMonth(dayOfMonth);
  return dayOfMonth === '?' ? parseDayOfWeek(dayOfWeek) : undefined;
}

function parseDayOfMonth(field: string): DayMatch | undefined {
  if (field === 'L') return ({ day, lastDay }) => day === lastDay;
  if (field === 'LW') return (date) => date.day === nearestWeekday(date, date.lastDay);
  const weekday = /^(\d{1,2})W$/.exec(field)?.[1];
  if (weekday !== undefined) {
    const wanted = Number(weekday);
    if (wanted < 1 || wanted > 31) return undefined;
    return (date) => wanted <= date.lastDay && date.day === nearestWeekday(date, wanted);
  }
  const days = values(field, { from: 1, to: 31 });
  return days && (({ day }) => days.has(day));
}

/** The weekday closest to a day of this month, without leaving the month. */
function nearestWeekday({ day, weekday, lastDay }: Day, wanted: number): number {
  const at = (((weekday - 1 + wanted - day) % 7) + 7) % 7;
  if (at === 6) return wanted === 1 ? 3 : wanted - 1;
  if (at === 0) return wanted === lastDay ? wanted - 2 : wanted + 1;
  return wanted;
}

function parseDayOfWeek(field: string): DayMatch | undefined {
  if (field === 'L') return ({ weekday }) => weekday === 7;
  const last = /^(.+)L$/.exec(field)?.[1];
  if (last !== undefined) {
    const wanted = value(last, weekdays);
    return wanted === undefined
      ? undefined
      : ({ weekday, day, lastDay }) => weekday === wanted && day + 7 > lastDay;
  }
  const [, name, nth] = /^(.+)#([1-5])$/.exec(field) ?? [];
  if (name !== undefined) {
    const wanted = value(name, weekdays);
    return wanted === undefined
      ? undefined
      : ({ weekday, day }) => weekday === wanted && Math.ceil(day / 7) === Number(nth);
  }
  const days = values(field, weekdays);
  return days && (({ weekday }) => days.has(weekday));
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const weekdays: Range = { from: 1, to: 7, names: weekdayNames };

/** The numbers that `a`, `a,b`, `a-b`, `a/n`, `a-b/n`, `*` and `*` with a step stand for. */
function values(field: string | undefined, range: Range): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  for (const part of (field ?? '').split(',')) {
    const numbers = valuesOfPart(part, range);
    if (!numbers) return undefined;
    for (const number of numbers) found.add(number);
  }
  return found;
}

function valuesOfPart(part: string, range: Range): number[] | undefined {
  const [, bounds = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  const [from, to] = boundsOf(bounds, range, step !== undefined);
  const by = Number(step ?? 1);
  if (from === undefined || to === undefined || by < 1) return undefined;
  // FRI-MON goes over the end.
  const span = to >= from ? to - from : to - from + (range.to - range.from + 1);
  const size = range.to - range.from + 1;
  const numbers: number[] = [];
  for (let i = 0; i <= span; i += by) numbers.push(((from - range.from + i) % size) + range.from);
  return numbers;
}

function boundsOf(bounds: string, range: Range, isStepped: boolean): readonly (number | undefined)[] {
  if (bounds === '*') return [range.from, range.to];
  const [first = '', second] = bounds.split('-');
  const from = value(first, range);
  if (second === undefined) return [from, isStepped ? range.to : from];
  const to = value(second, range);
  const wraps = from !== undefined && to !== undefined && to < from;
  return bounds.split('-').length === 2 && (!wraps || range.names) ? [from, to] : [];
}

function value(text: string, { from, to, names = [] }: Range): number | undefined {
  const named = names.indexOf(text);
  if (named >= 0) return named + from;
  const number = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return number >= from && number <= to ? number : undefined;
}
