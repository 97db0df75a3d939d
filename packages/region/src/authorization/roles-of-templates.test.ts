/**
 * The roles that the blueprint and the delivery stack make, as their committed templates have them: of each, what it is for is
 * allowed, and what lies beside it is denied.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { AwsError } from '../kernel/aws-error.ts';
import type { Principal } from '../kernel/context.ts';
import { instant } from '../kernel/instant.ts';
import type { ResourceType } from '../kernel/resource-type.ts';
import type { ServiceName } from '../kernel/service-calls.ts';
import { cloudformation } from '../services/cloudformation/service.ts';
import { iam } from '../services/iam/service.ts';
import { kms } from '../services/kms/service.ts';
import { secretsmanager } from '../services/secretsmanager/service.ts';
import { ssm } from '../services/ssm/service.ts';
import { findSession } from '../services/sts/views.ts';
import { account, type GuardedRegion, guardedRegion, policy } from './testing/guarded-region.ts';

const arn = (service: string, resource: string, region = 'eu-central-1') =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

/** Log groups, which only need an ARN here. */
const logGroup: ResourceType = {
  name: 'AWS::Logs::LogGroup',
  properties: { LogGroupName: { kind: 'string' }, RetentionInDays: { kind: 'integer' } },
  create: (_ctx, properties) => ({ physicalId: String(properties['LogGroupName']) }),
  delete: () => {},
  attributes: (_ctx, { physicalId }) => ({ Arn: arn('logs', `log-group:${physicalId}:*`) }),
};

function region(): GuardedRegion {
  return guardedRegion((tables) => {
    const types = new Map(
      [...(iam({ tables }).resourceTypes ?? []), logGroup].map((type) => [type.name, type] as const),
    );
    const stacks = cloudformation({
      tables,
      resourceTypes: () => types,
      readTemplate: () => new Uint8Array(),
    });
    return [kms({ tables }), secretsmanager({ tables }), ssm({ tables }), stacks];
  });
}

interface Template {
  readonly Parameters?: Readonly<Record<string, object>>;
  readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
}

/** Makes what is about roles of a template; gives the physical id of each of its resources. */
async function deploy(
  { call, advance }: GuardedRegion,
  StackName: string,
  file: string,
): Promise<Readonly<Record<string, string>>> {
  const template = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Template;
  const Resources = Object.fromEntries(
    Object.entries(template.Resources).filter(([, { Type }]) => /::IAM::|::Logs::LogGroup/.test(Type)),
  );
  const wanted = JSON.stringify(Resources);
  const Parameters = Object.fromEntries(
    Object.entries(template.Parameters ?? {}).filter(([name]) => wanted.includes(`{"Ref":"${name}"}`)),
  );
  await call('cloudformation', 'createStack', {
    StackName,
    TemplateBody: JSON.stringify({ Parameters, Resources }),
    Capabilities: ['CAPABILITY_NAMED_IAM'],
  });
  await advance(60);
  const { Stacks: [stack] = [] } = await call('cloudformation', 'describeStacks', { StackName });
  assert.equal(stack?.StackStatus, 'CREATE_COMPLETE');
  const { StackResources = [] } = await call('cloudformation', 'describeStackResources', { StackName });
  return Object.fromEntries(
    StackResources.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
      LogicalResourceId,
      PhysicalResourceId,
    ]),
  );
}

async function sessionOf({ call, tables }: GuardedRegion, role: string): Promise<Principal> {
  const { Credentials } = await call('sts', 'assumeRole', {
    RoleArn: arn('iam', `role/${role}`, ''),
    RoleSessionName: 'session',
  });
  const found = findSession(tables, account, Credentials?.AccessKeyId ?? '');
  assert.ok(found);
  return found.principal;
}

type Call = readonly [service: ServiceName, operation: string, input?: object];

function isAllowed(
  { authorizer, now }: GuardedRegion,
  caller: Principal,
  [service, operation, input = {}]: Call,
) {
  try {
    authorizer.authorize({ caller, service, operation, input, now: instant(now()) });
    return true;
  } catch (error) {
    if (error instanceof AwsError && /AccessDenied|Authorization|Unauthorized/.test(error.code)) return false;
    throw error;
  }
}

