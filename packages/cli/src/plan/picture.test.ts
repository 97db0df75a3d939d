import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, ResourceChange as SdkChange } from '@aws-sdk/client-cloudformation';
import { leafDifferences, pictureOf } from './picture.ts';

function modified(rest: Partial<SdkChange>): Change {
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: 'Modify',
      LogicalResourceId: 'R',
      PhysicalResourceId: 'r-1',
      ResourceType: 'AWS::X::Y',
      Replacement: 'False',
      Scope: ['Properties'],
      Details: [],
      ...rest,
    },
  };
}

const context = (properties: object): string => JSON.stringify({ Properties: properties });

test('a changed property is shown by its path, with the old and the new value and what causes it', () => {
  const [change] = pictureOf([
    modified({
      BeforeContext: context({ Containers: [{ Image: 'a', Cpu: 1 }] }),
      AfterContext: context({ Containers: [{ Image: 'b', Cpu: 1 }] }),
      Details: [
        {
          Target: { Attribute: 'Properties', Name: 'Containers', RequiresRecreation: 'Always' },
          ChangeSource: 'DirectModification',
        },
        {
          Target: { Attribute: 'Properties', Name: 'Containers', RequiresRecreation: 'Always' },
          ChangeSource: 'ParameterReference',
          CausingEntity: 'ImageDigest',
        },
      ],
      Replacement: 'True',
      PolicyAction: 'ReplaceAndRetain',
    }),
  ]);
  assert.deepEqual(change, {
    logicalId: 'R',
    type: 'AWS::X::Y',
    action: 'modify',
    replacement: 'yes',
    physicalId: 'r-1',
    oldOne: 'retained',
    properties: [
      {
        path: 'Containers.0.Image',
        before: '"a"',
        after: '"b"',
        because: 'parameter ImageDigest',
        replaces: true,
      },
    ],
  });
});

const noise: readonly (readonly [what: string, change: Change])[] = [
  [
    'metadata',
    modified({
      Scope: ['Metadata'],
      BeforeContext: JSON.stringify({ Properties: { A: 1 }, Metadata: { path: 'x' } }),
      AfterContext: JSON.stringify({ Properties: { A: 1 }, Metadata: { path: 'y' } }),
    }),
  ],
  ['tags of the stack', modified({ Scope: ['Tags'] })],
  [
    'the order of tags',
    modified({
      BeforeContext: context({
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
      AfterContext: context({
        Tags: [
          { Key: 'b', Value: '2' },
          { Value: '1', Key: 'a' },
        ],
      }),
    }),
  ],
  [
    'the order of keys',
    modified({
      BeforeContext: context({ Doc: { Statement: [{ Effect: 'Allow', Action: 'x' }] } }),
      AfterContext: context({ Doc: { Statement: [{ Action: 'x', Effect: 'Allow' }] } }),
    }),
  ],
];

for (const [what, change] of noise) {
  test(`what people need not see does not show: ${what}`, () => {
    assert.deepEqual(pictureOf([change]), []);
  });
}

test('a tag with another value shows by its key', () => {
  const [change] = pictureOf([
    modified({
      BeforeContext: context({
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
      AfterContext: context({
        Tags: [
          { Key: 'b', Value: '3' },
          { Key: 'a', Value: '1' },
        ],
      }),
    }),
  ]);
  assert.deepEqual(change?.properties, [{ path: 'Tags.b', before: '"2"', after: '"3"', replaces: false }]);
});

const fates: readonly (readonly [string, Partial<SdkChange>, string | undefined])[] = [
  ['removed', { Action: 'Remove', PolicyAction: 'Delete' }, 'deleted'],
  ['removed without a word', { Action: 'Remove' }, 'deleted'],
  ['removed and retained', { Action: 'Remove', PolicyAction: 'Retain' }, 'retained'],
  ['removed with a snapshot', { Action: 'Remove', PolicyAction: 'Snapshot' }, 'snapshot'],
  ['added', { Action: 'Add' }, undefined],
];

for (const [what, change, oldOne] of fates) {
  test(`what becomes of a resource that is ${what} is told`, () => {
    assert.equal(pictureOf([modified(change)])[0]?.oldOne, oldOne);
  });
}

const differences: readonly (readonly [was: unknown, is: unknown, paths: readonly string[]])[] = [
  [{ a: 1 }, { a: 1 }, []],
  [{ a: 1 }, { a: 2 }, ['a']],
  [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, ['a.c']],
  [{ a: [1, 2] }, { a: [1, 3] }, ['a.1']],
  [{ a: [1] }, { a: [1, 2] }, ['a.1']],
  [{ a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 2 }] }, ['a.0']],
  [{ a: [{ b: 2 }] }, { a: [{ b: 1 }, { b: 2 }] }, ['a.0']],
  [{ a: [1, 1] }, { a: [1] }, ['a']],
  [{}, { a: { b: 1 } }, ['a']],
  [{ a: { b: 1 } }, {}, ['a']],
  [{ a: 'x' }, { a: { b: 1 } }, ['a']],
  [undefined, { a: 1, b: 2 }, ['a', 'b']],
];

for (const [was, is, paths] of differences) {
  test(`from ${JSON.stringify(was)} to ${JSON.stringify(is)} differs at ${paths.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      leafDifferences(was, is).map(({ path }) => path.join('.')),
      paths,
    );
  });
}
