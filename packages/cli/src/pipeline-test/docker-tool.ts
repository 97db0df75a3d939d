/**
 * A stand-in for `docker` in a runner without one: it packs the folder as Plimsoll packs images, and pushes that. As a
 * program it is the built file; `dockerScript` calls it.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packImage } from '@plimsoll/region/planes/images/pack.js';
import { pushImage } from '@plimsoll/region/planes/images/push.js';

const built = fileURLToPath(new URL('../../dist/pipeline-test/docker-tool.js', import.meta.url));

/** What stands as `docker` on the PATH. `state` is a folder of its own. */
export function dockerScript(state: string): string {
  return `#!/bin/sh\nDOCKER_TOOL_STATE='${state}' exec '${process.execPath}' '${built}' "$@"\n`;
}

const state = process.env['DOCKER_TOOL_STATE'];
if (state !== undefined) await docker(state, process.argv.slice(2));

interface Built {
  readonly context: string;
  readonly command: readonly string[];
}

async function docker(folder: string, args: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const file = (name: string): string => join(folder, encodeURIComponent(name));
  const last = args.at(-1) ?? '';
  switch (args[0]) {
    case 'version':
      return;
    case 'build': {
      const tag = args[args.indexOf('--tag') + 1] ?? '';
      return writeFile(file(tag), JSON.stringify({ context: join(process.cwd(), last), command: ['node'] }));
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

async function packed(file: string) {
  const { context, command } = JSON.parse(await readFile(file, 'utf8')) as Built;
  return packImage({ context, include: ['.'], ignore: ['.git', 'node_modules'], config: { command } });
}

async function push(
  name: string,
  image: Awaited<ReturnType<typeof packed>>,
  password: string,
): Promise<void> {
  const [, host = '', repository = '', tag = ''] = /^([^/]+)\/(.+):([^:]+)$/.exec(name) ?? [];
  const authorization = `Basic ${Buffer.from(`AWS:${password}`).toString('base64')}`;
  await pushImage({ registryUrl: `http://${host}`, repository, tag, image, authorization });
}
