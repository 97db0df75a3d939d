import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import { type PackedImage, packImage } from '@plimsoll/region/planes/images/pack.js';
import { runChild } from '../children.ts';
import { codeOf, messageOf, UserError } from '../errors.ts';
import { buildCommand } from './build-script.ts';
import { describeImage, type ImageDescription } from './dockerfile.ts';

export interface ImageSource {
  /** Absolute path of the definition. */
  readonly definition: string;
  readonly resolved: ResolvedEnvironment;
}

/** The folder with the sources. */
export function contextOf({ definition, resolved }: ImageSource): string {
  return resolve(dirname(definition), resolved.image.context);
}

/**
 * Runs the package's `build` script, if it has one.
 * @throws UserError with the build's output when it fails
 */
export async function buildApp(source: ImageSource, signal: AbortSignal): Promise<void> {
  const context = contextOf(source);
  const build = await buildCommand(context, process.env);
  if (build === undefined) return;
  const { command, args, env } = build;
  const options = { cwd: context, signal, env: { ...process.env, ...env } };
  const result = await runChild(command, args, options).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new UserError(`${command} was not found: it is needed to build ${context}.`);
  });
  if (result.code === 0) return;
  throw new UserError([
    `The build failed: \`npm run build\` in ${context} ended with exit code ${result.code}.`,
    result.output.trimEnd(),
  ]);
}

/**
 * Packs the built application as an image, without an engine. The same files give the same digest.
 * @throws UserError if something that the image needs is not there
 */
export async function packApp(source: ImageSource): Promise<PackedImage> {
  const context = contextOf(source);
  const { resolved } = source;
  const description = await imageDescription(context, resolved.image.dockerfile);
  const command = description.command.length > 0 ? description.command : resolved.image.command;
  if (command === undefined && description.entrypoint.length === 0)
    throw new UserError('The image has no command: give image.command in the definition.');
  assertThere(context, description.include);
  return packImage({
    context,
    include: description.include.includes('.') ? ['.'] : description.include,
    ignore: description.include.includes('.') ? await ignored(context) : [],
    config: {
      command: command ?? [],
      ...(description.entrypoint.length > 0 && { entrypoint: description.entrypoint }),
      environment: description.environment,
      workingDirectory: description.workingDirectory,
      port: description.port ?? resolved.http.port,
      ...(description.stopSignal !== undefined && { stopSignal: description.stopSignal }),
    },
  });
}

/** What is packed when there is no Dockerfile to say it. */
const usual = ['dist', 'migrations', 'package.json'];

async function imageDescription(context: string, dockerfile: string): Promise<ImageDescription> {
  const file = join(context, dockerfile);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) {
    const include = usual.filter((path) => existsSync(join(context, path)));
    return { include, workingDirectory: '/app', command: [], entrypoint: [], environment: {} };
  }
  try {
    return describeImage(text);
  } catch (error) {
    throw new UserError(`${dirname(file)}: ${messageOf(error)}`);
  }
}

function assertThere(context: string, include: readonly string[]): void {
  if (include.length === 0) {
    throw new UserError([
      `There is nothing to put into the image: ${context} has no Dockerfile that copies files and none of ${usual.join(', ')}.`,
      'Build the application first, or name image.context and image.dockerfile in the definition.',
    ]);
  }
  const missing = include.filter((path) => !existsSync(join(context, path)));
  if (missing.length === 0) return;
  throw new UserError([
    `The image needs ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not in ${
      relative(process.cwd(), context) || context
    }.`,
    'Without a container engine the files are taken from there after `npm run build`: does package.json have a build script that makes them?',
  ]);
}

async function ignored(context: string): Promise<readonly string[]> {
  const text = await readFile(join(context, '.dockerignore'), 'utf8').catch(() => '');
  // Never part of an image: the region's own state.
  return [...text.split(/\r?\n/), '.plimsoll', '.git'];
}
