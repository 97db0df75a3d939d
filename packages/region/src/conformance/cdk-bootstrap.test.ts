import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListExportsCommand,
} from '@aws-sdk/client-cloudformation';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { runCdk } from './testing/cdk.ts';
import { startRegionProcess } from './testing/region-process.ts';

const region = await startRegionProcess();
after(() => region.close());

const cdk = (...args: readonly string[]): Promise<string> =>
  runCdk(args, { cwd: region.scratch, env: region.environment });

/** An app of somebody who does not know Plimsoll: the default synthesizer, a bucket, a parameter, a role, a file asset. */
const app = `
import { createRequire } from 'node:module';
const require = createRequire(${JSON.stringify(fileURLToPath(new URL('../../package.json', import.meta.url)))});
const { App, CfnOutput, RemovalPolicy, Stack } = require('aws-cdk-lib');
const { Bucket } = require('aws-cdk-lib/aws-s3');
const { Asset } = require('aws-cdk-lib/aws-s3-assets');
const { AccountRootPrincipal, ManagedPolicy, Role } = require('aws-cdk-lib/aws-iam');
const { StringParameter } = require('aws-cdk-lib/aws-ssm');
const app = new App();
const stack = new Stack(app, 'ordinary', { env: { account: '000000000000', region: 'eu-central-1' } });
const bucket = new Bucket(stack, 'Bucket', {
  versioned: true, enforceSSL: true, removalPolicy: RemovalPolicy.DESTROY,
});
const role = new Role(stack, 'Role', {
  assumedBy: new AccountRootPrincipal(),
  managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('ReadOnlyAccess')],
});
bucket.grantReadWrite(role);
new StringParameter(stack, 'Name', { parameterName: '/ordinary/bucket', stringValue: bucket.bucketName });
const asset = new Asset(stack, 'Asset', { path: 'asset.txt' });
asset.grantRead(role);
new CfnOutput(stack, 'AssetBucket', { value: asset.s3BucketName });
new CfnOutput(stack, 'AssetKey', { value: asset.s3ObjectKey });
new CfnOutput(stack, 'BucketArn', { value: bucket.bucketArn, exportName: 'ordinary-bucket' });
app.synth();
`;

test('an ordinary CDK app goes from cdk bootstrap to cdk destroy', async (t) => {
  await writeFile(join(region.scratch, 'app.mjs'), app);
  await writeFile(join(region.scratch, 'asset.txt'), 'an asset');
  await cdk('synth', '--quiet', '--app', 'node app.mjs');
  const client = new CloudFormationClient(region.client);

  await t.test('cdk bootstrap deploys the CDKToolkit stack, and finds it there the next time', async () => {
    assert.match(await cdk('bootstrap', 'aws://000000000000/eu-central-1'), /bootstrapped\./);
    assert.match(await cdk('bootstrap', 'aws://000000000000/eu-central-1'), /bootstrapped \(no changes\)\./);
    assert.deepEqual(
      region.messages.filter(({ code }) => code === 'internal-failure'),
      [],
    );
  });

  await t.test(
    'cdk deploy publishes the assets by the roles of the bootstrap stack and deploys',
    async () => {
      const said = await cdk('deploy', '--app', 'cdk.out', '--require-approval', 'never', '--verbose');
      assert.match(said, /Assuming role 'arn:aws:iam::000000000000:role\/cdk-hnb659fds-deploy-role/);
      assert.doesNotMatch(said, /could not be used to assume/);
      const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: 'ordinary' }));
      const outputs = new Map(Stacks[0]?.Outputs?.map((output) => [output.OutputKey, output.OutputValue]));
      const asset = await new S3Client({ ...region.client, forcePathStyle: true }).send(
        new GetObjectCommand({ Bucket: outputs.get('AssetBucket'), Key: outputs.get('AssetKey') }),
      );
      assert.equal(await asset.Body?.transformToString(), 'an asset');
      const { Exports = [] } = await client.send(new ListExportsCommand({}));
      assert.equal(Exports.find(({ Name }) => Name === 'ordinary-bucket')?.Value, outputs.get('BucketArn'));
    },
  );

  await t.test('the events of a stack are told in the order in which they happened', async () => {
    await cdk('destroy', '--app', 'cdk.out', '--force');
    const said = await cdk(
      'deploy',
      '--app',
      'cdk.out',
      '--require-approval',
      'never',
      '--progress',
      'events',
    );
    const states = [...said.matchAll(/\| (CREATE_\w+) +\| AWS::S3::Bucket /g)].map(([, status]) => status);
    assert.deepEqual(states, ['CREATE_IN_PROGRESS', 'CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
  });

  await t.test('cdk destroy deletes what the stack made', async () => {
    await cdk('destroy', '--app', 'cdk.out', '--force');
    await assert.rejects(client.send(new DescribeStacksCommand({ StackName: 'ordinary' })), {
      message: 'Stack with id ordinary does not exist',
    });
    await assert.rejects(
      new SSMClient(region.client).send(new GetParameterCommand({ Name: '/ordinary/bucket' })),
      { name: 'ParameterNotFound' },
    );
  });
});
