import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofResource, ofStack } from '../testing/stack-event.ts';
import { failureText } from './failure.ts';
import { firstFailure } from './stack-events.ts';
import { currentOperation } from './stack-operation.ts';

test('the cause of a failure is the first resource that was not cancelled because of another', () => {
  const events = [
    ofResource('Subnet', 'CREATE_FAILED', 'Resource creation cancelled'),
    ofResource('Vpc', 'CREATE_FAILED', 'no more VPCs'),
    ofStack('ROLLBACK_FAILED'),
  ];
  assert.equal(firstFailure(events)?.LogicalResourceId, 'Vpc');
  assert.equal(firstFailure([ofStack('DELETE_FAILED')])?.LogicalResourceId, 'shop');
  assert.equal(firstFailure([ofStack('CREATE_COMPLETE')]), undefined);
  const exported = ofStack(
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'Export x cannot be deleted as it is in use by reader',
  );
  assert.equal(firstFailure([exported, ofStack('UPDATE_ROLLBACK_COMPLETE')]), exported);
});

test('the last operation of a stack begins with its last beginning', () => {
  const last = [
    ofStack('UPDATE_IN_PROGRESS'),
    ofResource('Vpc', 'UPDATE_FAILED'),
    ofStack('UPDATE_ROLLBACK_IN_PROGRESS'),
  ];
  const all = [ofStack('CREATE_IN_PROGRESS'), ofStack('CREATE_COMPLETE'), ...last];
  assert.deepEqual(currentOperation(all), last);
  assert.deepEqual(currentOperation([ofStack('REVIEW_IN_PROGRESS')]).length, 1);
});

test('a failure is told with its cause, what the service said about it, where the stack is and what to do', () => {
  const text = failureText('shop', {
    status: 'UPDATE_ROLLBACK_COMPLETE',
    events: [
      ofResource('Service', 'UPDATE_FAILED', 'did not stabilize'),
      ofStack('UPDATE_ROLLBACK_COMPLETE'),
    ],
    serviceNotes: [
      '(service shop) has started 1 tasks: (task 1).',
      'task 1 stopped: Essential container in task exited; app: exit code 3',
      '  no cargo',
      'task 0 stopped: Scaling activity initiated by (deployment 2)',
    ],
  });
  assert.equal(
    text,
    [
      'The stack shop failed at Service (AWS::EC2::VPC):',
      '  did not stabilize',
      'What the service said:',
      '  task 1 stopped: Essential container in task exited; app: exit code 3',
      '    no cargo',
      'The stack is back at what ran before. Correct the cause, then `plimsoll deploy`.',
    ].join('\n'),
  );
});

test('a stack that could not go back is for the doctor', () => {
  const text = failureText('shop', { status: 'UPDATE_ROLLBACK_FAILED', events: [], serviceNotes: [] });
  assert.match(
    text,
    /UPDATE_ROLLBACK_FAILED\. What happened, and the way out: plimsoll doctor --stack shop$/,
  );
});
