import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DataPoint, decideState, hasLowSamples, isBreaching } from './evaluation.ts';
import type { AlarmState, MissingData } from './state.ts';

const treatments: readonly MissingData[] = ['missing', 'ignore', 'breaching', 'notBreaching'];
const keep = undefined;
type Row = readonly [
  toAlarm: number,
  of: number,
  data: string,
  ...states: [AlarmState | undefined, AlarmState | undefined, AlarmState, AlarmState],
];
const insufficient = 'INSUFFICIENT_DATA';

/** Newest last: 0 does not breach, X does, - is missing. Columns: missing, ignore, breaching, notBreaching. */
const documented: readonly Row[] = [
  // Confirmed by docs: the tables of "How alarm state is evaluated when data is missing".
  [3, 3, '0-X-X', 'OK', 'OK', 'OK', 'OK'],
  [3, 3, '0----', 'OK', 'OK', 'OK', 'OK'],
  [3, 3, '-----', insufficient, keep, 'ALARM', 'OK'],
  [3, 3, '0XX-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, 3, '--X--', 'ALARM', keep, 'ALARM', 'OK'],
  [2, 3, '0-X-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, 3, '00X0X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, 3, '0-X--', 'OK', 'OK', 'ALARM', 'OK'],
  [2, 3, '----0', 'OK', 'OK', 'ALARM', 'OK'],
  [2, 3, '---X-', 'ALARM', keep, 'ALARM', 'OK'],
  // Confirmed by docs: "Avoiding premature transitions to alarm state".
  [3, 3, '----X', keep, keep, 'ALARM', 'OK'],
  [3, 3, '---X-', keep, keep, 'ALARM', 'OK'],
  [3, 3, '---X0', 'OK', 'OK', 'OK', 'OK'],
  [3, 3, '--X-0', 'OK', 'OK', 'OK', 'OK'],
];

/** What follows from the documented rules. */
const derived: readonly Row[] = [
  [3, 3, '00XXX', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, 3, 'XXX00', 'OK', 'OK', 'OK', 'OK'],
  [3, 3, 'XX0--', 'OK', 'OK', 'OK', 'OK'],
  [3, 3, 'XXX--', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, 3, '0X---', 'OK', 'OK', 'OK', 'OK'],
  [2, 3, '---XX', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [2, 3, '----X', keep, keep, 'ALARM', 'OK'],
  [2, 3, 'XX000', 'OK', 'OK', 'OK', 'OK'],
  [1, 1, '--X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [1, 1, 'X--', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [1, 1, '0--', 'OK', 'OK', 'OK', 'OK'],
  [1, 1, '---', insufficient, keep, 'ALARM', 'OK'],
  [1, 3, '0-X--', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, 5, '--XXX00', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
  [3, 5, '--XX000', 'OK', 'OK', 'OK', 'OK'],
];

const periodMs = 60_000;

describe('the state that data calls for', () => {
  for (const [datapointsToAlarm, evaluationPeriods, data, ...states] of [...documented, ...derived]) {
    treatments.forEach((treatMissingData, column) => {
      const expected = states[column];
      test(`${datapointsToAlarm} of ${evaluationPeriods}, ${data}, ${treatMissingData}: ${expected ?? 'the state stays'}`, () => {
        const rule = {
          evaluationPeriods,
          datapointsToAlarm,
          treatMissingData,
          comparison: 'GreaterThanThreshold',
          threshold: 5,
        } as const;
        assert.equal(decideState(pointsOf(data), rule, { end: data.length * periodMs, periodMs }), expected);
      });
    });
  }
});

function pointsOf(data: string): DataPoint[] {
  return [...data].flatMap((mark, index) =>
    mark === '-' ? [] : [{ timestamp: index * periodMs, value: mark === 'X' ? 10 : 0 }],
  );
}

test('comparisons at, above and below the threshold', () => {
  const around = [4, 5, 6];
  const rows = [
    ['GreaterThanThreshold', [false, false, true]],
    ['GreaterThanOrEqualToThreshold', [false, true, true]],
    ['LessThanThreshold', [true, false, false]],
    ['LessThanOrEqualToThreshold', [true, true, false]],
  ] as const;
  for (const [comparison, expected] of rows)
    assert.deepEqual(
      around.map((value) => isBreaching(value, { comparison, threshold: 5 })),
      expected,
      comparison,
    );
});

test('a percentile needs ten samples beyond it: 1000 for p99, 100 for p90 and p10, 20 for p50', () => {
  for (const [percentile, needed] of [
    [99, 1000],
    [90, 100],
    [50, 20],
    [10, 100],
  ] as const) {
    const low = (samples: number): boolean =>
      hasLowSamples(
        [
          { timestamp: 0, value: 1, sampleCount: samples - 1 },
          { timestamp: 1, value: 1, sampleCount: 1 },
        ],
        { evaluationPeriods: 2 },
        percentile,
      );
    assert.deepEqual([low(needed - 1), low(needed)], [true, false], `p${percentile}`);
  }
});
