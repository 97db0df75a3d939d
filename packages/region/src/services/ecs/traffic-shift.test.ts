import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { weightsOf } from './traffic.ts';
import { beginShift, entered, nextMove, type Shift, type ShiftFacts, shiftPlanOf } from './traffic-shift.ts';

const plans = [
  [{ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 }, [100], 0],
  [{ strategy: 'CANARY' }, [5, 100], 10],
  [{ strategy: 'CANARY', canaryConfiguration: { canaryPercent: 100 } }, [100], 10],
  [{ strategy: 'LINEAR' }, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 6],
  [
    { strategy: 'LINEAR', linearConfiguration: { stepPercent: 33.3, stepBakeTimeInMinutes: 1 } },
    [33.3, 66.6, 99.9, 100],
    1,
  ],
] as const;

test('each strategy shifts production traffic in its steps', () => {
  assert.equal(shiftPlanOf({}), undefined);
  assert.equal(shiftPlanOf({ strategy: 'ROLLING' }), undefined);
  for (const [configuration, steps, stepBakeMinutes] of plans) {
    const plan = shiftPlanOf(configuration);
    assert.deepEqual(plan?.steps, steps);
    assert.equal(plan?.stepBakeMinutes, stepBakeMinutes);
  }
});

test('weights are whole numbers of at most 999', () => {
  assert.deepEqual(
    [0, 5, 100, 33.3, 0.1, 99.9].map((percent) => weightsOf(percent)),
    [
      [0, 100],
      [5, 95],
      [100, 0],
      [333, 667],
      [1, 999],
      [999, 1],
    ],
  );
});

const minute = 60_000;

/** Every stage a shift goes through, with the minute it begins and the traffic, when all is well. */
function course(start: Shift): string[] {
  const told: string[] = [];
  let shift = start;
  let now = start.stageSince;
  for (let i = 0; i < 200; i += 1) {
    const move = nextMove(shift, { now, isReady: true, isReconciled: true });
    if (move.kind === 'wait' && move.until === undefined) return told;
    if (move.kind === 'wait' && move.until !== undefined) now = move.until;
    if (move.kind !== 'enter') continue;
    shift = entered(shift, move.stage, now);
    told.push(`${now / minute} ${move.stage} ${shift.productionPercent}/${shift.testPercent}`);
  }
  throw new Error('no end');
}

test('a canary goes through the documented stages, before each step through PRE_PRODUCTION_TRAFFIC_SHIFT', () => {
  const plan = shiftPlanOf({ strategy: 'CANARY', bakeTimeInMinutes: 3 });
  assert.ok(plan);
  assert.deepEqual(course(beginShift(plan, instant(0), true)), [
    '0 PRE_SCALE_UP 0/0',
    '0 SCALE_UP 0/0',
    '0 POST_SCALE_UP 0/0',
    '0 TEST_TRAFFIC_SHIFT 0/100',
    '0 POST_TEST_TRAFFIC_SHIFT 0/100',
    '0 PRE_PRODUCTION_TRAFFIC_SHIFT 0/100',
    '0 PRODUCTION_TRAFFIC_SHIFT 5/100',
    '10 PRE_PRODUCTION_TRAFFIC_SHIFT 5/100',
    '10 PRODUCTION_TRAFFIC_SHIFT 100/100',
    '10 POST_PRODUCTION_TRAFFIC_SHIFT 100/100',
    '10 BAKE_TIME 100/100',
    '13 CLEAN_UP 100/100',
  ]);
});

const day = 24 * 60 * minute;
const all: ShiftFacts = { now: instant(0), isReady: true, isReconciled: true };

/** What a stage waits for, and what becomes of it after a day. */
const waits: readonly (readonly [Shift['stage'], Partial<ShiftFacts>, object, object])[] = [
  ['RECONCILE_SERVICE', { isReconciled: false }, { kind: 'wait', until: day }, timedOut('RECONCILE_SERVICE')],
  ['SCALE_UP', { isReady: false }, { kind: 'wait', until: day }, timedOut('SCALE_UP')],
  [
    'PRE_PRODUCTION_TRAFFIC_SHIFT',
    { isReady: false },
    { kind: 'wait', until: day },
    timedOut('PRE_PRODUCTION_TRAFFIC_SHIFT'),
  ],
  ['BAKE_TIME', {}, { kind: 'wait', until: 5 * minute }, { kind: 'enter', stage: 'CLEAN_UP' }],
  ['CLEAN_UP', {}, { kind: 'wait' }, { kind: 'wait' }],
  ['POST_SCALE_UP', {}, { kind: 'pause', pause: pauseAt('POST_SCALE_UP') }, undefined as never],
];

function timedOut(stage: string): object {
  return { kind: 'rollBack', reason: `the lifecycle stage ${stage} timed out` };
}

function pauseAt(stage: string) {
  return { stage, timeoutMinutes: 1440, timeoutAction: 'ROLLBACK' as const };
}

test('a stage waits for its tasks, its bake time or its hook', () => {
  const plan = shiftPlanOf({
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 5,
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }],
  });
  assert.ok(plan);
  for (const [stage, facts, now, afterADay] of waits) {
    const shift: Shift = { ...beginShift(plan, instant(0), false), stage };
    assert.deepEqual(nextMove(shift, { ...all, ...facts }), now, stage);
    if (afterADay === undefined) continue;
    assert.deepEqual(nextMove(shift, { ...all, ...facts, now: instant(day) }), afterADay, stage);
  }
});

test('a paused hook lets the stage go on, or times out with its action', () => {
  const plan = shiftPlanOf({
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 5,
    lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }],
  });
  assert.ok(plan);
  const next = (
    status: 'AWAITING_ACTION' | 'SUCCEEDED',
    timeoutAction: 'CONTINUE' | 'ROLLBACK',
    now: number,
  ) =>
    nextMove(
      {
        ...beginShift(plan, instant(0), false),
        stage: 'POST_SCALE_UP',
        hook: { hookId: 'h', status, timeoutAction, expiresAt: instant(minute) },
      },
      { ...all, now: instant(now) },
    );
  const onward = { kind: 'enter', stage: 'TEST_TRAFFIC_SHIFT' };
  assert.deepEqual(next('SUCCEEDED', 'ROLLBACK', 0), onward);
  assert.deepEqual(next('AWAITING_ACTION', 'ROLLBACK', 0), { kind: 'wait', until: minute });
  assert.deepEqual(next('AWAITING_ACTION', 'CONTINUE', minute), onward);
  assert.equal(next('AWAITING_ACTION', 'ROLLBACK', minute).kind, 'rollBack');
});
