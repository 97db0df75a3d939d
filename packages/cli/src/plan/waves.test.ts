import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedStack, resourceChange } from '../testing/plan.ts';
import { stackArtifact } from '../testing/stack-artifact.ts';
import { movedParameters, type Placed, unsettledOf, waveOf, wavesOf } from './waves.ts';

const name = '/plimsoll/prod/network/vpc-id';
const template = { Resources: { VpcId: { Type: 'AWS::SSM::Parameter', Properties: { Name: name } } } };
const parameter = { logicalId: 'VpcId', type: 'AWS::SSM::Parameter' } as const;
const network = plannedStack({ name: 'network', template, changes: [] });
const reader = stackArtifact({
  dependsOn: ['network'],
  template: {
    Parameters: { VpcId: { Type: 'AWS::SSM::Parameter::Value<String>', Default: name } },
    Resources: {},
  },
});

const moves: readonly (readonly [
  what: string,
  change: Parameters<typeof resourceChange>[0],
  moved: boolean,
])[] = [
  ['is made', { ...parameter, action: 'add' }, true],
  [
    'gets another value',
    { ...parameter, properties: [{ path: 'Value', after: '"x"', replaces: false }] },
    true,
  ],
  ['is replaced', { ...parameter, replacement: 'yes' }, true],
  [
    'gets another description',
    { ...parameter, properties: [{ path: 'Description', replaces: false }] },
    false,
  ],
  ['stays while something else changes', {}, false],
];

for (const [what, change, moved] of moves) {
  test(`who reads a parameter that ${what} is ${moved ? 'derived' : 'exact'}`, () => {
    const changing = { ...network, changes: [resourceChange(change)] };
    assert.deepEqual(
      movedParameters(changing).map((one) => one.name),
      moved ? [name] : [],
    );
    assert.deepEqual(unsettledOf(reader, [changing]), moved ? [name] : []);
    assert.deepEqual(unsettledOf(stackArtifact(), [changing]), [], 'it does not read it');
  });
}

test('who imports from others cannot know while any of them changes', () => {
  const importer = stackArtifact({
    template: { Resources: { R: { Type: 'X', Properties: { A: { 'Fn::ImportValue': 'x' } } } } },
  });
  assert.deepEqual(unsettledOf(importer, [network]), ['exports of other stacks']);
  assert.deepEqual(unsettledOf(importer, [plannedStack({ action: 'none', changes: [] })]), []);
});

test('a stack comes a wave after those that it depends on, where they change', () => {
  const placed = (stack = network, wave = 0): ReadonlyMap<string, Placed> =>
    new Map([[stack.name, { stack, wave }]]);
  assert.equal(waveOf(reader, new Map()), 0);
  assert.equal(waveOf(reader, placed()), 1);
  assert.equal(waveOf(reader, placed(network, 2)), 3);
  assert.equal(waveOf(reader, placed({ ...network, action: 'none' })), 0);
  const waves = wavesOf([...placed().values(), { stack: plannedStack(), wave: 1 }]);
  assert.deepEqual(
    waves.map(({ stacks }) => stacks.map((stack) => stack.name)),
    [['network'], ['shop-prod-service']],
  );
});
