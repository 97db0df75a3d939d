/** What real clients see of IAM's decisions: each protocol's own error, and the request id that tells why. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CloudFormationClient, CreateStackCommand, ListStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { CreateRoleCommand, GetRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListTopicsCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DescribeParametersCommand, GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const account = '000000000000';
const user = `arn:aws:sts::${account}:assumed-role/app/sdk`;
const document = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

interface Failure extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string };
}

describe('IAM decides, seen by the AWS SDK for JavaScript', () => {
  let region: RegionProcess;
  let options: RegionProcess['client'];
  before(async () => {
    region = await startRegionProcess();
    const iam = new IAMClient(region.client);
    const trust = { Effect: 'Allow', Principal: { AWS: account }, Action: 'sts:AssumeRole' };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: document(trust) }),
    );
    const statements = [
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: 'arn:aws:s3:::bucket/app/*' },
      { Effect: 'Allow', Action: 'ecs:List*', Resource: '*' },
    ];
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'app', PolicyName: 'p', PolicyDocument: document(...statements) }),
    );
    await new S3Client({ ...region.client, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: 'bucket' }),
    );
    const { Credentials: given } = await new STSClient(region.client).send(
      new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'sdk' }),
    );
    const credentials = {
      accessKeyId: given?.AccessKeyId ?? '',
      secretAccessKey: given?.SecretAccessKey ?? '',
      sessionToken: given?.SessionToken ?? '',
    };
    options = { ...region.client, credentials };
  });
  after(() => region.close());

  test('what is allowed works, and everybody may ask who they are', async () => {
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'app/a', Body: 'text' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'app/a' }));
    assert.equal(await Body?.transformToString(), 'text');
    assert.deepEqual((await new ECSClient(options).send(new ListClustersCommand({}))).clusterArns, []);
    const { Arn } = await new STSClient(options).send(new GetCallerIdentityCommand({}));
    assert.equal(Arn, user);
  });

  const because = (action: string) => `because no identity-based policy allows the ${action} action`;
  const may = (action: string, resource: string) =>
    `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${because(action)}`;
  const regional = (service: string, resource: string) =>
    `arn:aws:${service}:eu-central-1:${account}:${resource}`;
  const cases: readonly (readonly [string, () => Promise<unknown>, string, number, string])[] = [
    [
      's3',
      () =>
        new S3Client({ ...options, forcePathStyle: true }).send(
          new GetObjectCommand({ Bucket: 'bucket', Key: 'x' }),
        ),
      'AccessDenied',
      403,
      may('s3:GetObject', '"arn:aws:s3:::bucket/x"'),
    ],
    [
      's3 listing',
      () =>
        new S3Client({ ...options, forcePathStyle: true }).send(
          new ListObjectsV2Command({ Bucket: 'bucket' }),
        ),
      'AccessDenied',
      403,
      may('s3:ListBucket', '"arn:aws:s3:::bucket"'),
    ],
    [
      'ssm',
      () => new SSMClient(options).send(new GetParameterCommand({ Name: '/app/x' })),
      'AccessDeniedException',
      400,
      may('ssm:GetParameter', regional('ssm', 'parameter/app/x')),
    ],
    [
      'ssm listing',
      () => new SSMClient(options).send(new DescribeParametersCommand({})),
      'AccessDeniedException',
      400,
      may('ssm:DescribeParameters', '*'),
    ],
    [
      'secretsmanager',
      () => new SecretsManagerClient(options).send(new GetSecretValueCommand({ SecretId: 'x' })),
      'AccessDeniedException',
      400,
      may('secretsmanager:GetSecretValue', regional('secretsmanager', 'secret:x')),
    ],
    [
      'kms',
      () => new KMSClient(options).send(new CreateKeyCommand({})),
      'AccessDeniedException',
      400,
      may('kms:CreateKey', '*'),
    ],
    [
      'ecr',
      () => new ECRClient(options).send(new DescribeRepositoriesCommand({ repositoryNames: ['app'] })),
      'AccessDeniedException',
      400,
      may('ecr:DescribeRepositories', regional('ecr', 'repository/app')),
    ],
    [
      'ec2',
      () => new EC2Client(options).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' })),
      'UnauthorizedOperation',
      403,
      `You are not authorized to perform this operation. ${may('ec2:CreateVpc', regional('ec2', 'vpc/*'))}`,
    ],
    [
      'cloudformation',
      () =>
        new CloudFormationClient(options).send(
          new CreateStackCommand({ StackName: 's', TemplateBody: '{}' }),
        ),
      'AccessDenied',
      403,
      may('cloudformation:CreateStack', regional('cloudformation', 'stack/s/*')),
    ],
    [
      'cloudformation listing',
      () => new CloudFormationClient(options).send(new ListStacksCommand({})),
      'AccessDenied',
      403,
      may('cloudformation:ListStacks', '*'),
    ],
    [
      'cloudwatch',
      () => new CloudWatchClient(options).send(new ListMetricsCommand({})),
      'AccessDenied',
      403,
      may('cloudwatch:ListMetrics', '*'),
    ],
    [
      'rds',
      () => new RDSClient(options).send(new DescribeDBInstancesCommand({})),
      'AccessDenied',
      403,
      may('rds:DescribeDBInstances', regional('rds', 'db:*')),
    ],
    [
      'iam',
      () => new IAMClient(options).send(new GetRoleCommand({ RoleName: 'app' })),
      'AccessDenied',
      403,
      may('iam:GetRole', `arn:aws:iam::${account}:role/app`),
    ],
    [
      'sts',
      () =>
        new STSClient(options).send(
          new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/app`, RoleSessionName: 'again' }),
        ),
      'AccessDenied',
      403,
      `User: ${user} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${account}:role/app`,
    ],
    [
      'sns listing',
      () => new SNSClient(options).send(new ListTopicsCommand({})),
      'AuthorizationErrorException',
      403,
      may('SNS:ListTopics', '*'),
    ],
    [
      'sns',
      () => new SNSClient(options).send(new PublishCommand({ TopicArn: regional('sns', 't'), Message: 'm' })),
      'AuthorizationErrorException',
      403,
      may('SNS:Publish', regional('sns', 't')),
    ],
  ];
  for (const [what, ask, name, status, message] of cases) {
    test(`${what}: ${name}, and why`, async () => {
      const failure = await ask().then(
        () => assert.fail('it was allowed'),
        (error: Failure) => error,
      );
      assert.equal(failure.name, name);
      assert.equal(failure.message, message);
      assert.equal(failure.$metadata.httpStatusCode, status);
      const response = await fetch(
        `${options.endpoint}/_plimsoll/iam/denials/${failure.$metadata.requestId}`,
      );
      const why = (await response.json()) as { principal: string; missing: { statement: object } };
      assert.equal(why.principal, user);
      assert.ok('Action' in why.missing.statement);
    });
  }
});
