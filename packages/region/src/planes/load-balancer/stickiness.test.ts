import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { TargetGroupConfiguration } from '../../services/elbv2/ports.ts';
import { CookieSeal } from './cookie-seal.ts';
import { cookieValue, groupCookies, stickyGroup, targetCookies, targetSessions } from './stickiness.ts';
import { configuration, GET, testPlane } from './testing/test-plane.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const seal = new CookieSeal('00112233445566778899aabbccddeeff');
const byBalancer = { type: 'lb_cookie', durationSeconds: 60 } as const;
const byApplication = { type: 'app_cookie', durationSeconds: 60, cookieName: 'SID' } as const;
const chosen = { targetGroupArn: 'tg', target: '10.0.0.1:3000' };
const none = { session: undefined, others: [] };

const at = (nowMs: number, isSecure = false) => ({ nowMs, isSecure });

/** The Cookie field of a client that keeps what was set. */
function kept(setCookie: string): string {
  return [...setCookie.matchAll(/^Set-Cookie: ([^;]+)/gm)].map((match) => match[1]).join('; ');
}

test('AWSALB and AWSALBCORS are set together, for 7 days, with the same encrypted value', () => {
  const lines = targetCookies(seal, byBalancer, none, chosen, '', at(NOW));
  const expires = 'Expires=Sun, 29 Nov 2026 12:00:00 GMT; Path=/';
  assert.match(
    lines,
    new RegExp(
      `^Set-Cookie: AWSALB=([A-Za-z0-9+/=]+); ${expires}\r\nSet-Cookie: AWSALBCORS=\\1; ${expires}; SameSite=None\r\n$`,
    ),
  );
  assert.ok(!lines.includes('10.0.0.1'));
});

const cookie = kept(targetCookies(seal, byBalancer, none, chosen, '', at(NOW)));
const foreign = kept(targetCookies(new CookieSeal('f'.repeat(32)), byBalancer, none, chosen, '', at(NOW)));
const ofGroup = kept(groupCookies(seal, 'tg', 60, at(NOW)));
for (const [name, field, group, afterSeconds, target] of [
  ['leads back to its target', cookie, 'tg', 59, '10.0.0.1:3000'],
  ['is stale after the duration', cookie, 'tg', 60, undefined],
  ['of another target group is ignored', cookie, 'other', 0, undefined],
  ['by another key is ignored', foreign, 'tg', 0, undefined],
  ['that was changed is ignored', cookie.replace(/=(.)/g, '=x$1'), 'tg', 0, undefined],
  ['of nonsense is ignored', 'AWSALB=%%%', 'tg', 0, undefined],
  ['of a group session is no target session', ofGroup.replace('AWSALBTG', 'AWSALB'), 'tg', 0, undefined],
  ['may come as AWSALBCORS alone', cookie.replace(/^AWSALB=[^;]+; /, ''), 'tg', 0, '10.0.0.1:3000'],
  ['may stand among others', `a=b; ${cookie};c=d`, 'tg', 0, '10.0.0.1:3000'],
] as const) {
  test(`a cookie ${name}`, () => {
    const { session } = targetSessions(seal, [field], byBalancer, group, NOW + afterSeconds * 1000);
    assert.equal(session?.target, target);
  });
}

for (const [name, field, groups, afterSeconds, expected] of [
  ['leads back to its group', ofGroup, ['a', 'tg'], 59, 'tg'],
  ['is stale after the duration', ofGroup, ['a', 'tg'], 60, undefined],
  ['of a group that left the action is ignored', ofGroup, ['a', 'b'], 0, undefined],
  ['of a target session is none', cookie.replace('AWSALB', 'AWSALBTG'), ['tg'], 0, undefined],
] as const) {
  test(`a group cookie ${name}`, () => {
    const known = groups.map((targetGroupArn) => ({ targetGroupArn }));
    assert.equal(stickyGroup(seal, [field], known, NOW + afterSeconds * 1000), expected);
  });
}

test('an application session begins when the target sets its cookie, and is renewed while the client sends both', () => {
  const before = targetCookies(seal, byApplication, none, chosen, 'Set-Cookie: SIDE=1\r\n', at(NOW));
  assert.equal(before.match(/AWSALBAPP-\d=_remove_;/g)?.length, 4);
  const begun = kept(
    targetCookies(seal, byApplication, none, chosen, 'set-cookie: SID=1; Path=/\r\n', at(NOW)),
  );
  assert.match(begun, /^AWSALBAPP-0=[A-Za-z0-9+/=]{40,}; AWSALBAPP-1=_remove_; /);
  const read = (field: string, nowMs: number) => targetSessions(seal, [field], byApplication, 'tg', nowMs);
  assert.equal(read(begun, NOW).session, undefined);
  const sessions = read(`${begun}; SID=other`, NOW);
  assert.equal(sessions.session?.target, '10.0.0.1:3000');
  const renewed = kept(targetCookies(seal, byApplication, sessions, chosen, '', at(NOW + 50_000)));
  assert.equal(read(`${renewed}; SID=1`, NOW + 109_000).session?.target, '10.0.0.1:3000');
});

