import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../kernel/context.ts';
import { openTaskSession } from '../services/sts/task-session.ts';
import { account, allow, type GuardedRegion, guardedRegion, policy } from './testing/guarded-region.ts';

const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const trusting = (Principal: object, Condition?: object, Action: string | string[] = 'sts:AssumeRole') =>
  policy({ Effect: 'Allow', Principal, Action, ...(Condition && { Condition }) });

async function roleTrusting({ call }: GuardedRegion, AssumeRolePolicyDocument: string): Promise<void> {
  await call('iam', 'createRole', { RoleName: 'target', AssumeRolePolicyDocument });
}

const assume = ({ call }: GuardedRegion, caller: Principal, more: object = {}) =>
  call('sts', 'assumeRole', { RoleArn: role('target'), RoleSessionName: 'session', ...more }, caller);

const denied = {
  code: 'AccessDenied',
  message: `User: arn:aws:sts::${account}:assumed-role/app/session is not authorized to perform: sts:AssumeRole on resource: ${role('target')}`,
};

test('a trust policy that names the account leaves it to the account’s policies', async () => {
  const region = guardedRegion();
  await roleTrusting(region, trusting({ AWS: `arn:aws:iam::${account}:root` }));
  await assert.rejects(assume(region, await region.sessionOf([])), denied);
  const named = await region.sessionOf([allow('sts:AssumeRole', role('target'))], { name: 'named' });
  assert.equal(
    (await assume(region, named)).AssumedRoleUser?.Arn,
    `arn:aws:sts::${account}:assumed-role/target/session`,
  );
});

test('a trust policy that names a role needs no policy of that role', async () => {
  const region = guardedRegion();
  const app = await region.sessionOf([]);
  await roleTrusting(region, trusting({ AWS: role('app') }));
  await assume(region, app);
});

test('a role that does not trust the caller cannot be assumed, whatever the caller’s policies say', async () => {
  const region = guardedRegion();
  await roleTrusting(region, trusting({ Service: 'ecs-tasks.amazonaws.com' }));
  await assert.rejects(assume(region, await region.sessionOf([allow('*')])), denied);
});

test('an external id must be the one that the trust policy asks for', async () => {
  const region = guardedRegion();
  const app = await region.sessionOf([]);
  await roleTrusting(
    region,
    trusting({ AWS: role('app') }, { StringEquals: { 'sts:ExternalId': 'secret-1' } }),
  );
  await assert.rejects(assume(region, app), denied);
  await assert.rejects(assume(region, app, { ExternalId: 'other' }), denied);
  await assume(region, app, { ExternalId: 'secret-1' });
});

test('session tags need sts:TagSession, and are principal tags then', async () => {
  const region = guardedRegion();
  const app = await region.sessionOf([]);
  const Tags = [{ Key: 'team', Value: 'a' }];
  await roleTrusting(region, trusting({ AWS: role('app') }));
  await assert.rejects(assume(region, app, { Tags }), /is not authorized to perform: sts:TagSession/);
  await region.call('iam', 'updateAssumeRolePolicy', {
    RoleName: 'target',
    PolicyDocument: trusting({ AWS: role('app') }, undefined, ['sts:AssumeRole', 'sts:TagSession']),
  });
  await assume(region, app, { Tags });
});

const taskOf = (region: GuardedRegion) =>
  region.kernel.submit('a task asks for its credentials', { service: 'sts' }, (ctx) =>
    openTaskSession(ctx, region.tables, {
      taskArn: `arn:aws:ecs:eu-central-1:${account}:task/c/0123456789abcdef`,
      taskRoleArn: role('target'),
      machineNow: region.now(),
    }),
  );

test('a task gets its role’s credentials if the role trusts ECS’s tasks', async () => {
  const region = guardedRegion();
  await roleTrusting(region, trusting({ Service: 'lambda.amazonaws.com' }));
  await assert.rejects(
    taskOf(region),
    /ecs-tasks.amazonaws.com is not authorized to perform: sts:AssumeRole/,
  );
  const trust = (Condition?: object) =>
    region.call('iam', 'updateAssumeRolePolicy', {
      RoleName: 'target',
      PolicyDocument: trusting({ Service: 'ecs-tasks.amazonaws.com' }, Condition),
    });
  await trust();
  assert.ok((await taskOf(region))?.AccessKeyId);
  await trust({
    ArnLike: { 'aws:SourceArn': `arn:aws:ecs:eu-central-1:${account}:*` },
    StringEquals: { 'aws:SourceAccount': account },
  });
  assert.ok((await taskOf(region))?.AccessKeyId, 'the conditions against a confused deputy are met');
  await trust({ StringEquals: { 'aws:SourceAccount': '111111111111' } });
  await assert.rejects(taskOf(region), /sts:AssumeRole/);
});
