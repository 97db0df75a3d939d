import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { seededRandom } from '../../kernel/random.ts';
import { isSchedule, latestOccurrence, nextOccurrence, type Schedule } from './schedule.ts';
import { isTimeZone, wallTime } from './time-zone.ts';

function at(text: string): ReturnType<typeof instant> {
  return instant(Date.parse(text));
}

function runs(
  expression: string,
  from: string,
  count: number,
  options: Partial<Schedule> = {},
): (string | undefined)[] {
  const schedule = { expression, since: at(from), ...options };
  const found: (string | undefined)[] = [];
  let now = at(from);
  for (let i = 0; i < count; i += 1) {
    const next = nextOccurrence(schedule, now);
    found.push(next === undefined ? undefined : new Date(next).toISOString().replace(':00.000Z', 'Z'));
    if (next === undefined) break;
    now = next;
  }
  return found;
}

// 2026-11-22 is a Sunday.
const cronTable: readonly [string, string, readonly (string | undefined)[]][] = [
  ['cron(0 18 ? * MON-FRI *)', '2026-11-27T17:58:00Z', ['2026-11-27T18:00Z', '2026-11-30T18:00Z']],
  ['cron(0 8 ? * 2-6 *)', '2026-11-27T18:00:00Z', ['2026-11-30T08:00Z', '2026-12-01T08:00Z']],
  ['cron(15 10 * * ? *)', '2026-11-22T10:15:00Z', ['2026-11-23T10:15Z']],
  ['cron(0/15 * * * ? *)', '2026-11-22T12:01:00Z', ['2026-11-22T12:15Z', '2026-11-22T12:30Z']],
  ['cron(*/20 8-9 ? * SAT,SUN *)', '2026-11-22T09:21:00Z', ['2026-11-22T09:40Z', '2026-11-28T08:00Z']],
  ['cron(0 8 1 * ? *)', '2026-11-22T12:00:00Z', ['2026-12-01T08:00Z', '2027-01-01T08:00Z']],
  ['cron(0 0 L * ? *)', '2026-11-22T12:00:00Z', ['2026-11-30T00:00Z', '2026-12-31T00:00Z']],
  ['cron(0 0 L FEB ? *)', '2027-03-01T00:00:00Z', ['2028-02-29T00:00Z', '2029-02-28T00:00Z']],
  // 2027-01-31 is a Sunday, 2026-10-31 a Saturday.
  [
    'cron(0 9 LW * ? *)',
    '2026-10-01T00:00:00Z',
    ['2026-10-30T09:00Z', '2026-11-30T09:00Z', '2026-12-31T09:00Z', '2027-01-29T09:00Z'],
  ],
  // 2026-08-15 is a Saturday, 2026-11-15 a Sunday; 2026-08-01 a Saturday, 2026-11-01 a Sunday.
  ['cron(0 9 15W AUG,NOV ? *)', '2026-08-01T00:00:00Z', ['2026-08-14T09:00Z', '2026-11-16T09:00Z']],
  ['cron(0 9 1W AUG,NOV ? *)', '2026-07-31T00:00:00Z', ['2026-08-03T09:00Z', '2026-11-02T09:00Z']],
  ['cron(0 9 31W * ? *)', '2026-11-01T00:00:00Z', ['2026-12-31T09:00Z', '2027-01-29T09:00Z']],
  ['cron(0 9 ? * MON#1 *)', '2026-11-22T00:00:00Z', ['2026-12-07T09:00Z', '2027-01-04T09:00Z']],
  ['cron(0 9 ? * 3#5 *)', '2026-11-22T00:00:00Z', ['2026-12-29T09:00Z', '2027-03-30T09:00Z']],
  ['cron(0 9 ? * FRIL *)', '2026-11-22T00:00:00Z', ['2026-11-27T09:00Z', '2026-12-25T09:00Z']],
  ['cron(0 9 ? * L *)', '2026-11-22T00:00:00Z', ['2026-11-28T09:00Z']],
  [
    'cron(0 9 ? * FRI-MON *)',
    '2026-11-23T09:00:00Z',
    ['2026-11-27T09:00Z', '2026-11-28T09:00Z', '2026-11-29T09:00Z', '2026-11-30T09:00Z', '2026-12-04T09:00Z'],
  ],
  [
    'cron(0 12 25 DEC ? 2026-2027)',
    '2026-11-22T00:00:00Z',
    ['2026-12-25T12:00Z', '2027-12-25T12:00Z', undefined],
  ],
  ['cron(0 0 30 2 ? *)', '2026-11-22T00:00:00Z', [undefined]],
  ['cron(0 0 12 * * ? *)', '2026-11-22T00:00:00Z', ['2026-11-22T12:00Z']],
];

