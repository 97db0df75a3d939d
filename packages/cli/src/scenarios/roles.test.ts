/**
 * The roles of a service hold exactly what is used: with each statement taken away in turn, a task that runs as it does on
 * AWS (pull, log, read the database's secret) fails, and with it back the task succeeds. What is not listed is denied to the
 * task itself, in AWS's words.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DescribeStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  type ECSClient,
  ListServicesCommand,
  RunTaskCommand,
  type Service,
  type Task,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs';
import {
  GetRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { localTarget, type Target } from '../deploy/clients.ts';
import { definition, statusOf } from '../testing/planned.ts';
import { tinyService } from '../testing/tiny-service.ts';

interface Statement {
  readonly Action: string | readonly string[];
}

test('a service’s roles hold exactly what is used', { timeout: 300_000 }, async (t) => {
  const service = await tinyService(t);
  await service.definition(
    definition("scaling: { min: 1 }, database: { engine: 'postgres', version: '17' },"),
  );
  await writeFile(join(service.folder, 'dist/read-secret.mjs'), useSecrets);
  const up = await service.plimsoll('up', '--detach', '--port', '0', '--http-port', '0');
  assert.equal(up.code, 0, `${up.stdout}\n${up.stderr}`);
  const { endpoint, region } = await statusOf(service);
  const target = localTarget(endpoint, region);
  const ecs = await target.clients.ecs();
  const iam = new IAMClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const running = await serviceOf(ecs);

  assert.equal(exitCodeOf(await runTask(ecs, running)), 0, 'with all statements the task succeeds');
  const tried: string[] = [];
  for (const policy of await inlinePolicies(iam, await rolesOf(target))) {
    for (const [index, statement] of policy.statements.entries()) {
      await put(iam, policy, policy.statements.toSpliced(index, 1));
      const task = await runTask(ecs, running);
      const actions = [statement.Action].flat().join(', ');
      assert.notEqual(exitCodeOf(task), 0, `without ${actions} of ${policy.RoleName} something fails`);
      tried.push(actions);
      await put(iam, policy, policy.statements);
    }
  }
  assert.deepEqual(tried.sort(), [
    'ecr:BatchCheckLayerAvailability, ecr:GetDownloadUrlForLayer, ecr:BatchGetImage',
    'ecr:GetAuthorizationToken',
    'logs:CreateLogStream, logs:PutLogEvents',
    'secretsmanager:GetSecretValue',
  ]);
  assert.equal(exitCodeOf(await runTask(ecs, running)), 0, 'with all of them back it succeeds again');

  const { stdout: why } = await service.plimsoll('iam', '--json');
  const { denials } = JSON.parse(why) as { denials: readonly { action: string }[] };
  // A task whose stream cannot be opened writes no line; one that runs may.
  const actions = new Set(denials.map(({ action }) => action).filter((one) => one !== 'logs:PutLogEvents'));
  assert.deepEqual([...actions].sort(), [
    'ecr:BatchGetImage',
    'ecr:GetAuthorizationToken',
    'logs:CreateLogStream',
    'secretsmanager:GetSecretValue',
    'secretsmanager:ListSecrets',
  ]);
  const { stdout: unused } = await service.plimsoll('iam', 'unused');
  assert.doesNotMatch(unused, /ecr:|secretsmanager:/, 'nothing of these roles was never used');
});

async function serviceOf(ecs: ECSClient): Promise<Service> {
  const cluster = 'tiny-local';
  const { serviceArns = [] } = await ecs.send(new ListServicesCommand({ cluster }));
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
  const [found] = services;
  if (!found) throw new Error('there is no service');
  return found;
}

async function runTask(ecs: ECSClient, service: Service): Promise<Task | undefined> {
  const cluster = service.clusterArn;
  const { tasks = [] } = await ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: service.taskDefinition,
      launchType: 'FARGATE',
      networkConfiguration: service.networkConfiguration,
      overrides: { containerOverrides: [{ name: 'tiny', command: ['node', 'dist/read-secret.mjs'] }] },
    }),
  );
  const asked = { cluster, tasks: tasks.map(({ taskArn = '' }) => taskArn) };
  await waitUntilTasksStopped({ client: ecs, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, asked);
  return (await ecs.send(new DescribeTasksCommand(asked))).tasks?.[0];
}

function exitCodeOf(task: Task | undefined): number | undefined {
  return task?.containers?.[0]?.exitCode;
}

async function rolesOf(target: Target): Promise<readonly string[]> {
  const client = await target.clients.cloudformation();
  const { StackResources = [] } = await client.send(
    new DescribeStackResourcesCommand({ StackName: 'tiny-local-service' }),
  );
  return StackResources.filter(({ ResourceType }) => ResourceType === 'AWS::IAM::Role').map(
    ({ PhysicalResourceId = '' }) => PhysicalResourceId,
  );
}

interface InlinePolicy {
  readonly RoleName: string;
  readonly PolicyName: string;
  readonly statements: readonly Statement[];
}

async function inlinePolicies(iam: IAMClient, roles: readonly string[]): Promise<readonly InlinePolicy[]> {
  const policies: InlinePolicy[] = [];
  for (const RoleName of roles) {
    const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: Statement[] };
      policies.push({ RoleName, PolicyName, statements: Statement });
    }
  }
  return policies;
}

/** A policy needs a statement: one that allows nothing here takes the place of the last. */
async function put(iam: IAMClient, policy: InlinePolicy, statements: readonly Statement[]): Promise<void> {
  const nothing = { Effect: 'Allow', Action: 'organizations:DescribeOrganization', Resource: '*' };
  const { RoleName, PolicyName } = policy;
  const Statement = statements.length === 0 ? [nothing] : statements;
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

/**
 * Reads the database's secret by the task role, then asks for what that does not allow; with nothing but Node: tasks of this
 * test have no dependencies. Ends with 1 where the secret cannot be read, with 2 where the other is not denied as on AWS.
 */
const useSecrets = `
  import { createHash, createHmac } from 'node:crypto';
  const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization } = process.env;
  const given = await (await fetch(uri, { headers: { authorization } })).json();
  const region = process.env.AWS_REGION;
  const url = new URL(process.env.AWS_ENDPOINT_URL);
  const sha = (text) => createHash('sha256').update(text).digest('hex');
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
  async function ask(operation, input) {
    const body = JSON.stringify(input);
    const date = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      host: url.host,
      'x-amz-date': date,
      'x-amz-security-token': given.Token,
      'x-amz-target': 'secretsmanager.' + operation,
    };
    const names = Object.keys(headers).join(';');
    const lines = Object.entries(headers).map(([name, value]) => name + ':' + value + '\\n').join('');
    const canonical = ['POST', '/', '', lines, names, sha(body)].join('\\n');
    const scope = [date.slice(0, 8), region, 'secretsmanager', 'aws4_request'].join('/');
    const toSign = ['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\\n');
    const key = scope.split('/').reduce(hmac, 'AWS4' + given.SecretAccessKey);
    headers.authorization = 'AWS4-HMAC-SHA256 Credential=' + given.AccessKeyId + '/' + scope +
      ', SignedHeaders=' + names + ', Signature=' + hmac(key, toSign).toString('hex');
    const response = await fetch(url, { method: 'POST', headers, body });
    return { ok: response.ok, status: response.status, answer: await response.json() };
  }
  const read = await ask('GetSecretValue', { SecretId: process.env.DATABASE_SECRET_ARN });
  console.log(read.status, read.ok ? 'the secret was read' : JSON.stringify(read.answer));
  if (!read.ok) process.exit(1);
  const { status, answer } = await ask('ListSecrets', {});
  console.log(status, JSON.stringify(answer));
  const words = new RegExp('^User: arn:aws:sts::[0-9]{12}:assumed-role/[^/]+/[0-9a-f]{32} is not authorized to perform: ' +
    'secretsmanager:ListSecrets on resource: [*] because no identity-based policy allows the secretsmanager:ListSecrets action$');
  const isDenied = status === 400 && /AccessDeniedException$/.test(answer.__type) && words.test(answer.message ?? answer.Message);
  process.exit(isDenied ? 0 : 2);
`;
