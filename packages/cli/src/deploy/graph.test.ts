import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deferred } from '../deferred.ts';
import { runSteps, type Step } from './graph.ts';

function step(name: string, dependsOn: readonly string[], run: () => Promise<void>): Step {
  return { name, dependsOn, run };
}

test('independent steps run beside each other, dependent ones after those that they need', async () => {
  const network = deferred<void>();
  const log: string[] = [];
  const running = runSteps([
    step('service', ['data', 'registry'], async () => void log.push('service')),
    step('data', ['network'], async () => void log.push('data')),
    step('network', [], () => network.promise),
    step('registry', ['not in this graph'], async () => {
      log.push('registry');
      network.resolve();
    }),
  ]);
  await running;
  assert.deepEqual(log, ['registry', 'data', 'service']);
});

test('after a failure nothing is started, what runs is waited for, and the first failure is told', async () => {
  const slow = deferred<void>();
  const log: string[] = [];
  const running = runSteps([
    step('bad', [], async () => {
      throw new Error('the first');
    }),
    step('slow', [], async () => {
      await slow.promise;
      log.push('slow ended');
    }),
    step('after bad', ['bad'], async () => void log.push('after bad')),
    step('after slow', ['slow'], async () => void log.push('after slow')),
  ]);
  slow.resolve();
  await assert.rejects(running, { message: 'the first' });
  assert.deepEqual(log, ['slow ended']);
});
