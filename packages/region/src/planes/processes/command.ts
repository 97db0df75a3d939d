import { posix } from 'node:path';
import type { ImageConfig } from '../images/image.ts';
import type { ContainerSpec } from './container-plane.ts';

/** Images with this label are made for the process plane: their command runs on this machine as it stands. */
export const processImageLabel = 'org.plimsoll.process';

/**
 * The container's argument vector.
 * Confirmed by docs: an entry point given at run time also clears the image's command.
 * https://docs.docker.com/reference/cli/docker/container/run/#entrypoint
 */
export function argumentsOf(
  spec: Pick<ContainerSpec, 'entryPoint' | 'command'>,
  image: ImageConfig,
): readonly string[] {
  const given = (list: readonly string[] | undefined) =>
    list !== undefined && list.length > 0 ? list : undefined;
  const entryPoint = given(spec.entryPoint);
  const command = given(spec.command) ?? (entryPoint === undefined ? image.Cmd : undefined) ?? [];
  return [...(entryPoint ?? image.Entrypoint ?? []), ...command];
}

/**
 * What of an argument vector can be run without a container engine. An image packed by Plimsoll runs as it is. Any other
 * has a Linux file system of its own, whose programs need it as their root; only Node.js is taken from this machine
 * instead, so an image of an ordinary Dockerfile for Node.js runs too.
 * @returns `undefined` when only a container engine could run it
 */
export function withoutEngine(argv: readonly string[], image: ImageConfig): readonly string[] | undefined {
  if (image.Labels?.[processImageLabel] === 'true') return argv;
  const [first, ...rest] = withoutNodeEntrypoint(argv);
  return first !== undefined && posix.basename(first) === 'node' ? ['node', ...rest] : undefined;
}

/** The official Node.js image's entry point only runs its arguments. https://github.com/nodejs/docker-node */
function withoutNodeEntrypoint(argv: readonly string[]): readonly string[] {
  return argv[0] !== undefined && posix.basename(argv[0]) === 'docker-entrypoint.sh' ? argv.slice(1) : argv;
}

/** A path of the container as one below `rootfs`; `..` stops at the root, as in a container. */
export function pathInImage(rootfs: string, path: string): string {
  return posix.join(rootfs, posix.normalize(posix.join('/', path)));
}

/** `Env` of an image's config. */
export function environmentOf(image: ImageConfig): Record<string, string> {
  const pairs = (image.Env ?? []).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}
