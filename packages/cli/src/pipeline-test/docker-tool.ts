/**
 * A stand-in for `docker` in a runner without one: it builds the package and packs what the Dockerfile's last stage copies,
 * as Plimsoll does without an engine, and pushes that. As a program it is the built file; `dockerScript` calls it.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import type { PackedImage } from '@plimsoll/region/planes/images/pack.js';
import { pushImage } from '@plimsoll/region/planes/images/push.js';
import { buildApp, type ImageSource, packApp } from '../image/packed-image.ts';

const built = fileURLToPath(new URL('../../dist/pipeline-test/docker-tool.js', import.meta.url));

/** What stands as `docker` on the PATH. `state` is a folder of its own. */
export function dockerScript(state: string): string {
  return `#!/bin/sh\nDOCKER_TOOL_STATE='${state}' exec '${process.execPath}' '${built}' "$@"\n`;
}

const state = process.env['DOCKER_TOOL_STATE'];
if (state !== undefined) await docker(state, process.argv.slice(2));

interface Built {
  /** Absolute path of the build's context. */
  readonly context: string;
  readonly dockerfile: string;
}

async function docker(folder: string, args: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => join(folder, encodeURIComponent(name));
  const last = args.at(-1) ?? '';
  const given = (flag: string): string | undefined => args[args.indexOf(flag) + 1 || args.length];
  switch (args[0]) {
    case 'version':
      return;
    case 'build': {
      const built = { context: join(process.cwd(), last), dockerfile: given('--file') ?? 'Dockerfile' };
      await buildApp(sourceOf(built), new AbortController().signal);
      return writeFile(file(given('--tag') ?? ''), JSON.stringify(built));
    }
    case 'image':
      return void process.stdout.write(`${(await packed(file(last))).digest}\n`);
    case 'login':
      return writeFile(file('login'), readFileSync(0));
    case 'tag':
      return writeFile(file(last), await readFile(file(args[1] ?? '')));
    case 'push':
      return push(last, await packed(file(last)), (await readFile(file('login'), 'utf8')).trim());
    default:
      throw new Error(`docker ${args.join(' ')} is not known to this stand-in`);
  }
}

async function packed(file: string): Promise<PackedImage> {
  return packApp(sourceOf(JSON.parse(await readFile(file, 'utf8')) as Built));
}

/** What packing reads of a definition; the Dockerfile says the rest. */
function sourceOf({ context, dockerfile }: Built): ImageSource {
  const resolved = { image: { context: '.', dockerfile }, http: { port: 3000 } } as ResolvedEnvironment;
  return { definition: join(context, 'plimsoll.config.ts'), resolved };
}

async function push(name: string, image: PackedImage, password: string): Promise<void> {
  const [, host = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(name) ?? [];
  const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
  await pushImage({ registryUrl: `http://${host}`, repository, tag, image, authorization });
}
