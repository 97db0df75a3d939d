/**
 * Wall clocks. A wall time is what a clock on the wall of a zone shows, as milliseconds since 1970 as if it were UTC, so
 * that fields can be read and days counted without a zone. `Intl` knows the zones and their daylight saving times.
 */

const hourMs = 3_600_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** An IANA name that `Intl` knows. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    // Intl takes `+02:00` as well, which is no name.
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

/** What the wall clock of the zone shows at this instant. */
export function wallTime(instantMs: number, zone: string): number {
  if (zone === 'UTC') return instantMs;
  const found: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(instantMs)) found[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = found;
  const fractionMs = ((instantMs % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) + fractionMs;
}

/**
 * The instant at which the wall clock shows this time.
 * Chosen, as AWS documents neither: a time that daylight saving skips is the first instant after the gap, and of a time
 * that comes twice the first one counts.
 */
export function instantOfWall(wallMs: number, zone: string): number {
  if (zone === 'UTC') return wallMs;
  const candidates = offsetsNear(wallMs, zone)
    .map((offset) => wallMs - offset)
    .filter((at) => wallTime(at, zone) === wallMs);
  return candidates.length > 0 ? Math.min(...candidates) : endOfGap(wallMs, zone);
}

/** The wall clock is moved within three hours before this instant. No zone moves by more at once for daylight saving. */
export function movedShortlyBefore(instantMs: number, zone: string): boolean {
  if (zone === 'UTC') return false;
  return offsetAt(instantMs, zone) !== offsetAt(instantMs - 3 * hourMs, zone);
}

/** Zones are at most 14 hours from UTC: a day before and after shows the offsets on both sides of a change. */
function offsetsNear(wallMs: number, zone: string): number[] {
  return [offsetAt(wallMs - 24 * hourMs, zone), offsetAt(wallMs + 24 * hourMs, zone)];
}

function offsetAt(instantMs: number, zone: string): number {
  return wallTime(instantMs, zone) - instantMs;
}

/** The first instant whose wall time is past a time that no clock shows; found by halving. */
function endOfGap(wallMs: number, zone: string): number {
  let before = wallMs - 24 * hourMs;
  let after = wallMs + 24 * hourMs;
  while (after - before > 1000) {
    const middle = Math.floor((before + after) / 2000) * 1000;
    if (wallTime(middle, zone) > wallMs) after = middle;
    else before = middle;
  }
  return after;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, made);
  return made;
}
