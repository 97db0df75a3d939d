import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, elbRegion } from './testing/elb-region.ts';

test('targets that close idle connections too early are told of, once', async () => {
  const region = elbRegion();
  const { loadBalancerArn, targetGroupArn } = await balanced(region);
  const told = async (...closings: readonly (number | undefined)[]): Promise<readonly string[]> => {
    for (const closedAfterIdleMs of closings) {
      const group = {
        targetGroupArn,
        counters: { RequestCount: 1 },
        ...(closedAfterIdleMs !== undefined && { closedAfterIdleMs }),
      };
      region.plane.count([{ loadBalancerArn, counters: {}, targetGroups: [group] }]);
    }
    await region.advance(1);
    return region.messages.filter(({ code }) => code === 'target-keep-alive').map(({ text }) => text);
  };
  assert.deepEqual(
    await told(undefined, 20),
    [],
    'a target that died at work is no matter of idle connections',
  );
  const [text, ...others] = await told(5012, 4900);
  assert.deepEqual(others, []);
  assert.match(
    text ?? '',
    /target group tasks got 502: .* idle for 5 s .* idle timeout of 60 s; have the application keep/,
  );
});
