import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CloudFormationClient, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { runCdk } from './testing/cdk.ts';
import { devopsAppFolder, pushDevopsApp, serviceUrl } from './testing/devops-app.ts';
import { startRegionProcess } from './testing/region-process.ts';

const region = await startRegionProcess();
after(() => region.close());

const assembly = join(region.scratch, 'cdk.out');

const cdk = async (...args: readonly string[]): Promise<string> =>
  runCdk(args, { cwd: devopsAppFolder, env: { ...region.environment, PLIMSOLL_ENV: 'local' } });

const deployed = ['--app', assembly, '--require-approval', 'never', '--progress', 'events'];

// Each step stands on the one before, as a user takes them.
test('devops-app is deployed, found unchanged and destroyed by the CDK CLI alone', async (t) => {
  await t.test('cdk synth writes the stacks of the environment', async () => {
    await cdk('synth', '--quiet', '--output', assembly);
  });

  await t.test('cdk deploy makes the registry, so that there is a place for the image', async () => {
    await cdk('deploy', 'devops-app-registry', ...deployed);
  });

  await t.test('cdk deploy --all ends when the service is steady and answers', async () => {
    const digest = await pushDevopsApp(region);
    const parameter = `devops-app-local-service:ImageDigest=${digest}`;
    await cdk('deploy', '--all', ...deployed, '--concurrency', '3', '--parameters', parameter);
    const answer = await fetch(`${await serviceUrl(region)}/health`);
    assert.deepEqual([answer.status, await answer.text()], [200, 'UP\n']);
  });

  await t.test('cdk diff and a second cdk deploy --all find nothing to do', async () => {
    const diff = await cdk('diff', '--all', '--app', assembly);
    assert.match(diff, /Number of stacks with differences: 0/);
    const again = await cdk('deploy', '--all', ...deployed);
    assert.equal(again.match(/\(no changes\)/g)?.length, 5);
  });

  await t.test('cdk deploy with another image rolls the service, and ends when only that runs', async () => {
    const digest = await pushDevopsApp(region, 'next');
    const parameter = `devops-app-local-service:ImageDigest=${digest}`;
    const said = await cdk('deploy', 'devops-app-local-service', ...deployed, '--parameters', parameter);
    assert.match(said, /UPDATE_COMPLETE +\| AWS::ECS::Service/);
    const ecs = new ECSClient(region.client);
    const cluster = 'devops-app-local';
    const { taskArns } = await ecs.send(new ListTasksCommand({ cluster }));
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    assert.deepEqual(new Set(tasks.map(({ containers }) => containers?.[0]?.imageDigest)), new Set([digest]));
    assert.equal((await fetch(`${await serviceUrl(region)}/health`)).status, 200);
  });

  await t.test('cdk destroy --all leaves nothing but the final snapshot', async () => {
    await cdk('destroy', '--all', '--force', '--app', assembly);
    const stacks = await new CloudFormationClient(region.client).send(new ListStacksCommand({}));
    assert.deepEqual(
      new Set(stacks.StackSummaries?.map(({ StackStatus }) => StackStatus)),
      new Set(['DELETE_COMPLETE']),
    );
    const vpcs = await new EC2Client(region.client).send(new DescribeVpcsCommand({}));
    assert.deepEqual(
      vpcs.Vpcs?.map(({ IsDefault }) => IsDefault),
      [true],
    );
  });
});
