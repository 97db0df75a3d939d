/** Plans on trial, against a local region with a service in it. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { definition, emptyRegion, happenings, planned } from '../testing/planned.ts';
import type { Result, TinyService } from '../testing/tiny-service.ts';
import { pause } from '../wait.ts';
import type { Rehearsal } from './rehearsal.ts';

test('a plan that passes leaves its report and nothing else; a stale one is refused', {
  timeout: 300_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);
  // Neither region has the delivery stack: the policy that bounds the roles is made in both.
  const bounded = "permissionsBoundary: 'acme-delivery-boundary',";
  await service.definition(definition(`scaling: { min: 1 }, ${bounded}`));
  assert.equal((await service.plimsoll('deploy')).code, 0);
  await service.answer('two');
  await service.definition(definition(`scaling: { min: 1, max: 7 }, ${bounded}`));
  const plan = await planned(service, 'two.plan');
  const before = await happenings(target);

  const { code, stdout, stderr } = await rehearse(service, 'two.plan');
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const report = await reportOf(service, 'two.plan');
  assert.equal(report.planHash, plan.hash);
  assert.equal(report.passed, true);
  assert.deepEqual(
    report.steps.map(({ name, ok }) => `${name} ${ok}`),
    ['the region true', 'what runs now true', 'the plan true', 'a bad release true', 'a rollback true'],
  );
  assert.ok(report.load.sent > 100, `${report.load.sent} requests`);
  assert.deepEqual(report.load.failures, {});
  assert.match(report.rolledBack[0]?.reason ?? '', /circuit breaker/);
  assert.match(
    await readFile(join(service.folder, 'two.plan.rehearsal.md'), 'utf8'),
    /### Rehearsal for tiny \(local\): ✅ passed/,
  );
  assert.deepEqual(await happenings(target), before, 'nothing was changed where the plan is for');
  await assertNothingLeft(service);

  const apply = await service.plimsoll('apply', '--require-rehearsal', 'two.plan');
  assert.equal(apply.code, 0, apply.stderr);
  const again = await rehearse(service, 'two.plan');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /This plan is stale:/);
});

test('a first plan is rehearsed from nothing; a rehearsal that is killed leaves neither process nor home', {
  timeout: 300_000,
}, async (t) => {
  const { service } = await emptyRegion(t);
  await planned(service, 'first.plan');
  for (const signal of ['SIGKILL', 'SIGINT'] as const) {
    const running = service.start(['rehearse', 'first.plan'], await environment(service));
    await running.printed(/CREATE_COMPLETE {2}AWS::ECS::Cluster/);
    running.child.kill(signal);
    const { code } = await running.ended;
    assert.equal(code, signal === 'SIGINT' ? 130 : null);
    while ((await left(service)).length > 0) await pause(50, t.signal);
  }
  const { code, stdout, stderr } = await rehearse(service, 'first.plan');
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const { steps } = await reportOf(service, 'first.plan');
  assert.match(steps.find(({ name }) => name === 'what runs now')?.text ?? '', /the plan is the first/);
});

test('a plan whose tasks fail requests, or never become healthy, does not pass, and the report says why', {
  timeout: 300_000,
}, async (t) => {
  const { service } = await emptyRegion(t);
  assert.equal((await service.plimsoll('deploy')).code, 0);

  await service.program(`
    import { createServer } from 'node:http';
    const server = createServer({ keepAliveTimeout: 65_000 }, ({ url }, response) => {
      response.statusCode = url === '/health' ? 200 : 500;
      response.end();
    });
    server.listen(Number(process.env.PORT));
    process.on('SIGTERM', () => server.close(() => process.exit(0)));
  `);
  await planned(service, 'failing.plan');
  const failing = await rehearse(service, 'failing.plan', '--path', '/');
  assert.equal(failing.code, 1, failing.stdout);
  const report = await reportOf(service, 'failing.plan');
  assert.equal(report.passed, false);
  assert.ok((report.load.failures['status 500'] ?? 0) > 0);
  assert.match(
    (await service.plimsoll('apply', '--require-rehearsal', 'failing.plan')).stderr,
    /The rehearsal of this plan did not pass/,
  );

  await service.program('console.error("no cargo"); process.exit(3);');
  await planned(service, 'dying.plan');
  const dying = await rehearse(service, 'dying.plan');
  assert.equal(dying.code, 1, dying.stdout);
  const { passed, steps, rolledBack, load } = await reportOf(service, 'dying.plan');
  assert.equal(passed, false);
  assert.equal(load.failed, 0, 'the tasks that were there went on');
  assert.deepEqual(
    steps.map(({ name, ok }) => `${name} ${ok}`),
    ['the region true', 'what runs now true', 'the plan false'],
  );
  assert.match(steps.at(-1)?.text ?? '', /Circuit Breaker was triggered[\s\S]*no cargo/);
  assert.equal(rolledBack[0]?.step, 'the plan');
});

/** Temporary folders are made where they can be counted. */
async function environment({ folder }: TinyService): Promise<{ readonly TMPDIR: string }> {
  const TMPDIR = join(folder, 'tmp');
  await mkdir(TMPDIR, { recursive: true });
  return { TMPDIR };
}

async function rehearse(service: TinyService, ...args: readonly string[]): Promise<Result> {
  return service.start(['rehearse', ...args], await environment(service)).ended;
}

async function reportOf({ folder }: TinyService, plan: string): Promise<Rehearsal> {
  return JSON.parse(await readFile(join(folder, `${plan}.rehearsal.json`), 'utf8')) as Rehearsal;
}

async function assertNothingLeft(service: TinyService): Promise<void> {
  assert.deepEqual(await left(service), []);
}

/** Temporary folders that are still there, and command lines of processes that name one. */
async function left({ folder }: TinyService): Promise<readonly string[]> {
  const temporary = join(folder, 'tmp');
  const folders = await readdir(temporary);
  if (process.platform !== 'linux') return folders;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return [
    ...folders,
    ...commands
      .filter((command) => command.includes(temporary))
      .map((command) => command.replaceAll('\0', ' ')),
  ];
}
