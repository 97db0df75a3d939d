import { Aws, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  CfnOIDCProvider,
  type IPrincipal,
  ManagedPolicy,
  type PolicyStatement,
  Role,
  ServicePrincipal,
  WebIdentityPrincipal,
} from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { DeliveryOptions } from './delivery-options.ts';
import {
  boundaryStatements,
  cloudFormationStatements,
  deployStatements,
  planStatements,
  pushStatements,
} from './permissions.ts';

export interface DeliveryStackProps extends StackProps {
  readonly delivery: Required<DeliveryOptions>;
}

const issuer = 'token.actions.githubusercontent.com';

/**
 * What GitHub Actions needs in an account, without any key: GitHub as identity provider, and roles for what its jobs do.
 * Which job gets which role is told by the subject of its token: of a job in an environment `repo:<owner/name>:environment:<name>`,
 * else `repo:<owner/name>:ref:refs/heads/<branch>` or `repo:<owner/name>:pull_request`.
 */
export class DeliveryStack extends Stack {
  readonly imagePushRole: Role;
  readonly planRole: Role;
  readonly deployRole: Role;
  readonly cloudFormationRole: Role;
  readonly boundary: ManagedPolicy;

  constructor(scope: Construct, id: string, { delivery, ...props }: DeliveryStackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { organization, repository, services, environments, branch } = delivery;
    const provider = this.#provider(delivery.hasProvider);
    const trusting = (subjects: readonly string[]): IPrincipal => gitHub(provider, repository, subjects);
    const inEnvironments = environments.map((name) => `environment:${name}`);

    this.boundary = new ManagedPolicy(this, 'Boundary', {
      managedPolicyName: `${organization}-delivery-boundary`,
      description: 'The most that a role may do that a pipeline makes',
      statements: [...boundaryStatements()],
    });
    this.cloudFormationRole = this.#role('CloudFormation', {
      name: `${organization}-cloudformation`,
      description: 'CloudFormation makes the stacks of Plimsoll by it',
      trust: new ServicePrincipal('cloudformation.amazonaws.com'),
      statements: cloudFormationStatements(organization, this.boundary.managedPolicyArn, services),
    });
    const creator = this.cloudFormationRole.roleArn;
    this.imagePushRole = this.#role('ImagePush', {
      name: `${organization}-image-push`,
      description: 'Pushes images of the services',
      trust: trusting([`ref:refs/heads/${branch}`, 'environment:dev']),
      statements: pushStatements(services),
    });
    this.planRole = this.#role('Plan', {
      name: `${organization}-plan`,
      description: 'Reads, and makes change sets; executes nothing',
      trust: trusting(['pull_request', 'ref:refs/heads/*', 'ref:refs/tags/v*', ...inEnvironments]),
      statements: planStatements(creator),
    });
    this.deployRole = this.#role('Deploy', {
      name: `${organization}-deploy`,
      description: 'Executes change sets that were approved',
      trust: trusting(inEnvironments),
      statements: deployStatements(organization, creator, services),
    });
    this.#outputs();
  }

  #provider(isThere: boolean): string {
    if (isThere) return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${issuer}`;
    return new CfnOIDCProvider(this, 'GitHub', {
      url: `https://${issuer}`,
      clientIdList: ['sts.amazonaws.com'],
    }).attrArn;
  }

  #role(id: string, role: RoleOptions): Role {
    const made = new Role(this, id, {
      roleName: role.name,
      description: role.description,
      assumedBy: role.trust,
      maxSessionDuration: Duration.hours(1),
    });
    for (const statement of role.statements) made.addToPolicy(statement);
    return made;
  }

  #outputs(): void {
    const outputs = {
      ImagePushRoleArn: this.imagePushRole.roleArn,
      PlanRoleArn: this.planRole.roleArn,
      DeployRoleArn: this.deployRole.roleArn,
      CloudFormationRoleArn: this.cloudFormationRole.roleArn,
      BoundaryName: this.boundary.managedPolicyName,
    };
    for (const [id, value] of Object.entries(outputs)) new CfnOutput(this, id, { value });
  }
}

interface RoleOptions {
  readonly name: string;
  readonly description: string;
  readonly trust: IPrincipal;
  readonly statements: readonly PolicyStatement[];
}

/** Tokens of one repository, made for AWS, with one of these subjects. */
function gitHub(provider: string, repository: string, subjects: readonly string[]): IPrincipal {
  const allowed = subjects.map((subject) => `repo:${repository}:${subject}`);
  return new WebIdentityPrincipal(provider, {
    StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com' },
    StringLike: { [`${issuer}:sub`]: allowed },
  });
}
