import { AwsError } from '../../kernel/aws-error.ts';

// Texts Known: as AWS's CLI and `docker push` show them in public reports.

export function repositoryNotFound(name: string, registryId: string): AwsError {
  return new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
  );
}

export function repositoryAlreadyExists(name: string, registryId: string): AwsError {
  return new AwsError(
    'RepositoryAlreadyExistsException',
    `The repository with name '${name}' already exists in the registry with id '${registryId}'`,
  );
}

export function repositoryNotEmpty(name: string, registryId: string): AwsError {
  return new AwsError(
    'RepositoryNotEmptyException',
    `The repository with name '${name}' in registry with id '${registryId}' cannot be deleted because it still contains images`,
  );
}

export function imageNotFound(
  {
    imageDigest,
    imageTag,
  }: { readonly imageDigest?: string | undefined; readonly imageTag?: string | undefined },
  repositoryName: string,
  registryId: string,
): AwsError {
  const id = `{imageDigest:'${imageDigest ?? 'null'}', imageTag:'${imageTag ?? 'null'}'}`;
  return new AwsError(
    'ImageNotFoundException',
    `The image with imageId ${id} does not exist within the repository with name '${repositoryName}' in the registry with id '${registryId}'`,
  );
}

export function imageAlreadyExists(
  digest: string,
  tag: string | undefined,
  repositoryName: string,
  registryId: string,
): AwsError {
  const which = tag === undefined ? `digest '${digest}'` : `digest '${digest}' and tag '${tag}'`;
  return new AwsError(
    'ImageAlreadyExistsException',
    `Image with ${which} already exists in the repository with name '${repositoryName}' in registry with id '${registryId}'`,
  );
}

export function imageTagAlreadyExists(tag: string, repositoryName: string): AwsError {
  return new AwsError(
    'ImageTagAlreadyExistsException',
    `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the repository is immutable.`,
  );
}

export function imageDigestDoesNotMatch(): AwsError {
  return new AwsError(
    'ImageDigestDoesNotMatchException',
    'The specified image digest does not match the digest that Amazon ECR calculated for the image.',
  );
}

export function layersNotFound(
  digests: readonly string[],
  repositoryName: string,
  registryId: string,
): AwsError {
  return new AwsError(
    'LayersNotFoundException',
    `Layers with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${repositoryName}' in the registry with id '${registryId}' do not exist`,
  );
}

export function referencedImagesNotFound(
  digests: readonly string[],
  repositoryName: string,
  registryId: string,
): AwsError {
  return new AwsError(
    'ReferencedImagesNotFoundException',
    `Images with digests '[${digests.join(', ')}]' required for pushing image into repository with name '${repositoryName}' in the registry with id '${registryId}' do not exist`,
  );
}

export function lifecyclePolicyNotFound(name: string, registryId: string): AwsError {
  return new AwsError(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${registryId}'`,
  );
}

export function repositoryPolicyNotFound(name: string, registryId: string): AwsError {
  return new AwsError(
    'RepositoryPolicyNotFoundException',
    `Repository policy does not exist for the repository with name '${name}' in the registry with id '${registryId}'`,
  );
}

/** @param constraint what must hold, in AWS's words */
export function invalidParameter(parameter: string, constraint: string): AwsError {
  return new AwsError(
    'InvalidParameterException',
    `Invalid parameter at '${parameter}' failed to satisfy constraint: '${constraint}'`,
  );
}

export function invalidNextToken(): AwsError {
  return new AwsError(
    'InvalidParameterException',
    'The specified parameter is invalid. nextToken was not given by this registry.',
  );
}
