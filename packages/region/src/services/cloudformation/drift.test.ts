import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  caseless,
  decimal,
  flag,
  integer,
  json,
  listOf,
  mapOf,
  object,
  type Properties,
  tags,
  text,
} from '../../kernel/resource-type.ts';
import { compared, driftOf } from './drift.ts';
import { stackRegion } from './testing/stack-region.ts';

const type = {
  properties: {
    Size: integer,
    Names: listOf(text),
    Rules: listOf(object({ Port: integer })),
    Policy: json,
    Setting: object({ A: text, B: text }),
    Protocol: caseless,
    Threshold: decimal,
    Enabled: flag,
    Text: text,
    KmsKeyId: text,
    Settings: mapOf(text),
    Tags: tags,
    Containers: listOf(object({ Name: text, Environment: listOf(object({ Name: text, Value: text })) })),
  },
};

const tag = (Key: string, Value: string) => ({ Key, Value });
const container = (Name: string, variable: string, Value: string) => ({
  Name,
  Environment: [{ Name: variable, Value }],
});

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
  ['a list that the service answers without its items', { Names: [] }, { Names: undefined }, []],
  [
    'a name that is another one',
    { Names: ['a', 'b'] },
    { Names: ['b', 'c'] },
    ['/Names/0 REMOVE a null', '/Names/1 ADD null c'],
  ],
  ['a protocol in another case', { Protocol: 'HTTP' }, { Protocol: 'http' }, []],
  ['a text in another case', { Text: 'HTTP' }, { Text: 'http' }, ['/Text NOT_EQUAL HTTP http']],
  ['a number with a point', { Threshold: '1.0' }, { Threshold: 1 }, []],
  ['a text of digits', { Text: '007' }, { Text: '7' }, ['/Text NOT_EQUAL 007 7']],
  ['a flag that is written', { Enabled: 'true' }, { Enabled: true }, []],
  ['a document in another layout', { Text: '{"a":1,"b":[2]}' }, { Text: '{ "b": [2], "a": 1 }' }, []],
  [
    'a document that is another one',
    { Text: '{"a":1}' },
    { Text: '{"a":2}' },
    ['/Text NOT_EQUAL {"a":1} {"a":2}'],
  ],
  [
    'a policy as text',
    { Policy: { Statement: [{ Action: 'a' }] } },
    { Policy: '{"Statement":[{"Action":"a"}]}' },
    [],
  ],
  [
    'a policy whose one statement stands without a list',
    { Policy: { Statement: { Action: ['a', 'b'] } } },
    { Policy: { Statement: [{ Action: ['b', 'a'] }] } },
    [],
  ],
  [
    'a policy that allows more',
    { Policy: { Statement: [{ Sid: 'S', Action: 'a', Resource: '*' }] } },
    { Policy: { Statement: [{ Sid: 'S', Action: ['a', 'b'], Resource: '*' }] } },
    ['/Policy/Statement/0/Action/1 ADD null b'],
  ],
  [
    'a setting more in a map',
    { Settings: { a: '1' } },
    { Settings: { a: '1', b: '2' } },
    ['/Settings/b ADD null 2'],
  ],
  [
    'tags in another order',
    { Tags: [tag('a', '1'), tag('b', '2')] },
    { Tags: [tag('b', '2'), tag('a', '1')] },
    [],
  ],
  [
    'a tag of another value and one more',
    { Tags: [tag('a', '1'), tag('b', '2')] },
    { Tags: [tag('c', '3'), tag('b', '5'), tag('a', '1')] },
    ['/Tags/1/Value NOT_EQUAL 2 5', '/Tags/0 ADD null {"Key":"c","Value":"3"}'],
  ],
  [
    'a variable of one of two containers',
    { Containers: [container('a', 'V', '1'), container('b', 'V', '1')] },
    { Containers: [container('b', 'V', '2'), container('a', 'V', '1')] },
    ['/Containers/1/Environment/0/Value NOT_EQUAL 1 2'],
  ],
  ['a key of KMS, which goes by several names', { KmsKeyId: 'alias/a' }, { KmsKeyId: 'b' }, []],
  ['a secret that is referred to', { Text: '{{resolve:secretsmanager:s}}' }, { Text: 'swordfish' }, []],
  ['a hidden value', { Text: '****' }, { Text: 'swordfish' }, []],
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

