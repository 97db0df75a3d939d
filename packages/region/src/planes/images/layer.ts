import {
  chmod,
  link,
  lstat,
  mkdir,
  open as openFile,
  readdir,
  readlink,
  rm,
  symlink,
} from 'node:fs/promises';
import { basename, dirname, join, posix, relative } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';

/**
 * Unpacks one layer of an image over what lies in `rootfs`, as OCI layers say it: files replace files, `.wh.NAME` removes
 * NAME, `.wh..wh..opq` empties its folder of what lower layers brought.
 *
 * A layer is not trusted. Whatever it names stays below `rootfs`: paths are resolved there, links followed there, and
 * every link that is made points to a place below it. Devices, pipes and sockets are refused;
 * owners and set-user-id bits are not taken over.
 */
export async function applyLayer(
  rootfs: string,
  mediaType: string,
  open: () => Promise<Readable>,
): Promise<void> {
  const transforms = decompression(mediaType);
  const layer = new Layer(rootfs);
  const parser = new Parser({ strict: true });
  let work = Promise.resolve();
  let failure: Error | undefined;
  parser.on('entry', (entry: ReadEntry) => {
    work = work
      .then(() => (failure === undefined ? layer.apply(entry) : undefined))
      .catch((error: Error) => {
        failure ??= error;
      })
      .finally(() => entry.resume());
  });
  const ended = new Promise<void>((resolve, reject) => {
    parser.once('end', resolve);
    parser.once('error', reject);
  });
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (failure !== undefined) done(failure);
      else if (parser.write(chunk)) done();
      else parser.once('drain', () => done());
    },
    final(done) {
      parser.end();
      done();
    },
  });
  await Promise.all([pipeline([await open(), ...transforms, sink]), ended]).catch((error: Error) => {
    throw failure ?? error;
  });
  await work;
  if (failure !== undefined) throw failure;
}

function decompression(mediaType: string): NodeJS.ReadWriteStream[] {
  if (mediaType.endsWith('gzip')) return [createGunzip()];
  if (mediaType.endsWith('tar')) return [];
  throw new Error(`layers of type ${mediaType} are not modelled; gzip and uncompressed ones are`);
}

class Layer {
  readonly #rootfs: string;
  /** What this layer wrote: an opaque whiteout leaves it alone. */
  readonly #written = new Set<string>();

  constructor(rootfs: string) {
    this.#rootfs = rootfs;
  }

  async apply(entry: ReadEntry): Promise<void> {
    const path = insidePath(entry.path);
    if (path === '') return;
    const folder = await this.#folder(dirname(path));
    const name = basename(path);
    if (name === '.wh..wh..opq') return this.#empty(folder);
    if (name.startsWith('.wh.')) return rm(join(folder, name.slice(4)), { recursive: true, force: true });
    const target = join(folder, name);
    await this.#write(entry, target);
    this.#written.add(target);
  }

  async #write(entry: ReadEntry, target: string): Promise<void> {
    switch (entry.type) {
      case 'Directory':
        return this.#makeFolder(target, entry.mode ?? 0o755);
      case 'File':
      case 'OldFile':
      case 'ContiguousFile':
        return this.#makeFile(entry, target);
      case 'SymbolicLink':
        await rm(target, { recursive: true, force: true });
        return symlink(this.#linkInside(target, entry.linkpath ?? ''), target);
      case 'Link':
        return this.#makeHardLink(insidePath(entry.linkpath ?? ''), target);
      default:
        throw new Error(`the layer holds ${entry.path} of type ${entry.type}, which is refused`);
    }
  }

  async #makeFolder(target: string, mode: number): Promise<void> {
    const existing = await lstat(target).catch(() => undefined);
    if (existing !== undefined && !existing.isDirectory()) await rm(target, { force: true });
    if (!existing?.isDirectory()) await mkdir(target);
    await chmod(target, (mode & 0o755) | 0o700);
  }

  async #makeFile(entry: ReadEntry, target: string): Promise<void> {
    const mode = entry.mode ?? 0o644;
    await rm(target, { recursive: true, force: true });
    const file = await openFile(target, 'wx', 0o600);
    try {
      for await (const chunk of entry) await file.writeFile(chunk);
    } finally {
      await file.close();
    }
    // Not the owner, nor set-user-id, set-group-id and sticky bits, nor writing by others.
    await chmod(target, (mode & 0o755) | 0o600);
  }

  async #makeHardLink(path: string, target: string): Promise<void> {
    const source = join(await this.#folder(dirname(path)), basename(path));
    if (source === target) return;
    await rm(target, { recursive: true, force: true });
    await link(source, target);
  }

  /** An image's absolute link means its own root. `..` stops there, as it does in a container. */
  #linkInside(target: string, linkpath: string): string {
    const at = posix.join('/', relative(this.#rootfs, dirname(target)));
    return relative(at, posix.resolve(at, linkpath)) || '.';
  }

  /** Resolves a folder below the root, following links there only; makes what is missing. */
  async #folder(path: string): Promise<string> {
    let names = path.split('/').filter((name) => name !== '' && name !== '.');
    let current = this.#rootfs;
    for (let links = 0; names.length > 0; ) {
      const [name = '', ...rest] = names;
      names = rest;
      if (name === '..') {
        current = current === this.#rootfs ? current : dirname(current);
        continue;
      }
      const next = join(current, name);
      const stats = await lstat(next).catch(() => undefined);
      if (stats?.isSymbolicLink()) {
        links += 1;
        if (links > 40) throw new Error(`the layer holds too many links on the way to ${path}`);
        names = [
          ...(await readlink(next)).split('/').filter((part) => part !== '' && part !== '.'),
          ...names,
        ];
        continue;
      }
      if (stats !== undefined && !stats.isDirectory()) await rm(next);
      if (!stats?.isDirectory()) await mkdir(next);
      current = next;
    }
    return current;
  }

  async #empty(folder: string): Promise<void> {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const ours = [...this.#written].some((written) => written === path || written.startsWith(`${path}/`));
      if (!ours) await rm(path, { recursive: true, force: true });
    }
  }
}

/** An entry's path below the root. Refused when it would leave it. */
function insidePath(path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..') || path.includes('\0'))
    throw new Error(`the layer holds ${path}, which leaves the image`);
  return names.join('/');
}
