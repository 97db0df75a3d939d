import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scenario } from './testing/scenario.ts';

test('a cluster is made once, described with what is asked for, and ends INACTIVE', async () => {
  const { call } = new Scenario();
  const { cluster } = await call('ecs', 'createCluster', {
    clusterName: 'a',
    tags: [{ key: 'k', value: 'v' }],
  });
  assert.equal(cluster?.status, 'ACTIVE');
  const again = await call('ecs', 'createCluster', { clusterName: 'a' });
  assert.equal(again.cluster?.clusterArn, cluster?.clusterArn);
  const { clusters, failures } = await call('ecs', 'describeClusters', {
    clusters: ['a', 'b'],
    include: ['TAGS'],
  });
  assert.deepEqual(clusters?.[0]?.tags, [{ key: 'k', value: 'v' }]);
  assert.deepEqual(failures, [{ arn: 'arn:aws:ecs:eu-central-1:000000000000:cluster/b', reason: 'MISSING' }]);
  const deleted = await call('ecs', 'deleteCluster', { cluster: 'a' });
  assert.equal(deleted.cluster?.status, 'INACTIVE');
  await assert.rejects(call('ecs', 'deleteCluster', { cluster: 'a' }), { code: 'ClusterNotFoundException' });
  await assert.rejects(
    call('ecs', 'createCluster', { clusterName: 'c', capacityProviders: ['FARGATE_SPOT'] }),
    {
      code: 'NotModelled',
    },
  );
});

test('tags are added, replaced and removed on whatever has an ARN', async () => {
  const { call } = new Scenario();
  const { cluster } = await call('ecs', 'createCluster', {});
  const resourceArn = cluster?.clusterArn ?? '';
  await call('ecs', 'tagResource', {
    resourceArn,
    tags: [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ],
  });
  await call('ecs', 'tagResource', { resourceArn, tags: [{ key: 'a', value: '3' }] });
  await call('ecs', 'untagResource', { resourceArn, tagKeys: ['b'] });
  const { tags } = await call('ecs', 'listTagsForResource', { resourceArn });
  assert.deepEqual(tags, [{ key: 'a', value: '3' }]);
  await assert.rejects(call('ecs', 'listTagsForResource', { resourceArn: `${resourceArn}x` }), {
    code: 'ResourceNotFoundException',
  });
});

test('tasks are listed by service, family, starter and desired status', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await scenario.call('ecs', 'runTask', {
    taskDefinition: 'web',
    startedBy: 'me',
    count: 2,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a'] } },
  });
  const count = async (filter: object) => (await scenario.call('ecs', 'listTasks', filter)).taskArns?.length;
  assert.equal(await count({}), 4);
  assert.equal(await count({ serviceName: 'web' }), 2);
  assert.equal(await count({ startedBy: 'me' }), 2);
  assert.equal(await count({ family: 'other' }), 0);
  assert.equal(await count({ desiredStatus: 'STOPPED' }), 0);
  assert.equal(await count({ desiredStatus: 'PENDING' }), 0);
  assert.equal(await count({ maxResults: 3 }), 3);
  const { nextToken } = await scenario.call('ecs', 'listTasks', { maxResults: 3 });
  assert.equal(await count({ maxResults: 3, nextToken }), 1);
  await assert.rejects(count({ serviceName: 'wed' }), { code: 'ServiceNotFoundException' });
});

test('a cluster gets the Container Insights of the account, unless it says itself', async () => {
  const { call } = new Scenario();
  const settingOf = async (clusterName: string, value?: string) => {
    const settings = value === undefined ? [] : [{ name: 'containerInsights' as const, value }];
    const { cluster } = await call('ecs', 'createCluster', { clusterName, settings });
    return cluster?.settings?.[0]?.value;
  };
  assert.equal(await settingOf('before'), 'disabled');
  await call('ecs', 'putAccountSetting', { name: 'containerInsights', value: 'enabled' });
  assert.equal(await settingOf('after'), 'enabled');
  assert.equal(await settingOf('itself', 'disabled'), 'disabled');
});

test('an account setting takes only values that there are, and what has no effect here is told', async () => {
  const { call, region } = new Scenario();
  await assert.rejects(call('ecs', 'putAccountSetting', { name: 'containerInsights', value: 'on' }), {
    code: 'InvalidParameterException',
    message: 'Invalid setting value: on. Allowed: enabled, enhanced, disabled.',
  });
  // Confirmed by docs: it can no longer be switched off.
  await assert.rejects(call('ecs', 'putAccountSetting', { name: 'tagResourceAuthorization', value: 'off' }), {
    code: 'InvalidParameterException',
  });
  await call('ecs', 'putAccountSetting', { name: 'awsvpcTrunking', value: 'enabled' });
  assert.match(region.messages.map(({ text }) => text).join(), /awsvpcTrunking is kept but has no effect/);
});

