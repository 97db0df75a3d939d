/**
 * Random stacks, updated at random, with things that fail at random: whatever happens, an operation ends, and what is
 * there is what the stack says. The same from every point of the history at which the region could have died.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../../kernel/random.ts';
import { type StackRegion, stackRegion } from './testing/stack-region.ts';

const names = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];

/** Each resource may use those before it in a random order, so that there is no circle. */
function randomTemplate(random: Random, faults: readonly string[]): string {
  const order = names.filter(() => random.below(4) > 0);
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = random.below(i + 1);
    const [a = '', b = ''] = [order[i], order[j]];
    order[i] = b;
    order[j] = a;
  }
  const Resources = Object.fromEntries(
    (order.length > 0 ? order : ['A']).map((name, index) => [
      name,
      {
        Type: 'Test::Thing',
        DependsOn: order.slice(0, index).filter(() => random.below(5) === 0),
        Properties: {
          Uses: order
            .slice(0, index)
            .filter(() => random.below(3) === 0)
            .map((Ref) => ({ Ref })),
          Name: `name-${random.below(2)}`,
          Size: random.below(3),
          Seconds: random.below(3) * 10,
          ...(faults.length > 0 && random.below(6) === 0
            ? { Fail: faults[random.below(faults.length)] }
            : {}),
        },
      },
    ]),
  );
  return JSON.stringify({ Resources });
}

const resting = /(_COMPLETE|_FAILED)$/;

/** What must be true whenever nothing is in progress. */
async function checkAtRest(region: StackRegion): Promise<void> {
  const { Stacks = [] } = await region.call('cloudformation', 'describeStacks', {});
  const known = new Set<string | undefined>();
  for (const { StackName = '', StackStatus = '' } of Stacks) {
    assert.match(StackStatus, resting);
    assert.doesNotMatch(StackStatus, /IN_PROGRESS/);
    const { StackResources = [] } = await region.call('cloudformation', 'describeStackResources', {
      StackName,
    });
    for (const { ResourceStatus, PhysicalResourceId, LogicalResourceId } of StackResources) {
      if (!StackStatus.endsWith('_FAILED')) {
        assert.doesNotMatch(ResourceStatus ?? '', /IN_PROGRESS/, `${LogicalResourceId} in ${StackStatus}`);
      }
      if (PhysicalResourceId !== undefined && ResourceStatus !== 'DELETE_COMPLETE')
        known.add(PhysicalResourceId);
    }
    if (StackStatus === 'ROLLBACK_COMPLETE') assert.deepEqual([...region.things.values()], []);
    if (StackStatus === 'CREATE_COMPLETE' || StackStatus === 'UPDATE_COMPLETE') {
      assert.deepEqual(new Set([...region.things.values()].map((thing) => thing.id)), known);
    }
  }
  assert.equal(region.tables.table('cloudformation.operations').size, 0);
  assert.deepEqual(
    region.messages.filter((message) => message.code === 'internal-failure'),
    [],
  );
}

const deploy = async (region: StackRegion, TemplateBody: string, random: Random) => {
  const status = await region.status('s').catch(() => undefined);
  const input = { StackName: 's', TemplateBody, DisableRollback: random.below(4) === 0 };
  if (status === undefined) return region.call('cloudformation', 'createStack', input);
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    return region.call('cloudformation', 'continueUpdateRollback', { StackName: 's' });
  }
  if (status === 'UPDATE_FAILED' && random.below(2) === 0) {
    return region.call('cloudformation', 'rollbackStack', { StackName: 's' });
  }
  if (status.startsWith('ROLLBACK')) return region.call('cloudformation', 'deleteStack', { StackName: 's' });
  return region.call('cloudformation', 'updateStack', input).catch((error: Error) => {
    if (!error.message.includes('No updates are to be performed')) throw error;
  });
};

for (let seed = 1; seed <= 20; seed += 1) {
  test(`seed ${seed}: a history of random updates keeps its promises`, async () => {
    const random = seededRandom(`stack ${seed}`);
    const region = stackRegion({ seed: `region ${seed}` });
    for (let round = 0; round < 6; round += 1) {
      await deploy(region, randomTemplate(random, ['create', 'update', 'stable', 'restore']), random);
      await region.advance(random.below(2) === 0 ? 1000 : 15);
      const status = await region.status('s').catch(() => 'gone');
      if (status?.endsWith('IN_PROGRESS')) {
        if (status === 'UPDATE_IN_PROGRESS')
          await region.call('cloudformation', 'cancelUpdateStack', { StackName: 's' });
        await region.advance(1000);
      }
      await checkAtRest(region);
    }
    await region.call('cloudformation', 'deleteStack', { StackName: 's' });
    await region.advance(1000);
    assert.deepEqual([...region.things.values()], []);
  });
}

for (let seed = 1; seed <= 3; seed += 1) {
  test(`seed ${seed}: a region that dies after any commit ends its operations when it starts again`, async () => {
    const random = seededRandom(`restart ${seed}`);
    const whole = stackRegion({ seed: `restart ${seed}` });
    for (let round = 0; round < 3; round += 1) {
      await deploy(whole, randomTemplate(random, ['create', 'update', 'stable', 'restore']), random);
      await whole.advance(1000);
    }
    for (let cut = 1; cut <= whole.commits.length; cut += 1) {
      const commits = whole.commits.slice(0, cut);
      const region = stackRegion({ seed: `again ${seed} ${cut}`, commits });
      // The clock starts where the first region's did: past everything that it had set.
      await region.advance(5000);
      await checkAtRest(region);
      await region.call('cloudformation', 'deleteStack', { StackName: 's' });
      await region.advance(1000);
      assert.deepEqual([...region.things.values()], [], `cut after commit ${cut}`);
    }
  });
}
