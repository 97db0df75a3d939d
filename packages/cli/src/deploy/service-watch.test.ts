import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import type { Target } from './clients.ts';
import type { Progress } from './progress.ts';
import { ServiceWatch } from './service-watch.ts';

test('events of one moment are told in the order in which they happened', async () => {
  const createdAt = new Date(1000);
  const newestFirst = [
    'has reached a steady state.',
    'deployment completed.',
    'has stopped 1 running tasks.',
  ];
  const events = newestFirst.map((message, i) => ({ id: `${i}`, createdAt, message }));
  const send = async (command: object) =>
    command instanceof DescribeServicesCommand ? { services: [{ events }] } : {};
  const target = { kind: 'aws', clients: { ecs: async () => ({ send }) }, pollMs: 0 } as unknown as Target;
  const told: Progress[] = [];
  const watch = new ServiceWatch(target, (progress) => told.push(progress));
  watch.see({
    ResourceType: 'AWS::ECS::Service',
    PhysicalResourceId: 'arn:aws:ecs:eu-central-1:000000000000:service/shop/web',
    ResourceStatus: 'UPDATE_IN_PROGRESS',
    Timestamp: createdAt,
    StackId: 'shop',
    EventId: '1',
    StackName: 'shop',
  });
  await watch.poll();
  const texts = told.flatMap((one) => (one.kind === 'service-event' ? [one.text] : []));
  assert.deepEqual(texts, newestFirst.toReversed());
});
