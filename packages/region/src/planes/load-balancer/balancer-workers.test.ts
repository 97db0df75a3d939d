import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultWorkers, refusedWorkers } from './balancer-workers.ts';

const sharing = async () => true;
const notSharing = async () => false;

test('by default there is one worker up to 7 cores, then one for four cores, at most 4', async () => {
  const cores = [1, 2, 7, 8, 11, 12, 16, 64];
  const workers = await Promise.all(cores.map((count) => defaultWorkers(count, sharing)));
  assert.deepEqual(workers, [1, 1, 1, 2, 2, 3, 4, 4]);
  assert.equal(await defaultWorkers(64, notSharing), 1);
});

test('a number of workers that cannot be is refused with what was given and what is allowed', async () => {
  for (const wrong of ['0', '-1', '1.5', '17', 'two', ''])
    assert.equal(await refusedWorkers(wrong, sharing), `given '${wrong}'; allowed: 1 to 16`);
  for (const right of [1, '1', 2, '16']) assert.equal(await refusedWorkers(right, sharing), undefined);
});

test('where threads cannot share a port, several are refused with what they need', async () => {
  assert.equal(await refusedWorkers('1', notSharing), undefined);
  assert.match(
    (await refusedWorkers('2', notSharing)) ?? '',
    /^given '2'; allowed here: 1\. More need Node 22\.12 \(or 23\.1\) or later on Linux, .*; this is Node \d/,
  );
});
