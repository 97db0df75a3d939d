/**
 * AWS managed policies whose documents the region has. An attached policy that is not among them grants nothing here, and
 * that is announced.
 */
interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: string | readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: object;
}

const allow = (...Action: readonly string[]): Statement => ({ Effect: 'Allow', Action, Resource: '*' });

/** By what follows `arn:aws:iam::aws:policy/`. Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ */
const documents: Readonly<Record<string, readonly Statement[]>> = {
  AdministratorAccess: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  PowerUserAccess: [
    {
      Effect: 'Allow',
      NotAction: ['iam:*', 'organizations:*', 'account:*'],
      Resource: '*',
    },
    allow(
      'account:GetAccountInformation',
      'account:GetPrimaryEmail',
      'account:ListRegions',
      'iam:CreateServiceLinkedRole',
      'iam:DeleteServiceLinkedRole',
      'iam:ListRoles',
      'organizations:DescribeEffectivePolicy',
      'organizations:DescribeOrganization',
    ),
  ],
  // Of its 1,000 and more actions those of the services that the region models.
  ReadOnlyAccess: [
    allow(
      'application-autoscaling:Describe*',
      'application-autoscaling:ListTagsForResource',
      'cloudformation:Describe*',
      'cloudformation:Detect*',
      'cloudformation:Estimate*',
      'cloudformation:Get*',
      'cloudformation:List*',
      'cloudformation:ValidateTemplate',
      'cloudwatch:Describe*',
      'cloudwatch:Get*',
      'cloudwatch:List*',
      'ec2:Describe*',
      'ec2:Get*',
      'ecr:BatchCheck*',
      'ecr:BatchGet*',
      'ecr:Describe*',
      'ecr:Get*',
      'ecr:List*',
      'ecs:Describe*',
      'ecs:Get*',
      'ecs:List*',
      'elasticloadbalancing:Describe*',
      'iam:Generate*',
      'iam:Get*',
      'iam:List*',
      'iam:Simulate*',
      'kms:Describe*',
      'kms:Get*',
      'kms:List*',
      'logs:Describe*',
      'logs:FilterLogEvents',
      'logs:Get*',
      'logs:ListTagsForResource',
      'logs:StartQuery',
      'logs:StopQuery',
      'logs:TestMetricFilter',
      'rds:Describe*',
      'rds:Download*',
      'rds:List*',
      's3:Describe*',
      's3:Get*',
      's3:List*',
      'secretsmanager:Describe*',
      'secretsmanager:GetResourcePolicy',
      'secretsmanager:List*',
      'sns:Check*',
      'sns:Get*',
      'sns:List*',
      'ssm:Describe*',
      'ssm:Get*',
      'ssm:List*',
      'sts:GetAccessKeyInfo',
      'sts:GetCallerIdentity',
      'sts:GetSessionToken',
    ),
  ],
  'service-role/AmazonECSTaskExecutionRolePolicy': [
    allow(
      'ecr:GetAuthorizationToken',
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:BatchGetImage',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ),
  ],
  AmazonEC2ContainerRegistryReadOnly: [
    allow(
      'ecr:GetAuthorizationToken',
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:GetRepositoryPolicy',
      'ecr:DescribeRepositories',
      'ecr:ListImages',
      'ecr:DescribeImages',
      'ecr:BatchGetImage',
      'ecr:GetLifecyclePolicy',
      'ecr:GetLifecyclePolicyPreview',
      'ecr:ListTagsForResource',
      'ecr:DescribeImageScanFindings',
    ),
  ],
  // `cdk bootstrap` gives it to the deploy role.
  AWSCloudFormationReadOnlyAccess: [
    allow(
      'cloudformation:Describe*',
      'cloudformation:EstimateTemplateCost',
      'cloudformation:Get*',
      'cloudformation:List*',
      'cloudformation:ValidateTemplate',
      'cloudformation:Detect*',
    ),
  ],
  AWSCloudFormationFullAccess: [allow('cloudformation:*')],
  AmazonS3ReadOnlyAccess: [
    allow('s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'),
  ],
  AmazonS3FullAccess: [allow('s3:*', 's3-object-lambda:*')],
};

const texts = new Map(
  Object.entries(documents).map(([name, Statement]) => [
    `arn:aws:iam::aws:policy/${name}`,
    JSON.stringify({ Version: '2012-10-17', Statement }),
  ]),
);

export function awsManagedPolicy(arn: string): string | undefined {
  return texts.get(arn);
}
