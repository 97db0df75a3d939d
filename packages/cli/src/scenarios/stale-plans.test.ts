/** What has moved between a plan and its application is named, and nothing is changed. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { PutRetentionPolicyCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AuthorizeSecurityGroupIngressCommand, RevokeSecurityGroupEgressCommand } from '@aws-sdk/client-ec2';
import { UpdateServiceCommand } from '@aws-sdk/client-ecs';
import {
  DescribeTargetGroupsCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Target } from '../deploy/clients.ts';
import { allStacks, startDeletion } from '../deploy/stacks.ts';
import type { Drift } from '../plan/drift.ts';
import { type Plan, type PlanFile, sealed } from '../plan/plan-document.ts';
import { definition, emptyRegion, happenings, planned } from '../testing/planned.ts';
import type { TinyService } from '../testing/tiny-service.ts';
import { pause } from '../wait.ts';

test('a plan that is stale, edited, expired, applied already or meant for elsewhere is refused by name', {
  timeout: 900_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);
  const client = await target.clients.cloudformation();
  const ssm = await target.clients.ssm();
  const refused = async (file: string, text: RegExp): Promise<void> => {
    const before = await happenings(target);
    const { code, stderr } = await service.plimsoll('apply', file);
    assert.equal(code, 1, stderr);
    assert.match(stderr, text);
    assert.deepEqual(await happenings(target), before, 'nothing was changed');
  };

  const first = await planned(service, 'first.plan');
  const text = await readFile(join(service.folder, 'first.plan'), 'utf8');
  await writeFile(join(service.folder, 'edited.plan'), text.replace('"local"', '"prod"'));
  await refused('edited.plan', /edited\.plan was changed after it was made: its hash is/);
  await save(service, 'account.plan', { ...first, account: '123456789012' });
  await refused(
    'account.plan',
    /The plan is for account 123456789012; your credentials are of account 0{12}/,
  );
  await save(service, 'region.plan', { ...first, region: 'eu-west-1' });
  await refused('region.plan', /The plan is for eu-west-1; the region that runs is eu-central-1/);
  await save(service, 'expired.plan', { ...first, expiresAt: '2020-01-01T00:00:00.000Z' });
  await refused('expired.plan', /The plan expired at 2020-01-01T00:00:00.000Z. Make a new one/);
  await refused('none.plan', /There is no file none\.plan/);

  const lock = { Name: '/plimsoll/local/tiny/applying' };
  const Value = JSON.stringify({
    hash: 'f'.repeat(64),
    since: '2026-11-22T10:00:00.000Z',
    by: 'arn:somebody',
  });
  await ssm.send(new PutParameterCommand({ ...lock, Type: 'String', Value }));
  await refused('first.plan', /Another plan \(f{12}\) is being applied to local since .* by arn:somebody/);
  await ssm.send(new DeleteParameterCommand(lock));

  const { code, stdout, stderr } = await service.plimsoll('apply', 'first.plan');
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  await refused('first.plan', /This plan was applied already, at .* by arn:aws:iam::0{12}:root/);

  await service.answer('two');
  await planned(service, 'two.plan');
  await service.answer('three');
  assert.equal((await service.plimsoll('deploy')).code, 0);
  await refused(
    'two.plan',
    /This plan is stale:\n {2}parameters or tags of tiny-local-service have changed\n {2}tiny-local-service was changed at .*; the plan knows it as of .*\n {2}tiny-local-service was CREATE_COMPLETE when it was planned; it is UPDATE_COMPLETE\nNothing was changed\. Make a new plan\./,
  );

  await service.definition(definition('scaling: { min: 1, max: 7 },'));
  await planned(service, 'gone.plan');
  const elbv2 = await target.clients.elbv2();
  const { TargetGroups: [group] = [] } = await elbv2.send(new DescribeTargetGroupsCommand({}));
  const setInterval = (HealthCheckIntervalSeconds: number | undefined) =>
    elbv2.send(
      new ModifyTargetGroupCommand({ TargetGroupArn: group?.TargetGroupArn, HealthCheckIntervalSeconds }),
    );
  await setInterval(77);
  await refused(
    'gone.plan',
    /PublicTargetGroup\w+ of tiny-local-service was changed \(HealthCheckIntervalSeconds\) by hand since it was planned/,
  );
  const drift = await service.plimsoll('drift');
  assert.equal(drift.code, 2);
  assert.match(drift.stdout, /HealthCheckIntervalSeconds: \d+ → 77/);
  const over = await service.plimsoll('plan');
  assert.match(
    over.stdout,
    /! AWS::ElasticLoadBalancingV2::TargetGroup \w+ was changed by hand: HealthCheckIntervalSeconds/,
  );
  assert.match(over.stdout, /\n1 resource was changed by hand; see: plimsoll drift\n/);
  await setInterval(group?.HealthCheckIntervalSeconds);
  assert.match((await service.plimsoll('drift')).stdout, /Nothing was changed by hand in 4 stacks/);

  await startDeletion(client, 'tiny-local-monitoring');
  while ((await allStacks(client)).some(({ StackName }) => StackName === 'tiny-local-monitoring'))
    await pause(50, t.signal);
  await refused('gone.plan', /tiny-local-monitoring was CREATE_COMPLETE when it was planned; it is gone/);

  await editByHand(target);
  const { stdout: json } = await service.plimsoll('drift', '--json');
  const drifts = JSON.parse(json) as readonly Drift[];
  assert.deepEqual(
    drifts
      .flatMap(({ resources }) => resources)
      .map(
        ({ type, status, properties }) => `${type} ${status} ${properties.map(({ path }) => path).join(' ')}`,
      )
      .sort(),
    [
      'AWS::EC2::SecurityGroup MODIFIED SecurityGroupIngress.1',
      'AWS::EC2::SecurityGroupEgress DELETED ',
      'AWS::ECS::Service MODIFIED HealthCheckGracePeriodSeconds',
      'AWS::Logs::LogGroup MODIFIED RetentionInDays',
      'AWS::SSM::Parameter MODIFIED Value',
    ],
  );
});

/** A port that is opened, a way out that is closed, a service that is told to wait, logs that are kept, a value. */
async function editByHand({ clients }: Target): Promise<void> {
  const cloudformation = await clients.cloudformation();
  const { StackResources = [] } = await cloudformation.send(
    new DescribeStackResourcesCommand({ StackName: 'tiny-local-service' }),
  );
  const find = (logicalId: RegExp): string =>
    StackResources.find(({ LogicalResourceId = '' }) => logicalId.test(LogicalResourceId))
      ?.PhysicalResourceId ?? '';
  const ec2 = await clients.ec2();
  const GroupId = find(/^LoadBalancerSecurityGroup[0-9A-F]{8}$/);
  const IpPermissions = [
    { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
  ];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const SecurityGroupRuleIds = [find(/^LoadBalancerSecurityGroupto/)];
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds }));
  const serviceArn = find(/^ServiceD/);
  await (await clients.ecs()).send(
    new UpdateServiceCommand({
      cluster: serviceArn.split('/')[1],
      service: serviceArn,
      healthCheckGracePeriodSeconds: 77,
    }),
  );
  await (await clients.logs()).send(
    new PutRetentionPolicyCommand({ logGroupName: find(/^LogGroup/), retentionInDays: 3 }),
  );
  await (await clients.ssm()).send(
    new PutParameterCommand({ Name: find(/^TargetGroupParameter/), Value: 'other', Overwrite: true }),
  );
}

/** As somebody would who knows the format: the hash is right. */
async function save(
  service: TinyService,
  file: string,
  { hash: _, ...plan }: Plan & Pick<PlanFile, 'hash'>,
): Promise<void> {
  await writeFile(join(service.folder, file), JSON.stringify(sealed(plan)));
}
