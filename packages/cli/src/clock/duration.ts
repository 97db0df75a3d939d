const seconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** Seconds of `90s`, `3m`, `1h30m`, `2d`, or of a plain number; undefined if it is none. */
export function durationOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (!/^(\d+d)?(\d+h)?(\d+m)?(\d+(\.\d+)?s)?$/.test(text) || text === '') return undefined;
  return [...text.matchAll(/([\d.]+)([dhms])/g)].reduce(
    (sum, [, number, unit = 's']) => sum + Number(number) * (seconds[unit] ?? 1),
    0,
  );
}
