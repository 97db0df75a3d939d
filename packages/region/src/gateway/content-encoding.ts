import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { HttpRequest } from '../wire/http.ts';

const unzip = promisify(gunzip);

/** Chosen: a compressed body may grow to this. AWS's limits for such operations are about 1 MB. */
const maximumBytes = 64 * 1024 * 1024;

/**
 * SDKs compress the bodies of some operations (PutMetricData among them, from 10 KiB on). Only those protocols do, in which
 * the operation is not in the path: in the others a content encoding may belong to an object, as in S3.
 */
export function isCompressed({ headers }: HttpRequest): boolean {
  if (headers['content-encoding'] !== 'gzip') return false;
  const isForm = (headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return isForm || headers['x-amz-target'] !== undefined || headers['smithy-protocol'] === 'rpc-v2-cbor';
}

/**
 * The request as it was before its body was compressed; what was signed is the compressed one. A body that is no gzip stays
 * as it is: the protocol then says that it cannot read it.
 */
export async function decompressed(request: HttpRequest): Promise<HttpRequest> {
  try {
    const { 'content-encoding': _, ...headers } = request.headers;
    return { ...request, headers, body: await unzip(request.body, { maxOutputLength: maximumBytes }) };
  } catch {
    return request;
  }
}
