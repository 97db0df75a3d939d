/**
 * AWS Signature Version 4: finds the signature in a request's headers or query, and verifies it against a secret.
 * Pure but for the hash functions; what time it is comes as an argument. The order is the gateway's to keep: parse,
 * identify the service, look up the access key, verify, and for S3 `verifyBody` as well.
 *
 * Confirmed by docs: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../kernel/aws-error.ts';
import type { ProtocolName } from '../models/catalog.ts';
import { type ChunkedBody, parseAwsChunked } from '../wire/aws-chunked.ts';
import type { HttpRequest } from '../wire/http.ts';
import { canonicalRequest } from './canonical-request.ts';
import { credentialError } from './signature-errors.ts';
import { basicTime, checkTime, isBasicTime } from './signature-time.ts';

export interface SigV4 {
  readonly kind: 'sigv4';
  readonly placement: 'header' | 'query';
  readonly accessKeyId: string;
  /** `yyyymmdd` of the credential scope. */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `yyyymmddThhmmssZ` as the request has it. */
  readonly timestamp: string;
  readonly securityToken: string | undefined;
  /** Of presigned requests. */
  readonly expiresSeconds: number | undefined;
}

export type RequestSignature =
  | SigV4
  | { readonly kind: 'none' }
  /** Signed in a way that the region does not verify: `AWS4-ECDSA-P256-SHA256` is SigV4a, `AWS` is Signature Version 2. */
  | { readonly kind: 'unsupported'; readonly algorithm: string };

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TERMINATOR = 'aws4_request';

/**
 * What the signature says of the request, before the service is known: enough to tell whose request it is.
 * @throws the incomplete-signature error in the words of query services; say `protocol` if it is known already
 */
export function parseSignature(request: HttpRequest, protocol: ProtocolName = 'query'): RequestSignature {
  const header = request.headers['authorization'];
  if (header !== undefined) return parseHeader(request, header, protocol);
  const query = new URLSearchParams(request.query);
  const algorithm = query.get('X-Amz-Algorithm');
  if (algorithm === null) return query.has('AWSAccessKeyId') ? unsupported('AWS') : { kind: 'none' };
  return algorithm === ALGORITHM ? parseQuery(query, protocol) : unsupported(algorithm);
}

const unsupported = (algorithm: string): RequestSignature => ({ kind: 'unsupported', algorithm });

function parseHeader(request: HttpRequest, header: string, protocol: ProtocolName): RequestSignature {
  const [algorithm = '', ...rest] = header.trim().split(/\s+/);
  if (algorithm !== ALGORITHM) return unsupported(algorithm);
  const parts = new Map(
    rest
      .join('')
      .split(',')
      .map((part): [string, string] => {
        const at = part.indexOf('=');
        return [part.slice(0, at), part.slice(at + 1)];
      }),
  );
  const timestamp = request.headers['x-amz-date'] ?? httpDate(request.headers['date']);
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !parts.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (timestamp === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (timestamp === undefined || missing.length > 0) {
    throw credentialError('incomplete', protocol, `${missing.join(' ')} Authorization=${algorithm}`);
  }
  return {
    ...parseCredential(parts.get('Credential') ?? '', protocol),
    placement: 'header',
    signedHeaders: splitHeaders(parts.get('SignedHeaders') ?? ''),
    signature: parts.get('Signature') ?? '',
    timestamp: checkedTimestamp(timestamp, protocol),
    securityToken: request.headers['x-amz-security-token'],
    expiresSeconds: undefined,
  };
}

function parseQuery(query: URLSearchParams, protocol: ProtocolName): SigV4 {
  const missing = ['X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-SignedHeaders', 'X-Amz-Date']
    .filter((name) => !query.get(name))
    .map((name) => `AWS query-string parameters must include '${name}'.`);
  if (missing.length > 0) {
    throw credentialError(
      'incomplete',
      protocol,
      `${missing.join(' ')} Re-examine the query-string parameters.`,
    );
  }
  return {
    ...parseCredential(query.get('X-Amz-Credential') ?? '', protocol),
    placement: 'query',
    signedHeaders: splitHeaders(query.get('X-Amz-SignedHeaders') ?? ''),
    signature: query.get('X-Amz-Signature') ?? '',
    timestamp: checkedTimestamp(query.get('X-Amz-Date') ?? '', protocol),
    securityToken: query.get('X-Amz-Security-Token') ?? undefined,
    expiresSeconds: parseExpires(query.get('X-Amz-Expires'), protocol),
  };
}

const WEEK_SECONDS = 604_800;

/** Confirmed by docs: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html: 1 to 604800. */
function parseExpires(text: string | null, protocol: ProtocolName): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds <= WEEK_SECONDS) return seconds;
  const message = Number.isNaN(seconds)
    ? 'X-Amz-Expires should be a number'
    : 'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds';
  throw credentialError('incomplete', protocol, message);
}

