import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type PackedImage, packImage } from '../../images/pack.ts';

/**
 * An ordinary image with a system of its own, as small as can be: this machine's shell, the libraries that it uses, and the
 * script given. Linux only.
 */
export async function scratchImage(script: string): Promise<PackedImage> {
  const context = await mkdtemp(join(tmpdir(), 'plimsoll-scratch-'));
  try {
    for (const file of filesOfShell()) {
      await put(file, join(context, file));
      // Programs name their loader by a path of old, where it may be a link of this machine.
      if (basename(file).startsWith('ld-')) await put(file, join(context, 'lib64', basename(file)));
      if (basename(file).startsWith('ld-')) await put(file, join(context, 'lib', basename(file)));
    }
    const [shell = ''] = filesOfShell();
    await put(shell, join(context, 'bin/sh'));
    await writeFile(join(context, 'main.sh'), script);
    const config = {
      command: ['sh', '/main.sh'],
      environment: { PATH: '/bin', OF_IMAGE: 'yes' },
      workingDirectory: '/',
      labels: { 'org.plimsoll.process': 'false' },
    };
    return await packImage({ context, config });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** What a running shell has mapped as program text, itself first: `55d0…-55d1… r-xp 00004000 fe:00 1234 /usr/bin/dash` */
function filesOfShell(): readonly string[] {
  const maps = execFileSync('/bin/sh', ['-c', 'cat /proc/$$/maps; :'], { encoding: 'utf8' });
  return maps.split('\n').flatMap((line) => / r-xp .* (\/\S+)$/.exec(line)?.[1] ?? []);
}

async function put(file: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(file, to);
}
