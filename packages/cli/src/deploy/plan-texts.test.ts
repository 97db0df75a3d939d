import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEmpty } from './change-set.ts';
import { readersOf } from './destroy.ts';
import { changeText } from './preview.ts';
import { stopText } from './task-text.ts';

test('CloudFormation says by its reason that a change set is empty', () => {
  assert.equal(
    isEmpty(
      "The submitted information didn't contain changes. Submit different information to create a change set.",
    ),
    true,
  );
  assert.equal(isEmpty('No updates are to be performed.'), true);
  assert.equal(isEmpty('Template error: instance of Fn::GetAtt references undefined resource X'), false);
});

test('a change is shown with what happens to the resource', () => {
  const change = { ResourceType: 'AWS::EC2::VPC', LogicalResourceId: 'Vpc' };
  assert.equal(changeText({ ResourceChange: { ...change, Action: 'Add' } }), '    + AWS::EC2::VPC Vpc');
  assert.equal(
    changeText({ ResourceChange: { ...change, Action: 'Modify', Replacement: 'True' } }),
    '    ~ AWS::EC2::VPC Vpc (replaced)',
  );
  assert.equal(changeText({ ResourceChange: { ...change, Action: 'Remove' } }), '    - AWS::EC2::VPC Vpc');
});

test('stacks are deleted after those that read from them', () => {
  const stack = (name: string, parameters: Readonly<Record<string, string>>) => ({
    StackName: name,
    CreationTime: new Date(0),
    StackStatus: 'CREATE_COMPLETE' as const,
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  });
  const network = stack('network', {});
  const registry = stack('registry', {});
  const data = stack('data', { VpcId: '/plimsoll/local/network/vpc-id' });
  const service = stack('service', { VpcId: '/plimsoll/local/network/vpc-id', ImageDigest: 'sha256:1' });
  const monitoring = stack('monitoring', { LoadBalancer: '/plimsoll/local/shop/service/load-balancer' });
  const all = [network, registry, data, service, monitoring];
  assert.deepEqual(readersOf(network, all), ['data', 'service', 'monitoring']);
  assert.deepEqual(readersOf(data, all), ['service', 'monitoring']);
  assert.deepEqual(readersOf(service, all), ['monitoring']);
  assert.deepEqual(readersOf(monitoring, all), []);
});

test("a stopped task is told with ECS's reason, exit codes and containers' reasons", () => {
  assert.equal(
    stopText({
      taskArn: 'arn:aws:ecs:eu-central-1:000000000000:task/c/0123456789abcdef',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'app', exitCode: 3 }, { name: 'proxy' }],
    }),
    'task 01234567 stopped: Essential container in task exited; app: exit code 3',
  );
  assert.match(
    stopText({ containers: [{ name: 'app', reason: 'CannotPullContainerError: no such image' }] }),
    /no reason given; app: CannotPullContainerError: no such image$/,
  );
});
