import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, elbRegion, forward } from './testing/elb-region.ts';

const url = (Regex: string, Replace = '/') => ({
  Type: 'url-rewrite',
  UrlRewriteConfig: { Rewrites: [{ Regex, Replace }] },
});

async function ruled(transforms: readonly object[]) {
  const region = elbRegion();
  const { listenerArn: ListenerArn, loadBalancerArn, targetGroupArn } = await balanced(region);
  const { Rules = [] } = await region.call('elbv2', 'createRule', {
    ListenerArn,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/a/*'] }],
    Actions: [forward(targetGroupArn)],
    Transforms: transforms as never,
  });
  return {
    region,
    rule: Rules[0],
    told: () => region.plane.configurations.get(loadBalancerArn)?.listeners[0]?.rules[0]?.transforms,
  };
}

test('transforms of a rule are described, reach the plane, stay when others things change, and can be reset', async () => {
  const { region, rule, told } = await ruled([url('^/a')]);
  assert.deepEqual(rule?.Transforms, [url('^/a')]);
  assert.deepEqual(told(), [{ type: 'url-rewrite', regex: '^/a', replace: '/' }]);
  const RuleArn = rule?.RuleArn;
  const Conditions = [{ Field: 'path-pattern', Values: ['/b/*'] }];
  await region.call('elbv2', 'modifyRule', { RuleArn, Conditions });
  assert.equal(told()?.length, 1);
  await region.call('elbv2', 'modifyRule', { RuleArn, ResetTransforms: true });
  assert.equal(told(), undefined);
});

for (const [name, transforms, message] of [
  ['two of one type', [url('a'), url('b')], /one url-rewrite transform/],
  ['an unknown type', [{ Type: 'body-rewrite' }], /not a valid transform type/],
  ['no rewrite', [{ Type: 'url-rewrite', UrlRewriteConfig: {} }], /exactly one rewrite/],
  ['the other configuration', [{ ...url('a'), HostHeaderRewriteConfig: {} }], /does not belong/],
  ['a long expression', [url('a'.repeat(1025))], /1 to 1024 characters/],
  ['a lookahead', [url('a(?=b)')], /not supported/],
  ['a lookbehind', [url('(?<!b)a')], /not supported/],
  ['a back-reference', [url('(a)\\1')], /not supported/],
  ['an atomic group', [url('(?>a)')], /not supported/],
  ['a possessive quantifier', [url('a++')], /not supported/],
  ['a Unicode class', [url('\\p{L}')], /not supported/],
  ['a bad expression', [url('(')], /not valid/],
  ['a line break in the replacement', [url('a', '/\r\n')], /replacement/],
] as const) {
  test(`CreateRule refuses a transform with ${name}`, async () => {
    await assert.rejects(ruled(transforms), { message });
  });
}

test('an escaped plus after a quantifier and a group with a name are supported', async () => {
  const { told } = await ruled([url('^/a+\\+(?:b|c)\\\\1')]);
  assert.equal(told()?.length, 1);
});