/** Calls of one role, by whether they are allowed. */
function calls(
  name: string,
  given: () => { readonly region: GuardedRegion; readonly role: string },
  expected: { readonly allowed: readonly Call[]; readonly denied: readonly Call[] },
): void {
  const told = ([service, operation, input = {}]: Call) => `${service} ${operation} ${JSON.stringify(input)}`;
  test(`${name}: what it is for is allowed, what lies beside it is denied`, async () => {
    const { region: one, role } = given();
    const session = await sessionOf(one, role);
    const found = [...expected.allowed, ...expected.denied].map((call) => [
      told(call),
      isAllowed(one, session, call),
    ]);
    assert.deepEqual(found, [
      ...expected.allowed.map((call) => [told(call), true]),
      ...expected.denied.map((call) => [told(call), false]),
    ]);
  });
}

describe('the roles of a service', () => {
  const one = region();
  let ids: Readonly<Record<string, string>> = {};
  let network: Readonly<Record<string, string>> = {};
  const snapshots = '../../../blueprint/src/stacks/snapshots';
  before(async () => {
    const secret = (Name: string) => one.call('secretsmanager', 'createSecret', { Name, SecretString: 's' });
    const { ARN } = await secret('database');
    await secret('other');
    const Name = '/plimsoll/prod/devops-app/database/secret-arn';
    await one.call('ssm', 'putParameter', { Name, Value: ARN, Type: 'String' });
    ids = await deploy(one, 'devops-app-prod-service', `${snapshots}/devops-app-prod-service.json`);
    network = await deploy(one, 'network-prod', `${snapshots}/network-prod.json`);
  });
  const roleOf = (of: () => Readonly<Record<string, string>>, prefix: string) => () => {
    const [, role = ''] =
      Object.entries(of()).find(([id]) => new RegExp(`^${prefix}[0-9A-F]{8}$`).test(id)) ?? [];
    return { region: one, role };
  };
  calls(
    'the task role',
    roleOf(() => ids, 'TaskDefinitionTaskRole'),
    {
      allowed: [
        ['secretsmanager', 'GetSecretValue', { SecretId: 'database' }],
        ['sts', 'GetCallerIdentity'],
      ],
      denied: [
        ['secretsmanager', 'GetSecretValue', { SecretId: 'other' }],
        ['secretsmanager', 'PutSecretValue', { SecretId: 'database' }],
        ['secretsmanager', 'DeleteSecret', { SecretId: 'database' }],
        ['secretsmanager', 'ListSecrets'],
        ['ssm', 'GetParameter', { Name: '/plimsoll/prod/devops-app/database/secret-arn' }],
        ['s3', 'GetObject', { Bucket: 'b', Key: 'k' }],
        ['ecs', 'UpdateService', { service: 'devops-app' }],
        ['iam', 'CreateAccessKey', { UserName: 'x' }],
        ['sts', 'AssumeRole', { RoleArn: arn('iam', 'role/plimsoll-deploy', ''), RoleSessionName: 'x' }],
      ],
    },
  );
  calls(
    'the execution role',
    roleOf(() => ids, 'TaskDefinitionExecutionRole'),
    {
      allowed: [
        ['ecr', 'GetAuthorizationToken'],
        ['ecr', 'BatchGetImage', { repositoryName: 'devops-app' }],
        ['logs', 'CreateLogStream', { logGroupName: '/plimsoll/prod/devops-app', logStreamName: 's' }],
        ['logs', 'PutLogEvents', { logGroupName: '/plimsoll/prod/devops-app', logStreamName: 's' }],
      ],
      denied: [
        ['ecr', 'BatchGetImage', { repositoryName: 'other' }],
        ['ecr', 'PutImage', { repositoryName: 'devops-app' }],
        ['logs', 'PutLogEvents', { logGroupName: '/plimsoll/prod/other', logStreamName: 's' }],
        ['logs', 'CreateLogGroup', { logGroupName: '/plimsoll/prod/devops-app' }],
        ['logs', 'DeleteLogGroup', { logGroupName: '/plimsoll/prod/devops-app' }],
        ['logs', 'FilterLogEvents', { logGroupName: '/plimsoll/prod/devops-app' }],
        ['secretsmanager', 'GetSecretValue', { SecretId: 'database' }],
        ['ssm', 'GetParameters', { Names: ['/plimsoll/prod/devops-app/database/secret-arn'] }],
      ],
    },
  );
  const flowLogs = '/plimsoll/prod/network/flow-logs';
  calls(
    'the role of the flow logs',
    roleOf(() => network, 'VpcFlowLogIAMRole'),
    {
      allowed: [
        ['logs', 'PutLogEvents', { logGroupName: flowLogs, logStreamName: 's' }],
        ['logs', 'DescribeLogStreams', { logGroupName: flowLogs }],
      ],
      denied: [
        ['logs', 'PutLogEvents', { logGroupName: '/plimsoll/prod/devops-app', logStreamName: 's' }],
        ['logs', 'GetLogEvents', { logGroupName: flowLogs, logStreamName: 's' }],
        ['ec2', 'DeleteFlowLogs', { FlowLogIds: ['fl-1'] }],
      ],
    },
  );
});

