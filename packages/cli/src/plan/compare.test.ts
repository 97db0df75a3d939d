import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceChange } from '../testing/plan.ts';
import { differencesBetween } from './compare.ts';
import { pendingValue, type ResourceChange } from './picture.ts';

const shown = resourceChange();
const property = { path: 'DesiredCount', before: '1', after: '2', replaces: false };
const rows: readonly (readonly [what: string, now: readonly ResourceChange[], texts: readonly RegExp[]])[] = [
  ['the same', [shown], []],
  ['nothing', [], [/^not any more: modify AWS::ECS::Service Service: DesiredCount: 1 → 2$/]],
  [
    'more',
    [shown, resourceChange({ logicalId: 'Other', action: 'remove' })],
    [/^not shown: remove AWS::ECS::Service Other$/],
  ],
  [
    'a replacement',
    [resourceChange({ replacement: 'yes', oldOne: 'deleted' })],
    [
      /^shown as modify .*; now modify with replacement \(yes\) AWS::ECS::Service Service: DesiredCount: 1 → 2$/,
    ],
  ],
  [
    'another property too',
    [resourceChange({ properties: [property, { path: 'Cpu', after: '1', replaces: false }] })],
    [/^not shown: Service Cpu: none → 1$/],
  ],
  [
    'another value',
    [resourceChange({ properties: [{ ...property, after: '9' }] })],
    [/^shown as DesiredCount: 1 → 2; now Service DesiredCount: 1 → 9$/],
  ],
  [
    'another property instead',
    [resourceChange({ properties: [{ path: 'Cpu', after: '1', replaces: false }] })],
    [/^not any more: Service DesiredCount: 1 → 2$/, /^not shown: Service Cpu: none → 1$/],
  ],
];

for (const [what, now, texts] of rows) {
  test(`what would change is compared with what was shown: ${what}`, () => {
    const found = differencesBetween([shown], now);
    assert.equal(found.length, texts.length, found.join('\n'));
    for (const [index, text] of texts.entries()) assert.match(found[index] ?? '', text);
  });
}

test('a value that was yet to come may be any', () => {
  const before = resourceChange({ properties: [{ ...property, after: JSON.stringify(pendingValue) }] });
  const now = resourceChange({ properties: [{ ...property, after: '"vpc-1"' }] });
  assert.deepEqual(differencesBetween([before], [now]), []);
});

test('a value that was yet to come may differ in a part of it only, and has to differ', () => {
  const before = resourceChange({
    properties: [{ path: 'Subnets', before: '["a"]', after: `["${pendingValue}"]`, replaces: false }],
  });
  const part = { path: 'Subnets.0', before: '"a"', after: '"b"', replaces: false };
  assert.deepEqual(differencesBetween([before], [resourceChange({ properties: [part] })]), []);
  assert.deepEqual(
    differencesBetween([before], [resourceChange({ properties: [{ ...part, path: 'SubnetsOther' }] })]),
    [
      'not any more: Service Subnets: ["a"] → ["known after apply"]',
      'not shown: Service SubnetsOther: "a" → "b"',
    ],
  );
});

test('of a resource that is added, references stand where values are now', () => {
  const before = resourceChange({
    action: 'add',
    properties: [{ path: 'A', after: '{"Ref":"B"}', replaces: false }],
  });
  const now = resourceChange({ action: 'add', properties: [{ path: 'A', after: '"b"', replaces: false }] });
  assert.deepEqual(differencesBetween([before], [now]), []);
});
