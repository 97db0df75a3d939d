import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import type { ResolvedImage } from './ports.ts';

/** An image of this account's registry, as task definitions name it. */
export interface EcrImageReference {
  readonly repositoryName: string;
  readonly imageTag?: string;
  readonly imageDigest?: string;
}

/**
 * Finds what `image` of a container definition stands for: `localhost:4566/NAME:TAG` as `repositoryUri` says it here, or
 * `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME@sha256:…` as templates build it. The tag is `latest` when none is given.
 */
export function resolveImage(ctx: Context, reference: string): ResolvedImage {
  const parsed = parseImageReference(reference, ctx);
  if (parsed === undefined) return { kind: 'failed', reason: otherRegistry(reference) };
  const { repositoryName, imageTag, imageDigest } = parsed;
  try {
    const { images = [] } = ctx.call('ecr', 'batchGetImage', {
      repositoryName,
      imageIds: [imageDigest === undefined ? { imageTag } : { imageDigest }],
    });
    const [image] = images;
    if (image === undefined) return { kind: 'failed', reason: notFound(reference) };
    return {
      kind: 'found',
      digest: image.imageId?.imageDigest ?? '',
      manifest: image.imageManifest ?? '',
      mediaType: image.imageManifestMediaType ?? '',
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { kind: 'failed', reason: refused(reference, error) };
  }
}

/** `undefined` for an image of another registry, account or region. */
export function parseImageReference(
  reference: string,
  { accountId, region }: { readonly accountId: string; readonly region: string },
): EcrImageReference | undefined {
  const slash = reference.indexOf('/');
  const host = reference.slice(0, slash);
  const own =
    host === `${accountId}.dkr.ecr.${region}.amazonaws.com` || /^(localhost|127\.0\.0\.1):\d+$/.test(host);
  if (slash < 0 || !own) return undefined;
  const [, repositoryName = '', imageTag, imageDigest] =
    /^([^:@]+)(?::([^@]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference.slice(slash + 1)) ?? [];
  if (repositoryName === '') return undefined;
  if (imageDigest !== undefined) return { repositoryName, imageDigest };
  return { repositoryName, imageTag: imageTag ?? 'latest' };
}

// Confirmed*: the frame "… has been retried 1 time(s): failed to resolve ref …" as of Fargate's platform version 1.4.
function notFound(reference: string): string {
  return `pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ${reference}: not found`;
}

function refused(reference: string, { code, message }: AwsError): string {
  return `pull image manifest has been retried 1 time(s): failed to resolve ref ${reference}: ${code}: ${message}`;
}

function otherRegistry(reference: string): string {
  return (
    `failed to resolve ref ${reference}: this local region pulls from its own registry only. ` +
    'Push the image to a repository of its ECR and name that one in the task definition'
  );
}