test('what is shown has no default that the template does not give, and nothing secret', () => {
  const expected = {
    Setting: { A: 'a' },
    Containers: [container('a', 'V', '{{resolve:secretsmanager:s}}')],
  };
  const actual = {
    Size: 5,
    Setting: { A: 'x', B: 'default' },
    Containers: [container('b', 'W', '1'), container('a', 'V', 'swordfish')],
  };
  const shown = compared(type, expected, actual);
  assert.deepEqual(JSON.parse(shown.expected), expected);
  assert.deepEqual(JSON.parse(shown.actual), {
    Setting: { A: 'x' },
    Containers: [container('b', 'W', '1'), container('a', 'V', '{{resolve:secretsmanager:s}}')],
  });
});

/** What any service may keep: named items, plain values, a document. */
const state = fc.record({
  Size: fc.integer(),
  Text: fc.string(),
  Names: fc.uniqueArray(fc.string({ minLength: 1 })),
  Settings: fc.dictionary(fc.string({ minLength: 1 }), fc.string()),
  Containers: fc.uniqueArray(
    fc.record({
      Name: fc.string({ minLength: 1 }),
      Environment: fc.uniqueArray(fc.record({ Name: fc.string({ minLength: 1 }), Value: fc.string() }), {
        selector: ({ Name }) => Name,
      }),
    }),
    { selector: ({ Name }) => Name },
  ),
  Policy: fc.record({ Statement: fc.jsonValue({ maxDepth: 4 }) }),
});

/** The same, its lists the other way round and its members too. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned).reverse();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, turned(member)] as const)
      .reverse(),
  );
}

test('whatever is kept, in whatever order and layout it is answered, is no drift of itself', () => {
  fc.assert(
    fc.property(state, (kept) => {
      const answered = turned(kept) as typeof kept;
      assert.deepEqual(driftOf(type, kept, answered), []);
      assert.deepEqual(driftOf(type, kept, { ...answered, Policy: JSON.stringify(answered.Policy) }), []);
    }),
  );
});

test('whatever else is kept, one value that is changed is all that is found', () => {
  fc.assert(
    fc.property(state, fc.nat(), (kept, which) => {
      fc.pre(kept.Containers.some(({ Environment }) => Environment.length > 0));
      const containers = kept.Containers.filter(({ Environment }) => Environment.length > 0);
      const changed = containers[which % containers.length];
      assert.ok(changed);
      const at = kept.Containers.indexOf(changed);
      const Containers = kept.Containers.map((one) =>
        one === changed
          ? {
              ...one,
              Environment: one.Environment.map((v, i) => (i === 0 ? { ...v, Value: `${v.Value}!` } : v)),
            }
          : one,
      );
      const answered = turned({ ...kept, Containers }) as typeof kept;
      assert.deepEqual(
        driftOf(type, kept, answered).map(({ PropertyPath }) => PropertyPath),
        [`/Containers/${at}/Environment/0/Value`],
      );
    }),
  );
});

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

const properties = (Properties: object) => ({ Type: 'Test::Thing', Properties });

async function stackOf(Resources: object, more: object = {}) {
  const region = stackRegion();
  await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: JSON.stringify({ Resources }),
    ...more,
  });
  await region.advance(1);
  const thingOf = async (LogicalResourceId: string) => {
    const { StackResources: [resource] = [] } = await region.call(
      'cloudformation',
      'describeStackResources',
      {
        StackName: 's',
        LogicalResourceId,
      },
    );
    const id = resource?.PhysicalResourceId ?? '';
    const thing = region.things.get(id);
    assert.ok(thing);
    return { id, thing };
  };
  return {
    region,
    /** By hand. */
    edit: async (logicalId: string, changes: object) => {
      const { id, thing } = await thingOf(logicalId);
      region.things.put(id, { ...thing, ...changes });
    },
    detect: (LogicalResourceId: string) =>
      region.call('cloudformation', 'detectStackResourceDrift', { StackName: 's', LogicalResourceId }),
    stackStatus: async () => {
      const { Stacks: [stack] = [] } = await region.call('cloudformation', 'describeStacks', {
        StackName: 's',
      });
      return stack?.DriftInformation?.StackDriftStatus;
    },
    resourceStatuses: async () => {
      const { StackResourceSummaries = [] } = await region.call('cloudformation', 'listStackResources', {
        StackName: 's',
      });
      return StackResourceSummaries.map(
        ({ LogicalResourceId, DriftInformation: found }) =>
          `${LogicalResourceId} ${found?.StackResourceDriftStatus}${found?.LastCheckTimestamp ? ' checked' : ''}`,
      );
    },
  };
}

