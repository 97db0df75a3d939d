import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { dockerList, ociIndex, ociManifest } from './manifest.ts';
import { imageRegistry } from './registry.ts';
import { ecr } from './service.ts';
import { resolveImage } from './views.ts';

const account = '000000000000';
const repositoryName = 'team/app';

function region(commits: TestRegion['commits'] = []): TestRegion & { readonly kept: string[][] } {
  const kept: string[][] = [];
  const manifests = {
    keep: async () => {},
    keepOnly: async (sha256s: readonly string[]) => {
      kept.push([...sha256s]);
    },
  };
  const made = testRegion((tables) => [ecr({ tables, manifests, registryHost: () => 'localhost:4566' })], {
    commits,
  });
  return { ...made, kept };
}

describe('ECR', () => {
  it('creates a repository with AWS’s defaults and this registry’s address', async () => {
    const { call } = region();
    const { repository } = await call('ecr', 'createRepository', { repositoryName });
    assert.deepEqual(repository, {
      repositoryArn: `arn:aws:ecr:eu-central-1:${account}:repository/${repositoryName}`,
      registryId: account,
      repositoryName,
      repositoryUri: `localhost:4566/${repositoryName}`,
      createdAt: new Date('2026-11-22T12:00:00Z'),
      imageTagMutability: 'MUTABLE',
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: 'AES256' },
    });
    const { repositories } = await call('ecr', 'describeRepositories', {});
    assert.deepEqual(repositories, [repository]);
  });

  const refusals: readonly [string, string, object, string, RegExp][] = [
    [
      'a taken name',
      'createRepository',
      { repositoryName },
      'RepositoryAlreadyExistsException',
      /^The repository with name 'team\/app' already exists in the registry with id '000000000000'$/,
    ],
    [
      'capitals',
      'createRepository',
      { repositoryName: 'App' },
      'InvalidParameterException',
      /^Invalid parameter at 'repositoryName' failed to satisfy constraint: 'must satisfy regular expression '\(\?:\[a-z0-9\]\+/,
    ],
    [
      'one letter',
      'createRepository',
      { repositoryName: 'a' },
      'InvalidParameterException',
      /length between 2 and 256/,
    ],
    [
      'filters without exclusion',
      'createRepository',
      {
        repositoryName: 'ab',
        imageTagMutability: 'IMMUTABLE',
        imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'x*' }],
      },
      'InvalidParameterException',
      /Exclusion/,
    ],
    [
      'an unknown repository',
      'describeImages',
      { repositoryName: 'none' },
      'RepositoryNotFoundException',
      /^The repository with name 'none' does not exist in the registry with id '000000000000'$/,
    ],
    [
      'another account’s registry',
      'listImages',
      { repositoryName, registryId: '111111111111' },
      'RepositoryNotFoundException',
      /id '111111111111'$/,
    ],
    [
      'an unknown image',
      'describeImages',
      { repositoryName, imageIds: [{ imageTag: 'x' }] },
      'ImageNotFoundException',
      /^The image with imageId \{imageDigest:'null', imageTag:'x'\} does not exist within the repository/,
    ],
    [
      'a manifest that is none',
      'putImage',
      { repositoryName, imageManifest: '{}' },
      'InvalidParameterException',
      /ImageManifest/,
    ],
    [
      'a policy that is none',
      'putLifecyclePolicy',
      { repositoryName, lifecyclePolicyText: '{' },
      'InvalidParameterException',
      /^Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: Could not map policyString into LifecyclePolicy\.'$/,
    ],
    [
      'a lifecycle policy that is not there',
      'getLifecyclePolicy',
      { repositoryName },
      'LifecyclePolicyNotFoundException',
      /^Lifecycle policy does not exist for the repository/,
    ],
    [
      'a repository policy that is not there',
      'getRepositoryPolicy',
      { repositoryName },
      'RepositoryPolicyNotFoundException',
      /^Repository policy does not exist/,
    ],
    [
      'a scan’s findings',
      'describeImageScanFindings',
      { repositoryName, imageId: {} },
      'NotModelled',
      /ecr DescribeImageScanFindings is not modelled/,
    ],
    [
      'a layer by the API',
      'initiateLayerUpload',
      { repositoryName },
      'NotModelled',
      /ecr InitiateLayerUpload is not modelled/,
    ],
  ];
  for (const [name, operation, input, code, message] of refusals) {
    it(`refuses ${name}`, async () => {
      const { call } = region();
      await call('ecr', 'createRepository', { repositoryName });
      await assert.rejects(call('ecr', operation as never, input as never), { code, message });
    });
  }

  it('gives a token for 12 hours that logs its owner in, also after a restart', async () => {
    const first = region();
    const { authorizationData } = await first.call('ecr', 'getAuthorizationToken', {});
    const [data] = authorizationData ?? [];
    assert.equal(data?.proxyEndpoint, 'http://localhost:4566');
    assert.deepEqual(data?.expiresAt, new Date('2026-11-23T00:00:00Z'));
    const password = atob(data?.authorizationToken ?? '').replace(/^AWS:/, '');
    const restarted = region(first.commits);
    const owner = await registryOf(restarted).authenticate(password);
    assert.equal(owner?.arn, `arn:aws:iam::${account}:root`);
    assert.equal(await registryOf(restarted).authenticate('wrong'), undefined);
    await restarted.advance(12 * 60 * 60);
    assert.equal(await registryOf(restarted).authenticate(password), undefined);
  });

  it('moves a tag of a mutable repository and lists the old image as untagged', async () => {
    const { call, push } = await pushing();
    const one = await push('v1', { imageTag: 'latest' });
    const two = await push('v2', { imageTag: 'latest' });
    const { imageIds } = await call('ecr', 'listImages', { repositoryName });
    assert.deepEqual(imageIds, [{ imageDigest: one }, { imageDigest: two, imageTag: 'latest' }]);
    const untagged = await call('ecr', 'listImages', { repositoryName, filter: { tagStatus: 'UNTAGGED' } });
    assert.deepEqual(untagged.imageIds, [{ imageDigest: one }]);
  });

  it('refuses the same image twice by the API', async () => {
    const { push } = await pushing();
    const digest = await push('v1', { imageTag: 'a' });
    await assert.rejects(push('v1', { imageTag: 'a' }), {
      code: 'ImageAlreadyExistsException',
      message: `Image with digest '${digest}' and tag 'a' already exists in the repository with name '${repositoryName}' in registry with id '${account}'`,
    });
    await assert.rejects(push('v1', {}), { code: 'ImageAlreadyExistsException' });
    assert.equal(await push('v1', { imageTag: 'b' }), digest);
    await assert.rejects(push('v2', { imageDigest: digest }), { code: 'ImageDigestDoesNotMatchException' });
  });

  it('keeps tags of an immutable repository, but for those that its filters exclude', async () => {
    const { call, push } = await pushing();
    await call('ecr', 'putImageTagMutability', {
      repositoryName,
      imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
      imageTagMutabilityExclusionFilters: [{ filterType: 'WILDCARD', filter: 'dev-*' }],
    });
    await push('v1', { imageTag: 'v1' });
    await assert.rejects(push('v2', { imageTag: 'v1' }), { code: 'ImageTagAlreadyExistsException' });
    await push('v1', { imageTag: 'dev-x' });
    await push('v2', { imageTag: 'dev-x' });
  });

  it('gives images and names what it does not have', async () => {
    const { call, push } = await pushing();
    const imageDigest = await push('v1', { imageTag: 'v1' });
    const { images, failures } = await call('ecr', 'batchGetImage', {
      repositoryName,
      imageIds: [{ imageTag: 'v1' }, { imageTag: 'v2' }, {}, { imageDigest: 'sha256:x' }],
    });
    assert.deepEqual(
      images?.map(({ imageId }) => imageId),
      [{ imageDigest, imageTag: 'v1' }],
    );
    assert.deepEqual(
      failures?.map(({ failureCode }) => failureCode),
      ['ImageNotFound', 'MissingDigestAndTag', 'InvalidImageDigest'],
    );
  });

  it('deletes a tag, then with the last one the image; by digest all at once', async () => {
    const { call, push, kept } = await pushing();
    const imageDigest = await push('v1', { imageTag: 'a' });
    await push('v1', { imageTag: 'b' });
    const remove = (imageId: object) =>
      call('ecr', 'batchDeleteImage', { repositoryName, imageIds: [imageId] });
    assert.deepEqual((await remove({ imageTag: 'a' })).imageIds, [{ imageDigest, imageTag: 'a' }]);
    assert.deepEqual((await call('ecr', 'describeImages', { repositoryName })).imageDetails?.[0]?.imageTags, [
      'b',
    ]);
    assert.deepEqual((await remove({ imageTag: 'b' })).imageIds, [{ imageDigest, imageTag: 'b' }]);
    assert.deepEqual((await call('ecr', 'describeImages', { repositoryName })).imageDetails, []);
    assert.equal(kept.at(-1)?.includes(imageDigest.slice(7)), false);
    assert.equal((await remove({ imageDigest })).failures?.[0]?.failureCode, 'ImageNotFound');
  });

  it('keeps an image that a manifest list refers to', async () => {
    const { call, push } = await pushing();
    const imageDigest = await push('v1', {});
    for (const mediaType of [ociIndex, dockerList]) {
      const list = JSON.stringify({
        schemaVersion: 2,
        mediaType,
        manifests: [{ digest: imageDigest, size: 1 }],
      });
      await call('ecr', 'putImage', { repositoryName, imageManifest: list, imageTag: 'list' });
    }
    const { failures } = await call('ecr', 'batchDeleteImage', {
      repositoryName,
      imageIds: [{ imageDigest }],
    });
    assert.equal(failures?.[0]?.failureCode, 'ImageReferencedByManifestList');
    const missing = JSON.stringify({
      schemaVersion: 2,
      mediaType: ociIndex,
      manifests: [{ digest: digestOf('no'), size: 1 }],
    });
    await assert.rejects(call('ecr', 'putImage', { repositoryName, imageManifest: missing }), {
      code: 'ReferencedImagesNotFoundException',
    });
  });

  it('deletes a repository with images only by force, and all of it then', async () => {
    const { call, push, kept } = await pushing();
    await push('v1', { imageTag: 'a' });
    await assert.rejects(call('ecr', 'deleteRepository', { repositoryName }), {
      code: 'RepositoryNotEmptyException',
      message: `The repository with name '${repositoryName}' in registry with id '${account}' cannot be deleted because it still contains images`,
    });
    await call('ecr', 'deleteRepository', { repositoryName, force: true });
    assert.deepEqual((await call('ecr', 'describeRepositories', {})).repositories, []);
    assert.deepEqual(kept.at(-1), []);
    await call('ecr', 'createRepository', { repositoryName });
    assert.deepEqual((await call('ecr', 'listImages', { repositoryName })).imageIds, []);
  });

  it('expires images by their lifecycle policy within a day', async () => {
    const { call, push, advance } = await pushing();
    for (const version of ['v1', 'v2', 'v3']) {
      await push(version, { imageTag: version });
      await advance(60);
    }
    const selection = { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 2 };
    await call('ecr', 'putLifecyclePolicy', {
      repositoryName,
      lifecyclePolicyText: JSON.stringify({
        rules: [{ rulePriority: 1, selection, action: { type: 'expire' } }],
      }),
    });
    await advance(24 * 60 * 60);
    const { imageIds } = await call('ecr', 'listImages', { repositoryName });
    assert.deepEqual(
      imageIds?.map(({ imageTag }) => imageTag),
      ['v2', 'v3'],
    );
    assert.ok((await call('ecr', 'getLifecyclePolicy', { repositoryName })).lastEvaluatedAt);
    await call('ecr', 'deleteLifecyclePolicy', { repositoryName });
    await assert.rejects(call('ecr', 'getLifecyclePolicy', { repositoryName }), {
      code: 'LifecyclePolicyNotFoundException',
    });
  });

  it('keeps repository policies and tags', async () => {
    const { call } = await pushing();
    const policyText = '{"Version":"2012-10-17","Statement":[]}';
    await call('ecr', 'setRepositoryPolicy', { repositoryName, policyText });
    assert.equal((await call('ecr', 'getRepositoryPolicy', { repositoryName })).policyText, policyText);
    const resourceArn = `arn:aws:ecr:eu-central-1:${account}:repository/${repositoryName}`;
    await call('ecr', 'tagResource', {
      resourceArn,
      tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await call('ecr', 'untagResource', { resourceArn, tagKeys: ['a'] });
    assert.deepEqual((await call('ecr', 'listTagsForResource', { resourceArn })).tags, [
      { Key: 'b', Value: '2' },
    ]);
  });

  it('resolves an image by its local name, its AWS name, its tag and its digest', async () => {
    const made = await pushing();
    const digest = await made.push('v1', { imageTag: 'v1' });
    await made.push('v1', { imageTag: 'latest' });
    const resolve = (reference: string) =>
      made.kernel.submit('test', { service: 'ecr' }, (ctx: Context) => resolveImage(ctx, reference));
    const aws = `${account}.dkr.ecr.eu-central-1.amazonaws.com/${repositoryName}`;
    for (const reference of [
      `localhost:4566/${repositoryName}:v1`,
      `127.0.0.1:9999/${repositoryName}`,
      `${aws}@${digest}`,
      `${aws}:v1@${digest}`,
      `${aws}:v1`,
    ]) {
      const resolved = await resolve(reference);
      assert.equal(resolved.kind === 'found' && resolved.digest, digest, reference);
    }
    const reason = async (reference: string) => {
      const resolved = await resolve(reference);
      return resolved.kind === 'failed' ? resolved.reason : '';
    };
    assert.equal(
      await reason(`${aws}:v9`),
      `pull image manifest has been retried 1 time(s): failed to resolve ref ${aws}:v9: ${aws}:v9: not found`,
    );
    assert.match(
      await reason('localhost:4566/none:v1'),
      /RepositoryNotFoundException: The repository with name 'none'/,
    );
    assert.match(await reason('nginx:latest'), /pulls from its own registry only/);
    assert.match(await reason(aws.replace('eu-central-1', 'eu-west-1')), /own registry only/);
  });
});

function registryOf({ tables, kernel }: TestRegion) {
  return imageRegistry(tables, (description, as, work) => kernel.submit(description, as, work));
}

/** A region with a repository and a way to push images that differ by their content. */
async function pushing() {
  const made = region();
  await made.call('ecr', 'createRepository', { repositoryName });
  const caller = { type: 'Root', arn: '', accountId: account, userId: account } as const;
  const push = async (
    content: string,
    image: { imageTag?: string; imageDigest?: string },
  ): Promise<string> => {
    const layers = [content, `config of ${content}`].map(digestOf);
    for (const digest of layers) {
      await registryOf(made).addLayer(caller, repositoryName, { digest, sizeInBytes: 10 });
    }
    const [layer, config] = layers;
    const imageManifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: ociManifest,
      config: { digest: config, size: 10, mediaType: 'application/vnd.oci.image.config.v1+json' },
      layers: [{ digest: layer, size: 10 }],
    });
    const answer = await made.call('ecr', 'putImage', { repositoryName, imageManifest, ...image });
    return answer.image?.imageId?.imageDigest ?? '';
  };
  return { ...made, push };
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
