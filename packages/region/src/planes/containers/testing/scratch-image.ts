import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type PackedImage, packImage } from '../../images/pack.ts';

/**
 * An ordinary image with a system of its own, as small as can be: this machine's `node` and the libraries that it uses, and
 * the files given, at the root. Linux only.
 */
export async function scratchImage(files: Readonly<Record<string, string>>): Promise<PackedImage> {
  const context = await mkdtemp(join(tmpdir(), 'plimsoll-scratch-'));
  try {
    const node = await realpath(process.execPath);
    await put(node, join(context, 'usr/local/bin/node'));
    for (const library of librariesOfNode()) await put(library, join(context, library));
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(context, path)), { recursive: true });
      await writeFile(join(context, path), content);
    }
    const config = {
      command: ['node', '/main.js'],
      environment: { PATH: '/usr/local/bin', OF_IMAGE: 'yes' },
      workingDirectory: '/',
      labels: { 'org.plimsoll.process': 'false' },
    };
    return await packImage({ context, config });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** The files that this process has loaded, but for what the kernel itself maps. */
function librariesOfNode(): readonly string[] {
  const { sharedObjects = [] } = process.report.getReport() as { sharedObjects?: readonly string[] };
  return sharedObjects.filter((file) => file.startsWith('/') && /\.so\b/.test(file));
}

async function put(file: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(await realpath(file), to);
}