test('DetectStackResourceDrift looks at one resource, and the status of the stack follows', async () => {
  const s = await stackOf({ A: properties({ Size: 1 }), B: properties({ Size: 2 }) });
  assert.equal(await s.stackStatus(), 'NOT_CHECKED');
  assert.deepEqual(await s.resourceStatuses(), ['A NOT_CHECKED', 'B NOT_CHECKED']);
  await s.edit('A', { properties: { Size: 9 } });
  const { StackResourceDrift: drift } = await s.detect('A');
  assert.deepEqual(
    [drift?.StackResourceDriftStatus, drift?.ExpectedProperties, drift?.ActualProperties],
    ['MODIFIED', '{"Size":1}', '{"Size":9}'],
  );
  assert.deepEqual(drift?.PropertyDifferences, [
    { PropertyPath: '/Size', ExpectedValue: '1', ActualValue: '9', DifferenceType: 'NOT_EQUAL' },
  ]);
  assert.equal(await s.stackStatus(), 'DRIFTED');
  assert.deepEqual(await s.resourceStatuses(), ['A MODIFIED checked', 'B NOT_CHECKED']);
  await s.edit('A', { properties: { Size: 1 } });
  await s.detect('A');
  assert.equal(await s.stackStatus(), 'IN_SYNC');
});

test('DetectStackResourceDrift refuses what is not there and what is not compared', async () => {
  const s = await stackOf({ A: { Type: 'Test::Fixed', Properties: { Value: 'v' } } });
  await assert.rejects(s.detect('B'), /Resource B does not exist for stack s/);
  await assert.rejects(s.detect('A'), /not supported for resource type Test::Fixed/);
  const { region } = s;
  await region.call('cloudformation', 'detectStackDrift', { StackName: 's' });
  const { StackResourceDrifts } = await region.call('cloudformation', 'describeStackResourceDrifts', {
    StackName: 's',
  });
  assert.deepEqual(StackResourceDrifts, []);
  assert.deepEqual(await s.resourceStatuses(), ['A NOT_CHECKED']);
  const { StackResourceDetail } = await region.call('cloudformation', 'describeStackResource', {
    StackName: 's',
    LogicalResourceId: 'A',
  });
  assert.equal(StackResourceDetail?.DriftInformation?.StackResourceDriftStatus, 'NOT_CHECKED');
});

test('an update of the stack makes its drift unchecked again', async () => {
  const s = await stackOf({ A: properties({ Size: 1 }) });
  await s.edit('A', { properties: { Size: 9 } });
  await s.detect('A');
  await s.region.call('cloudformation', 'updateStack', {
    StackName: 's',
    TemplateBody: JSON.stringify({ Resources: { A: properties({ Size: 3 }) } }),
  });
  await s.region.advance(1);
  assert.equal(await s.stackStatus(), 'NOT_CHECKED');
  assert.deepEqual(await s.resourceStatuses(), ['A NOT_CHECKED']);
  await s.detect('A');
  assert.equal(await s.stackStatus(), 'IN_SYNC');
});