test('the application cookie keeps the sessions of other groups, in shards of 4 K', () => {
  const others = Array.from({ length: 60 }, (_, i) => ({
    targetGroupArn: `arn:aws:elasticloadbalancing:eu-central-1:000000000000:targetgroup/g${i}/0123456789abcdef`,
    target: '10.0.0.2:3000',
    expiresMs: NOW + 60_000,
  }));
  const sessions = { session: undefined, others };
  const field = `${kept(targetCookies(seal, byApplication, sessions, chosen, 'Set-Cookie: SID=1\r\n', at(NOW)))}; SID=1`;
  assert.ok((cookieValue([field], 'AWSALBAPP-2') ?? '').length > 100);
  assert.equal(cookieValue([field], 'AWSALBAPP-3'), '_remove_');
  const read = targetSessions(seal, [field], byApplication, 'tg', NOW);
  assert.equal(read.session?.target, '10.0.0.1:3000');
  assert.deepEqual(read.others, others);
});

const { counted, reported, httpTarget, balanced, configured, close } = testPlane();
after(close);

const named = (name: string, setCookie?: string) =>
  httpTarget((_request, response) => {
    if (setCookie !== undefined) response.setHeader('Set-Cookie', setCookie);
    response.end(name);
  });
const asked = (field: string) => `GET / HTTP/1.1\r\nHost: a\r\nCookie: ${field}\r\n\r\n`;

test('with lb_cookie a client stays with its target until that is unhealthy, then with the next', async () => {
  const targets = await Promise.all(['a', 'b', 'c'].map((name) => named(name)));
  const balancer = await balanced(targets, {}, [], { stickiness: byBalancer });
  let answer = await balancer.ask(GET);
  const first = answer.slice(-1);
  for (let i = 0; i < 4; i += 1) {
    answer = await balancer.ask(asked(kept(answer)));
    assert.equal(answer.slice(-1), first);
  }
  await balancer.retarget(
    targets.map((target, i) => (first === 'abc'[i] ? { ...target, status: 'unhealthy' } : target)),
  );
  answer = await balancer.ask(asked(kept(answer)));
  const second = answer.slice(-1);
  assert.notEqual(second, first);
  await balancer.retarget(targets);
  for (let i = 0; i < 4; i += 1) {
    answer = await balancer.ask(asked(kept(answer)));
    assert.equal(answer.slice(-1), second);
  }
  const sum = () =>
    counted
      .filter(({ loadBalancerArn }) => loadBalancerArn === balancer.name)
      .flatMap(({ targetGroups }) => targetGroups)
      .reduce((total, { counters }) => total + (counters['NonStickyRequestCount'] ?? 0), 0);
  while (sum() < 2) {
    await new Promise((resolve) => reported.addEventListener('report', resolve, { once: true }));
  }
  assert.equal(sum(), 2);
});

test('with app_cookie a client moves about until a target sets the cookie', async () => {
  const targets = await Promise.all([named('a'), named('b', 'SID=7; Path=/')]);
  const balancer = await balanced(targets, {}, [], { stickiness: byApplication });
  let answer = await balancer.ask(GET);
  if (answer.endsWith('a')) {
    assert.equal(answer.match(/_remove_/g)?.length, 4);
    answer = await balancer.ask(GET);
  }
  assert.match(answer, /Set-Cookie: SID=7; Path=\/\r\n[\s\S]*Set-Cookie: AWSALBAPP-0=/);
  for (let i = 0; i < 3; i += 1) {
    answer = await balancer.ask(asked(kept(answer)));
    assert.equal(answer.slice(-1), 'b');
  }
});

test('with group stickiness a client stays with its target group, whatever the weights', async () => {
  const [blue, green] = [await named('blue'), await named('green')];
  const base = configuration('sticky-groups', [], {}, []);
  const group = (targetGroupArn: string, target: typeof blue): TargetGroupConfiguration => ({
    targetGroupArn,
    algorithm: 'round_robin',
    targets: [{ ip: target.ip, port: target.port, status: 'healthy' }],
  });
  const weighted = ['blue', 'green'].map((targetGroupArn) => ({ targetGroupArn, weight: 1 }));
  const action = { kind: 'forward', targetGroups: weighted, stickinessSeconds: 60 } as const;
  const balancer = await configured({
    ...base,
    listeners: base.listeners.map((one) => ({
      ...one,
      rules: [{ priority: 0, conditions: [], action }],
    })),
    targetGroups: [group('blue', blue), group('green', green)],
  });
  const first = await balancer.ask(GET);
  assert.match(first, /Set-Cookie: AWSALBTG=[^;]+; Expires=[^;]+; Path=\/\r\nSet-Cookie: AWSALBTGCORS=/);
  const body = first.slice(first.indexOf('\r\n\r\n') + 4);
  const others = new Set<string>();
  for (let i = 0; i < 4; i += 1) {
    const answer = await balancer.ask(asked(kept(first)));
    assert.ok(answer.endsWith(`\r\n\r\n${body}`));
    others.add((await balancer.ask(GET)).slice(-4));
  }
  assert.equal(others.size, 2);
});
