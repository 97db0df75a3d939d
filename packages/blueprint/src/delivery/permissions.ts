/**
 * What each role of a pipeline may do. A plan reads and makes change sets; a deployment executes them; what is then created
 * is created by CloudFormation's own role, and what that role makes is bounded.
 */
import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { boundaryActions } from './boundary-actions.ts';

const account = (service: string, resource: string, region: string = Aws.REGION): string =>
  `arn:${Aws.PARTITION}:${service}:${region}:${Aws.ACCOUNT_ID}:${resource}`;

const allow = (
  sid: string,
  actions: readonly string[],
  resources: readonly string[] = ['*'],
  conditions: Record<string, unknown> = {},
): PolicyStatement =>
  new PolicyStatement({ sid, actions: [...actions], resources: [...resources], conditions });

/** Pushing to the services' repositories, and nothing else. */
export function pushStatements(services: readonly string[]): readonly PolicyStatement[] {
  return [
    allow('Login', ['ecr:GetAuthorizationToken']),
    allow(
      'Push',
      [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:DescribeImages',
        'ecr:DescribeRepositories',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      services.map((service) => account('ecr', `repository/${service}`)),
    ),
    ...whoAmI(),
  ];
}

/** Everything that a plan looks at, and change sets: made and thrown away, never executed. */
export function planStatements(cloudFormationRole: string): readonly PolicyStatement[] {
  return [
    allow('Read', [
      'cloudformation:Describe*',
      'cloudformation:DetectStackDrift',
      'cloudformation:DetectStackResourceDrift',
      'cloudformation:Get*',
      'cloudformation:List*',
      'cloudformation:ValidateTemplate',
      'ecr:DescribeImages',
      'ecr:DescribeRepositories',
      'ecs:Describe*',
      'ecs:List*',
    ]),
    // Confirmed by docs: who detects drift, and who names an id as a parameter, must be able to read what it is about.
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/detect-drift-stack.html
    allow('ReadWhatMayHaveChangedByHand', [
      'application-autoscaling:Describe*',
      'application-autoscaling:ListTagsForResource',
      'cloudwatch:DescribeAlarms',
      'cloudwatch:GetDashboard',
      'cloudwatch:ListTagsForResource',
      'ec2:Describe*',
      'ecr:GetLifecyclePolicy',
      'ecr:GetRepositoryPolicy',
      'ecr:ListTagsForResource',
      'elasticloadbalancing:Describe*',
      'iam:GetPolicy',
      'iam:GetPolicyVersion',
      'iam:GetRole',
      'iam:GetRolePolicy',
      'iam:ListAttachedRolePolicies',
      'iam:ListRolePolicies',
      'logs:Describe*',
      'logs:ListTagsForResource',
      'logs:ListTagsLogGroup',
      'rds:Describe*',
      'rds:ListTagsForResource',
      'secretsmanager:DescribeSecret',
      'sns:GetSubscriptionAttributes',
      'sns:GetTopicAttributes',
      'sns:ListSubscriptionsByTopic',
      'sns:ListTagsForResource',
      'ssm:DescribeParameters',
      'ssm:ListTagsForResource',
    ]),
    allow('MakeChangeSets', ['cloudformation:CreateChangeSet', 'cloudformation:DeleteChangeSet']),
    readParameters(),
    passTo('PassRoleToCloudFormation', cloudFormationRole, 'cloudformation.amazonaws.com'),
    ...whoAmI(),
  ];
}

/** Executing change sets, migrating the database by a task of the service, and watching what comes of it. */
export function deployStatements(
  organization: string,
  cloudFormationRole: string,
  services: readonly string[],
): readonly PolicyStatement[] {
  const roles = services.map((service) => account('iam', `role/${service}-*`, ''));
  return [
    ...planStatements(cloudFormationRole),
    allow('Execute', [
      'cloudformation:CancelUpdateStack',
      'cloudformation:ContinueUpdateRollback',
      'cloudformation:DeleteStack',
      'cloudformation:ExecuteChangeSet',
      'cloudformation:RollbackStack',
      'cloudformation:TagResource',
      'cloudformation:UpdateTerminationProtection',
    ]),
    allow(
      'OneApplyAtATime',
      ['ssm:DeleteParameter', 'ssm:PutParameter'],
      [account('ssm', 'parameter/plimsoll/*')],
    ),
    allow(
      'Migrate',
      ['ecs:RunTask', 'ecs:StopTask'],
      [
        ...services.map((service) => account('ecs', `task-definition/${service}-*`)),
        account('ecs', 'task/*'),
      ],
    ),
    // Before an update: a copy of what runs, with the new image.
    allow(
      'RegisterTheMigration',
      ['ecs:RegisterTaskDefinition', 'ecs:TagResource'],
      services.map((service) => account('ecs', `task-definition/${service}-*-migrate:*`)),
    ),
    allow('PassRolesToTheMigration', ['iam:PassRole'], roles, {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    }),
    allow(
      'ReadLogs',
      ['logs:FilterLogEvents', 'logs:GetLogEvents'],
      [account('logs', 'log-group:/plimsoll/*')],
    ),
    denyEscape(organization),
  ];
}

/** What CloudFormation makes of Plimsoll's stacks; roles only within the boundary. */
export function cloudFormationStatements(
  organization: string,
  boundary: string,
  services: readonly string[],
): readonly PolicyStatement[] {
  // CloudFormation names what it makes after the stack. Other roles of the account are out of reach.
  const roles = [...services, 'network'].map((name) => account('iam', `role/${name}-*`, ''));
  const bounded = { StringEquals: { 'iam:PermissionsBoundary': boundary } };
  return [
    allow('Resources', [
      'application-autoscaling:*',
      'cloudwatch:*',
      'ec2:*',
      'ecr:*',
      'ecs:*',
      'elasticloadbalancing:*',
      'logs:*',
      'rds:*',
      'secretsmanager:*',
      'sns:*',
      'ssm:*Parameter*',
      'ssm:AddTagsToResource',
      'ssm:ListTagsForResource',
      'ssm:RemoveTagsFromResource',
    ]),
    allow(
      'RolesWithinTheBoundary',
      [
        'iam:AttachRolePolicy',
        'iam:CreateRole',
        'iam:DeleteRolePolicy',
        'iam:DetachRolePolicy',
        'iam:PutRolePermissionsBoundary',
        'iam:PutRolePolicy',
      ],
      roles,
      bounded,
    ),
    allow(
      'Roles',
      [
        'iam:DeleteRole',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
        'iam:TagRole',
        'iam:UntagRole',
        'iam:UpdateAssumeRolePolicy',
        'iam:UpdateRole',
      ],
      roles,
    ),
    allow('ServiceLinkedRoles', ['iam:CreateServiceLinkedRole']),
    allow('PassRoles', ['iam:PassRole'], [...roles, account('iam', 'role/aws-service-role/*', '')], {
      StringEquals: {
        'iam:PassedToService': [
          'application-autoscaling.amazonaws.com',
          'ecs-tasks.amazonaws.com',
          'ecs.application-autoscaling.amazonaws.com',
          'vpc-flow-logs.amazonaws.com',
          'monitoring.rds.amazonaws.com',
        ],
      },
    }),
    denyEscape(organization),
  ];
}

export function boundaryStatements(): readonly PolicyStatement[] {
  return [allow('MostThatMayBeCreated', boundaryActions)];
}

const whoAmI = (): readonly PolicyStatement[] => [allow('WhoAmI', ['sts:GetCallerIdentity'])];

function readParameters(): PolicyStatement {
  return allow(
    'ReadParameters',
    ['ssm:GetParameter', 'ssm:GetParameters'],
    [account('ssm', 'parameter/plimsoll/*')],
  );
}

function passTo(sid: string, role: string, service: string): PolicyStatement {
  return allow(sid, ['iam:PassRole'], [role], { StringEquals: { 'iam:PassedToService': service } });
}

/** Reading and passing aside, no pipeline touches what bounds it: the roles of its own, the boundary, and GitHub's identity provider. */
function denyEscape(organization: string): PolicyStatement {
  return new PolicyStatement({
    sid: 'NotItsOwnLimits',
    effect: Effect.DENY,
    notActions: ['iam:Get*', 'iam:List*', 'iam:PassRole'],
    resources: [
      account('iam', `policy/${organization}-delivery-boundary`, ''),
      account('iam', 'oidc-provider/*', ''),
      ...['image-push', 'plan', 'deploy', 'cloudformation'].map((name) =>
        account('iam', `role/${organization}-${name}`, ''),
      ),
    ],
    conditions: {},
  });
}