test("a stack's tags are expected of its resources, and CloudFormation's own are not", async () => {
  const s = await stackOf(
    { A: properties({ Size: 1 }), B: properties({ Tags: [tag('b', '2')] }) },
    { Tags: [tag('a', '1')] },
  );
  await s.region.call('cloudformation', 'detectStackDrift', { StackName: 's' });
  assert.deepEqual(await s.resourceStatuses(), ['A IN_SYNC checked', 'B IN_SYNC checked']);
  await s.edit('A', { tags: [] });
  const { StackResourceDrift: drift } = await s.detect('A');
  assert.deepEqual(
    drift?.PropertyDifferences?.map(({ PropertyPath, DifferenceType }) => [PropertyPath, DifferenceType]),
    [['/Tags/0', 'REMOVE']],
  );
});

test('what a secret reference stands for is neither compared nor shown', async () => {
  const Secret = '{{resolve:secretsmanager:one:SecretString:password}}';
  const s = await stackOf({ A: properties({ Size: 1, Secret }) });
  await s.edit('A', { properties: { Size: 2, Secret: 'rotated' } });
  const { StackResourceDrift: drift } = await s.detect('A');
  assert.deepEqual(JSON.parse(drift?.ActualProperties ?? ''), { Size: 2, Secret });
  assert.deepEqual(
    drift?.PropertyDifferences?.map(({ PropertyPath }) => PropertyPath),
    ['/Size'],
  );
});

test('what may not be looked at fails the detection, and what was found of the rest is there', async () => {
  const s = await stackOf({ A: properties({ Fail: 'read' }), B: properties({ Size: 2 }) });
  const { region } = s;
  const { StackDriftDetectionId = '' } = await region.call('cloudformation', 'detectStackDrift', {
    StackName: 's',
  });
  const status = await region.call('cloudformation', 'describeStackDriftDetectionStatus', {
    StackDriftDetectionId,
  });
  assert.deepEqual(
    [status.DetectionStatus, status.StackDriftStatus, status.DetectionStatusReason],
    [
      'DETECTION_FAILED',
      'UNKNOWN',
      '{"Summary":"Failed to detect drift on resources [A]","Failures":[{"Resource":"A","FailureReason":"not yours to see"}]}',
    ],
  );
  assert.deepEqual(await s.resourceStatuses(), ['A NOT_CHECKED', 'B IN_SYNC checked']);
  await assert.rejects(s.detect('A'), /not yours to see/);
});

test('DescribeStackResourceDrifts filters by status and answers in pages', async () => {
  const Resources = Object.fromEntries(['A', 'B', 'C', 'D'].map((id, Size) => [id, properties({ Size })]));
  const s = await stackOf(Resources);
  for (const id of ['B', 'D']) await s.edit(id, { properties: { Size: 9 } });
  await s.region.call('cloudformation', 'detectStackDrift', { StackName: 's' });
  const ask = async (more: object) => {
    const { StackResourceDrifts = [], NextToken } = await s.region.call(
      'cloudformation',
      'describeStackResourceDrifts',
      { StackName: 's', ...more },
    );
    return { found: StackResourceDrifts.map(({ LogicalResourceId }) => LogicalResourceId), NextToken };
  };
  assert.deepEqual((await ask({ StackResourceDriftStatusFilters: ['MODIFIED'] })).found, ['B', 'D']);
  const first = await ask({ MaxResults: 3 });
  assert.deepEqual(first.found, ['A', 'B', 'C']);
  assert.deepEqual(await ask({ MaxResults: 3, NextToken: first.NextToken }), {
    found: ['D'],
    NextToken: undefined,
  });
});

test('DetectStackDrift of some resources leaves what is known of the others', async () => {
  const s = await stackOf({ A: properties({ Size: 1 }), B: properties({ Size: 2 }) });
  await s.edit('A', { properties: { Size: 9 } });
  await s.detect('A');
  await s.region.call('cloudformation', 'detectStackDrift', { StackName: 's', LogicalResourceIds: ['B'] });
  assert.deepEqual(await s.resourceStatuses(), ['A MODIFIED checked', 'B IN_SYNC checked']);
  assert.equal(await s.stackStatus(), 'DRIFTED');
});
