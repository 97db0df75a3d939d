import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { DescribeTasksCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeDBInstancesCommand, RDSClient } from '@aws-sdk/client-rds';
import { CancelRotateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsJson1_0Protocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import type { ServiceName } from '../kernel/service-calls.ts';
import { loadModel } from '../models/model.ts';
import { identify } from './identify.ts';
import type { WireError } from './protocol.ts';
import { loadProtocol } from './protocols.ts';
import { exchange } from './testing/sdk-exchange.ts';

/** Errors as a service throws them come out of the real client as its own error classes. */
interface Case {
  readonly client: new (config: never) => { send(command: never): Promise<unknown> };
  readonly config?: object;
  readonly command: object;
  readonly service: ServiceName;
  readonly error: Partial<WireError> & { readonly code: string };
  readonly expected: Readonly<Record<string, unknown>> & { readonly name: string; readonly status: number };
}

const cases: readonly Case[] = [
  {
    client: ECSClient,
    command: new DescribeTasksCommand({ tasks: ['t'] }),
    service: 'ecs',
    error: { code: 'ClusterNotFoundException' },
    expected: { name: 'ClusterNotFoundException', status: 400 },
  },
  {
    client: ECSClient,
    config: { protocol: AwsJson1_0Protocol },
    command: new DescribeTasksCommand({ tasks: ['t'] }),
    service: 'ecs',
    error: { code: 'ConflictException', fields: { resourceIds: ['a', 'b'] } },
    expected: { name: 'ConflictException', status: 400, resourceIds: ['a', 'b'] },
  },
  {
    client: ECSClient,
    config: { protocol: AwsSmithyRpcV2CborProtocol },
    command: new DescribeTasksCommand({ tasks: ['t'] }),
    service: 'ecs',
    error: { code: 'ServerException', status: 500, fault: 'server' },
    expected: { name: 'ServerException', status: 500 },
  },
  {
    client: SecretsManagerClient,
    command: new CancelRotateSecretCommand({ SecretId: 's' }),
    service: 'secretsmanager',
    error: { code: 'ResourceNotFoundException' },
    expected: { name: 'ResourceNotFoundException', status: 400 },
  },
  {
    client: KMSClient,
    command: new DescribeKeyCommand({ KeyId: 'k' }),
    service: 'kms',
    error: { code: 'NotFoundException' },
    expected: { name: 'NotFoundException', status: 400 },
  },
  {
    client: SSMClient,
    command: new GetParameterCommand({ Name: 'p' }),
    service: 'ssm',
    error: { code: 'ParameterNotFound' },
    expected: { name: 'ParameterNotFound', status: 400 },
  },
  {
    client: ECRClient,
    command: new DescribeRepositoriesCommand({}),
    service: 'ecr',
    error: { code: 'RepositoryNotFoundException' },
    expected: { name: 'RepositoryNotFoundException', status: 400 },
  },
  {
    client: CloudWatchLogsClient,
    command: new DescribeLogGroupsCommand({}),
    service: 'logs',
    error: { code: 'NotModelled', status: 501, fault: 'server' },
    expected: { name: 'NotModelled', status: 501 },
  },
  {
    client: RDSClient,
    command: new DescribeDBInstancesCommand({}),
    service: 'rds',
    error: { code: 'DBInstanceNotFound' },
    expected: { name: 'DBInstanceNotFoundFault', status: 404, Code: 'DBInstanceNotFound', Type: 'Sender' },
  },
  {
    client: IAMClient,
    command: new GetRoleCommand({ RoleName: 'r' }),
    service: 'iam',
    error: { code: 'NoSuchEntity', status: 404 },
    expected: { name: 'NoSuchEntityException', status: 404 },
  },
  {
    client: ElasticLoadBalancingV2Client,
    command: new DescribeLoadBalancersCommand({}),
    service: 'elbv2',
    error: { code: 'LoadBalancerNotFound' },
    expected: { name: 'LoadBalancerNotFoundException', status: 400 },
  },
  {
    client: CloudFormationClient,
    command: new DescribeStacksCommand({}),
    service: 'cloudformation',
    error: { code: 'ValidationError' },
    expected: { name: 'ValidationError', status: 400 },
  },
  {
    client: STSClient,
    command: new AssumeRoleWithWebIdentityCommand({
      RoleArn: 'arn:aws:iam::0:role/r',
      RoleSessionName: 's',
      WebIdentityToken: 'token',
    }),
    service: 'sts',
    error: { code: 'InvalidIdentityToken' },
    expected: { name: 'InvalidIdentityTokenException', status: 400 },
  },
  {
    client: EC2Client,
    command: new DescribeVpcsCommand({}),
    service: 'ec2',
    error: { code: 'InvalidVpcID.NotFound' },
    expected: { name: 'InvalidVpcID.NotFound', status: 400 },
  },
];

for (const { client, config, command, service, error, expected } of cases) {
  const { name, status, ...members } = expected;
  const message = `The thing 'a<b>' & ü was refused`;
  test(`${service} ${error.code} comes out of ${client.name} as ${name}`, async () => {
    const { requestHandler } = exchange(async (request) => {
      const identity = identify(request, {});
      assert.equal(identity?.service, service);
      const protocol = await loadProtocol(identity?.protocol ?? 'query');
      const model = await loadModel(service);
      const operation = protocol.operationOf(request, model);
      assert.ok(model.operation(operation ?? ''));
      return protocol.serializeError(
        model,
        operation,
        { status: 400, fault: 'client', message, ...error },
        'request-1',
      );
    });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const real = new client({
      region: 'eu-central-1',
      maxAttempts: 1,
      credentials,
      requestHandler,
      ...config,
    } as never);
    const thrown = (await real.send(command as never).catch((reason: unknown) => reason)) as Record<
      string,
      unknown
    >;
    assert.ok(thrown instanceof Error);
    const metadata = thrown['$metadata'] as { httpStatusCode: number; requestId: string };
    assert.deepEqual(
      { name: thrown.name, message: thrown.message, status: metadata.httpStatusCode, id: metadata.requestId },
      { name, message, status, id: 'request-1' },
    );
    assert.deepEqual(Object.fromEntries(Object.keys(members).map((key) => [key, thrown[key]])), members);
  });
}
