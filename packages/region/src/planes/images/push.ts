import type { ImageBlob, PackedImage } from './pack.ts';

export interface PushOptions {
  /** For instance `http://localhost:4566` or `https://ACCOUNT.dkr.ecr.REGION.amazonaws.com`. */
  readonly registryUrl: string;
  readonly repository: string;
  readonly tag: string;
  readonly image: PackedImage;
  /** The whole header, e.g. `Basic <authorizationToken of GetAuthorizationToken>`. */
  readonly authorization: string;
  readonly signal?: AbortSignal;
}

export interface PushResult {
  readonly digest: string;
  /** Bytes that had to be sent; what the registry had already is not sent again. */
  readonly sentBytes: number;
}

/** A registry refused. `code` is the distribution API's, such as `TAG_INVALID` or `NAME_UNKNOWN`. */
export class RegistryError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.name = 'RegistryError';
    this.code = code;
    this.status = status;
  }
}

/**
 * Pushes an image by the OCI distribution API, to AWS as well as to a local region.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export async function pushImage(options: PushOptions): Promise<PushResult> {
  let sentBytes = 0;
  for (const blob of options.image.blobs) {
    if (await hasBlob(options, blob)) continue;
    await sendBlob(options, blob);
    sentBytes += blob.bytes.length;
  }
  await sendManifest(options);
  return { digest: options.image.digest, sentBytes };
}

async function hasBlob(options: PushOptions, { digest }: ImageBlob): Promise<boolean> {
  const response = await request(options, 'HEAD', `${base(options)}/blobs/${digest}`);
  if (response.status === 404) return false;
  await check(response, `ask for ${digest}`);
  return true;
}

async function sendBlob(options: PushOptions, blob: ImageBlob): Promise<void> {
  const started = await request(options, 'POST', `${base(options)}/blobs/uploads/`);
  await check(started, 'start an upload');
  const sent = await request(options, 'PATCH', locationOf(started), {
    body: blob.bytes,
    headers: { 'Content-Type': 'application/octet-stream' },
  });
  await check(sent, `send ${blob.digest}`);
  const end = new URL(locationOf(sent));
  end.searchParams.set('digest', blob.digest);
  await check(await request(options, 'PUT', end.href), `finish ${blob.digest}`);
}

async function sendManifest(options: PushOptions): Promise<void> {
  const { bytes, mediaType } = options.image.manifest;
  const response = await request(options, 'PUT', `${base(options)}/manifests/${options.tag}`, {
    body: bytes,
    headers: { 'Content-Type': mediaType },
  });
  await check(response, `push ${options.repository}:${options.tag}`);
}

function base({ registryUrl, repository }: PushOptions): string {
  return `${registryUrl.replace(/\/+$/, '')}/v2/${repository}`;
}

/** A registry may answer with a path. */
function locationOf(response: Response): string {
  return new URL(response.headers.get('location') ?? '', response.url).href;
}

function request(
  { authorization, signal }: PushOptions,
  method: string,
  url: string,
  content: { readonly body?: Buffer; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return fetch(url, {
    method,
    headers: { Authorization: authorization, ...content.headers },
    ...(content.body === undefined ? {} : { body: new Uint8Array(content.body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Takes the answer's body, so that the connection can be used again. */
async function check(response: Response, attempt: string): Promise<void> {
  const text = await response.text();
  if (response.ok) return;
  const { code, message } = errorOf(text);
  throw new RegistryError(
    code ?? String(response.status),
    response.status,
    `The registry refused to ${attempt}: ${message ?? `HTTP ${response.status} ${response.statusText}`}`,
  );
}

function errorOf(text: string): { readonly code?: string; readonly message?: string } {
  try {
    const body = JSON.parse(text) as { errors?: { code?: string; message?: string }[] };
    return body.errors?.[0] ?? {};
  } catch {
    return {};
  }
}
