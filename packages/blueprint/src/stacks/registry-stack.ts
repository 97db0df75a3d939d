import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Repository, TagMutability, TagStatus } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';

export interface RegistryStackProps extends StackProps {
  readonly definition: ResolvedEnvironment;
}

/** The service's images. Its own stack, because it must exist before the first image does, and serves all environments. */
export class RegistryStack extends Stack {
  readonly repository: Repository;

  constructor(scope: Construct, id: string, props: RegistryStackProps) {
    super(scope, id, { ...props, terminationProtection: props.definition.deletionProtection });
    this.repository = new Repository(this, 'Repository', {
      repositoryName: props.definition.service,
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      // Images can be built again: where nothing is protected they go with the stack, elsewhere the stack itself is protected.
      emptyOnDelete: true,
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [
        {
          description: 'Images without a tag go after a week',
          tagStatus: TagStatus.UNTAGGED,
          maxImageAge: Duration.days(7),
        },
        { description: 'The newest 100 images stay', tagStatus: TagStatus.ANY, maxImageCount: 100 },
      ],
    });
    new CfnOutput(this, 'RepositoryName', { value: this.repository.repositoryName });
    new CfnOutput(this, 'RepositoryUri', { value: this.repository.repositoryUri });
  }
}
