import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { Context } from '../kernel/context.ts';
import { after, instant } from '../kernel/instant.ts';
import { Kernel } from '../kernel/kernel.ts';
import { seededRandom } from '../kernel/random.ts';
import type { ServiceModule } from '../kernel/service.ts';
import { Tables } from '../kernel/table.ts';
import type { Timer } from '../kernel/timers.ts';
import { ClockDriver } from './clock-driver.ts';

const start = Date.parse('2026-11-27T17:58:00Z');

/** A kernel with one service that notes when its timers ran; the machine's clock is moved by the test. */
function clockRegion(options: {
  readonly rate: number;
  readonly onTimer?: (ctx: Context, timer: Timer) => void;
  readonly commit?: () => Promise<void>;
}) {
  const ran: [name: string, second: number][] = [];
  const machine = { now: start };
  const settling = { is: false };
  const tables = new Tables();
  const driver = new ClockDriver({
    setting: { region: start, machine: start, rate: options.rate },
    machine: () => machine.now,
    isSettling: () => settling.is,
  });
  const kernel = new Kernel({
    tables,
    accountId: '000000000000',
    region: 'eu-central-1',
    random: seededRandom('clock'),
    secrets: { bytes: (length) => new Uint8Array(length), text: (length) => 'x'.repeat(length) },
    now: () => driver.now(),
    commit: options.commit ?? (async () => {}),
    authorize: () => {},
    report: () => {},
    wake: () => driver.wake(),
  });
  const module: ServiceModule = {
    name: 'ecs',
    operations: {},
    onTimer(ctx, timer) {
      ran.push([timer.name, (ctx.now - start) / 1000]);
      options.onTimer?.(ctx, timer);
    },
  };
  kernel.start([module]);
  driver.start(kernel);
  const setTimer = (name: string, seconds: number): Promise<void> =>
    kernel.submit('test', { service: 'ecs' }, (ctx) =>
      ctx.timers.set('it', name, instant(start + seconds * 1000)),
    );
  return { driver, kernel, ran, machine, settling, setTimer, seconds: () => (driver.now() - start) / 1000 };
}

/** Moves the machine's clock and lets the driver's timeouts run. */
function pass(machine: { now: number }, milliseconds: number): void {
  machine.now += milliseconds;
  mock.timers.tick(milliseconds);
}

test('advancing stops at every deadline, also at those that arise on the way', async () => {
  const region = clockRegion({
    rate: 0,
    onTimer: (ctx, timer) => {
      if (timer.name === 'health' && ctx.now - start < 100_000)
        ctx.timers.set('it', 'health', after(ctx.now, 30));
    },
  });
  await region.setTimer('health', 30);
  await region.setTimer('beyond', 181);
  await region.driver.advance(instant(start + 180_000));
  assert.deepEqual(region.ran, [
    ['health', 30],
    ['health', 60],
    ['health', 90],
    ['health', 120],
  ]);
  assert.equal(region.seconds(), 180);
  region.driver.close();
});

test('a jump runs what fell due once, late, in its order', async () => {
  const region = clockRegion({ rate: 0 });
  await region.setTimer('monday', 200);
  await region.setTimer('friday', 100);
  region.driver.set(instant(start + 1000_000));
  assert.deepEqual(region.ran, [
    ['friday', 1000],
    ['monday', 1000],
  ]);
  assert.throws(() => region.driver.set(instant(start)), /cannot go back/);
  assert.equal(region.seconds(), 1000);
  region.driver.close();
});

test('at rate 20 a minute of the region is three seconds of the machine, and no deadline is passed over', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const region = clockRegion({ rate: 20 });
  await region.setTimer('a', 20);
  await region.setTimer('b', 60);
  pass(region.machine, 999);
  assert.deepEqual(region.ran, []);
  // The machine was busy: the timeout of the first deadline runs late, and the clock waits for it.
  region.machine.now += 800;
  assert.equal(region.seconds(), 20);
  pass(region.machine, 201);
  assert.deepEqual(region.ran, [['a', 20]]);
  pass(region.machine, 1000);
  assert.deepEqual(region.ran, [
    ['a', 20],
    ['b', 60],
  ]);
  region.driver.close();
});

test('a machine that slept jumps at real time, and goes on where it was at another rate', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  for (const [rate, expected] of [
    [1, 3600],
    [20, 20],
  ] as const) {
    const region = clockRegion({ rate });
    await region.setTimer('due', 10);
    region.machine.now += 3_600_000;
    mock.timers.tick(10_000);
    assert.equal(region.ran[0]?.[0], 'due');
    assert.ok(Math.abs(region.seconds() - expected) <= 10, `rate ${rate}: ${region.seconds()} s`);
    region.driver.close();
  }
});

test('while tasks start or stop, advancing leaves them the machine’s time', async () => {
  const region = clockRegion({ rate: 1 });
  await region.setTimer('kill', 30);
  region.settling.is = true;
  const advanced = region.driver.advance(instant(start + 3600_000));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(region.ran, [], 'no machine time has passed');
  assert.throws(() => region.driver.setRate(2), /is being advanced to 2026-11-27T18:58:00.000Z/);
  region.machine.now += 1_500;
  while (region.ran.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(region.ran, [['kill', 30]]);
  region.settling.is = false;
  await advanced;
  assert.equal(region.seconds(), 3600);
  region.driver.close();
});

test('once storing has failed no deadline is waited for', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const commit = (): Promise<void> => Promise.reject(new Error('no space left on device'));
  const region = clockRegion({ rate: 1, commit });
  await assert.rejects(region.setTimer('due', 10), /could not be written: no space left/);
  pass(region.machine, 20_000);
  assert.deepEqual(region.ran, []);
  assert.equal(region.kernel.nextDeadline(), undefined);
  region.driver.close();
});