const splitHeaders = (text: string): readonly string[] => text.toLowerCase().split(';');

type Credential = Pick<SigV4, 'kind' | 'accessKeyId' | 'date' | 'region' | 'service'>;

function parseCredential(text: string, protocol: ProtocolName): Credential {
  const parts = text.split('/');
  if (parts.length < 5) {
    throw credentialError(
      'incomplete',
      protocol,
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${text}'`,
    );
  }
  // An access key id may contain slashes, the scope does not.
  const [date = '', region = '', service = '', terminator = ''] = parts.slice(-4);
  if (terminator !== TERMINATOR) {
    throw credentialError(
      'mismatch',
      protocol,
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', not '${terminator}'.`,
    );
  }
  return { kind: 'sigv4', accessKeyId: parts.slice(0, -4).join('/'), date, region, service };
}

function checkedTimestamp(text: string, protocol: ProtocolName): string {
  if (isBasicTime(text)) return text;
  const message = `Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`;
  throw credentialError('incomplete', protocol, message);
}

function httpDate(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : basicTime(at);
}

export interface Verification {
  readonly secretAccessKey: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly protocol: ProtocolName;
  /** The service's signing name and the region's name: a scope for others is refused. */
  readonly expected?: { readonly service: string; readonly regions: readonly string[] };
}

/**
 * Verifies the scope, the time and the signature of a request. S3's body is covered by what the request declares of it:
 * see `verifyBody`.
 * @throws the protocol's own error for what is wrong, in AWS's words
 */
export function verifySignature(request: HttpRequest, signature: SigV4, verification: Verification): void {
  const { protocol, secretAccessKey, now, expected } = verification;
  if (expected !== undefined) checkScope(signature, expected, protocol);
  checkDate(signature, protocol);
  checkTime(signature, now, protocol);
  checkHostSigned(signature, protocol);
  if (protocol === 's3') checkAmzHeadersSigned(request, signature);
  const canonical = canonicalRequest(
    request,
    signature.signedHeaders,
    payloadHash(request, signature, protocol),
    protocol,
  );
  const toSign = [ALGORITHM, signature.timestamp, scopeOf(signature), sha256(canonical)].join('\n');
  const calculated = hmac(signingKey(signature, secretAccessKey), toSign).toString('hex');
  if (!sameText(calculated, signature.signature)) throw mismatch(signature, canonical, toSign, protocol);
}

function checkScope(
  { region, service }: SigV4,
  expected: NonNullable<Verification['expected']>,
  protocol: ProtocolName,
): void {
  if (service !== expected.service) {
    throw credentialError(
      'mismatch',
      protocol,
      `Credential should be scoped to correct service: '${expected.service}'. `,
    );
  }
  if (!expected.regions.includes(region)) {
    if (protocol === 's3') throw wrongS3Region(region, expected.regions[0] ?? '');
    throw credentialError(
      'mismatch',
      protocol,
      `Credential should be scoped to a valid Region, not '${region}'. `,
    );
  }
}

/** Clients read `Region` and try again there. */
function wrongS3Region(region: string, Region: string): AwsError {
  const message = `The authorization header is malformed; the region '${region}' is wrong; expecting '${Region}'`;
  return credentialError('incomplete', 's3', message, { Region });
}

function checkDate({ date, timestamp }: SigV4, protocol: ProtocolName): void {
  if (timestamp.startsWith(date)) return;
  const message = `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`;
  throw credentialError('mismatch', protocol, message);
}

function checkHostSigned({ signedHeaders }: SigV4, protocol: ProtocolName): void {
  if (signedHeaders.includes('host')) return;
  const message = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
  throw credentialError('mismatch', protocol, message);
}

