import assert from 'node:assert/strict';
import { test } from 'node:test';
import { integer, json, listOf, object, type Properties, text } from '../../kernel/resource-type.ts';
import { driftOf } from './drift.ts';
import { stackRegion } from './testing/stack-region.ts';

const type = {
  properties: {
    Size: integer,
    Names: listOf(text),
    Rules: listOf(object({ Port: integer })),
    Policy: json,
    Setting: object({ A: text, B: text }),
  },
};

const rows: readonly (readonly [
  what: string,
  expected: Properties,
  actual: Properties,
  found: readonly string[],
])[] = [
  ['the same', { Size: 1 }, { Size: 1 }, []],
  ['another value', { Size: 1 }, { Size: 2 }, ['/Size NOT_EQUAL 1 2']],
  ['a number that is written', { Size: '1' }, { Size: 1 }, []],
  ['what the template does not give', {}, { Size: 2 }, []],
  ['what is not read', { Size: 1 }, {}, []],
  ['a member that the template does not give', { Setting: { A: 'a' } }, { Setting: { A: 'a', B: 'b' } }, []],
  ['a member that is gone', { Setting: { A: 'a' } }, { Setting: {} }, ['/Setting/A REMOVE a null']],
  ['names in another order', { Names: ['a', 'b'] }, { Names: ['b', 'a'] }, []],
  [
    'a rule more',
    { Rules: [{ Port: 80 }] },
    { Rules: [{ Port: 80 }, { Port: 22 }] },
    ['/Rules/1 ADD null {"Port":22}'],
  ],
  ['a rule less', { Rules: [{ Port: 80 }] }, { Rules: [] }, ['/Rules/0 REMOVE {"Port":80} null']],
  [
    'a policy with another statement',
    { Policy: { Statement: [{ Action: 'a' }] } },
    { Policy: { Statement: [{ Action: 'a', Resource: '*' }] } },
    ['/Policy/Statement/0/Resource ADD null *'],
  ],
];

for (const [what, expected, actual, found] of rows) {
  test(`drift of ${what}: ${found.join(', ') || 'none'}`, () => {
    assert.deepEqual(
      driftOf(type, expected, actual).map(
        ({ PropertyPath, DifferenceType, ExpectedValue, ActualValue }) =>
          `${PropertyPath} ${DifferenceType} ${ExpectedValue} ${ActualValue}`,
      ),
      found,
    );
  });
}

test('DetectStackDrift finds what was changed and deleted beside CloudFormation', async () => {
  const region = stackRegion();
  const thing = (Size: number) => ({ Type: 'Test::Thing', Properties: { Size } });
  await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: JSON.stringify({ Resources: { A: thing(1), B: thing(2), C: thing(3) } }),
  });
  await assert.rejects(
    region.call('cloudformation', 'detectStackDrift', { StackName: 's' }),
    /Drift detection cannot be performed on stack .* while it is in CREATE_IN_PROGRESS state/,
  );
  await region.advance(1);
  const look = async () => {
    const { StackDriftDetectionId = '' } = await region.call('cloudformation', 'detectStackDrift', {
      StackName: 's',
    });
    return region.call('cloudformation', 'describeStackDriftDetectionStatus', { StackDriftDetectionId });
  };
  assert.equal((await look()).StackDriftStatus, 'IN_SYNC');
  const [[a, first] = [], [b] = []] = [...region.things.entries()];
  assert.ok(a !== undefined && first !== undefined && b !== undefined);
  region.things.put(a, { ...first, properties: { Size: 9 } });
  region.things.delete(b);
  const { StackDriftStatus, DetectionStatus, DriftedStackResourceCount } = await look();
  assert.deepEqual(
    [StackDriftStatus, DetectionStatus, DriftedStackResourceCount],
    ['DRIFTED', 'DETECTION_COMPLETE', 2],
  );
  const { StackResourceDrifts = [] } = await region.call('cloudformation', 'describeStackResourceDrifts', {
    StackName: 's',
    StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
  });
  assert.deepEqual(
    StackResourceDrifts.map(({ LogicalResourceId, StackResourceDriftStatus, PropertyDifferences }) => [
      LogicalResourceId,
      StackResourceDriftStatus,
      PropertyDifferences?.map(({ PropertyPath }) => PropertyPath),
    ]),
    [
      ['A', 'MODIFIED', ['/Size']],
      ['B', 'DELETED', []],
    ],
  );
  const { Stacks: [stack] = [] } = await region.call('cloudformation', 'describeStacks', { StackName: 's' });
  assert.equal(stack?.DriftInformation?.StackDriftStatus, 'DRIFTED');
});
