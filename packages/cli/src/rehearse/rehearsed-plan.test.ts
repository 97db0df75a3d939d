import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pendingValue } from '../plan/picture.ts';
import { hashOf, sealed } from '../plan/plan-document.ts';
import { planFile, plannedStack, resourceChange } from '../testing/plan.ts';
import { isMadeUp, rehearsedPlan } from './rehearsed-plan.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const standIn = `sha256:${'b'.repeat(64)}`;

test('elsewhere a plan has no change sets, starts from what is there, and names images and account as they are there', () => {
  const { hash: _, ...plan } = planFile([
    plannedStack({
      changeSet: { id: 'arn:set', stackId: 'arn:stack' },
      parameters: [{ name: 'ImageDigest', value: digest }],
    }),
  ]);
  const base = {
    stackId: 'arn:there',
    status: 'CREATE_COMPLETE',
    changedAt: '',
    templateHash: '',
    inputsHash: '',
  };
  const there = rehearsedPlan(sealed({ ...plan, account: '123456789012' }), {
    account: '000000000000',
    bases: new Map([['shop-prod-service', base]]),
    standIns: new Map([[digest, standIn]]),
  });
  const [stack] = there.waves[0]?.stacks ?? [];
  assert.equal(there.account, '000000000000');
  assert.equal(stack?.exactness, 'derived');
  assert.equal(stack?.changeSet, undefined);
  assert.deepEqual(stack?.base, base);
  assert.deepEqual(stack?.parameters, [{ name: 'ImageDigest', value: standIn }]);
  const { hash, ...rest } = there;
  assert.equal(hash, hashOf(rest));
});

test('a value that AWS makes up is compared no further than that it changes', () => {
  const changes = [
    resourceChange({
      properties: [
        { path: 'Subnets.0', before: '"subnet-0a1b2c3d"', after: '"subnet-0a1b2c3e"', replaces: false },
        { path: 'MaxCapacity', before: '1', after: '2', replaces: false },
      ],
    }),
  ];
  const there = rehearsedPlan(planFile([plannedStack({ changes })]), {
    account: '000000000000',
    bases: new Map(),
    standIns: new Map(),
  });
  assert.deepEqual(
    there.waves[0]?.stacks[0]?.changes[0]?.properties.map(({ after }) => after),
    [pendingValue, '2'],
  );
});

for (const [text, expected] of [
  ['subnet-0a1b2c3d4e5f60718', true],
  ['arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer/app/shop/0123456789abcdef', true],
  ['shop.c1a2b3c4d5e6.eu-central-1.rds.amazonaws.com', true],
  ['arn:aws:secretsmanager:eu-central-1:000000000000:secret:shop-AbCdEf', true],
  ['shop-prod-service-LogGroupF5B46931-1A2B3C4D5E6F', true],
  [`000000000000.dkr.ecr.eu-central-1.amazonaws.com/shop@${digest}`, false],
  ['an alarm of high-availability at 10', false],
  ['/plimsoll/prod/shop', false],
] as const) {
  test(`${text} is ${expected ? 'made up by AWS' : 'compared as it is'}`, () => {
    assert.equal(isMadeUp(text), expected);
  });
}
