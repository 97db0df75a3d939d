/**
 * The session of the closed loop, command by command: office hours on a clock that is moved, load that scales out and in, and
 * the mails that come of it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RegionStatus } from '../status/region-status.ts';
import { tinyService } from '../testing/tiny-service.ts';
import { pause } from '../wait.ts';

const definition = `
  import { defineService, officeHours } from '@plimsoll/blueprint';
  export default defineService({
    name: 'tiny',
    image: { command: ['node', 'dist/main.mjs'] },
    scaling: { min: 2, max: 6, cpu: 60 },
    alarms: { email: 'team@example.com' },
    environments: {
      dev: {
        region: 'eu-central-1',
        scaling: { schedule: officeHours('08:00', '18:00', 'MON-FRI', 'UTC') },
        deletionProtection: false,
      },
    },
  });
`;

/** Each request costs 0.45 ms of CPU: 800 a second are 72 % of two tasks of a quarter of a core. */
const program = `
import { createServer } from 'node:http';
// Longer than the load balancer keeps idle connections, as AWS asks for.
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  if (request.url === '/fail') {
    response.statusCode = 500;
    response.end();
    return;
  }
  const start = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(start);
    if (user + system >= 450) break;
  }
  response.end('UP\\n');
});
server.listen(process.env.PORT, () => console.log('listening'));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => server.close(() => process.exit(0)));
`;

// 2026-11-27 is a Friday.
test('tasks follow the clock and the load, and the recipients read of it', {
  timeout: 420_000,
}, async (t) => {
  const service = await tinyService(t);
  await service.definition(definition);
  await service.program(program);
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await service.plimsoll(...args);
    assert.equal(code, 0, `${args.join(' ')}\n${stdout}\n${stderr}`);
    return stdout;
  };
  const state = async () => {
    const { services } = JSON.parse(await run('status', '--json')) as RegionStatus;
    const [found] = services;
    assert.ok(found);
    return found;
  };
  const answer = async (): Promise<number> => (await fetch(`${(await state()).url}/health`)).status;
  const desired: number[] = [];
  const untilDesired = async (isReached: (count: number) => boolean): Promise<number> => {
    for (;;) {
      const { desiredCount } = await state();
      if (desired.at(-1) !== desiredCount) desired.push(desiredCount);
      if (isReached(desiredCount)) return desiredCount;
      await pause(300, t.signal);
    }
  };

  await run(
    'up',
    '--env',
    'dev',
    '--detach',
    '--port',
    '0',
    '--http-port',
    '0',
    '--clock',
    '2026-11-27T17:58:00Z',
  );
  assert.equal(await answer(), 200);
  assert.match(await run('mail'), /team@example\.com +AWS Notification - Subscription Confirmation/);
  await run('mail', 'confirm', '1');

  await run('clock', 'advance', '3m');
  assert.equal(await answer(), 503);

  await run('clock', 'set', '2026-11-30T08:00:00Z');
  await untilDesired((count) => count === 2);
  await run('clock', 'advance', '1m');
  assert.equal(await answer(), 200);

  assert.match(await run('clock', 'rate', '20'), /it goes at 20 times real time/);
  const loading = service.plimsoll('load', '--rate', '800', '--for', '60s');
  const most = await untilDesired((count) => count > 2);
  assert.ok(most <= 6);
  const { stdout: report } = await loading;
  assert.match(report, /^ +failed +0$/m);
  await untilDesired((count) => count === 2);
  assert.ok(
    desired.every((count) => count >= 2 && count <= 6),
    desired.join(),
  );

  const subjects = async (): Promise<readonly string[]> =>
    (await run('mail')).match(/[A-Z]+: "tiny-dev-target-errors" in EU \(Frankfurt\)/g) ?? [];
  // The alarm tells its first state, too, if the subscription was confirmed by then.
  const before = (await subjects()).length;
  const flood = await service.plimsoll('load', '--rate', '50', '--for', '15s', '--path', '/fail');
  assert.equal(flood.code, 1);
  while ((await subjects()).length < before + 2) await pause(300, t.signal);
  assert.deepEqual(
    (await subjects()).slice(before).map((subject) => subject.split(':')[0]),
    ['ALARM', 'OK'],
    'one of each, the oldest first',
  );
  const number = /^(\d+) .*ALARM: "tiny-dev-target-errors"/m.exec(await run('mail'))?.[1] ?? '';
  const mail = await run('mail', 'show', number);
  assert.match(mail, /To: +team@example\.com/);
  assert.match(mail, /You are receiving this email because your Amazon CloudWatch Alarm/);
  t.diagnostic(`desired counts ${desired.join(', ')}; ${report.slice(report.indexOf('http://'))}`);
});
