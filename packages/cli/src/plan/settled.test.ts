import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceChange, ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import { withoutSettled } from './settled.ts';

const direct = (name: string, recreates: 'Always' | 'Never' = 'Never'): ResourceChangeDetail => ({
  Target: { Attribute: 'Properties', Name: name, RequiresRecreation: recreates },
  Evaluation: 'Static',
  ChangeSource: 'DirectModification',
});

const caused = (name: string, entity: string): ResourceChangeDetail => ({
  Target: { Attribute: 'Properties', Name: name, RequiresRecreation: 'Always' },
  Evaluation: 'Dynamic',
  ChangeSource: entity.includes('.') ? 'ResourceAttribute' : 'ResourceReference',
  CausingEntity: entity,
});

function modify(
  id: string,
  details: ResourceChangeDetail[],
  rest: Partial<ResourceChange> = {},
): ResourceChange {
  return {
    Action: 'Modify',
    LogicalResourceId: id,
    Replacement: 'False',
    Scope: ['Properties'],
    Details: details,
    ...rest,
  };
}

const service = modify('Service', [direct('TaskDefinition')]);
const maybe = { Replacement: 'Conditional' } as const;
const target = modify('Target', [caused('ResourceId', 'Service.Name')], maybe);
const policy = modify('Policy', [caused('ScalingTargetId', 'Target')], maybe);

const rows: readonly (readonly [
  what: string,
  changes: readonly ResourceChange[],
  left: readonly string[],
])[] = [
  [
    'refers by its name to what is updated in place, and what refers to that',
    [service, target, policy],
    ['Service'],
  ],
  ['refers to what is replaced', [{ ...service, Replacement: 'True' }, target], ['Service', 'Target']],
  ['refers to what may be replaced', [{ ...service, ...maybe }, target], ['Service', 'Target']],
  [
    'reads a version, which an update makes',
    [service, modify('Target', [caused('Version', 'Service.LatestVersionNumber')], maybe)],
    ['Service', 'Target'],
  ],
  ['reads a name that is changed', [modify('Service', [direct('Name')]), target], ['Service', 'Target']],
  [
    'is changed by its text too',
    [service, modify('Target', [...(target.Details ?? []), direct('ResourceId')])],
    ['Service', 'Target'],
  ],
];

for (const [what, changes, left] of rows) {
  test(`of what may change, this is left where a resource ${what}: ${left.join(', ')}`, () => {
    assert.deepEqual(
      withoutSettled(changes).map(({ LogicalResourceId }) => LogicalResourceId),
      left,
    );
  });
}

test('a resource that changes otherwise is shown with that alone, and not as replaced', () => {
  const [, change] = withoutSettled([
    service,
    modify('Target', [caused('ResourceId', 'Service.Name'), direct('MaxCapacity')], {
      ...maybe,
      BeforeContext: JSON.stringify({ Properties: { ResourceId: 'a', MaxCapacity: 1 } }),
      AfterContext: JSON.stringify({ Properties: { ResourceId: 'later', MaxCapacity: 2 } }),
    }),
  ]);
  assert.equal(change?.Replacement, 'False');
  assert.equal(change?.BeforeContext, JSON.stringify({ Properties: { MaxCapacity: 1 } }));
  assert.equal(change?.AfterContext, JSON.stringify({ Properties: { MaxCapacity: 2 } }));
});
