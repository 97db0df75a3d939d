import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { awsManagedPolicy } from '../services/iam/aws-managed-policies.ts';
import { checkDocument } from '../services/iam/documents.ts';
import { allowedBy } from './evaluate.ts';

interface Held {
  readonly path: string;
  readonly version: string;
  readonly created: string;
  readonly updated: string;
}
const file = new URL('../services/iam/aws-managed-policies.json', import.meta.url);
const all = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Held>);
const documentOf = (name: string) => {
  const path = all.find(([held]) => held === name)?.[1].path ?? '/';
  return awsManagedPolicy(`arn:aws:iam::aws:policy${path}${name}`)?.document ?? '';
};

test('each AWS managed policy that is held is well-formed, and says which version of when it is', () => {
  for (const [name, { version, created, updated }] of all) {
    checkDocument(documentOf(name), 'identity');
    assert.match(version, /^v\d+$/, name);
    assert.ok(Date.parse(created) <= Date.parse(updated), name);
  }
});

const passing = (service: string) => ({ 'iam:PassedToService': service });
const rows: readonly (readonly [
  policy: string,
  action: string,
  isAllowed: boolean,
  context?: Record<string, string>,
])[] = [
  ['AdministratorAccess', 'iam:CreateUser', true],
  ['PowerUserAccess', 'ecs:UpdateService', true],
  ['PowerUserAccess', 'iam:ListRoles', true],
  ['PowerUserAccess', 'iam:CreateRole', false],
  ['ReadOnlyAccess', 'ecs:DescribeServices', true],
  ['ReadOnlyAccess', 's3:GetObject', true],
  ['ReadOnlyAccess', 'ecs:UpdateService', false],
  ['ReadOnlyAccess', 'secretsmanager:GetSecretValue', false],
  ['ReadOnlyAccess', 'kms:Decrypt', false],
  ['ViewOnlyAccess', 'ecs:ListServices', true],
  ['ViewOnlyAccess', 's3:GetObject', false],
  ['SecurityAudit', 'iam:ListUsers', true],
  ['SecurityAudit', 's3:GetObject', false],
  ['AmazonECSTaskExecutionRolePolicy', 'ecr:BatchGetImage', true],
  ['AmazonECSTaskExecutionRolePolicy', 'secretsmanager:GetSecretValue', false],
  ['AmazonECS_FullAccess', 'ecs:UpdateService', true],
  ['AmazonECS_FullAccess', 'iam:PassRole', true, passing('ecs-tasks.amazonaws.com')],
  ['AmazonECS_FullAccess', 'iam:PassRole', false, passing('lambda.amazonaws.com')],
  ['AmazonECSInfrastructureRolePolicyForLoadBalancers', 'elasticloadbalancing:DescribeTargetHealth', true],
  ['AmazonECSInfrastructureRolePolicyForLoadBalancers', 'elasticloadbalancing:CreateListener', false],
  ['AmazonEC2ContainerRegistryReadOnly', 'ecr:GetDownloadUrlForLayer', true],
  ['AmazonEC2ContainerRegistryReadOnly', 'ecr:PutImage', false],
  ['AmazonEC2ContainerRegistryPowerUser', 'ecr:PutImage', true],
  ['AmazonEC2ContainerRegistryPowerUser', 'ecr:DeleteRepository', false],
  ['AmazonEC2ContainerRegistryFullAccess', 'ecr:DeleteRepository', true],
  ['AmazonRDSReadOnlyAccess', 'rds:DescribeDBInstances', true],
  ['AmazonRDSReadOnlyAccess', 'rds:DeleteDBInstance', false],
  ['AmazonRDSFullAccess', 'rds:DeleteDBInstance', true],
  ['AmazonRDSFullAccess', 'iam:PassRole', false],
  ['AmazonS3ReadOnlyAccess', 's3:GetObject', true],
  ['AmazonS3ReadOnlyAccess', 's3:PutObject', false],
  ['AmazonS3FullAccess', 's3:PutObject', true],
  ['CloudWatchReadOnlyAccess', 'cloudwatch:GetMetricData', true],
  ['CloudWatchReadOnlyAccess', 'cloudwatch:PutMetricAlarm', false],
  ['CloudWatchFullAccess', 'cloudwatch:PutMetricAlarm', true],
  ['CloudWatchLogsReadOnlyAccess', 'logs:GetLogEvents', true],
  ['CloudWatchLogsReadOnlyAccess', 'logs:PutLogEvents', false],
  ['CloudWatchLogsFullAccess', 'logs:PutLogEvents', true],
  ['SecretsManagerReadWrite', 'secretsmanager:GetSecretValue', true],
  ['SecretsManagerReadWrite', 'kms:Decrypt', false],
  ['AmazonSSMManagedInstanceCore', 'ssm:GetParameter', true],
  ['AmazonSSMManagedInstanceCore', 'ssm:PutParameter', false],
  ['AmazonSSMReadOnlyAccess', 'ssm:GetParameter', true],
  ['AmazonSSMReadOnlyAccess', 'ssm:PutParameter', false],
  ['AmazonVPCFullAccess', 'ec2:CreateVpc', true],
  ['AmazonVPCFullAccess', 'ec2:RunInstances', false],
  ['IAMReadOnlyAccess', 'iam:GetRole', true],
  ['IAMReadOnlyAccess', 'iam:CreateRole', false],
  ['IAMFullAccess', 'iam:CreateRole', true],
  ['AmazonSNSFullAccess', 'sns:Publish', true],
  ['ElasticLoadBalancingReadOnly', 'elasticloadbalancing:DescribeRules', true],
  ['ElasticLoadBalancingReadOnly', 'elasticloadbalancing:CreateRule', false],
  ['ElasticLoadBalancingFullAccess', 'elasticloadbalancing:CreateRule', true],
  ['AWSCloudFormationReadOnlyAccess', 'cloudformation:DescribeStacks', true],
  ['AWSCloudFormationReadOnlyAccess', 'cloudformation:CreateStack', false],
  ['AWSCloudFormationFullAccess', 'cloudformation:CreateStack', true],
];
for (const [name, action, isAllowed, context = {}] of rows) {
  test(`${name} ${isAllowed ? 'allows' : 'does not allow'} ${action}${Object.values(context).map((one) => ` to ${one}`)}`, () => {
    const question = {
      principal: 'arn:aws:sts::000000000000:assumed-role/r/s',
      action,
      resource: action === 'iam:PassRole' ? 'arn:aws:iam::000000000000:role/ecsTaskExecutionRole' : '*',
      accountId: '000000000000',
      context,
    };
    const outcome = allowedBy(question, [{ name, document: documentOf(name) }]);
    assert.equal(outcome, isAllowed ? 'Allowed' : 'ImplicitlyDenied');
  });
}
