import { arnIn, named, on, onAnything, type ServiceAccess } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openEcr } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html */
export function ecrAccess(tables: Tables): ServiceAccess {
  const { repositories } = openEcr(tables);
  const repositoryOf = (arn: string) => repositories.get(arn.slice(arn.indexOf(':repository/') + 12));
  const aboutRepository = on(named('ecr', 'repository/', 'repositoryName'));
  const aboutResource = on(arnIn('resourceArn'));
  return {
    prefix: 'ecr',
    policyOf: (arn) => repositoryOf(arn)?.policyText,
    tagsOf: (arn) => repositoryOf(arn)?.tags,
    operations: {
      CreateRepository: aboutRepository,
      DescribeRepositories: on(named('ecr', 'repository/', 'repositoryNames')),
      DeleteRepository: aboutRepository,
      PutImageTagMutability: aboutRepository,
      PutImageScanningConfiguration: aboutRepository,
      GetAuthorizationToken: onAnything,
      PutImage: aboutRepository,
      BatchGetImage: aboutRepository,
      BatchDeleteImage: aboutRepository,
      DescribeImages: aboutRepository,
      ListImages: aboutRepository,
      BatchCheckLayerAvailability: aboutRepository,
      PutLifecyclePolicy: aboutRepository,
      GetLifecyclePolicy: aboutRepository,
      DeleteLifecyclePolicy: aboutRepository,
      SetRepositoryPolicy: aboutRepository,
      GetRepositoryPolicy: aboutRepository,
      DeleteRepositoryPolicy: aboutRepository,
      TagResource: aboutResource,
      UntagResource: aboutResource,
      ListTagsForResource: aboutResource,
    },
  };
}
