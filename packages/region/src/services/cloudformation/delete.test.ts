import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackRegion } from './testing/stack-region.ts';

const thing = (properties: object = {}, more: object = {}) => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...more,
});
const body = (Resources: object, more: object = {}) => JSON.stringify({ Resources, ...more });

test('DeletionPolicy Retain leaves a resource behind, RetainExceptOnCreate only when its creation is not rolled back', async () => {
  const Resources = {
    Retained: thing({}, { DeletionPolicy: 'Retain' }),
    Excepted: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
    Plain: thing(),
  };
  const created = stackRegion();
  const { StackId = '' } = await created.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: body(Resources),
  });
  await created.advance(1);
  await created.call('cloudformation', 'deleteStack', { StackName: 's' });
  await created.advance(1);
  assert.equal(await created.status(StackId), 'DELETE_COMPLETE');
  assert.equal(created.things.size, 2);
  assert.ok((await created.events(StackId)).includes('Retained DELETE_SKIPPED'));

  const failed = stackRegion();
  await failed.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: body({
      ...Resources,
      Bad: thing({ Fail: 'create' }, { DependsOn: Object.keys(Resources) }),
    }),
  });
  await failed.advance(1);
  assert.equal(await failed.status('s'), 'ROLLBACK_COMPLETE');
  assert.equal(failed.things.size, 1);
  await assert.rejects(
    failed.call('cloudformation', 'updateStack', { StackName: 's', TemplateBody: body(Resources) }),
    /^AwsError: Stack:arn:\S+ is in ROLLBACK_COMPLETE state and can not be updated\.$/,
  );
});

test('a deletion that fails can be repeated, retaining or forcing what cannot be deleted', async () => {
  const region = stackRegion();
  const TemplateBody = body({
    A: thing(),
    Stuck: thing({ Fail: 'delete', Uses: [{ Ref: 'A' }] }),
    B: thing(),
  });
  const { StackId = '' } = await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody,
  });
  await region.advance(1);
  await assert.rejects(
    region.call('cloudformation', 'deleteStack', { StackName: 's', RetainResources: ['Stuck'] }),
    /Specify RetainResources only when the stack is in the DELETE_FAILED state/,
  );
  await region.call('cloudformation', 'deleteStack', { StackName: 's' });
  await region.advance(1);
  assert.equal(await region.status('s'), 'DELETE_FAILED');
  assert.equal(
    (await region.events('s')).at(-1),
    's DELETE_FAILED: The following resource(s) failed to delete: [Stuck]. ',
  );
  assert.equal(region.things.size, 2);

  const forced = stackRegion({ commits: region.commits });
  await forced.call('cloudformation', 'deleteStack', { StackName: 's', DeletionMode: 'FORCE_DELETE_STACK' });
  await forced.advance(1);
  assert.equal(await forced.status(StackId), 'DELETE_COMPLETE');
  assert.equal(forced.things.size, 2);

  await region.call('cloudformation', 'deleteStack', { StackName: 's', RetainResources: ['Stuck', 'A'] });
  await region.advance(1);
  assert.equal(await region.status(StackId), 'DELETE_COMPLETE');
});

test('a deletion may begin while the stack is still being created', async () => {
  const region = stackRegion();
  const TemplateBody = body({ A: thing({ Seconds: 30 }), B: thing({ Uses: [{ Ref: 'A' }] }) });
  const { StackId = '' } = await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody,
  });
  await region.advance(5);
  await region.call('cloudformation', 'deleteStack', { StackName: 's' });
  await region.advance(60);
  assert.equal(await region.status(StackId), 'DELETE_COMPLETE');
  assert.equal(region.things.size, 0);
  await region.call('cloudformation', 'deleteStack', { StackName: 'never-was' });
});

test('TimeoutInMinutes ends a creation that takes too long', async () => {
  const region = stackRegion();
  await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: body({ A: thing({ Seconds: 600 }) }),
    TimeoutInMinutes: 5,
  });
  await region.advance(2000);
  const events = await region.events('s');
  assert.ok(events.includes('A CREATE_FAILED: Resource creation cancelled'));
  assert.ok(
    events.includes(
      's ROLLBACK_IN_PROGRESS: Stack creation time exceeded the specified timeout. Rollback requested by user.',
    ),
  );
  assert.equal(await region.status('s'), 'ROLLBACK_COMPLETE');
});

test('OnFailure DO_NOTHING keeps what was created, and an update goes on from there', async () => {
  const region = stackRegion();
  const TemplateBody = body({ A: thing(), B: thing({ Fail: 'create' }), C: thing({ Uses: [{ Ref: 'B' }] }) });
  await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody,
    OnFailure: 'DO_NOTHING',
  });
  await region.advance(1);
  assert.equal(await region.status('s'), 'CREATE_FAILED');
  assert.equal(region.things.size, 1);
  await region.call('cloudformation', 'updateStack', {
    StackName: 's',
    TemplateBody: body({ A: thing(), B: thing(), C: thing({ Uses: [{ Ref: 'B' }] }) }),
  });
  await region.advance(1);
  assert.equal(await region.status('s'), 'UPDATE_COMPLETE');
  assert.equal(region.things.size, 3);
});

test('a deleted stack is listed for 90 days', async () => {
  const region = stackRegion();
  const { StackId = '' } = await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: body({ A: thing() }),
  });
  await region.advance(1);
  await region.call('cloudformation', 'deleteStack', { StackName: 's' });
  await region.advance(89 * 86_400);
  const listed = await region.call('cloudformation', 'listStacks', {
    StackStatusFilter: ['DELETE_COMPLETE'],
  });
  assert.deepEqual(
    listed.StackSummaries?.map((summary) => summary.StackId),
    [StackId],
  );
  await region.advance(2 * 86_400);
  assert.deepEqual((await region.call('cloudformation', 'listStacks', {})).StackSummaries, []);
});

test('a stack whose resource types the region no longer knows still ends, and can be deleted by retaining them', async () => {
  const before = stackRegion();
  const TemplateBody = body({ A: thing(), B: thing({ Seconds: 30, Uses: [{ Ref: 'A' }] }) });
  const { StackId = '' } = await before.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody,
  });
  await before.advance(5);
  const region = stackRegion({ commits: before.commits, withoutThings: true });
  await region.advance(60);
  assert.equal(await region.status('s'), 'ROLLBACK_FAILED');
  assert.match(
    (await region.events('s')).at(-1) ?? '',
    /s ROLLBACK_FAILED: Internal failure: resource type Test::Thing was there and is no longer/,
  );
  assert.ok(region.messages.some((message) => message.code === 'stack-operation-failed'));
  await region.call('cloudformation', 'deleteStack', { StackName: 's' });
  await region.advance(60);
  assert.equal(await region.status('s'), 'DELETE_FAILED');
  await region.call('cloudformation', 'deleteStack', { StackName: 's', RetainResources: ['A', 'B'] });
  await region.advance(60);
  assert.equal(await region.status(StackId), 'DELETE_COMPLETE');
});
