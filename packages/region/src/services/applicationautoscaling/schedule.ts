/**
 * When a scheduled action is due: `at(…)`, `rate(…)` or `cron(…)`, in a time zone, between a start and an end. Pure: the
 * same schedule and instant give the same answer on any clock.
 */
import { type Instant, instant } from '../../kernel/instant.ts';
import { type Cron, nextWallTime, parseCron } from './cron.ts';
import { instantOfWall, movedShortlyBefore, wallTime } from './time-zone.ts';

export interface Schedule {
  readonly expression: string;
  /** IANA name. Default UTC. */
  readonly timezone?: string;
  readonly startTime?: Instant;
  readonly endTime?: Instant;
  /** When the action was put: `rate` counts from here unless there is a start. */
  readonly since: Instant;
}

type Expression =
  | { readonly kind: 'at'; readonly wallMs: number }
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly cron: Cron };

const hourMs = 3_600_000;
const unitsMs = { minute: 60_000, hour: hourMs, day: 24 * hourMs } as const;

export function isSchedule(expression: string): boolean {
  return parse(expression) !== undefined;
}

/** Whether the time zone has a say: it has none in `rate`. */
export function usesTimezone(expression: string): boolean {
  return parse(expression)?.kind !== 'rate';
}

/** The first time after `after` that the action is due; undefined when it never is again. */
export function nextOccurrence(schedule: Schedule, after: Instant): Instant | undefined {
  const { startTime, endTime } = schedule;
  const next = nextFrom(schedule, after);
  // Confirmed by docs: with a start time it runs then, and after that by its recurrence.
  const isStart = startTime !== undefined && startTime > after && (next === undefined || startTime < next);
  const due = isStart ? startTime : next;
  return due === undefined || (endTime !== undefined && due > endTime) ? undefined : due;
}

/**
 * The last time up to `upTo` that the action was due, not before `from`: what is to be made up for after the region was
 * down. Looked for in ever longer spans back from `upTo`, so that a schedule of each minute costs little.
 */
export function latestOccurrence(schedule: Schedule, from: Instant, upTo: Instant): Instant | undefined {
  for (const spanMs of [hourMs, 24 * hourMs, 32 * 24 * hourMs, 367 * 24 * hourMs, upTo - from + 1]) {
    const start = instant(Math.max(from - 1, upTo - spanMs));
    let latest: Instant | undefined;
    for (let due = nextOccurrence(schedule, start); due !== undefined && due <= upTo; ) {
      latest = due;
      due = nextOccurrence(schedule, due);
    }
    if (latest !== undefined) return latest;
  }
  return undefined;
}

function nextFrom(schedule: Schedule, after: Instant): Instant | undefined {
  const parsed = parse(schedule.expression);
  const zone = schedule.timezone ?? 'UTC';
  const from = instant(Math.max(after, (schedule.startTime ?? after) - 1));
  switch (parsed?.kind) {
    case undefined:
      return undefined;
    case 'at': {
      const at = instantOfWall(parsed.wallMs, zone);
      return at > after ? instant(at) : undefined;
    }
    case 'rate': {
      const start = schedule.startTime ?? schedule.since;
      const passed = Math.floor((from - start) / parsed.everyMs) + 1;
      return instant(start + Math.max(passed, 1) * parsed.everyMs);
    }
    case 'cron':
      return nextOfCron(parsed.cron, from, zone);
  }
}

/** Where the clock was moved lately, wall times before now may lie after it, and several may fall on one instant. */
function nextOfCron(cron: Cron, after: Instant, zone: string): Instant | undefined {
  const lookBackMs = movedShortlyBefore(after, zone) ? 3 * hourMs : 0;
  let wall = nextWallTime(cron, wallTime(after, zone) - lookBackMs);
  while (wall !== undefined) {
    const at = instantOfWall(wall, zone);
    if (at > after) return instant(at);
    wall = nextWallTime(cron, wall);
  }
  return undefined;
}

const parsedExpressions = new Map<string, Expression | undefined>();

function parse(expression: string): Expression | undefined {
  if (!parsedExpressions.has(expression)) {
    if (parsedExpressions.size > 1000) parsedExpressions.clear();
    parsedExpressions.set(expression, read(expression));
  }
  return parsedExpressions.get(expression);
}

function read(expression: string): Expression | undefined {
  const [, kind, inner = ''] = /^(at|rate|cron)\((.*)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'at') return readAt(inner);
  if (kind === 'rate') return readRate(inner);
  const cron = kind === 'cron' ? parseCron(inner) : undefined;
  return cron && { kind: 'cron', cron };
}

function readAt(inner: string): Expression | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(inner)) return undefined;
  const wallMs = Date.parse(`${inner}Z`);
  // The 30th of February parses as the 2nd of March.
  if (Number.isNaN(wallMs) || !new Date(wallMs).toISOString().startsWith(inner)) return undefined;
  return { kind: 'at', wallMs };
}

/** Confirmed by docs: `rate(1 hour)`, `rate(5 minutes)`; the value is a positive integer. */
function readRate(inner: string): Expression | undefined {
  const [, value = '', unit] = /^(\d+)\s*(minute|hour|day)s?$/.exec(inner.trim()) ?? [];
  const everyMs = Number(value) * (unitsMs[unit as keyof typeof unitsMs] ?? 0);
  return everyMs > 0 ? { kind: 'rate', everyMs } : undefined;
}