for (const [expression, from, expected] of cronTable) {
  test(`${expression} after ${from}`, () => {
    assert.deepEqual(runs(expression, from, expected.length), expected);
  });
}

for (const expression of [
  'cron(0 18 * * MON-FRI *)',
  'cron(0 18 ? * ? *)',
  'cron(60 18 ? * MON *)',
  'cron(0 24 ? * MON *)',
  'cron(0 18 ? * MON)',
  'cron(0 18 ? * MOO *)',
  'cron(0 18 32 * ? *)',
  'cron(0 18 ? * MON#6 *)',
  'cron(0 18 ? * MON#1,TUE#2 *)',
  'cron(0 20-18 ? * MON *)',
  'cron(0/0 18 ? * MON *)',
  'rate(0 minutes)',
  'rate(1 week)',
  'rate(-1 minutes)',
  'at(2026-11-22)',
  'at(2026-13-22T00:00:00)',
  'at(2027-02-30T08:00:00)',
  '0 18 ? * MON *',
  'every day',
]) {
  test(`${expression} is no schedule`, () => assert.equal(isSchedule(expression), false));
}

test('rate counts from when the action was put, or from its start time, at which it runs as well', () => {
  assert.deepEqual(runs('rate(90 minutes)', '2026-11-22T12:00:00Z', 2), [
    '2026-11-22T13:30Z',
    '2026-11-22T15:00Z',
  ]);
  assert.deepEqual(
    runs('rate(1 day)', '2026-11-22T12:00:00Z', 3, { startTime: at('2026-11-25T06:00:00Z') }),
    ['2026-11-25T06:00Z', '2026-11-26T06:00Z', '2026-11-27T06:00Z'],
  );
});

test('a start time before the first recurrence is a run of its own; the end time ends the schedule', () => {
  assert.deepEqual(
    runs('cron(0 8 ? * MON-FRI *)', '2026-11-22T12:00:00Z', 4, {
      startTime: at('2026-11-22T13:00:00Z'),
      endTime: at('2026-11-24T08:00:00Z'),
    }),
    ['2026-11-22T13:00Z', '2026-11-23T08:00Z', '2026-11-24T08:00Z', undefined],
  );
});

test('at runs once, in its time zone', () => {
  assert.deepEqual(
    runs('at(2026-11-23T08:00:00)', '2026-11-22T12:00:00Z', 2, { timezone: 'America/New_York' }),
    ['2026-11-23T13:00Z', undefined],
  );
  assert.deepEqual(runs('at(2026-11-21T08:00:00)', '2026-11-22T12:00:00Z', 1), [undefined]);
});

test('office hours in Berlin stay at eight by the clock on the wall when daylight saving begins and ends', () => {
  const timezone = 'Europe/Berlin';
  assert.deepEqual(runs('cron(0 8 * * ? *)', '2026-03-27T12:00:00Z', 3, { timezone }), [
    '2026-03-28T07:00Z',
    '2026-03-29T06:00Z',
    '2026-03-30T06:00Z',
  ]);
  assert.deepEqual(runs('cron(0 8 * * ? *)', '2026-10-23T12:00:00Z', 3, { timezone }), [
    '2026-10-24T06:00Z',
    '2026-10-25T07:00Z',
    '2026-10-26T07:00Z',
  ]);
});

test('a time that daylight saving skips runs at the end of the gap', () => {
  // On 2026-03-29 the clock in Berlin goes from 02:00 to 03:00, at 01:00 UTC.
  assert.deepEqual(runs('cron(30 2 * * ? *)', '2026-03-28T12:00:00Z', 2, { timezone: 'Europe/Berlin' }), [
    '2026-03-29T01:00Z',
    '2026-03-30T00:30Z',
  ]);
  assert.deepEqual(runs('cron(0/30 1-3 * * ? *)', '2026-03-29T00:00:00Z', 4, { timezone: 'Europe/Berlin' }), [
    '2026-03-29T00:30Z',
    '2026-03-29T01:00Z',
    '2026-03-29T01:30Z',
    '2026-03-29T23:00Z',
  ]);
});

