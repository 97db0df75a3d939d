import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { byShare, eligibleTargets, leastOutstanding } from './target-choice.ts';
import { GET, testPlane } from './testing/test-plane.ts';

const STATUS = {
  h: 'healthy',
  u: 'unhealthy',
  i: 'initial',
  d: 'draining',
  n: 'unavailable',
} as const;
type Letter = keyof typeof STATUS;

for (const [targets, minimum, eligible, failsOpen] of [
  ['hhu', { count: 1 }, 'hh', false],
  ['uu', { count: 1 }, 'uu', true],
  ['uuid', { count: 1 }, 'uu', true],
  ['ii', { count: 1 }, '', false],
  ['', { count: 1 }, '', false],
  ['n', { count: 1 }, 'n', false],
  ['huu', { count: 2 }, 'huu', true],
  ['hhu', { count: 2 }, 'hh', false],
  ['h', { count: 2 }, 'h', false],
  ['hhu', { count: 1, percentage: 70 }, 'hhu', true],
  ['hhu', { count: 1, percentage: 66 }, 'hh', false],
  ['hhuii', { count: 1, percentage: 60 }, 'hh', false],
  ['hu', undefined, 'h', false],
] as const) {
  const asked = minimum ? JSON.stringify(minimum) : 'the default';
  test(`of ${targets || 'none'} with a minimum of ${asked}, ${eligible || 'none'} get requests`, () => {
    const given = Array.from(targets, (letter) => ({ status: STATUS[letter as Letter] }));
    const chosen = eligibleTargets(given, minimum);
    const letters = chosen.targets.map(({ status }) =>
      Object.keys(STATUS).find((letter) => STATUS[letter as Letter] === status),
    );
    assert.equal(letters.join(''), eligible);
    assert.equal(chosen.failsOpen, failsOpen);
  });
}

for (const [outstanding, start, expected] of [
  [[0, 0, 0], 1, 1],
  [[0, 1, 1], 1, 0],
  [[3, 2, 1], 0, 2],
  [[1, 1, 2], 2, 0],
  [[5], 0, 0],
] as const) {
  test(`with ${outstanding.join(', ')} requests in flight, from ${start} on, the next goes to ${expected}`, () => {
    const targets = outstanding.map((value) => ({ outstanding: value }));
    const chosen = leastOutstanding(targets, start);
    assert.equal(chosen && targets.indexOf(chosen as (typeof targets)[number]), expected);
  });
}

test('requests are spread by shares: 0.5 gets half of what 1 gets', () => {
  const targets = [1, 0.5, 1].map((share) => ({ share, credit: 0 }));
  const counts = [0, 0, 0];
  for (let i = 0; i < 100; i += 1) {
    const chosen = byShare(targets);
    const at = chosen ? targets.indexOf(chosen) : -1;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  assert.deepEqual(counts, [40, 20, 40]);
});

const { httpTarget, balanced, close } = testPlane();
after(close);

const named = (name: string) => httpTarget((_request, response) => response.end(name));

async function spread(balancer: Awaited<ReturnType<typeof balanced>>, requests: number) {
  const counts: Record<string, number> = {};
  for (let i = 0; i < requests; i += 1) {
    const name = (await balancer.ask(GET)).slice(-1);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

test('a target in slow start gets its share of the requests', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const balancer = await balanced([a, { ...b, share: 0.25 }]);
  assert.deepEqual(await spread(balancer, 20), { a: 16, b: 4 });
  await balancer.retarget([a, b]);
  assert.deepEqual(await spread(balancer, 20), { a: 10, b: 10 });
});

test('weighted_random reaches every target', async () => {
  const targets = [await named('a'), await named('b')];
  const balancer = await balanced(targets, {}, [], { algorithm: 'weighted_random' });
  const { a = 0, b = 0 } = await spread(balancer, 60);
  assert.equal(a + b, 60);
  assert.ok(a > 0 && b > 0);
});

test('least_outstanding_requests goes round a target that is busy', async () => {
  let release = () => {};
  const busy = await httpTarget((_request, response) => {
    release = () => response.end('a');
  });
  const balancer = await balanced([busy, await named('b')], {}, [], {
    algorithm: 'least_outstanding_requests',
  });
  // The first two requests go to one target each, in either order.
  const [one, two] = [await balancer.connect(), await balancer.connect()];
  const arrived = new Promise((resolve) => busy.server.once('request', resolve));
  one.write(GET);
  two.write(GET);
  await arrived;
  assert.deepEqual(await spread(balancer, 10), { b: 10 });
  release();
});

test('with fewer healthy targets than the minimum, unhealthy ones get requests too', async () => {
  const [a, b] = [await named('a'), await named('b')];
  const balancer = await balanced([a, { ...b, status: 'unhealthy' }], {}, [], {
    minimumHealthyTargets: { count: 2 },
  });
  assert.deepEqual(await spread(balancer, 10), { a: 5, b: 5 });
});
