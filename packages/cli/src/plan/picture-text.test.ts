import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFile, plannedStack, resourceChange } from '../testing/plan.ts';
import { pendingValue } from './picture.ts';
import { planLines, planMarkdown, propertyText } from './picture-text.ts';

const plain = (_colour: string, text: string): string => text;

test('a plan is shown with its warnings first, stack by stack, property by property', () => {
  const plan = planFile([
    plannedStack({
      name: 'shop-prod-data',
      changes: [
        resourceChange({
          logicalId: 'Database',
          type: 'AWS::RDS::DBInstance',
          replacement: 'yes',
          oldOne: 'snapshot',
          properties: [{ path: 'DBName', before: '"a"', after: '"b"', replaces: true }],
        }),
      ],
    }),
    plannedStack({ exactness: 'derived', unsettled: ['/plimsoll/prod/x', '/plimsoll/prod/y'] }),
    plannedStack({ name: 'shop-prod-monitoring', action: 'none', changes: [] }),
  ]);
  assert.deepEqual(planLines(plan, plain).slice(2), [
    '! shop-prod-data Database: AWS::RDS::DBInstance is replaced by an empty one, for DBName; a snapshot is kept',
    '',
    'Wave 1, exact',
    '  shop-prod-data: update',
    '    ~ AWS::RDS::DBInstance Database (replaced), a snapshot is kept',
    '        DBName: "a" → "b"  (replaces it)',
    'Wave 2, derived',
    '  shop-prod-service: update, derived',
    '    reads /plimsoll/prod/x and 1 more, which change before it; applied only if it is still this then',
    '    ~ AWS::ECS::Service Service',
    '        DesiredCount: 1 → 2',
    'Wave 3',
    '  shop-prod-monitoring: no changes',
    '0 to add, 1 to change, 1 to replace, 0 to remove.',
  ]);
});

test('what changes no resource is told all the same', () => {
  const lines = planLines(
    planFile([
      plannedStack({ changes: [] }),
      plannedStack({ action: 'none', changes: [], terminationProtectionWas: true }),
    ]),
    plain,
  );
  assert.ok(lines.includes('    only outputs, metadata or tags'));
  assert.ok(lines.includes('    termination protection: true → false'));
  assert.ok(!lines.includes('Nothing would change.'));
});

test('a plan over what was changed by hand says so, at the resource and at the end', () => {
  const drifted = [
    { logicalId: 'Targets', type: 'X', status: 'MODIFIED', paths: ['Port', 'Name'], hash: '' } as const,
    { logicalId: 'Rule', type: 'Y', status: 'DELETED', paths: [], hash: '' } as const,
  ];
  const base = { stackId: 's', status: 'x', changedAt: '', templateHash: '', inputsHash: '', drifted };
  const plan = planFile([plannedStack({ base })]);
  const lines = planLines(plan, plain);
  assert.deepEqual(lines.slice(4, 6), [
    '    ! X Targets was changed by hand: Port, Name; what the plan does not change of it stays so',
    '    ! Y Rule was deleted by hand',
  ]);
  assert.equal(lines.at(-1), '2 resources were changed by hand; see: plimsoll drift');
  assert.match(planMarkdown(plan), /2 resources were changed by hand/);
});

test('a removal names what is kept, what is lifted and what stays', () => {
  const lines = planLines(
    planFile([
      plannedStack({
        action: 'delete',
        lifts: ['termination protection of the stack'],
        changes: [resourceChange({ action: 'remove', oldOne: 'deleted', properties: [] })],
        kept: [
          {
            logicalId: 'Db',
            type: 'AWS::RDS::DBInstance',
            physicalId: 'x',
            why: 'its DeletionPolicy retains it',
          },
        ],
      }),
      plannedStack({ name: 'network-prod', action: 'none', changes: [], staysFor: 'others use it: blog' }),
    ]),
    plain,
  );
  assert.deepEqual(lines.slice(3), [
    'Wave 1, exact',
    '  shop-prod-service: delete',
    '    ! lifted: termination protection of the stack',
    '    - AWS::ECS::Service Service',
    '    = AWS::RDS::DBInstance Db is kept: its DeletionPolicy retains it',
    'Wave 2',
    '  network-prod: stays, others use it: blog',
    '0 to add, 0 to change, 0 to replace, 1 to remove.',
  ]);
});

test('long values are cut, and those to come are named so', () => {
  const text = propertyText({ path: 'A', after: JSON.stringify('x'.repeat(200)), replaces: false });
  assert.equal(text, `A: none → "${'x'.repeat(99)}…`);
  const body = (rest: string): string => JSON.stringify(`${'x'.repeat(200)}${rest}`);
  assert.equal(
    propertyText({ path: 'A', before: body('one'), after: body('two'), replaces: false }),
    `A: …${'x'.repeat(20)}one" → …${'x'.repeat(20)}two"`,
  );
  assert.equal(
    propertyText({ path: 'A', before: '1', after: JSON.stringify(pendingValue), replaces: false }),
    'A: 1 → "known after apply"',
  );
});

test('Markdown folds each stack and carries the hash', () => {
  const plan = planFile([plannedStack(), plannedStack({ name: 'quiet', action: 'none', changes: [] })]);
  const text = planMarkdown(plan);
  assert.match(text, /^### Plan for shop \(prod\)\n\n0 to add, 1 to change/);
  assert.match(
    text,
    /<summary><b>shop-prod-service<\/b>: update, 1 resource<\/summary>\n\n```diff\n! AWS::ECS::Service Service\n {4}DesiredCount: 1 → 2\n```/,
  );
  assert.doesNotMatch(text, /quiet/);
  assert.ok(text.includes(plan.hash));
});
