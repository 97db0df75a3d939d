import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, elbRegion, newTargetGroup } from './testing/elb-region.ts';

const ENABLED = { Key: 'stickiness.enabled', Value: 'true' };
const MESSAGE =
  'You must enable group stickiness on a rule if you enabled target stickiness on one of its target groups';

test('stickiness of a target group reaches the plane, and an application cookie needs a name of its own', async () => {
  const region = elbRegion();
  const { loadBalancerArn, targetGroupArn: TargetGroupArn } = await balanced(region);
  const set = (attributes: Record<string, string>) =>
    region.call('elbv2', 'modifyTargetGroupAttributes', {
      TargetGroupArn,
      Attributes: Object.entries(attributes).map(([key, Value]) => ({ Key: `stickiness.${key}`, Value })),
    });
  const told = () => region.plane.configurations.get(loadBalancerArn)?.targetGroups[0]?.stickiness;
  assert.equal(told(), undefined);
  await set({ enabled: 'true', 'lb_cookie.duration_seconds': '60' });
  assert.deepEqual(told(), { type: 'lb_cookie', durationSeconds: 60 });
  await assert.rejects(set({ type: 'app_cookie' }), { code: 'ValidationError' });
  await assert.rejects(set({ type: 'app_cookie', 'app_cookie.cookie_name': 'AWSALBX' }), {
    code: 'ValidationError',
  });
  await set({ type: 'app_cookie', 'app_cookie.cookie_name': 'SID' });
  assert.deepEqual(told(), { type: 'app_cookie', durationSeconds: 86400, cookieName: 'SID' });
  await set({ enabled: 'false' });
  assert.equal(told(), undefined);
});

test('the key of the cookies is drawn once and outlives a restart', async () => {
  const region = elbRegion();
  const { loadBalancerArn } = await balanced(region);
  const key = region.plane.configurations.get(loadBalancerArn)?.cookieKey;
  assert.match(key ?? '', /^[0-9a-f]{32}$/);
  const again = elbRegion(region.commits);
  await again.advance(1);
  assert.equal(again.plane.configurations.get(loadBalancerArn)?.cookieKey, key);
});

test('an action with several groups needs group stickiness when one of them is sticky, whichever comes first', async () => {
  const region = elbRegion();
  const { loadBalancerArn, targetGroupArn, listenerArn } = await balanced(region);
  const other = await newTargetGroup(region, 'other');
  const forwardTo = (Enabled: boolean) =>
    region.call('elbv2', 'modifyListener', {
      ListenerArn: listenerArn,
      DefaultActions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [targetGroupArn, other].map((TargetGroupArn) => ({ TargetGroupArn })),
            TargetGroupStickinessConfig: Enabled ? { Enabled, DurationSeconds: 60 } : { Enabled },
          },
        },
      ],
    });
  const stick = () =>
    region.call('elbv2', 'modifyTargetGroupAttributes', { TargetGroupArn: other, Attributes: [ENABLED] });
  await forwardTo(false);
  await assert.rejects(stick(), { code: 'InvalidConfigurationRequest', message: MESSAGE });
  await forwardTo(true);
  await stick();
  await assert.rejects(forwardTo(false), { code: 'InvalidLoadBalancerAction', message: MESSAGE });
  const rule = region.plane.configurations.get(loadBalancerArn)?.listeners[0]?.rules.at(-1);
  assert.equal(rule?.action.kind === 'forward' && rule.action.stickinessSeconds, 60);
});
