/** One apply at a time, against a real Parameter Store of a local region. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { emptyRegion } from '../testing/planned.ts';
import { pause } from '../wait.ts';
import { type Claimant, thisProcess } from './claimant.ts';
import { type Claim, claimEnvironment, isBegun, noteApplied } from './lock.ts';

const rhythm = { beatMs: 50, silenceMs: 3_000 };
const lock = '/plimsoll/local/tiny/applying';

const plan = (letter: string) => ({ service: 'tiny', environment: 'local', hash: letter.repeat(64) });
const elsewhere = (machine: string): Claimant => ({ host: machine, machine, pid: 7, startedAt: '1' });

test('an environment is one apply’s at a time', { timeout: 300_000 }, async (t) => {
  const { target } = await emptyRegion(t);
  const ssm = await target.clients.ssm();
  const claim = (letter: string, claimant: Claimant) =>
    claimEnvironment({
      ssm,
      plan: plan(letter),
      by: 'arn:me',
      claimant,
      signal: t.signal,
      tell: () => {},
      rhythm,
    });

  await t.test('of many that begin at once exactly one has it, and the others are told who', async () => {
    const { held, refusals } = await allAtOnce(
      ['a', 'b', 'c', 'd'].map((name) => claim('a', elsewhere(name))),
    );
    assert.equal(held.length, 1);
    for (const refusal of refusals)
      assert.match(
        refusal,
        /This plan is being applied already, since .* by arn:me \(process 7 on [abcd]\)\./,
      );
    await assert.rejects(
      claim('b', elsewhere('e')),
      /Another plan \(a{12}\) is being applied to local since/,
    );
    assert.ok(await isBegun(ssm, plan('a')));
    await held[0]?.free();
    await assert.rejects(ssm.send(new GetParameterCommand({ Name: lock })), /ParameterNotFound/);
    assert.equal(refusals.length, 3);
  });

  await t.test('one elsewhere that is not heard of for long is taken over from, by exactly one', async () => {
    await standsStill(ssm, 'a', elsewhere('gone'));
    const { held, refusals } = await allAtOnce(
      ['a', 'b', 'c', 'd'].map((name) => claim('a', elsewhere(name))),
    );
    assert.equal(held.length, 1);
    assert.equal(refusals.length, 3);
    await held[0]?.free();
  });

  await t.test('one on this machine whose process has ended is taken over from at once', async () => {
    const here = await thisProcess();
    await standsStill(ssm, 'a', { ...here, startedAt: 'before' });
    await assert.rejects(
      claim('b', here),
      /Another plan \(a{12}\) is half applied to local.* and was interrupted\./,
    );
    const began = performance.now();
    const own = await claim('a', here);
    assert.ok(performance.now() - began < rhythm.silenceMs);
    await assert.rejects(claim('a', here), /This plan is being applied already/);
    await own.free();
  });

  await t.test('whoever leaves it says so: the same plan goes on at once, another does not', async () => {
    const left = await claim('a', elsewhere('left'));
    await left.leave();
    await assert.rejects(claim('b', elsewhere('b')), /half applied to local.*\nEnd it first: plimsoll apply/);
    await (await claim('a', elsewhere('c'))).free();
  });

  await t.test(
    'one that comes back after it was taken over from changes nothing and frees nothing',
    async () => {
      const slow = await claim('a', elsewhere('slow'));
      await takeOver(ssm);
      await untilLost(slow, t.signal);
      await slow.free();
      assert.ok(await isBegun(ssm, plan('a')));
      await ssm.send(new DeleteParameterCommand({ Name: lock }));
    },
  );

  await t.test('an environment that was freed by hand is anybody’s, and its apply stops', async () => {
    const freed = await claim('a', elsewhere('freed'));
    await ssm.send(new DeleteParameterCommand({ Name: lock }));
    await untilLost(freed, t.signal);
    const next = await claim('b', elsewhere('next'));
    await freed.free();
    await next.assertHeld();
    await next.free();
  });

  await t.test(
    'a plan that was applied is not applied again, and what its apply left behind goes',
    async () => {
      await noteApplied(ssm, plan('a'), 'arn:me', new Date(0));
      const here = await thisProcess();
      await standsStill(ssm, 'a', { ...here, startedAt: 'before' });
      await assert.rejects(
        claim('a', here),
        /This plan was applied already, at 1970-01-01T00:00:00.000Z by arn:me/,
      );
      await assert.rejects(ssm.send(new GetParameterCommand({ Name: lock })), /ParameterNotFound/);
    },
  );
});

async function allAtOnce(
  claims: readonly Promise<Claim>[],
): Promise<{ readonly held: readonly Claim[]; readonly refusals: readonly string[] }> {
  const ended = await Promise.allSettled(claims);
  return {
    held: ended.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    refusals: ended.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : [])),
  };
}

/** The note of an apply that was killed. */
async function standsStill(ssm: SSMClient, letter: string, claimant: Claimant): Promise<void> {
  const note = {
    hash: letter.repeat(64),
    since: '2026-11-22T10:00:00.000Z',
    by: 'arn:me',
    id: 'x',
    claimant,
    after: 0,
  };
  await ssm.send(new PutParameterCommand({ Name: lock, Type: 'String', Value: JSON.stringify(note) }));
}

/** Takes over as another apply would: again, until no beat of the first came between. */
async function takeOver(ssm: SSMClient): Promise<void> {
  for (;;) {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: lock }));
    const { Version: after = 0, Value = '' } = Parameter ?? {};
    const note = { ...(JSON.parse(Value) as object), id: 'other', after };
    const { Version } = await ssm.send(
      new PutParameterCommand({ Name: lock, Value: JSON.stringify(note), Overwrite: true }),
    );
    if (Version === after + 1) return;
  }
}

async function untilLost(claim: Claim, signal: AbortSignal): Promise<void> {
  for (;;) {
    const lost = await claim.assertHeld().then(() => undefined, String);
    if (lost !== undefined) return assert.match(lost, /another went on with the plan, or somebody freed/);
    await pause(rhythm.beatMs, signal);
  }
}
