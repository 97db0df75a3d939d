import { Duration, Fn } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage, FargateTaskDefinition, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { acceptFinding } from './accept-finding.ts';

/** Where the database is, as template parameters. */
export interface DatabaseConnection {
  readonly host: string;
  readonly port: string;
  readonly name: string;
  readonly secretArn: string;
}

export interface TaskDefinitionProps {
  readonly definition: ResolvedEnvironment;
  readonly logGroup: ILogGroup;
  /** Logical id of the template parameter that holds the image's digest. */
  readonly imageDigestParameter: string;
  readonly database?: DatabaseConnection;
}

/** One container, its image pinned by digest, and the two roles with what each of them uses. */
export function createTaskDefinition(scope: Construct, props: TaskDefinitionProps): FargateTaskDefinition {
  const { service, environment, http, image, task } = props.definition;
  const taskDefinition = new FargateTaskDefinition(scope, 'TaskDefinition', {
    family: `${service}-${environment}`,
    cpu: task.cpu,
    memoryLimitMiB: task.memory,
  });
  taskDefinition.addContainer('app', {
    containerName: service,
    image: ContainerImage.fromRegistry(imageByDigest(service, props.imageDigestParameter)),
    ...(image.command && { command: [...image.command] }),
    portMappings: [{ containerPort: http.port }],
    environment: { ...task.environment, PORT: String(http.port), ...databaseEnvironment(props.database) },
    stopTimeout: Duration.seconds(task.stopTimeoutSeconds),
    logging: LogDrivers.awsLogs({ logGroup: props.logGroup, streamPrefix: service }),
  });
  acceptFinding(
    taskDefinition,
    'ECS2',
    'Addresses and names only: the password is read from Secrets Manager at run time.',
  );
  // Pulling is the execution role's work: this repository and the account-wide token, nothing else.
  const repository = Repository.fromRepositoryName(scope, 'Repository', service);
  const executionRole = taskDefinition.obtainExecutionRole();
  repository.grantPull(executionRole);
  acceptFinding(
    executionRole,
    'IAM5[Resource::*]',
    'ecr:GetAuthorizationToken knows no resource; the pull itself is allowed on one repository.',
  );
  if (props.database) allowReadingSecret(taskDefinition, props.database.secretArn);
  return taskDefinition;
}

function imageByDigest(service: string, digestParameter: string): string {
  const registry = '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}';
  return Fn.sub(`${registry}/${service}@\${${digestParameter}}`);
}

function databaseEnvironment(database: DatabaseConnection | undefined): Record<string, string> {
  if (!database) return {};
  return {
    DATABASE_HOST: database.host,
    DATABASE_PORT: database.port,
    DATABASE_NAME: database.name,
    DATABASE_SECRET_ARN: database.secretArn,
  };
}

function allowReadingSecret(taskDefinition: FargateTaskDefinition, secretArn: string): void {
  taskDefinition.addToTaskRolePolicy(
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] }),
  );
}
