import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scenario } from './testing/scenario.ts';
import { ecsViews } from './views.ts';

test('the task metadata endpoint tells a task of itself, and its role only while it lives', async () => {
  const scenario = new Scenario();
  await scenario.register('v1', { taskRoleArn: 'arn:aws:iam::000000000000:role/task' });
  await scenario.createService({
    desiredCount: 1,
    tags: [{ key: 'team', value: 'a' }],
    propagateTags: 'SERVICE',
  });
  await scenario.region.advance(30);
  const views = ecsViews(scenario.region.tables);
  const [task] = await scenario.tasks();
  const arn = task?.taskArn ?? '';
  const document = views.taskMetadata(arn, { withTags: true }) as Record<string, unknown>;
  assert.equal(document['TaskARN'], arn);
  assert.equal(document['Cluster'], 'arn:aws:ecs:eu-central-1:000000000000:cluster/default');
  assert.equal(document['Family'], 'web');
  assert.equal(document['Revision'], '1');
  assert.equal(document['KnownStatus'], 'RUNNING');
  assert.equal(document['ServiceName'], 'web');
  assert.deepEqual(document['Limits'], { CPU: 0.25, Memory: 512 });
  assert.deepEqual(document['TaskTags'], { team: 'a' });
  assert.ok(!('TaskTags' in (views.taskMetadata(arn, { withTags: false }) ?? {})));
  const [spec] = scenario.runner.started;
  const container = views.containerMetadata(spec?.runtimeId ?? '') as Record<string, unknown>;
  assert.equal(container['Name'], 'app');
  assert.equal(container['ImageID'], 'sha256:v1');
  assert.equal(views.taskRoleArn(arn), 'arn:aws:iam::000000000000:role/task');
  await scenario.call('ecs', 'stopTask', { task: arn });
  await scenario.region.advance(5);
  assert.equal(views.taskRoleArn(arn), undefined);
  assert.equal(views.containerMetadata('unknown-1'), undefined);
});
