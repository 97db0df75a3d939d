import { createHash } from 'node:crypto';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Header, Pax } from 'tar';
import { filesBelow } from './context.ts';

export interface PackOptions {
  /** The folder to pack, absolute. */
  readonly context: string;
  /** Paths below the context to pack, folders with all they hold. Default: everything. */
  readonly include?: readonly string[];
  /** Patterns as in a `.dockerignore`: `*`, `**`, `?`, `!` for an exception; the last match decides. */
  readonly ignore?: readonly string[];
  readonly config: PackedConfig;
}

export interface PackedConfig {
  readonly command: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where the files are put and the command runs. Default `/app`. */
  readonly workingDirectory?: string;
  readonly port?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Default `SIGTERM`. */
  readonly stopSignal?: string;
}

export interface ImageBlob {
  readonly mediaType: string;
  /** `sha256:<hex>` */
  readonly digest: string;
  readonly bytes: Buffer;
}

export interface PackedImage {
  /** The image's digest, `sha256:<hex>`: that of its manifest. */
  readonly digest: string;
  readonly manifest: ImageBlob;
  /** Config and layers. */
  readonly blobs: readonly ImageBlob[];
}

/**
 * Makes an OCI image of a built application without any container engine: one layer with its files, and a config with
 * its command. The same files and options give the same digest on any machine with the same version of Node.js (whose zlib
 * compresses): entries are sorted, and times, owners and the umask's bits are left out.
 */
export async function packImage(options: PackOptions): Promise<PackedImage> {
  const workingDirectory = options.config.workingDirectory ?? '/app';
  const tar = await tarOf(options, workingDirectory.replace(/^\/+|\/+$/g, ''));
  const layer = blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar, { level: 6 }));
  const config = blob(
    'application/vnd.oci.image.config.v1+json',
    json(imageConfig(options.config, workingDirectory, digestOf(tar))),
  );
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = blob(
    mediaType,
    json({ schemaVersion: 2, mediaType, config: descriptor(config), layers: [descriptor(layer)] }),
  );
  return { digest: manifest.digest, manifest, blobs: [config, layer] };
}

function imageConfig(config: PackedConfig, workingDirectory: string, diffId: string): object {
  const { command, entrypoint, environment = {}, port, labels, stopSignal } = config;
  return {
    // The content runs wherever Node.js does; registries and engines insist on a platform.
    architecture: 'amd64',
    os: 'linux',
    config: {
      ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
      Cmd: command,
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      WorkingDir: workingDirectory,
      ...(port === undefined ? {} : { ExposedPorts: { [`${port}/tcp`]: {} } }),
      ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
      Labels: { 'org.plimsoll.process': 'true', ...labels },
    },
    rootfs: { type: 'layers', diff_ids: [diffId] },
  };
}

async function tarOf({ context, include, ignore }: PackOptions, prefix: string): Promise<Buffer> {
  const parts: Buffer[] = folderEntries(prefix);
  for (const path of await filesBelow(context, { include, ignore })) {
    parts.push(...(await entryFor(join(context, path), prefix === '' ? path : `${prefix}/${path}`)));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function folderEntries(path: string): Buffer[] {
  const names = path.split('/').filter((name) => name !== '');
  return names.flatMap((_, index) =>
    entry({ path: `${names.slice(0, index + 1).join('/')}/`, type: 'Directory', mode: 0o755, size: 0 }),
  );
}

async function entryFor(source: string, path: string): Promise<Buffer[]> {
  const stats = await lstat(source);
  if (stats.isDirectory()) return entry({ path: `${path}/`, type: 'Directory', mode: 0o755, size: 0 });
  if (stats.isSymbolicLink()) {
    return entry({ path, type: 'SymbolicLink', mode: 0o777, size: 0, linkpath: await readlink(source) });
  }
  if (!stats.isFile())
    throw new Error(`${source} is neither a file, a folder nor a link: it cannot be packed`);
  const content = await readFile(source);
  const mode = (stats.mode & 0o111) === 0 ? 0o644 : 0o755;
  return [...entry({ path, type: 'File', mode, size: content.length }), content, padding(content.length)];
}

interface Entry {
  readonly path: string;
  readonly type: 'File' | 'Directory' | 'SymbolicLink';
  readonly mode: number;
  readonly size: number;
  readonly linkpath?: string;
}

function entry(data: Entry): Buffer[] {
  const header = new Header({ ...data, uid: 0, gid: 0, mtime: new Date(0) });
  const block = Buffer.alloc(512);
  const needsPax = header.encode(block, 0);
  if (!needsPax) return [block];
  const { path, linkpath, size } = data;
  const pax = new Pax({ path, size, ...(linkpath === undefined ? {} : { linkpath }) }).encode();
  return [pax, block];
}

function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}

function blob(mediaType: string, bytes: Buffer): ImageBlob {
  return { mediaType, digest: digestOf(bytes), bytes };
}

function descriptor({ mediaType, digest, bytes }: ImageBlob): object {
  return { mediaType, digest, size: bytes.length };
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
