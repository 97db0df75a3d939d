import { AwsError } from '../../kernel/aws-error.ts';
import type { Context, Principal } from '../../kernel/context.ts';
import type { Tables } from '../../kernel/table.ts';
import { authenticate } from './api/authorization.ts';
import { imageNotFound } from './errors.ts';
import type { ImageRegistry } from './ports.ts';
import { imageKey, lookUpRepository, openEcr } from './state.ts';

/** Runs work as a step of ECR on the kernel, as the given caller. `Kernel.submit` does it. */
export type RunStep = <T>(
  description: string,
  as: { readonly service: 'ecr'; readonly caller?: Principal },
  work: (ctx: Context) => T,
) => Promise<T>;

/** Throws unless the caller may upload layers, for which the region models no operation. */
type RequireUpload = (ctx: Pick<Context, 'caller' | 'now'>, repositoryArn: string) => void;

/** ECR as the registry plane sees it. Whatever ECR's API offers is called through it, so that the same rules decide. */
export function imageRegistry(
  tables: Tables,
  runStep: RunStep,
  requireUpload: RequireUpload = () => {},
): ImageRegistry {
  const state = openEcr(tables);
  const step = <T>(name: string, caller: Principal | undefined, work: (ctx: Context) => T): Promise<T> =>
    runStep(`ecr registry ${name}`, { service: 'ecr', ...(caller === undefined ? {} : { caller }) }, work);

  return {
    authenticate: (password) =>
      step('authenticate', undefined, (ctx) => authenticate(state, ctx.now, password)),

    repositories: (caller) =>
      step('catalog', caller, () => [...state.repositories.values()].map(({ name }) => name).sort()),

    tags: (caller, repositoryName) =>
      step('tags', caller, (ctx) => {
        const { imageIds = [] } = ctx.call('ecr', 'listImages', { repositoryName, maxResults: 1_000_000 });
        return imageIds.flatMap(({ imageTag }) => imageTag ?? []).sort();
      }),

    layerSize: (caller, repositoryName, digest) =>
      step('layer', caller, (ctx) => {
        const { layers } = ctx.call('ecr', 'batchCheckLayerAvailability', {
          repositoryName,
          layerDigests: [digest],
        });
        return layers?.[0]?.layerSize;
      }),

    addLayer: (caller, repositoryName, layer) =>
      step('add layer', caller, (ctx) => {
        const { name } = lookUpRepository(ctx, state, { repositoryName });
        requireUpload(ctx, ctx.arn('ecr', `repository/${name}`));
        state.layers.put(imageKey(name, layer.digest), { repositoryName: name, ...layer });
      }),

    image: (caller, repositoryName, reference) =>
      step('image', caller, (ctx) => {
        const imageId = imageIdOf(reference);
        const { images = [] } = ctx.call('ecr', 'batchGetImage', { repositoryName, imageIds: [imageId] });
        const [image] = images;
        if (image === undefined) throw imageNotFound(imageId, repositoryName, ctx.accountId);
        return {
          digest: image.imageId?.imageDigest ?? '',
          manifest: image.imageManifest ?? '',
          mediaType: image.imageManifestMediaType ?? '',
        };
      }),

    putImage: (caller, repositoryName, { reference, manifest, mediaType }) =>
      step('put image', caller, (ctx) => {
        try {
          const { image } = ctx.call('ecr', 'putImage', {
            repositoryName,
            imageManifest: manifest,
            imageManifestMediaType: mediaType,
            ...imageIdOf(reference),
          });
          return { digest: image?.imageId?.imageDigest ?? '' };
        } catch (error) {
          const digest = alreadyThere(error);
          if (digest === undefined) throw error;
          return { digest };
        }
      }),

    deleteImage: (caller, repositoryName, reference) =>
      step('delete image', caller, (ctx) => {
        const imageId = imageIdOf(reference);
        const { imageIds = [] } = ctx.call('ecr', 'batchDeleteImage', {
          repositoryName,
          imageIds: [imageId],
        });
        if (imageIds.length === 0) throw imageNotFound(imageId, repositoryName, ctx.accountId);
      }),
  };
}

function imageIdOf(reference: string): { imageDigest: string } | { imageTag: string } {
  return reference.includes(':') ? { imageDigest: reference } : { imageTag: reference };
}

/** The API refuses an image that is there; a push of it succeeds. */
function alreadyThere(error: unknown): string | undefined {
  if (!(error instanceof AwsError) || error.code !== 'ImageAlreadyExistsException') return undefined;
  return /sha256:[0-9a-f]{64}/.exec(error.message)?.[0];
}
