import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migratedParameter, migrationCopy } from './migration.ts';
import { logStreamsOf } from './task-log.ts';

const image = '000000000000.dkr.ecr.eu-central-1.amazonaws.com/shop';
const current = {
  family: 'shop-prod',
  taskDefinitionArn: 'arn:aws:ecs:eu-central-1:000000000000:task-definition/shop-prod:3',
  revision: 3,
  cpu: '256',
  networkMode: 'awsvpc' as const,
  containerDefinitions: [
    { name: 'shop', image: `${image}@sha256:old`, environment: [{ name: 'A', value: '1' }] },
    { name: 'proxy', image: 'envoy:1' },
  ],
};

test('migrations run from the new image in a family beside the service, all else as the service has it', () => {
  assert.deepEqual(migrationCopy(current, { service: 'shop', imageDigest: 'sha256:new' }), {
    family: 'shop-prod-migrate',
    cpu: '256',
    networkMode: 'awsvpc',
    containerDefinitions: [
      { name: 'shop', image: `${image}@sha256:new`, environment: [{ name: 'A', value: '1' }] },
      { name: 'proxy', image: 'envoy:1' },
    ],
  });
});

test('no copy is made when the service runs the image already', () => {
  assert.equal(migrationCopy(current, { service: 'shop', imageDigest: 'sha256:old' }), undefined);
});

test('what has migrated is remembered per environment', () => {
  assert.equal(
    migratedParameter({ service: 'shop', environment: 'prod' }),
    '/plimsoll/prod/shop/migrated-image',
  );
});

test('a container writes to prefix/container/task id', () => {
  const logConfiguration = {
    logDriver: 'awslogs' as const,
    options: { 'awslogs-group': '/shop', 'awslogs-stream-prefix': 'web' },
  };
  assert.deepEqual(
    logStreamsOf(
      { containerDefinitions: [{ name: 'app', logConfiguration }, { name: 'quiet' }] },
      'a/b/cafe',
    ),
    [{ logGroupName: '/shop', logStreamName: 'web/app/cafe' }],
  );
});
