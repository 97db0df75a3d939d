import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatedName } from './resource-context.ts';
import { stackRegion } from './testing/stack-region.ts';
import { waitingResources } from './views.ts';

const chain = JSON.stringify({
  Resources: {
    Second: { Type: 'Test::Thing', Properties: { Uses: [{ Ref: 'First' }], Seconds: 5 } },
    First: { Type: 'Test::Thing', Properties: { Size: '7', Seconds: 10 } },
    Aside: { Type: 'Test::Fixed', Properties: { Value: { 'Fn::Sub': '${AWS::StackName}-x' } } },
  },
  Outputs: {
    Port: { Value: { 'Fn::GetAtt': ['First', 'Endpoint.Port'] } },
    Aside: { Value: { 'Fn::GetAtt': ['Aside', 'Value'] }, Export: { Name: 'aside' } },
  },
});

test('a stack is created in dependency order, each resource complete when its service says so', async () => {
  const region = stackRegion();
  const { StackId } = await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: chain,
  });
  assert.match(StackId ?? '', /^arn:aws:cloudformation:eu-central-1:000000000000:stack\/s\/[0-9a-f-]{36}$/);
  assert.equal(await region.status('s'), 'CREATE_IN_PROGRESS');
  await region.advance(9);
  assert.equal(region.things.size, 1);
  await region.advance(7);
  assert.equal(await region.status('s'), 'CREATE_COMPLETE');
  assert.deepEqual(await region.events('s'), [
    's CREATE_IN_PROGRESS: User Initiated',
    'First CREATE_IN_PROGRESS',
    'First CREATE_IN_PROGRESS: Resource creation Initiated',
    'Aside CREATE_IN_PROGRESS',
    'Aside CREATE_IN_PROGRESS: Resource creation Initiated',
    'Aside CREATE_COMPLETE',
    'First CREATE_COMPLETE',
    'Second CREATE_IN_PROGRESS',
    'Second CREATE_IN_PROGRESS: Resource creation Initiated',
    'Second CREATE_COMPLETE',
    's CREATE_COMPLETE',
  ]);
  assert.deepEqual(await region.outputs('s'), { Port: '7', Aside: 's-x' });
});

test('the events of a stack have times of their own, in the order of what happened', async () => {
  const region = stackRegion();
  await region.call('cloudformation', 'createStack', { StackName: 's', TemplateBody: chain });
  await region.advance(20);
  const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', { StackName: 's' });
  const times = StackEvents.map(({ Timestamp }) => Number(Timestamp)).reverse();
  assert.deepEqual(times, [...new Set(times)].sort());
});

test('DeleteStack deletes in the opposite order, and the name is free again', async () => {
  const region = stackRegion();
  const { StackId = '' } = await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: chain,
  });
  await region.advance(20);
  await region.call('cloudformation', 'deleteStack', { StackName: 's' });
  await region.advance(20);
  assert.equal(region.things.size, 0);
  assert.equal(await region.status(StackId), 'DELETE_COMPLETE');
  assert.deepEqual((await region.events(StackId)).slice(-8), [
    's DELETE_IN_PROGRESS: User Initiated',
    'Aside DELETE_IN_PROGRESS',
    'Aside DELETE_COMPLETE',
    'Second DELETE_IN_PROGRESS',
    'Second DELETE_COMPLETE',
    'First DELETE_IN_PROGRESS',
    'First DELETE_COMPLETE',
    's DELETE_COMPLETE',
  ]);
  await assert.rejects(region.status('s'), /Stack with id s does not exist/);
  await region.call('cloudformation', 'createStack', { StackName: 's', TemplateBody: chain });
});

test('a resource that fails rolls the whole stack back and leaves nothing behind', async () => {
  const region = stackRegion();
  const TemplateBody = JSON.stringify({
    Resources: {
      Slow: { Type: 'Test::Thing', Properties: { Seconds: 100 } },
      Quick: { Type: 'Test::Thing' },
      Bad: { Type: 'Test::Thing', Properties: { Uses: [{ Ref: 'Quick' }], Fail: 'create' } },
    },
  });
  await region.call('cloudformation', 'createStack', { StackName: 's', TemplateBody });
  await region.advance(300);
  assert.equal(await region.status('s'), 'ROLLBACK_COMPLETE');
  assert.equal(region.things.size, 0);
  const events = await region.events('s');
  const reason = events.find((event) => event.startsWith('Bad CREATE_FAILED'));
  assert.match(
    reason ?? '',
    /^Bad CREATE_FAILED: Resource handler returned message: "no room" \(RequestToken: [0-9a-f-]{36}, HandlerErrorCode: InvalidRequest\)$/,
  );
  assert.ok(events.includes('Slow CREATE_FAILED: Resource creation cancelled'));
  assert.ok(
    events.includes(
      's ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Slow, Bad]. Rollback requested by user.',
    ),
  );
});

test('a resource that never becomes stable fails after three hours', async () => {
  const region = stackRegion();
  const TemplateBody = JSON.stringify({
    Resources: { A: { Type: 'Test::Thing', Properties: { Seconds: 4 * 3600 } } },
  });
  await region.call('cloudformation', 'createStack', { StackName: 's', TemplateBody });
  await region.advance(3 * 3600 - 60);
  assert.equal(await region.status('s'), 'CREATE_IN_PROGRESS');
  await region.advance(120);
  const events = await region.events('s');
  assert.match(
    events.find((event) => event.startsWith('A CREATE_FAILED')) ?? '',
    /"Exceeded attempts to wait: the thing to be ready" \(RequestToken: \S+, HandlerErrorCode: NotStabilized\)/,
  );
  await region.advance(5 * 3600);
  assert.equal(await region.status('s'), 'ROLLBACK_FAILED');
  await region.call('cloudformation', 'deleteStack', { StackName: 's' });
  await region.advance(5 * 3600);
  assert.equal(region.things.size, 0);
});

test('names and physical ids are generated as AWS forms them', () => {
  assert.equal(generatedName('stack', 'Id', 'RANDOM123456', 64), 'stack-Id-RANDOM123456');
  assert.equal(
    generatedName('a-long-stack-name', 'ALongLogicalId', 'RANDOM123456', 32),
    'a-long-st-ALongLogi-RANDOM123456',
  );
  assert.equal(
    generatedName('devops-app-local-data', 'DatabaseInstance', 'RANDOM123456', 36),
    'devops-app-DatabaseIns-RANDOM123456',
  );
  assert.equal(generatedName('s', 'ALongLogicalId', 'RANDOM123456', 24), 's-ALongLogi-RANDOM123456');
  assert.equal(generatedName('stack', 'Id', 'RANDOM123456', 16).length, 16);
});

test('what an operation waits for can be told, in the words of the resource', async () => {
  const region = stackRegion();
  await region.call('cloudformation', 'createStack', { StackName: 's', TemplateBody: chain });
  await region.advance(1);
  assert.deepEqual(waitingResources(region.tables), [
    {
      stackName: 's',
      logicalId: 'First',
      operation: 'CREATE',
      since: Date.parse('2026-11-22T12:00:00Z'),
      waitingOn: 'the thing to be ready',
    },
  ]);
  await region.advance(60);
  assert.deepEqual(waitingResources(region.tables), []);
});
