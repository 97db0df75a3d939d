/** The images of a rehearsal: those that run and are to run, read from the target's registry, and the deliberately bad one. */
import { createHash } from 'node:crypto';
import type { ECRClient } from '@aws-sdk/client-ecr';
import type { ImageConfig } from '@plimsoll/region/planes/images/image.js';
import { type ImageBlob, type PackedImage, packImage } from '@plimsoll/region/planes/images/pack.js';
import { argumentsOf, withoutEngine } from '@plimsoll/region/planes/processes/command.js';
import { UserError } from '../errors.ts';
import { findImage, type RegistryLogin, registryLogin } from '../image/registry.ts';
import type { Plane } from '../region/home.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

interface Manifest {
  readonly mediaType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  /** Of an index: one for each platform. */
  readonly manifests?: readonly Descriptor[];
}

interface Wanted {
  readonly repository: string;
  readonly digest: string;
  readonly signal: AbortSignal;
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/** An image by its digest, whole; of one for several platforms that of this machine. @returns undefined if it is not there */
export async function pullImage(ecr: ECRClient, wanted: Wanted): Promise<PackedImage | undefined> {
  if ((await findImage(ecr, wanted.repository, { digest: wanted.digest })) === undefined) return undefined;
  return pulled(await registryLogin(ecr), wanted);
}

async function pulled(login: RegistryLogin, wanted: Wanted): Promise<PackedImage> {
  const bytes = await get(login, wanted, `manifests/${wanted.digest}`);
  const { mediaType, config, layers = [], manifests = [] } = JSON.parse(bytes.toString('utf8')) as Manifest;
  const own = manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === machineArchitecture(),
  );
  const chosen = own ?? manifests[0];
  if (chosen !== undefined) return pulled(login, { ...wanted, digest: chosen.digest });
  if (config === undefined) throw new UserError(`${wanted.digest} in ${wanted.repository} is no image.`);
  const blobs: ImageBlob[] = [];
  for (const { digest, mediaType: type } of [config, ...layers])
    blobs.push({ mediaType: type, digest, bytes: await get(login, wanted, `blobs/${digest}`) });
  const type = mediaType ?? manifestTypes[0] ?? '';
  return { digest: wanted.digest, manifest: { mediaType: type, digest: wanted.digest, bytes }, blobs };
}

/** Layers lie behind redirects, which are not to be given the password: `fetch` sends it to its own host only. */
async function get(
  { url, token }: RegistryLogin,
  { repository, signal }: Wanted,
  path: string,
): Promise<Buffer> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/v2/${repository}/${path}`, {
    headers: { Authorization: `Basic ${token}`, Accept: manifestTypes.join(', ') },
    signal,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.ok) return bytes;
  throw new UserError(`The registry gives no ${path} of ${repository}: HTTP ${response.status}`);
}

/**
 * Why the image cannot run on this machine; undefined if it can.
 * @param command the task definition's, if it has one
 */
export function unfitness(image: PackedImage, plane: Plane, command: readonly string[]): string | undefined {
  const { config, architecture = machineArchitecture() } = configOf(image);
  if (plane === 'container')
    return architecture === machineArchitecture() ? undefined : `it is for ${architecture}`;
  const all = argumentsOf({ command }, config);
  return withoutEngine(all, config) === undefined
    ? `only a container engine can run \`${all.join(' ')}\``
    : undefined;
}

function machineArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}

/** The same files and command, as another image: with another digest. */
export function twinOf(image: PackedImage, label: string): PackedImage {
  const { config, ...rest } = configOf(image);
  const labelled = {
    ...rest,
    config: { ...config, Labels: { ...config.Labels, 'org.plimsoll.rehearsal': label } },
  };
  const [was, ...layers] = image.blobs;
  const blob = blobOf(was?.mediaType ?? '', labelled);
  const manifest = JSON.parse(image.manifest.bytes.toString('utf8')) as Manifest & {
    readonly config: Descriptor;
  };
  const twin = blobOf(image.manifest.mediaType, {
    ...manifest,
    config: { ...manifest.config, digest: blob.digest, size: blob.bytes.length },
  });
  return { digest: twin.digest, manifest: twin, blobs: [blob, ...layers] };
}

function configOf({ blobs: [config] }: PackedImage): {
  readonly config: ImageConfig;
  readonly architecture?: string;
} {
  const parsed = JSON.parse(config?.bytes.toString('utf8') ?? '{}') as Partial<ReturnType<typeof configOf>>;
  return { ...parsed, config: parsed.config ?? {} };
}

function blobOf(mediaType: string, value: object): ImageBlob {
  const bytes = Buffer.from(JSON.stringify(value));
  return { mediaType, bytes, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
}

/** An image whose tasks end at once, whatever command they are given. */
export async function badImage(): Promise<PackedImage> {
  const { path: context, remove } = await temporaryFolder();
  try {
    const program = "console.error('plimsoll rehearse: this release is meant to fail'); process.exit(1)";
    return await packImage({ context, config: { entrypoint: ['node', '--eval', program], command: [] } });
  } finally {
    await remove();
  }
}
