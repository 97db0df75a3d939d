const seconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001 };
const parts = /(\d+(?:\.\d+)?)(ms|[dhms])/g;
const whole = new RegExp(
  `^${['d', 'h', 'm', 's', 'ms'].map((unit) => `(\\d+(\\.\\d+)?${unit})?`).join('')}$`,
);

/** Seconds of `500ms`, `90s`, `3m`, `1h30m`, `2d`, or of a plain number; undefined if it is none. */
export function durationOf(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  if (text === '' || !whole.test(text)) return undefined;
  return [...text.matchAll(parts)].reduce(
    (sum, [, number, unit = 's']) => sum + Number(number) * (seconds[unit] ?? 1),
    0,
  );
}
