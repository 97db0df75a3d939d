import { invalidParameter } from './errors.ts';

/** What ECR looks at in a manifest. */
export interface ParsedManifest {
  readonly mediaType: string;
  readonly artifactMediaType?: string;
  /** Config and layers that the repository must hold. */
  readonly blobs: readonly { readonly digest: string; readonly size: number }[];
  /** Manifests that an index refers to. */
  readonly manifests: readonly string[];
}

export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';

const known = [ociManifest, ociIndex, dockerManifest, dockerList];

/**
 * @param given the media type said with the request; it wins over the one inside, which OCI manifests may leave out
 */
export function parseManifest(text: string, given: string | undefined): ParsedManifest {
  const manifest = parseObject(text);
  const inside = typeof manifest['mediaType'] === 'string' ? manifest['mediaType'] : undefined;
  const mediaType = given ?? inside ?? (Array.isArray(manifest['manifests']) ? ociIndex : ociManifest);
  if (!known.includes(mediaType) || manifest['schemaVersion'] !== 2) throw unsupported();
  const config = descriptorOf(manifest['config']);
  const layers = descriptorsOf(manifest['layers']);
  const index = mediaType === ociIndex || mediaType === dockerList;
  if (!index && config === undefined) throw unsupported();
  return {
    mediaType,
    ...(config?.mediaType === undefined ? {} : { artifactMediaType: config.mediaType }),
    blobs: index ? [] : [...(config === undefined ? [] : [config]), ...layers],
    manifests: index ? descriptorsOf(manifest['manifests']).map(({ digest }) => digest) : [],
  };
}

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType?: string;
}

function descriptorsOf(value: unknown): Descriptor[] {
  return Array.isArray(value) ? value.flatMap((item) => descriptorOf(item) ?? []) : [];
}

function descriptorOf(value: unknown): Descriptor | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { digest, size, mediaType } = value as Record<string, unknown>;
  if (typeof digest !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw unsupported();
  return {
    digest,
    size: typeof size === 'number' ? size : 0,
    ...(typeof mediaType === 'string' ? { mediaType } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // answered below
  }
  throw unsupported();
}

function unsupported(): Error {
  return invalidParameter('ImageManifest', 'Invalid JSON syntax or unsupported image manifest');
}
