import { DescribeImagesCommand, type ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import type { PackedImage } from '@plimsoll/region/planes/images/pack.js';
import { pushImage } from '@plimsoll/region/planes/images/push.js';
import { nameOf, UserError } from '../errors.ts';

/** An image in the registry, by digest or tag; its digest, or undefined if it is not there. */
export async function findImage(
  ecr: ECRClient,
  repository: string,
  image: { readonly digest: string } | { readonly tag: string },
): Promise<string | undefined> {
  const imageIds = ['digest' in image ? { imageDigest: image.digest } : { imageTag: image.tag }];
  try {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: repository, imageIds }),
    );
    return imageDetails[0]?.imageDigest;
  } catch (error) {
    if (['ImageNotFoundException', 'RepositoryNotFoundException'].includes(nameOf(error))) return undefined;
    throw error;
  }
}

export interface RegistryLogin {
  /** For instance `https://000000000000.dkr.ecr.eu-central-1.amazonaws.com`. */
  readonly url: string;
  /** `AWS:<password>` in base64. */
  readonly token: string;
}

export async function registryLogin(ecr: ECRClient): Promise<RegistryLogin> {
  const { authorizationData = [] } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const { proxyEndpoint: url, authorizationToken: token } = authorizationData[0] ?? {};
  if (url === undefined || token === undefined) throw new UserError('ECR gave no authorization token.');
  return { url, token };
}

/** A tag that says what is in the image: tags of the repository cannot be moved. */
export function contentTag(digest: string): string {
  return `content-${digest.replace(/^sha256:/, '').slice(0, 16)}`;
}

/** @returns the bytes that had to be sent; undefined if the image was there already */
export async function publish(
  ecr: ECRClient,
  repository: string,
  image: PackedImage,
  signal: AbortSignal,
): Promise<number | undefined> {
  if ((await findImage(ecr, repository, { digest: image.digest })) !== undefined) return undefined;
  const { url, token } = await registryLogin(ecr);
  const { sentBytes } = await pushImage({
    registryUrl: url,
    repository,
    tag: contentTag(image.digest),
    image,
    authorization: `Basic ${token}`,
    signal,
  });
  return sentBytes;
}