/** Confirmed by docs: S3 requires each x-amz-* header to be signed; a presigned URL allows only what it was made for. */
function checkAmzHeadersSigned(request: HttpRequest, { signedHeaders, placement }: SigV4): void {
  const unsigned = Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && !signedHeaders.includes(name) && !isPayloadHeader(name, placement),
  );
  if (unsigned.length === 0) return;
  const message = 'There were headers present in the request which were not signed';
  throw new AwsError('AccessDenied', message, {
    status: 403,
    fields: { HeadersNotSigned: unsigned.join(', ') },
  });
}

/** Its value is signed as the payload's hash. */
const isPayloadHeader = (name: string, placement: SigV4['placement']): boolean =>
  placement === 'query' && name === 'x-amz-content-sha256';

function mismatch(signature: SigV4, canonical: string, toSign: string, protocol: ProtocolName): AwsError {
  if (protocol === 's3') {
    return credentialError('mismatch', protocol, undefined, {
      AWSAccessKeyId: signature.accessKeyId,
      StringToSign: toSign,
      SignatureProvided: signature.signature,
      CanonicalRequest: canonical,
    });
  }
  const usual = credentialError('mismatch', protocol).message;
  const detail = `\n\nThe Canonical String for this request should have been\n'${canonical}'\n\nThe String-to-Sign should have been\n'${toSign}'\n`;
  return credentialError('mismatch', protocol, usual + detail);
}

const UNSIGNED = 'UNSIGNED-PAYLOAD';

/** S3 signs what `x-amz-content-sha256` declares, all others the body itself. */
function payloadHash(request: HttpRequest, signature: SigV4, protocol: ProtocolName): string {
  const declared = request.headers['x-amz-content-sha256'];
  if (protocol === 's3') {
    if (declared !== undefined) return declared;
    if (signature.placement === 'query') return UNSIGNED;
    throw new AwsError('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  }
  return declared === UNSIGNED ? UNSIGNED : sha256(request.body);
}

/**
 * Compares S3's body with what the request's head declared of it: one hash, or a chain of signed chunks. Does nothing for
 * unsigned bodies.
 * @throws XAmzContentSHA256Mismatch, SignatureDoesNotMatch
 */
export function verifyBody(request: HttpRequest, signature: SigV4, secretAccessKey: string): void {
  const declared = request.headers['x-amz-content-sha256'] ?? '';
  if (declared.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')) {
    verifyChunks(parseAwsChunked(request.body), signature, secretAccessKey);
  }
  if (!/^[0-9a-f]{64}$/.test(declared)) return;
  const computed = sha256(request.body);
  if (computed === declared) return;
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  const fields = { ClientComputedContentSHA256: declared, S3ComputedContentSHA256: computed };
  throw new AwsError('XAmzContentSHA256Mismatch', message, { status: 400, fields });
}

/** Each chunk's signature covers the one before, the first the request's; the trailers' comes last. */
function verifyChunks(body: ChunkedBody, signature: SigV4, secretAccessKey: string): void {
  const key = signingKey(signature, secretAccessKey);
  let previous = signature.signature;
  const verify = (kind: string, hashes: readonly string[], given: string | undefined): void => {
    const toSign = [kind, signature.timestamp, scopeOf(signature), previous, ...hashes].join('\n');
    previous = hmac(key, toSign).toString('hex');
    if (!sameText(previous, given ?? '')) throw credentialError('mismatch', 's3');
  };
  for (const chunk of body.chunks) {
    verify('AWS4-HMAC-SHA256-PAYLOAD', [sha256(''), sha256(chunk.data)], chunk.signature);
  }
  if (body.trailers.length === 0) return;
  const trailers = body.trailers.map(([name, value]) => `${name}:${value}\n`).join('');
  verify('AWS4-HMAC-SHA256-TRAILER', [sha256(trailers)], body.trailerSignature);
}

const scopeOf = ({ date, region, service }: SigV4): string => [date, region, service, TERMINATOR].join('/');

function signingKey({ date, region, service }: SigV4, secretAccessKey: string): Buffer {
  const dateKey = hmac(`AWS4${secretAccessKey}`, date);
  return hmac(hmac(hmac(dateKey, region), service), TERMINATOR);
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
