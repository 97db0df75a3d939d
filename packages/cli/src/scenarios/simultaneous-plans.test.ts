/** One apply per environment at a time, by real processes; and a way to the region that is lost in the middle of one. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RegionRecord } from '../region/home.ts';
import {
  answer,
  emptyRegion,
  happenings,
  planned,
  shownIn,
  statusOf,
  whatHappened,
} from '../testing/planned.ts';
import type { Result } from '../testing/tiny-service.ts';

const who = /by arn:aws:iam::0{12}:root \(process \d+ on \S+\)/;

test('of two processes that apply at once exactly one does, and the other says who does', {
  timeout: 900_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);
  const first = await planned(service, 'first.plan');
  const before = await happenings(target);
  const same = split(
    await Promise.all([service.plimsoll('apply', 'first.plan'), service.plimsoll('apply', 'first.plan')]),
  );
  assert.match(same.refused, /This plan is being applied already, since /);
  assert.match(same.refused, who);
  assert.deepEqual(whatHappened(before, await happenings(target, first)), shownIn(first));

  await service.answer('two');
  await planned(service, 'two.plan');
  await service.answer('three');
  await planned(service, 'three.plan');
  const others = split(
    await Promise.all([service.plimsoll('apply', 'two.plan'), service.plimsoll('apply', 'three.plan')]),
  );
  assert.match(others.refused, /Another plan \(\w{12}\) is being applied to local since /);
  assert.match(others.refused, who);
  assert.match(
    others.refused,
    /free the environment: aws ssm delete-parameter --name \/plimsoll\/local\/tiny\/applying/,
  );
  assert.match(await answer(service), /^(two|three)$/);
});

test('an apply that was killed keeps the environment for its plan', { timeout: 900_000 }, async (t) => {
  const { service, target } = await emptyRegion(t);
  const first = await planned(service, 'first.plan');
  await service.answer('two');
  await planned(service, 'other.plan');
  const killed = service.start(['apply', 'first.plan']);
  await killed.printed(/AWS::EC2::VPC /);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const { code, stderr } = await service.plimsoll('apply', 'other.plan');
  assert.equal(code, 1);
  assert.match(stderr, /Another plan \(\w{12}\) is half applied to local, since .*, and was interrupted\./);
  assert.match(stderr, new RegExp(first.hash.slice(0, 12)));
  await service.answer('one');
  const again = await service.plimsoll('apply', 'first.plan');
  assert.equal(again.code, 0, again.stderr);
  assert.match(
    again.stdout,
    /The apply of .* \(process \d+ on \S+\) has ended before its end: going on with it\./,
  );
  assert.equal(await answer(service), 'one');
  assert.match((await service.plimsoll('apply', 'other.plan')).stderr, /This plan is stale/);
  assert.deepEqual((await happenings(target)).size, 4);
});

test('a region that stops answering in the middle of an apply and comes back is waited for', {
  timeout: 900_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);
  const first = await planned(service, 'first.plan');
  const { port } = new URL((await statusOf(service)).endpoint);
  const apply = service.start(['apply', 'first.plan']);
  await apply.printed(/CREATE_COMPLETE {2}AWS::EC2::VPC /);
  const { pid } = JSON.parse(await readFile(join(service.home, 'region.json'), 'utf8')) as RegionRecord;
  process.kill(pid, 'SIGKILL');
  await apply.printed(/nobody answers; CloudFormation goes on with the stack .* Trying again/);
  const back = await service.plimsoll('up', '--empty', '--detach', '--port', port, '--http-port', '0');
  assert.equal(back.code, 0, back.stderr);
  const { code, stdout, stderr } = await apply.ended;
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.match(stdout, /answered again/);
  assert.deepEqual(whatHappened(new Map(), await happenings(target, first)), shownIn(first));
});

function split(results: readonly Result[]): { readonly refused: string } {
  const codes = results.map(({ code }) => code).sort();
  assert.deepEqual(codes, [0, 1], JSON.stringify(results));
  return { refused: results.find(({ code }) => code === 1)?.stderr ?? '' };
}