describe('the roles of the delivery', () => {
  const one = region();
  before(async () => {
    await deploy(one, 'plimsoll-delivery', '../../../../.github/delivery.template.json');
  });
  const role = (name: string) => () => ({ region: one, role: `plimsoll-${name}` });
  const creator = arn('iam', 'role/plimsoll-cloudformation', '');
  const boundary = arn('iam', 'policy/plimsoll-delivery-boundary', '');
  const StackName = 'devops-app-prod-service';
  const ChangeSetName = 'plan';

  calls('the image-push role', role('image-push'), {
    allowed: [
      ['ecr', 'GetAuthorizationToken'],
      ['ecr', 'BatchGetImage', { repositoryName: 'devops-app' }],
      ['ecr', 'PutImage', { repositoryName: 'devops-app' }],
      ['sts', 'GetCallerIdentity'],
    ],
    denied: [
      ['ecr', 'PutImage', { repositoryName: 'other' }],
      ['ecr', 'BatchDeleteImage', { repositoryName: 'devops-app' }],
      ['ecr', 'DeleteRepository', { repositoryName: 'devops-app' }],
      ['cloudformation', 'DescribeStacks', { StackName }],
      ['ecs', 'UpdateService', { service: 'devops-app' }],
    ],
  });
  const reading: readonly Call[] = [
    ['cloudformation', 'DescribeStacks', { StackName }],
    ['cloudformation', 'GetTemplate', { StackName }],
    ['cloudformation', 'DetectStackDrift', { StackName }],
    ['cloudformation', 'CreateChangeSet', { StackName, ChangeSetName, RoleARN: creator }],
    ['cloudformation', 'DeleteChangeSet', { StackName, ChangeSetName }],
    ['ssm', 'GetParameter', { Name: '/plimsoll/prod/x' }],
    ['ecs', 'DescribeServices', { cluster: 'c', services: ['s'] }],
    ['iam', 'GetRole', { RoleName: 'plimsoll-deploy' }],
  ];
  const beyond: readonly Call[] = [
    ['cloudformation', 'CreateStack', { StackName }],
    ['cloudformation', 'UpdateStack', { StackName }],
    [
      'cloudformation',
      'CreateChangeSet',
      { StackName, ChangeSetName, RoleARN: arn('iam', 'role/admin', '') },
    ],
    ['cloudformation', 'SetStackPolicy', { StackName }],
    ['ssm', 'GetParameter', { Name: '/other' }],
    ['ssm', 'PutParameter', { Name: '/other' }],
    ['ecs', 'UpdateService', { service: 'devops-app' }],
    ['ecs', 'RunTask', { cluster: 'c', taskDefinition: 'other:1' }],
    ['ecs', 'RegisterTaskDefinition', { family: 'devops-app-prod' }],
    ['secretsmanager', 'GetSecretValue', { SecretId: 'x' }],
    ['rds', 'DeleteDBInstance', { DBInstanceIdentifier: 'x' }],
    ['iam', 'CreateRole', { RoleName: 'devops-app-x' }],
    ['iam', 'PutRolePolicy', { RoleName: 'plimsoll-deploy' }],
    ['iam', 'CreatePolicyVersion', { PolicyArn: boundary }],
    ['sts', 'AssumeRole', { RoleArn: creator, RoleSessionName: 'x' }],
  ];
  const executing: readonly Call[] = [
    ['cloudformation', 'ExecuteChangeSet', { StackName, ChangeSetName }],
    ['cloudformation', 'DeleteStack', { StackName }],
    ['ssm', 'PutParameter', { Name: '/plimsoll/lock' }],
    ['ecs', 'RunTask', { cluster: 'c', taskDefinition: 'devops-app-prod:1' }],
    ['ecs', 'RegisterTaskDefinition', { family: 'devops-app-prod-migrate' }],
    ['logs', 'GetLogEvents', { logGroupName: '/plimsoll/prod/devops-app', logStreamName: 's' }],
  ];
  calls('the plan role', role('plan'), { allowed: reading, denied: [...beyond, ...executing] });
  calls('the deploy role', role('deploy'), {
    allowed: [...reading, ...executing],
    denied: [...beyond, ['logs', 'GetLogEvents', { logGroupName: '/other', logStreamName: 's' }]],
  });
  const RoleName = 'devops-app-prod-service-x';
  calls('the role that CloudFormation makes stacks by', role('cloudformation'), {
    allowed: [
      ['ecs', 'CreateService', { cluster: 'c', serviceName: 's' }],
      ['rds', 'CreateDBInstance', { DBInstanceIdentifier: 'x' }],
      ['iam', 'CreateRole', { RoleName, PermissionsBoundary: boundary }],
      ['iam', 'GetRole', { RoleName }],
      ['ssm', 'AddTagsToResource', { ResourceType: 'Parameter', ResourceId: '/plimsoll/prod/x' }],
      ['ssm', 'RemoveTagsFromResource', { ResourceType: 'Parameter', ResourceId: '/plimsoll/prod/x' }],
    ],
    denied: [
      ['iam', 'CreateRole', { RoleName }],
      ['iam', 'CreateRole', { RoleName, PermissionsBoundary: arn('iam', 'policy/other', '') }],
      ['iam', 'CreateRole', { RoleName: 'admin', PermissionsBoundary: boundary }],
      ['iam', 'DeleteRolePermissionsBoundary', { RoleName }],
      ['iam', 'CreatePolicyVersion', { PolicyArn: boundary }],
      ['iam', 'UpdateAssumeRolePolicy', { RoleName: 'plimsoll-deploy' }],
      ['iam', 'CreateUser', { UserName: 'x' }],
      ['iam', 'CreateAccessKey', { UserName: 'x' }],
      ['s3', 'CreateBucket', { Bucket: 'b' }],
      ['kms', 'CreateKey', {}],
      ['cloudformation', 'CreateStack', { StackName }],
    ],
  });

  test('a role that is made within the boundary may not do more than it, whatever its policies say', async () => {
    const trust = {
      Effect: 'Allow',
      Principal: { Service: 'ecs-tasks.amazonaws.com' },
      Action: 'sts:AssumeRole',
    };
    await one.call('iam', 'createRole', {
      RoleName,
      AssumeRolePolicyDocument: policy(trust),
      PermissionsBoundary: boundary,
    });
    await one.call('iam', 'attachRolePolicy', {
      RoleName,
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    const session = await sessionOf(one, RoleName);
    const may = (...call: Call) => isAllowed(one, session, call);
    assert.ok(may('secretsmanager', 'GetSecretValue', { SecretId: 'x' }));
    assert.ok(!may('iam', 'CreateUser', { UserName: 'x' }));
    assert.ok(!may('ecs', 'UpdateService', { service: 's' }));
  });

  const repository = 'repo:plimsoll/plimsoll';
  const trusted: Readonly<Record<string, readonly string[]>> = {
    [`${repository}:ref:refs/heads/main`]: ['image-push', 'plan'],
    [`${repository}:ref:refs/heads/feature`]: ['plan'],
    [`${repository}:ref:refs/tags/v1.2.3`]: ['plan'],
    [`${repository}:ref:refs/tags/w`]: [],
    [`${repository}:pull_request`]: ['plan'],
    [`${repository}:environment:dev`]: ['image-push', 'plan', 'deploy'],
    [`${repository}:environment:prod`]: ['plan', 'deploy'],
    [`${repository}:environment:other`]: [],
    'repo:evil/plimsoll:environment:prod': [],
    'repo:plimsoll/plimsoll-evil:ref:refs/heads/main': [],
  };
  const github = 'token.actions.githubusercontent.com';
  const opens = (name: string, sub: string, aud = 'sts.amazonaws.com') =>
    one.authorizer.trusts({
      action: 'sts:AssumeRoleWithWebIdentity',
      roleArn: arn('iam', `role/plimsoll-${name}`, ''),
      provider: arn('iam', `oidc-provider/${github}`, ''),
      context: { [`${github}:sub`]: sub, [`${github}:aud`]: aud },
      tags: {},
      now: instant(one.now()),
      requestId: 'r',
    });
  const all = ['image-push', 'plan', 'deploy', 'cloudformation'];
  for (const [sub, roles] of Object.entries(trusted)) {
    test(`a token of ${sub} gets ${roles.length === 0 ? 'no role' : roles.join(', ')}`, () => {
      assert.deepEqual(
        all.filter((name) => opens(name, sub)),
        roles,
      );
      assert.ok(!all.some((name) => opens(name, sub, 'other')), 'nor any by another audience');
    });
  }
});
