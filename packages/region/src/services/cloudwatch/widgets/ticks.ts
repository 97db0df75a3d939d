/** Where a graph's axes have their marks, and what they are called. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** About five round numbers that span the values. */
export function valueTicks(least: number, most: number, about = 5): readonly Tick[] {
  const step = niceStep((most - least) / about);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.ceil(most / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = Number(((first + i) * step).toPrecision(12));
    return { value, label: shortNumber(value) };
  });
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough - 1e-12) ?? 10;
  return factor * power;
}

/** `1.5k`, `20M`, `0.25`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  for (const [unit, suffix] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (size >= unit) return `${Number((value / unit).toPrecision(4))}${suffix}`;
  }
  if (size !== 0 && size < 1e-4) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps = [
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  14 * day,
  30 * day,
];

/** At most `most` round times within the range, at the wall clock of a zone. */
export function timeTicks(
  { start, end }: { readonly start: number; readonly end: number },
  most: number,
  zoneMinutes: number,
): readonly Tick[] {
  const step = timeSteps.find((one) => (end - start) / one <= most) ?? 30 * day;
  const offset = zoneMinutes * minute;
  const first = Math.ceil((start + offset) / step) * step - offset;
  const ticks: Tick[] = [];
  for (let value = first; value <= end; value += step)
    ticks.push({ value, label: timeLabel(value + offset, step) });
  return ticks;
}

function timeLabel(local: number, step: number): string {
  const iso = new Date(local).toISOString();
  return step >= day || local % day === 0 ? iso.slice(5, 10).replace('-', '/') : iso.slice(11, 16);
}
