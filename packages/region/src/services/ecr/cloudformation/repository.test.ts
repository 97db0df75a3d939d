import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Context } from '../../../kernel/context.ts';
import type { Properties, ResourceContext } from '../../../kernel/resource-type.ts';
import { testRegion } from '../../../testing/test-region.ts';
import { ecr } from '../service.ts';
import { repositoryType } from './repository.ts';

const lifecyclePolicyText = JSON.stringify({
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 5 },
      action: { type: 'expire' },
    },
  ],
});

describe('AWS::ECR::Repository', () => {
  const region = () => {
    const manifests = { keep: async () => {}, keepOnly: async () => {} };
    const made = testRegion((tables) => [ecr({ tables, manifests, registryHost: () => 'localhost:4566' })]);
    const step = <T>(work: (ctx: ResourceContext) => T): Promise<T> =>
      made.kernel.submit('test', { service: 'ecr' }, (ctx: Context) =>
        work({
          ...ctx,
          stackName: 'Shop',
          stackId: 'arn',
          logicalId: 'Images',
          generateName: () => 'shop-images-abc',
          stackTags: [{ Key: 'stack', Value: 'shop' }],
        }),
      );
    const create = (properties: Properties) => step((ctx) => repositoryType.create(ctx, properties));
    return { ...made, step, create };
  };

  it('creates with mutability, scanning, policies and tags; Ref is the name, Arn and RepositoryUri are attributes', async () => {
    const { call, step, create } = region();
    const properties = {
      ImageTagMutability: 'IMMUTABLE',
      ImageScanningConfiguration: { ScanOnPush: true },
      LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText },
      RepositoryPolicyText: { Version: '2012-10-17', Statement: [] },
      Tags: [{ Key: 'team', Value: 'x' }],
    };
    const { physicalId } = await create(properties);
    assert.equal(physicalId, 'shop-images-abc');
    assert.deepEqual(await step((ctx) => repositoryType.attributes?.(ctx, { physicalId, properties })), {
      Arn: 'arn:aws:ecr:eu-central-1:000000000000:repository/shop-images-abc',
      RepositoryUri: 'localhost:4566/shop-images-abc',
    });
    const { repositories } = await call('ecr', 'describeRepositories', {});
    assert.equal(repositories?.[0]?.imageTagMutability, 'IMMUTABLE');
    assert.equal(repositories?.[0]?.imageScanningConfiguration?.scanOnPush, true);
    const policy = await call('ecr', 'getLifecyclePolicy', { repositoryName: physicalId });
    assert.equal(policy.lifecyclePolicyText, lifecyclePolicyText);
    const resourceArn = repositories?.[0]?.repositoryArn;
    assert.deepEqual((await call('ecr', 'listTagsForResource', { resourceArn })).tags, [
      { Key: 'stack', Value: 'shop' },
      { Key: 'team', Value: 'x' },
    ]);
  });

  it('updates in place and takes away what the template no longer has', async () => {
    const { call, step, create } = region();
    const properties = {
      RepositoryName: 'app',
      LifecyclePolicy: { LifecyclePolicyText: lifecyclePolicyText },
      RepositoryPolicyText: { Version: '2012-10-17', Statement: [] },
      Tags: [{ Key: 'team', Value: 'x' }],
    };
    const { physicalId } = await create(properties);
    await step((ctx) =>
      repositoryType.update?.(
        ctx,
        { physicalId, properties },
        { RepositoryName: 'app', ImageTagMutability: 'IMMUTABLE' },
      ),
    );
    const repositoryName = 'app';
    assert.equal(
      (await call('ecr', 'describeRepositories', {})).repositories?.[0]?.imageTagMutability,
      'IMMUTABLE',
    );
    await assert.rejects(call('ecr', 'getLifecyclePolicy', { repositoryName }), {
      code: 'LifecyclePolicyNotFoundException',
    });
    await assert.rejects(call('ecr', 'getRepositoryPolicy', { repositoryName }), {
      code: 'RepositoryPolicyNotFoundException',
    });
  });

  it('is deleted when it is empty, or with EmptyOnDelete, or gone already', async () => {
    const { call, step, create } = region();
    const { physicalId } = await create({ RepositoryName: 'app' });
    const imageManifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [],
    });
    await call('ecr', 'putImage', { repositoryName: 'app', imageManifest, imageTag: 'x' });
    const remove = (properties: Properties) =>
      step((ctx) => repositoryType.delete(ctx, { physicalId, properties }));
    await assert.rejects(remove({}), { code: 'RepositoryNotEmptyException' });
    await remove({ EmptyOnDelete: true });
    await remove({});
    assert.deepEqual((await call('ecr', 'describeRepositories', {})).repositories, []);
  });
});
