import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../kernel/context.ts';
import type { ImageRegistry } from '../../services/ecr/ports.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import { blobUnknown, DistributionError, distributionError, unsupported } from './errors.ts';
import { askForLogin, Exchange, refuse } from './exchange.ts';
import { type Route, routeOf } from './route.ts';
import { Uploads } from './uploads.ts';

/** Confirmed by docs: a manifest is at most 4 MiB. https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const maximumManifestBytes = 4 * 1024 * 1024;

/**
 * The OCI distribution API: what `docker push`, `podman push` and `skopeo` speak. It moves bytes between clients and the
 * blob store; every decision (does the repository exist, is the tag free, may the caller) is ECR's.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class Registry {
  readonly #ecr: ImageRegistry;
  readonly #blobs: BlobStore;
  readonly #uploads: Uploads;

  constructor(ecr: ImageRegistry, blobs: BlobStore) {
    this.#ecr = ecr;
    this.#blobs = blobs;
    this.#uploads = new Uploads(blobs);
  }

  /** Answers one request whose path is `/v2` or below. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    try {
      const caller = await this.#authenticate(request);
      if (caller === undefined) return askForLogin(request, response);
      await this.#answer(new Exchange(request, response, caller), routeOf(request));
    } catch (error) {
      refuse(request, response, distributionError(error));
    }
  }

  /** Drops uploads under way. */
  close(): Promise<void> {
    return this.#uploads.close();
  }

  async #authenticate({ headers }: IncomingMessage): Promise<Principal | undefined> {
    const [scheme, value = ''] = (headers.authorization ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'basic') return undefined;
    const [, user, password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
    return user === 'AWS' ? this.#ecr.authenticate(password) : undefined;
  }

  #answer(exchange: Exchange, route: Route): Promise<void> | void {
    const { method } = exchange;
    switch (route.kind) {
      case 'ping':
        return exchange.json(200, {});
      case 'catalog':
        return this.#catalog(exchange);
      case 'tags':
        return this.#tags(exchange, route.repository);
      case 'manifest':
        return this.#manifest(exchange, route.repository, route.reference);
      case 'blob':
        if (method === 'GET' || method === 'HEAD')
          return this.#getBlob(exchange, route.repository, route.digest);
        throw unsupported(`${method} of a blob`);
      case 'uploads':
        if (method === 'POST') return this.#startUpload(exchange, route.repository);
        throw unsupported(`${method} of uploads`);
      case 'upload':
        return this.#upload(exchange, route.repository, route.id);
      case 'unknown':
        throw new DistributionError(404, 'NOT_FOUND', 'the registry has nothing at this path');
    }
  }

  async #catalog(exchange: Exchange): Promise<void> {
    const repositories = exchange.page(await this.#ecr.repositories(exchange.caller), '/v2/_catalog');
    exchange.json(200, { repositories });
  }

  async #tags(exchange: Exchange, name: string): Promise<void> {
    const tags = exchange.page(await this.#ecr.tags(exchange.caller, name), `/v2/${name}/tags/list`);
    exchange.json(200, { name, tags });
  }

  async #manifest(exchange: Exchange, repository: string, reference: string): Promise<void> {
    const { caller, method } = exchange;
    switch (method) {
      case 'GET':
      case 'HEAD': {
        const { digest, manifest, mediaType } = await this.#ecr.image(caller, repository, reference);
        return exchange.send(200, Buffer.from(manifest), {
          'Content-Type': mediaType,
          ...digestHeaders(digest),
        });
      }
      case 'PUT':
        return this.#putManifest(exchange, repository, reference);
      case 'DELETE':
        await this.#ecr.deleteImage(caller, repository, reference);
        return exchange.send(202);
      default:
        throw unsupported(`${method} of a manifest`);
    }
  }

  async #putManifest(exchange: Exchange, repository: string, reference: string): Promise<void> {
    const body = await exchange.body(maximumManifestBytes);
    // Before the image is acknowledged: whoever then pulls it by its digest must find it.
    await this.#blobs.put(body);
    const { digest } = await this.#ecr.putImage(exchange.caller, repository, {
      reference,
      manifest: body.toString(),
      mediaType: exchange.header('content-type')?.split(';')[0]?.trim(),
    });
    exchange.send(201, undefined, {
      Location: `/v2/${repository}/manifests/${digest}`,
      'Docker-Content-Digest': digest,
    });
  }

  async #getBlob(exchange: Exchange, repository: string, digest: string): Promise<void> {
    const size = await this.#ecr.layerSize(exchange.caller, repository, digest);
    const sha256 = sha256Of(digest);
    if (size === undefined || !(await this.#blobs.has(sha256))) throw blobUnknown(digest);
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Accept-Ranges': 'bytes',
      ...digestHeaders(digest),
    };
    const range = exchange.range(size);
    if (range === undefined) return exchange.stream(200, size, headers, () => this.#blobs.read(sha256));
    const { start, end } = range;
    const part = { ...headers, 'Content-Range': `bytes ${start}-${end}/${size}` };
    return exchange.stream(206, end - start + 1, part, () => this.#blobs.read(sha256, range));
  }

  async #startUpload(exchange: Exchange, repository: string): Promise<void> {
    const { caller, query } = exchange;
    const [mount, from, digest] = [query.get('mount'), query.get('from'), query.get('digest')];
    // Also finds out whether the repository is there, before any byte is sent.
    await this.#ecr.layerSize(caller, repository, mount ?? noDigest);
    if (mount !== null && from !== null && (await this.#mounted(caller, repository, mount, from))) {
      return exchange.created(repository, mount);
    }
    const id = await this.#uploads.begin(repository);
    if (digest !== null) {
      await this.#uploads.append(repository, id, exchange.source);
      return this.#finishUpload(exchange, repository, id, digest);
    }
    exchange.send(202, undefined, uploadHeaders(repository, id, 0));
  }

  async #mounted(caller: Principal, repository: string, digest: string, from: string): Promise<boolean> {
    const sizeInBytes = await this.#ecr.layerSize(caller, from, digest).catch(() => undefined);
    if (sizeInBytes === undefined) return false;
    await this.#ecr.addLayer(caller, repository, { digest, sizeInBytes });
    return true;
  }

  async #upload(exchange: Exchange, repository: string, id: string): Promise<void> {
    const { method } = exchange;
    const upload = this.#uploads.get(repository, id);
    switch (method) {
      case 'GET':
        return exchange.send(204, undefined, uploadHeaders(repository, id, upload.size));
      case 'PATCH':
        exchange.checkContentRange(upload.size);
        await this.#uploads.append(repository, id, exchange.source);
        return exchange.send(202, undefined, uploadHeaders(repository, id, upload.size));
      case 'PUT':
        exchange.checkContentRange(upload.size);
        await this.#uploads.append(repository, id, exchange.source);
        return this.#finishUpload(exchange, repository, id, exchange.query.get('digest') ?? '');
      case 'DELETE':
        await this.#uploads.discard(id);
        return exchange.send(204);
      default:
        throw unsupported(`${method} of an upload`);
    }
  }

  async #finishUpload(exchange: Exchange, repository: string, id: string, digest: string): Promise<void> {
    const upload = this.#uploads.get(repository, id);
    const sha256 = sha256Of(digest);
    this.#uploads.forget(id);
    const { size } = await upload.commit(sha256);
    await this.#ecr.addLayer(exchange.caller, repository, { digest, sizeInBytes: size });
    exchange.created(repository, digest);
  }
}

const noDigest = `sha256:${'0'.repeat(64)}`;

function uploadHeaders(repository: string, id: string, size: number): Record<string, string> {
  return {
    Location: `/v2/${repository}/blobs/uploads/${id}`,
    'Docker-Upload-UUID': id,
    Range: `0-${Math.max(0, size - 1)}`,
  };
}

function digestHeaders(digest: string): Record<string, string> {
  return { 'Docker-Content-Digest': digest, ETag: `"${digest}"` };
}

function sha256Of(digest: string): string {
  const [, sha256] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (sha256 === undefined)
    throw new DistributionError(400, 'DIGEST_INVALID', `${digest} is not a sha256 digest`);
  return sha256;
}
