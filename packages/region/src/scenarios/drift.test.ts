/**
 * Drift of what the blueprint deploys: nothing drifts by being deployed or updated, and of each resource type one change by
 * hand is found, with exactly the property that was changed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestRegion } from '../testing/test-region.ts';
import { handEdits } from './testing/hand-edits.ts';
import { modelledRegion } from './testing/modelled-region.ts';
import { type SynthesizedStack, synthesized } from './testing/synthesized.ts';

const { environments, delivery } = await synthesized();
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;

for (const [environment, stacks] of Object.entries(environments)) {
  test(`nothing of ${environment} drifts by being created or updated`, async () => {
    const { region } = modelledRegion({ start: '2026-11-23T10:00:00Z', keepsCommits: false });
    for (const stack of [delivery, ...stacks]) await create(region, stack);
    assert.deepEqual(await drifted(region), []);
    for (const stack of [delivery, ...stacks]) await update(region, stack, 'b', { 'cost-center': '42' });
    assert.deepEqual(await drifted(region), []);
    for (const stack of [delivery, ...stacks]) await update(region, stack, 'c', { owner: 'team' });
    assert.deepEqual(await drifted(region), []);
  });
}

test('nothing drifts by an update that is rolled back', async () => {
  const { region } = modelledRegion({ start: '2026-11-23T10:00:00Z', keepsCommits: false });
  const stacks = [delivery, ...(environments['stage'] ?? [])];
  for (const stack of stacks) await create(region, stack);
  for (const { name, template, tags } of stacks) {
    const Resources = { ...template.Resources, Failing: failing(Object.keys(template.Resources)) };
    const changed = { name, template: { ...template, Resources }, tags: { ...tags, owner: 'team' } };
    await region.call('cloudformation', 'updateStack', request(changed, 'b'));
    await region.advance(3600);
    const { Stacks: [stack] = [] } = await region.call('cloudformation', 'describeStacks', {
      StackName: name,
    });
    assert.equal(stack?.StackStatus, 'UPDATE_ROLLBACK_COMPLETE');
  }
  assert.deepEqual(await drifted(region), []);
});

/** After all others: a parameter of a name that SSM refuses. */
function failing(DependsOn: readonly string[]) {
  const Properties = { Name: 'aws-reserved', Type: 'String', Value: 'v' };
  return { Type: 'AWS::SSM::Parameter', DependsOn, Properties };
}

/** Cannot be changed while NAT gateways have addresses; it is read by its VPC. */
const untouchable = ['AWS::EC2::VPCGatewayAttachment'];

test('of each type one change by hand is found, and the property that was changed is named', async (t) => {
  const modelled = modelledRegion({ start: '2026-11-23T10:00:00Z', keepsCommits: false });
  const { region } = modelled;
  const stacks = [delivery, ...(environments['dev'] ?? [])];
  for (const stack of stacks) await create(region, stack);
  const types = new Set(
    stacks.flatMap(({ template }) => Object.values(template.Resources).map((r) => r.Type)),
  );
  const edited = new Set(handEdits.map(({ type }) => type));
  assert.deepEqual(
    [...types].filter((type) => !edited.has(type)),
    untouchable,
  );
  for (const { type, which = /./, edit, found } of handEdits) {
    await t.test(type, async () => {
      const resource = await theOne(region, type, which);
      const detect = async () => {
        const { StackName, LogicalResourceId } = resource;
        const { StackResourceDrift: drift } = await region.call(
          'cloudformation',
          'detectStackResourceDrift',
          {
            StackName,
            LogicalResourceId,
          },
        );
        return drift;
      };
      assert.equal((await detect())?.StackResourceDriftStatus, 'IN_SYNC');
      await edit(region, resource.PhysicalResourceId ?? '', modelled);
      const drift = await detect();
      assert.equal(drift?.StackResourceDriftStatus, found.length === 0 ? 'DELETED' : 'MODIFIED');
      const named = (drift?.PropertyDifferences ?? []).map(
        ({ PropertyPath = '', DifferenceType }) =>
          `${PropertyPath.replaceAll(/\/\d+/g, '')} ${DifferenceType}`,
      );
      assert.deepEqual([...new Set(named)].sort(), found);
    });
  }
});

async function theOne(region: TestRegion, type: string, which: RegExp) {
  const { Stacks = [] } = await region.call('cloudformation', 'describeStacks', {});
  for (const { StackName } of Stacks) {
    const { StackResources = [] } = await region.call('cloudformation', 'describeStackResources', {
      StackName,
    });
    const found = StackResources.find(
      ({ ResourceType, LogicalResourceId = '' }) => ResourceType === type && which.test(LogicalResourceId),
    );
    if (found) return found;
  }
  throw new Error(`no ${type}`);
}

async function create(region: TestRegion, { name, template, tags }: SynthesizedStack): Promise<void> {
  await region.call('cloudformation', 'createStack', request({ name, template, tags }, 'a'));
  await complete(region, name);
}

/** Other tags for all resources, another image for the tasks. */
async function update(
  region: TestRegion,
  { name, template, tags }: SynthesizedStack,
  letter: string,
  more: Readonly<Record<string, string>>,
): Promise<void> {
  const changed = { name, template, tags: { ...tags, ...more } };
  await region.call('cloudformation', 'updateStack', request(changed, letter));
  await complete(region, name);
}

function request({ name, template, tags }: SynthesizedStack, letter: string) {
  const hasImage = template.Parameters?.['ImageDigest'] !== undefined;
  return {
    StackName: name,
    TemplateBody: JSON.stringify(template),
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Parameters: hasImage ? [{ ParameterKey: 'ImageDigest', ParameterValue: digest(letter) }] : [],
  };
}

async function complete(region: TestRegion, StackName: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    await region.advance(5);
    const { Stacks: [stack] = [] } = await region.call('cloudformation', 'describeStacks', { StackName });
    if (stack?.StackStatus === 'CREATE_COMPLETE' || stack?.StackStatus === 'UPDATE_COMPLETE') return;
    const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', { StackName });
    const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
    assert.deepEqual(
      failed.map(
        ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`,
      ),
      [],
    );
  }
  assert.fail(`${StackName} did not come to an end`);
}

/** What drifted in any stack: `TYPE STATUS PATHS`. */
async function drifted(region: TestRegion): Promise<readonly string[]> {
  const { Stacks = [] } = await region.call('cloudformation', 'describeStacks', {});
  const found: string[] = [];
  for (const { StackName } of Stacks) {
    const { StackDriftDetectionId } = await region.call('cloudformation', 'detectStackDrift', { StackName });
    const status = await region.call('cloudformation', 'describeStackDriftDetectionStatus', {
      StackDriftDetectionId,
    });
    assert.equal(status.DetectionStatusReason, undefined);
    const { StackResourceDrifts = [] } = await region.call('cloudformation', 'describeStackResourceDrifts', {
      StackName,
      StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
    });
    found.push(
      ...StackResourceDrifts.map(
        ({ ResourceType, LogicalResourceId, StackResourceDriftStatus, PropertyDifferences = [] }) =>
          `${ResourceType} ${LogicalResourceId} ${StackResourceDriftStatus} ${PropertyDifferences.map(
            ({ PropertyPath, ExpectedValue, ActualValue }) =>
              `${PropertyPath}: ${ExpectedValue} -> ${ActualValue}`,
          ).join(' ')}`,
      ),
    );
  }
  return found.sort();
}
