import type { Parameter } from '@aws-sdk/client-cloudformation';
import type { ParameterSource, StackArtifact } from '@plimsoll/blueprint';

export interface ParameterValues {
  /** Digest of the image that the release runs, `sha256:…`. */
  readonly imageDigest?: string | undefined;
}

/**
 * The values to pass. Those from SSM are left out: the template's default names the parameter, and CloudFormation reads it.
 * Without a digest the last one is kept, as for a look at what would change.
 */
export function parametersFor(stack: StackArtifact, values: ParameterValues): readonly Parameter[] {
  return Object.entries(stack.parameters).flatMap(([name, source]) => parameterFor(name, source, values));
}

function parameterFor(
  name: string,
  source: ParameterSource,
  { imageDigest }: ParameterValues,
): readonly Parameter[] {
  switch (source.from) {
    case 'ssm':
      return [];
    case 'image':
      return imageDigest === undefined
        ? [{ ParameterKey: name, UsePreviousValue: true }]
        : [{ ParameterKey: name, ParameterValue: imageDigest }];
  }
}

/** The repository whose image the stack runs. */
export function imageRepository(stack: StackArtifact): string | undefined {
  const source = Object.values(stack.parameters).find(({ from }) => from === 'image');
  return source?.from === 'image' ? source.repository : undefined;
}

/** The stack that makes the repository. */
export function repositoryStack(
  stacks: readonly StackArtifact[],
  repository: string,
): StackArtifact | undefined {
  return stacks.find(({ template }) =>
    Object.values(resourcesOf(template)).some(
      ({ Type, Properties }) =>
        Type === 'AWS::ECR::Repository' && Properties?.['RepositoryName'] === repository,
    ),
  );
}

export function resourcesOf(template: Readonly<Record<string, unknown>>): Readonly<Record<string, Resource>> {
  return (template['Resources'] ?? {}) as Readonly<Record<string, Resource>>;
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}
