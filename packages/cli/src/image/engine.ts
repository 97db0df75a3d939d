import type { ECRClient } from '@aws-sdk/client-ecr';
import { runChild } from '../children.ts';
import { codeOf, UserError } from '../errors.ts';
import { contextOf, type ImageSource } from './packed-image.ts';
import { contentTag, findImage, registryLogin } from './registry.ts';

/** The container engines that are tried, in this order. */
const engines = ['docker', 'podman'] as const;

/** @throws UserError if no engine answers: Fargate runs real container images, and only an engine builds one */
export async function requireEngine(signal: AbortSignal): Promise<string> {
  for (const engine of engines) {
    try {
      const { code } = await runChild(engine, ['version'], { signal });
      if (code === 0) return engine;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
  throw new UserError([
    'An image for AWS is built with Docker or Podman, and neither answers here.',
    'Start one of them, or release an image that is in the registry already: --image sha256:…',
  ]);
}

/**
 * Builds the Dockerfile, pushes the image under a tag made from its content, and asks the registry for the digest.
 * @returns the digest, and whether the image had to be pushed
 */
export async function buildAndPush(
  engine: string,
  ecr: ECRClient,
  source: ImageSource & { readonly repository: string; readonly signal: AbortSignal },
): Promise<{ readonly digest: string; readonly isNew: boolean }> {
  const { repository, resolved, signal } = source;
  const run = (args: readonly string[], input?: string): Promise<string> =>
    runEngine(engine, args, { cwd: contextOf(source), signal, ...(input !== undefined && { input }) });
  const local = `plimsoll/${repository}`;
  await run(['build', '--platform', 'linux/amd64', '--file', resolved.image.dockerfile, '--tag', local, '.']);
  const tag = contentTag((await run(['image', 'inspect', '--format', '{{.Id}}', local])).trim());
  const there = await findImage(ecr, repository, { tag });
  if (there !== undefined) return { digest: there, isNew: false };
  const { url, token } = await registryLogin(ecr);
  const [user = '', password = ''] = Buffer.from(token, 'base64').toString('utf8').split(':');
  const name = `${new URL(url).host}/${repository}:${tag}`;
  await run(['login', '--username', user, '--password-stdin', new URL(url).host], password);
  await run(['tag', local, name]);
  await run(['push', name]);
  const digest = await findImage(ecr, repository, { tag });
  if (digest === undefined) throw new UserError(`${name} was pushed, and the registry does not know it.`);
  return { digest, isNew: true };
}

async function runEngine(
  engine: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly signal: AbortSignal; readonly input?: string },
): Promise<string> {
  const { code, output } = await runChild(engine, args, options);
  if (code === 0) return output;
  throw new UserError([
    `\`${engine} ${args[0]}\` ended with exit code ${code}:`,
    output.trimEnd().split('\n').slice(-20).join('\n'),
  ]);
}
