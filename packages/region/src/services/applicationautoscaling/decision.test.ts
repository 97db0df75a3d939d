import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Decision, decideIn, decideOut, type View } from './decision.ts';
import { faultOfSteps, type Step, stepFor, steppedCapacity } from './step-scaling.ts';
import { capacityIn, capacityOut, lowThreshold } from './target-tracking.ts';

// metric, target, capacity, new capacity
const outTable: readonly [number, number, number, number][] = [
  [61, 60, 2, 3],
  [75, 60, 4, 5],
  [76, 60, 4, 6],
  [90, 60, 2, 3],
  [91, 60, 2, 4],
  [100, 50, 3, 6],
  [100, 50, 10, 20],
  [66, 60, 10, 11],
  [50.5, 50, 100, 101],
  [4000, 1000, 3, 12],
  [2000, 1000, 0, 1],
  [0.3, 0.1, 3, 9],
];

for (const [metric, target, capacity, expected] of outTable) {
  test(`target tracking out: ${capacity} tasks at ${metric} of ${target} become ${expected}`, () => {
    assert.equal(capacityOut(capacity, metric, target), expected);
  });
}

const inTable: readonly [number, number, number, number][] = [
  [53, 60, 2, 2],
  [53, 60, 10, 9],
  [30, 60, 10, 5],
  [29, 60, 10, 5],
  [31, 60, 10, 6],
  [5, 60, 10, 1],
  [0, 60, 10, 0],
  [29, 60, 2, 1],
  [31, 60, 2, 2],
  [0.1, 0.3, 9, 3],
];

for (const [metric, target, capacity, expected] of inTable) {
  test(`target tracking in: ${capacity} tasks at ${metric} of ${target} become ${expected}`, () => {
    assert.equal(capacityIn(capacity, metric, target), expected);
  });
}

test('what target tracking removes leaves the predicted metric at or below its target, and one less would not', () => {
  for (let capacity = 1; capacity <= 40; capacity += 1) {
    for (let metric = 1; metric < 54; metric += 1) {
      const left = capacityIn(capacity, metric, 60);
      assert.ok((capacity * metric) / left <= 60 + 1e-6);
      if (left > 1) assert.ok((capacity * metric) / (left - 1) > 60);
    }
  }
});

test('the low alarm is at nine tenths of the target', () => {
  const table: readonly [number, number][] = [
    [60, 54],
    [75, 67.5],
    [70, 63],
    [1000, 900],
    [0.1, 0.09],
  ];
  for (const [target, expected] of table) assert.equal(lowThreshold(target), expected);
});

const steps: readonly Step[] = [
  { lower: 0, upper: 10, adjustment: 0 },
  { lower: 10, upper: 20, adjustment: 10 },
  { lower: 20, adjustment: 30 },
  { lower: -10, upper: 0, adjustment: 0 },
  { lower: -20, upper: -10, adjustment: -10 },
  { upper: -20, adjustment: -30 },
];

// The example of the guide: threshold 50, capacity 10.
const percentTable: readonly [number, boolean, number, number][] = [
  [59.9, true, 10, 10],
  [60, true, 10, 11],
  [69.9, true, 10, 11],
  [70, true, 11, 14],
  [40, false, 14, 13],
  [40.1, false, 14, 14],
  [30, false, 14, 10],
  [30.1, false, 14, 13],
];

for (const [metric, isAbove, capacity, expected] of percentTable) {
  test(`step scaling by percent: ${capacity} tasks at ${metric}, threshold 50, become ${expected}`, () => {
    const step = stepFor(steps, metric - 50, isAbove);
    assert.ok(step);
    assert.equal(steppedCapacity(capacity, step, { type: 'PercentChangeInCapacity' }), expected);
  });
}

test('percent changes are rounded towards zero, but never to nothing', () => {
  const change = (capacity: number, adjustment: number, minimumMagnitude?: number): number =>
    steppedCapacity(
      capacity,
      { adjustment },
      { type: 'PercentChangeInCapacity', ...(minimumMagnitude === undefined ? {} : { minimumMagnitude }) },
    ) - capacity;
  // capacity, percent, minimum magnitude, change
  const table: readonly [number, number, number | undefined, number][] = [
    [10, 127, undefined, 12],
    [10, 6.7, undefined, 1],
    [10, -6.7, undefined, -1],
    [10, -65.8, undefined, -6],
    [4, 25, 2, 2],
    [4, -25, 2, -2],
    [4, 100, 2, 4],
    [0, 50, undefined, 0],
    [0, 50, 1, 1],
  ];
  for (const [capacity, percent, minimum, expected] of table) {
    assert.equal(change(capacity, percent, minimum), expected, `${percent} % of ${capacity}`);
  }
});

test('changes add, exact capacities replace', () => {
  assert.equal(steppedCapacity(3, { adjustment: 2 }, { type: 'ChangeInCapacity' }), 5);
  assert.equal(steppedCapacity(1, { adjustment: -2 }, { type: 'ChangeInCapacity' }), 0);
  assert.equal(steppedCapacity(3, { adjustment: 8 }, { type: 'ExactCapacity' }), 8);
});

