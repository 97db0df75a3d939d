/** An apply can end at any moment; called again it comes to the same end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { type Clients, localTarget, type Target } from '../deploy/clients.ts';
import type { Operation } from '../deploy/operation.ts';
import { allStacks } from '../deploy/stacks.ts';
import { applyAlone } from '../plan/apply.ts';
import { thisProcess } from '../plan/claimant.ts';
import {
  answer,
  definition,
  emptyRegion,
  happenings,
  planned,
  shownIn,
  statusOf,
  whatHappened,
} from '../testing/planned.ts';
import type { RunningCommand } from '../testing/tiny-service.ts';

test('apply is killed at each step of a plan over three waves, and called again', {
  timeout: 900_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);
  const plan = await planned(service, 'first.plan');
  const before = await happenings(target);
  let kills = 0;
  for (let lines = 1; await isKilledAfter(lines, service.start(['apply', 'first.plan'])); lines += 1)
    kills += 1;
  assert.ok(kills >= 3, `killed ${kills} times`);
  assert.deepEqual(whatHappened(before, await happenings(target, plan)), shownIn(plan));
  assert.ok(
    (await allStacks(await target.clients.cloudformation())).every(
      ({ StackStatus }) => StackStatus === 'CREATE_COMPLETE',
    ),
  );
  assert.equal(await answer(service), 'one');
  assert.equal((await service.plimsoll('plan')).code, 0, 'nothing is left to do');
  assert.match((await service.plimsoll('apply', 'first.plan')).stderr, /This plan was applied already/);

  await service.answer('two');
  await service.definition(definition('scaling: { min: 1, max: 7 },'));
  const release = await planned(service, 'release.plan');
  const then = await happenings(target);
  const { endpoint, region } = await statusOf(service);
  let requests = 0;
  while (!(await diesAfter(requests, localTarget(endpoint, region), t.signal, release))) requests += 1;
  assert.ok(requests > 20, `${requests} requests`);
  assert.deepEqual(whatHappened(then, await happenings(target, release)), shownIn(release));
  assert.equal(await answer(service), 'two');
  const ssm = await target.clients.ssm();
  await assert.rejects(
    ssm.send(new GetParameterCommand({ Name: '/plimsoll/local/tiny/applying' })),
    /ParameterNotFound/,
    'the environment is free',
  );
});

test('Ctrl-C leaves CloudFormation going on, says so, and the plan is taken up again', {
  timeout: 600_000,
}, async (t) => {
  const { service } = await emptyRegion(t);
  await planned(service, 'first.plan');
  const apply = service.start(['apply', 'first.plan']);
  await apply.printed(/CREATE_COMPLETE {2}AWS::EC2::VPC /);
  apply.child.kill('SIGINT');
  const { code, stderr } = await apply.ended;
  assert.equal(code, 130);
  assert.match(
    stderr,
    /CloudFormation goes on with the stack .*; `plimsoll apply first\.plan` takes it up again/,
  );
  const again = await service.plimsoll('apply', 'first.plan');
  assert.equal(again.code, 0, again.stderr);
  assert.equal(await answer(service), 'one');
});

/** @returns false if it came to its end before it had printed so many lines */
async function isKilledAfter(lines: number, apply: RunningCommand): Promise<boolean> {
  await apply.printed(new RegExp(`^(.*\\n){${lines}}`)).catch(() => {});
  apply.child.kill('SIGKILL');
  const { code, stderr } = await apply.ended;
  if (code !== null) assert.equal(code, 0, stderr);
  return code === null;
}

/** Applies in this process, which loses its way to the region after so many requests. @returns whether it came to its end */
async function diesAfter(
  requests: number,
  target: Target,
  signal: AbortSignal,
  plan: Parameters<typeof applyAlone>[1],
): Promise<boolean> {
  let left = requests;
  const dying = (load: () => Promise<unknown>) => async (): Promise<unknown> => {
    const client = (await load()) as Client;
    const step = (next: Next): Next => {
      return async (args) => {
        if (left <= 0) throw new Error('killed');
        left -= 1;
        return next(args);
      };
    };
    client.middlewareStack.add(step, { name: 'dies', override: true });
    return client;
  };
  const clients = Object.fromEntries(
    Object.entries(target.clients).map(([name, load]) => [name, dying(load)]),
  );
  const operation: Operation = {
    target: { ...target, clients: clients as unknown as Clients },
    report: () => {},
    signal,
  };
  const hooks = { ensureImage: async () => {}, migrate: async () => {} };
  try {
    // Of a process that is not there any more when the next one comes.
    await applyAlone(operation, plan, hooks, { ...(await thisProcess()), startedAt: 'before' });
    return true;
  } catch (error) {
    assert.match(String(error), /killed|This plan was applied already/);
    return /applied already/.test(String(error));
  }
}

type Next = (args: object) => Promise<object>;

interface Client {
  readonly middlewareStack: { add(step: (next: Next) => Next, options: object): void };
}