test('a time that comes twice runs the first time only', () => {
  // On 2026-10-25 the clock in Berlin goes from 03:00 back to 02:00, at 01:00 UTC.
  assert.deepEqual(runs('cron(30 2 * * ? *)', '2026-10-24T12:00:00Z', 2, { timezone: 'Europe/Berlin' }), [
    '2026-10-25T00:30Z',
    '2026-10-26T01:30Z',
  ]);
  assert.deepEqual(runs('cron(0 2,3 * * ? *)', '2026-10-24T12:00:00Z', 3, { timezone: 'Europe/Berlin' }), [
    '2026-10-25T00:00Z',
    '2026-10-25T02:00Z',
    '2026-10-26T01:00Z',
  ]);
});

test('zones that move by half an hour are followed too', () => {
  // Lord Howe goes from 02:00 (+10:30) to 02:30 (+11) on 2026-10-04.
  assert.deepEqual(
    runs('cron(15 2 * * ? *)', '2026-10-02T18:00:00Z', 2, { timezone: 'Australia/Lord_Howe' }),
    ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
  );
});

test('names of time zones are IANA names', () => {
  const table: readonly [string, boolean][] = [
    ['Europe/Berlin', true],
    ['Etc/GMT+9', true],
    ['Pacific/Tahiti', true],
    ['UTC', true],
    ['Europe/Atlantis', false],
    ['+02:00', false],
    ['', false],
  ];
  for (const [zone, expected] of table) assert.equal(isTimeZone(zone), expected, zone);
});

test('of what was missed the latest is found, however often it was due', () => {
  const since = at('2026-01-01T00:00:00Z');
  const latest = (expression: string, from: string, upTo: string): string | undefined => {
    const found = latestOccurrence({ expression, since }, at(from), at(upTo));
    return found === undefined ? undefined : new Date(found).toISOString();
  };
  assert.equal(
    latest('cron(* * * * ? *)', '2026-01-02T00:00:00Z', '2026-11-22T12:00:30Z'),
    '2026-11-22T12:00:00.000Z',
  );
  assert.equal(
    latest('cron(0 18 ? * MON-FRI *)', '2026-11-19T18:00:00Z', '2026-11-22T12:00:00Z'),
    '2026-11-20T18:00:00.000Z',
  );
  assert.equal(
    latest('cron(0 0 29 2 ? *)', '2024-02-29T00:00:00Z', '2026-11-22T12:00:00Z'),
    '2024-02-29T00:00:00.000Z',
  );
  assert.equal(
    latest('rate(7 days)', '2026-01-08T00:00:00Z', '2026-11-22T12:00:00Z'),
    '2026-11-19T00:00:00.000Z',
  );
});

test('the next occurrence is always later, names a minute of the expression, and none lies between', () => {
  const random = seededRandom('schedules');
  const pick = (options: readonly string[]): string => options[random.below(options.length)] ?? '*';
  for (let i = 0; i < 400; i += 1) {
    const minute = pick(['0', '30', '*/7', '5,50', '59']);
    const hour = pick(['*', '2', '0-3', '23', '8,18']);
    const days = pick(['* * ?', '? * MON-FRI', '? * SUN', '1,15 * ?', 'L * ?', '? * 2#2', '28W 2,3,10 ?']);
    const zone = pick(['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata']);
    const schedule = {
      expression: `cron(${minute} ${hour} ${days} *)`,
      timezone: zone,
      since: at('2026-01-01T00:00:00Z'),
    };
    const now = instant(
      Date.UTC(2026, random.below(12), 1 + random.below(28), random.below(24), random.below(60)),
    );
    const next = nextOccurrence(schedule, now);
    const told = `${schedule.expression} ${zone} after ${new Date(now).toISOString()}`;
    assert.ok(next !== undefined && next > now, told);
    const minuteOfWall = new Date(wallTime(next, zone)).getUTCMinutes();
    const isGapEnd = wallTime(next, zone) - wallTime(next - 60_000, zone) > 60_000;
    const minutes: Record<string, (m: number) => boolean> = {
      '0': (m) => m === 0,
      '30': (m) => m === 30,
      '*/7': (m) => m % 7 === 0,
      '5,50': (m) => m === 5 || m === 50,
      '59': (m) => m === 59,
    };
    assert.ok(isGapEnd || minutes[minute]?.(minuteOfWall), told);
    const between = instant(now + Math.floor((next - now) / 2));
    assert.equal(nextOccurrence(schedule, between), next, told);
  }
});
