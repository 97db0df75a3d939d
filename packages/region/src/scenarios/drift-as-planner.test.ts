/** A pipeline's plan role reads what drift detection reads of every stack that it plans, and changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Authorizer } from '../authorization/authorizer.ts';
import type { Principal } from '../kernel/context.ts';
import { findSession } from '../services/sts/views.ts';
import type { TestRegion } from '../testing/test-region.ts';
import { modelledRegion } from './testing/modelled-region.ts';
import { synthesized } from './testing/synthesized.ts';

const { environments, delivery } = await synthesized();
const accountId = '000000000000';

test('the plan role of the delivery stack detects drift of every stack of an environment', async () => {
  const { region, deploy } = modelledRegion({
    start: '2026-11-23T10:00:00Z',
    keepsCommits: false,
    authorize: (tables) => {
      const authorizer = new Authorizer({ tables, accountId, region: 'eu-central-1', warn: () => {} });
      return (request) => authorizer.authorize(request);
    },
  });
  await deploy(delivery.name, delivery.template);
  const stacks = environments['dev'] ?? [];
  for (const { name, template } of stacks) {
    const hasImage = template.Parameters?.['ImageDigest'] !== undefined;
    await deploy(name, template, hasImage ? { ImageDigest: `sha256:${'a'.repeat(64)}` } : {});
  }
  const planner = await sessionOf(region, 'plimsoll-plan');
  await assert.rejects(
    region.call('logs', 'deleteLogGroup', { logGroupName: '/plimsoll/dev/devops-app' }, planner),
    /not authorized to perform: logs:DeleteLogGroup/,
  );
  for (const { name: StackName } of stacks) {
    const { StackDriftDetectionId } = await region.call(
      'cloudformation',
      'detectStackDrift',
      { StackName },
      planner,
    );
    const { DetectionStatus, DetectionStatusReason } = await region.call(
      'cloudformation',
      'describeStackDriftDetectionStatus',
      { StackDriftDetectionId },
      planner,
    );
    assert.deepEqual([DetectionStatus, DetectionStatusReason], ['DETECTION_COMPLETE', undefined]);
  }
});

/** GitHub's token aside: the role is trusted to the account, and its policies decide. */
async function sessionOf(region: TestRegion, RoleName: string): Promise<Principal> {
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'sts:AssumeRole' },
    ],
  });
  await region.call('iam', 'updateAssumeRolePolicy', { RoleName, PolicyDocument });
  const { Credentials } = await region.call('sts', 'assumeRole', {
    RoleArn: `arn:aws:iam::${accountId}:role/${RoleName}`,
    RoleSessionName: 'plan',
  });
  const accessKeyId = Credentials?.AccessKeyId ?? '';
  const session = findSession(region.tables, accountId, accessKeyId);
  assert.ok(session);
  return { ...session.principal, accessKeyId };
}
