import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Task } from '@aws-sdk/client-ecs';
import { serviceState } from '../deploy/service-state.ts';
import { serviceLines } from './service-lines.ts';

function task(id: string, deployment: string, lastStatus: string, address: string): Task {
  return {
    taskArn: `arn:aws:ecs:x:0:task/shop/${id}`,
    startedBy: deployment,
    lastStatus,
    containers: [{ networkInterfaces: [{ privateIpv4Address: address }] }],
  };
}

test('a release shows the new and the old deployment, each with its tasks and how their targets are', () => {
  const definition = 'arn:aws:ecs:x:0:task-definition/shop-prod';
  const state = serviceState(
    {
      deployments: [
        {
          id: 'new',
          status: 'PRIMARY',
          taskDefinition: `${definition}:2`,
          desiredCount: 2,
          runningCount: 1,
          pendingCount: 1,
          failedTasks: 1,
        },
        { id: 'old', status: 'ACTIVE', taskDefinition: `${definition}:1`, desiredCount: 2, runningCount: 1 },
      ],
    },
    [
      task('bbbbbbbb1', 'new', 'RUNNING', '10.0.0.2'),
      task('cccccccc1', 'new', 'PENDING', ''),
      task('aaaaaaaa1', 'old', 'RUNNING', '10.0.0.1'),
    ],
    new Map([
      ['10.0.0.1', 'healthy'],
      ['10.0.0.2', 'initial (Elb.InitialHealthChecking)'],
    ]),
    { requestsPerSecond: 93, requests: 1200, failed: 0 },
  );
  assert.deepEqual(
    serviceLines('shop', state, (_colour, text) => text),
    [
      '    shop answers 93 requests/s, 0 of 1200 failed',
      '    shop new  shop-prod:2  1 of 2 running, 1 pending, 1 failed',
      '      task bbbbbbbb  RUNNING  initial (Elb.InitialHealthChecking)',
      '      task cccccccc  PENDING',
      '    shop old  shop-prod:1  1 of 2 running',
      '      task aaaaaaaa  RUNNING  healthy',
    ],
  );
});
