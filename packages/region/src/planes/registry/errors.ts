import { AwsError } from '../../kernel/aws-error.ts';
import { BlobDigestError, BlobWriteError } from '../blobs/blob-store.ts';

/** An answer of the distribution API: `{"errors":[{"code","message"}]}`. */
export class DistributionError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// Confirmed*: `docker push` shows ECR's refusals as `name unknown: The repository …` and `tag invalid: The image tag …`.
const byAwsCode: { readonly [code: string]: readonly [number, string] } = {
  RepositoryNotFoundException: [404, 'NAME_UNKNOWN'],
  ImageNotFoundException: [404, 'MANIFEST_UNKNOWN'],
  ImageTagAlreadyExistsException: [400, 'TAG_INVALID'],
  ImageDigestDoesNotMatchException: [400, 'DIGEST_INVALID'],
  LayersNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
  ReferencedImagesNotFoundException: [404, 'MANIFEST_BLOB_UNKNOWN'],
  InvalidParameterException: [400, 'MANIFEST_INVALID'],
  AccessDeniedException: [403, 'DENIED'],
};

/** What a client is told of a failure. */
export function distributionError(error: unknown): DistributionError {
  if (error instanceof DistributionError) return error;
  if (error instanceof AwsError) {
    const [status, code] = byAwsCode[error.code] ?? [error.status, 'UNKNOWN'];
    return new DistributionError(status, code, error.message);
  }
  if (error instanceof BlobDigestError) return new DistributionError(400, 'DIGEST_INVALID', error.message);
  if (error instanceof BlobWriteError) return new DistributionError(507, 'UNKNOWN', error.message);
  return new DistributionError(500, 'UNKNOWN', error instanceof Error ? error.message : String(error));
}

export function blobUnknown(digest: string): DistributionError {
  return new DistributionError(404, 'BLOB_UNKNOWN', `blob ${digest} is not known to this repository`);
}

export function uploadUnknown(id: string): DistributionError {
  return new DistributionError(404, 'BLOB_UPLOAD_UNKNOWN', `upload ${id} is not known to this repository`);
}

export function unsupported(what: string): DistributionError {
  return new DistributionError(405, 'UNSUPPORTED', `${what} is not supported by this registry`);
}