test('tags that begin with aws: are AWS’s own', async () => {
  const { call } = new Scenario();
  const tags = [{ key: 'aws:x', value: '1' }];
  await assert.rejects(call('ecs', 'createCluster', { clusterName: 'a', tags }), {
    code: 'InvalidParameterException',
  });
  const { cluster } = await call('ecs', 'createCluster', { clusterName: 'a' });
  await assert.rejects(call('ecs', 'tagResource', { resourceArn: cluster?.clusterArn, tags }), {
    code: 'InvalidParameterException',
  });
});

test('a service that is deleted in the course of a deployment ends that too', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await scenario.release('v2');
  await scenario.region.advance(5);
  await scenario.call('ecs', 'deleteService', { service: 'web', force: true });
  await scenario.region.advance(600);
  const { serviceDeployments } = await scenario.call('ecs', 'listServiceDeployments', { service: 'web' });
  assert.deepEqual(
    serviceDeployments?.map(({ status, statusReason }) => [status, statusReason]),
    [
      ['STOPPED', 'The service was deleted.'],
      ['SUCCESSFUL', undefined],
    ],
  );
  assert.ok(serviceDeployments?.[0]?.finishedAt);
});

test('a service deployment is told from its start to its rollback', async () => {
  const scenario = new Scenario();
  await scenario.steadyService('v1', {
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  scenario.sickImages.add('bad');
  await scenario.release('bad');
  await scenario.region.advance(2);
  const describe = async () => {
    const { serviceDeployments } = await scenario.call('ecs', 'listServiceDeployments', { service: 'web' });
    const arn = serviceDeployments?.[0]?.serviceDeploymentArn ?? '';
    const described = await scenario.call('ecs', 'describeServiceDeployments', {
      serviceDeploymentArns: [arn],
    });
    return described.serviceDeployments?.[0] ?? {};
  };
  const ongoing = await describe();
  assert.equal(ongoing.status, 'IN_PROGRESS');
  assert.deepEqual(ongoing.deploymentCircuitBreaker, { status: 'MONITORING', failureCount: 0, threshold: 3 });
  await scenario.region.advance(200);
  const ended = await describe();
  assert.equal(ended.status, 'ROLLBACK_SUCCESSFUL');
  assert.equal(ended.rollback?.serviceRevisionArn, ended.sourceServiceRevisions?.[0]?.arn);
  assert.equal(ended.deploymentCircuitBreaker?.status, 'TRIGGERED');
  const { serviceRevisions } = await scenario.call('ecs', 'describeServiceRevisions', {
    serviceRevisionArns: [ended.targetServiceRevision?.arn ?? ''],
  });
  assert.match(serviceRevisions?.[0]?.taskDefinition ?? '', /task-definition\/web:2$/);
});

test('a rollback that fails itself is told as such', async () => {
  const scenario = new Scenario();
  await scenario.steadyService('v1', {
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  scenario.sickImages.add('bad');
  scenario.sickImages.add('v1');
  await scenario.release('bad');
  await scenario.region.advance(600);
  const { serviceDeployments } = await scenario.call('ecs', 'listServiceDeployments', { service: 'web' });
  assert.deepEqual(
    serviceDeployments?.map(({ status }) => status),
    ['ROLLBACK_FAILED', 'SUCCESSFUL'],
  );
  const service = await scenario.service();
  assert.equal(service.deployments?.[0]?.rolloutState, 'FAILED');
});

test('percentages that would block every deployment are refused in AWS’s words', async () => {
  const scenario = new Scenario();
  await scenario.register('v1');
  await assert.rejects(
    scenario.createService({ deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 100 } }),
    {
      code: 'InvalidParameterException',
      message: 'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    },
  );
});

test('service deployments are listed by status and time, twenty at a time', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  const since = new Date(scenario.region.now());
  await scenario.release('v2');
  await scenario.region.advance(600);
  const count = async (filter: object) =>
    (await scenario.call('ecs', 'listServiceDeployments', { service: 'web', ...filter })).serviceDeployments
      ?.length;
  assert.equal(await count({}), 2);
  assert.equal(await count({ createdAt: { before: since } }), 1);
  assert.equal(await count({ createdAt: { after: new Date(since.getTime() + 600_000) } }), 0);
  assert.equal(await count({ status: ['STOPPED'] }), 0);
  await assert.rejects(count({ status: ['DONE'] }), { code: 'InvalidParameterException' });
  for (let n = 0; n < 20; n += 1) await scenario.release('v2');
  assert.equal(await count({}), 20);
});
