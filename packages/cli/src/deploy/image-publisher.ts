import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import type { PackedImage } from '@plimsoll/region/planes/images/pack.js';
import { messageOf, UserError } from '../errors.ts';
import { buildAndPush, requireEngine } from '../image/engine.ts';
import { buildApp, type ImageSource, packApp } from '../image/packed-image.ts';
import { findImage, publish } from '../image/registry.ts';
import type { Operation } from './operation.ts';

/** Puts the release's image into the repository and tells its digest. */
export type ImagePublisher = (repository: string) => Promise<string>;

/** Builds and packs the service's image, beside whatever else goes on; a failure is told to who waits for it. */
export function startPacking(
  { report, signal }: Pick<Operation, 'report' | 'signal'>,
  source: ImageSource,
): Promise<PackedImage> {
  const { service } = source.resolved;
  const packed = (async () => {
    report({ kind: 'step-started', step: 'build', text: `Building ${service}` });
    await buildApp(source, signal);
    const image = await packApp(source);
    report({ kind: 'step-ended', step: 'build', text: `Built ${service}` });
    return image;
  })();
  packed.catch(() => {});
  return packed;
}

/** Pushes what was packed, when the repository is there. */
export function packedImagePublisher(operation: Operation, packed: Promise<PackedImage>): ImagePublisher {
  const { report, signal, target } = operation;
  return async (repository) => {
    const image = await packed;
    const sent = await publish(await target.clients.ecr(), repository, image, signal);
    const digest = image.digest.slice(0, 19);
    report({
      kind: 'note',
      text:
        sent === undefined
          ? `  Image ${digest} is in ${repository} already`
          : `  Image ${digest} pushed to ${repository} (${Math.ceil(sent / 1024)} KiB)`,
    });
    return image.digest;
  };
}

/** Builds with a container engine. @throws UserError at once if there is none */
export async function engineImagePublisher(
  operation: Operation,
  source: ImageSource,
): Promise<ImagePublisher> {
  const { report, signal, target } = operation;
  const engine = await requireEngine(signal);
  return async (repository) => {
    report({
      kind: 'step-started',
      step: 'build',
      text: `Building and pushing ${repository} with ${engine}`,
    });
    const { digest, isNew } = await buildAndPush(engine, await target.clients.ecr(), {
      ...source,
      repository,
      signal,
    });
    const what = isNew ? 'pushed to' : 'is in';
    report({ kind: 'step-ended', step: 'build', text: `Image ${digest.slice(0, 19)} ${what} ${repository}` });
    return digest;
  };
}

/** An image that is there already: a promotion or a return to an earlier one. */
export function knownImagePublisher({ target }: Operation, digest: string): ImagePublisher {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest))
    throw new UserError(`--image: given '${digest}'; allowed: sha256: and 64 hexadecimal digits`, 2);
  return async (repository) => {
    const found = await findImage(await target.clients.ecr(), repository, { digest }).catch((error) => {
      throw new UserError(`The registry does not tell about ${repository}: ${messageOf(error)}`);
    });
    if (found !== undefined) return found;
    throw new UserError([
      `The repository ${repository} has no image ${digest}.`,
      `See what it has: aws ecr describe-images --repository-name ${repository}`,
    ]);
  };
}

/** How a command's image comes into the repository: given, packed here, or built by a container engine. */
export function publisherFor(
  operation: Operation,
  flags: { readonly image: string | undefined; readonly target: string },
  source: { readonly definition: string; readonly resolved: ResolvedEnvironment },
): ImagePublisher | Promise<ImagePublisher> {
  if (flags.image !== undefined) return knownImagePublisher(operation, flags.image);
  return flags.target === 'aws'
    ? engineImagePublisher(operation, source)
    : packedImagePublisher(operation, startPacking(operation, source));
}