test('steps must cover their side without gaps or overlaps', () => {
  assert.equal(faultOfSteps(steps), undefined);
  const table: readonly [readonly Step[], RegExp][] = [
    [[{ adjustment: 1 }], /Both lower and upper bounds/],
    [[{ lower: 1, upper: 2, adjustment: 1 }], /unspecified upper bound .* positive upper bound/],
    [[{ lower: -2, upper: 0, adjustment: 1 }], /unspecified lower bound .* negative lower bound/],
    [[{ lower: 5, upper: 2, adjustment: 1 }], /must be greater/],
    [
      [
        { lower: 0, adjustment: 1 },
        { lower: 1, adjustment: 1 },
      ],
      /At most one .* upper/,
    ],
    [
      [
        { lower: 0, upper: 10, adjustment: 1 },
        { lower: 20, adjustment: 2 },
      ],
      /gap/,
    ],
    [
      [
        { lower: 0, upper: 10, adjustment: 1 },
        { lower: 5, adjustment: 2 },
      ],
      /overlap/,
    ],
  ];
  for (const [wrong, expected] of table) assert.match(faultOfSteps(wrong) ?? '', expected);
});

const calm: View = {
  min: 2,
  max: 10,
  desired: 4,
  running: 4,
  isDeploying: false,
  isOutSuspended: false,
  isInSuspended: false,
  isScaleInCooling: false,
};

function told(decision: Decision): string {
  switch (decision.kind) {
    case 'scale':
      return `${decision.direction} to ${decision.to}`;
    case 'notScaled':
      return decision.reason.Code ?? '';
    case 'nothing':
      return decision.waitingOn;
  }
}

const decisionTable: readonly [string, Partial<View>, 'out' | 'in', number, string][] = [
  ['proportionally', {}, 'out', 90, 'out to 6'],
  ['never over the maximum', {}, 'out', 600, 'out to 10'],
  ['at the maximum', { desired: 10, running: 10 }, 'out', 90, 'AlreadyAtMaxCapacity'],
  ['over the maximum by hand', { desired: 12, running: 12 }, 'out', 90, 'AlreadyAtMaxCapacity'],
  ['below the minimum by hand, first to the minimum', { desired: 0, running: 0 }, 'out', 90, 'out to 2'],
  [
    'from what runs, not from what is wanted',
    { desired: 6, running: 2 },
    'out',
    90,
    'AlreadyAtDesiredCapacity',
  ],
  [
    'in a cooldown from where it began',
    { desired: 4, running: 4, scaleOutBase: 2 },
    'out',
    100,
    'AlreadyAtDesiredCapacity',
  ],
  ['in a cooldown, larger', { desired: 4, running: 4, scaleOutBase: 2 }, 'out', 150, 'out to 5'],
  ['at once in the cooldown of a scale-in', { isScaleInCooling: true }, 'out', 90, 'out to 6'],
  ['during a deployment', { isDeploying: true }, 'out', 90, 'out to 6'],
  ['suspended', { isOutSuspended: true }, 'out', 90, 'dynamic scaling out is suspended'],
  ['with scale-in suspended', { isInSuspended: true }, 'out', 90, 'out to 6'],
  ['conservatively', {}, 'in', 40, 'in to 3'],
  ['never under the minimum', {}, 'in', 1, 'in to 2'],
  ['at the minimum', { desired: 2, running: 2 }, 'in', 1, 'AlreadyAtMinCapacity'],
  ['below the minimum by hand', { desired: 1, running: 1 }, 'in', 1, 'AlreadyAtMinCapacity'],
  ['over the maximum by hand, to the maximum', { desired: 12, running: 12 }, 'in', 53, 'in to 10'],
  ['to zero', { min: 0 }, 'in', 0, 'in to 0'],
  ['when one less would be too few', {}, 'in', 50, 'AutoScalingAnticipatedFlapping'],
  ['during a deployment', { isDeploying: true }, 'in', 1, 'TargetServicePutResourceAsUnscalable'],
  ['in the cooldown of a scale-in', { isScaleInCooling: true }, 'in', 1, 'the cooldown of a scale-in'],
  ['in the cooldown of a scale-out', { scaleOutBase: 2 }, 'in', 1, 'the cooldown of a scale-out'],
  ['while nothing runs, from what is wanted', { desired: 9, running: 0 }, 'in', 40, 'in to 6'],
  ['suspended', { isInSuspended: true }, 'in', 1, 'dynamic scaling in is suspended'],
];

for (const [name, changes, direction, metric, expected] of decisionTable) {
  test(`scale ${direction} ${name}: ${expected}`, () => {
    const view = { ...calm, ...changes };
    const decision =
      direction === 'out'
        ? decideOut(view, (base) => capacityOut(base, metric, 60))
        : decideIn(view, (base) => capacityIn(base, metric, 60), 'tracking');
    assert.equal(told(decision), expected);
  });
}

test('in a cooldown a stronger step adds only the difference', () => {
  const view = { ...calm, desired: 6, running: 6, scaleOutBase: 4 };
  const add = (adjustment: number) => (base: number) =>
    steppedCapacity(base, { adjustment }, { type: 'ChangeInCapacity' });
  assert.equal(told(decideOut(view, add(2))), 'AlreadyAtDesiredCapacity');
  assert.equal(told(decideOut(view, add(3))), 'out to 7');
});
