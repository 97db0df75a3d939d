import { AwsError } from '../kernel/aws-error.ts';
import type { ProtocolName } from '../models/catalog.ts';
import { credentialError } from './signature-errors.ts';

/** When a request was signed, and for presigned ones how long it stays valid. */
export interface SignatureTime {
  /** `yyyymmddThhmmssZ` */
  readonly timestamp: string;
  readonly expiresSeconds: number | undefined;
}

// Confirmed by docs: 5 minutes for most services, 15 for S3 (Known); presigned requests by their own X-Amz-Expires.
const SKEW_MINUTES = 5;
const S3_SKEW_MS = 15 * 60_000;

/**
 * @param now epoch milliseconds
 * @throws the protocol's error if the request is too old, expired or from the future
 */
export function checkTime(signature: SignatureTime, now: number, protocol: ProtocolName): void {
  const at = epochMsOf(signature.timestamp);
  if (protocol === 's3') {
    checkS3Time(signature, at, now);
    return;
  }
  const minutes = signature.expiresSeconds === undefined ? SKEW_MINUTES : signature.expiresSeconds / 60;
  const earliest = now - minutes * 60_000;
  const latest = now + SKEW_MINUTES * 60_000;
  if (at < earliest) {
    const message = `Signature expired: ${signature.timestamp} is now earlier than ${basicTime(earliest)} (${basicTime(now)} - ${minutes} min.)`;
    throw credentialError('mismatch', protocol, message);
  }
  if (at > latest) {
    const message = `Signature not yet current: ${signature.timestamp} is still later than ${basicTime(latest)} (${basicTime(now)} + ${SKEW_MINUTES} min.)`;
    throw credentialError('mismatch', protocol, message);
  }
}

function checkS3Time({ timestamp, expiresSeconds }: SignatureTime, at: number, now: number): void {
  const ServerTime = new Date(now).toISOString();
  const isLate = expiresSeconds === undefined ? now - at > S3_SKEW_MS : now > at + expiresSeconds * 1000;
  if (isLate && expiresSeconds !== undefined) {
    const Expires = new Date(at + expiresSeconds * 1000).toISOString();
    const fields = { 'X-Amz-Expires': expiresSeconds, Expires, ServerTime };
    throw new AwsError('AccessDenied', 'Request has expired', { status: 403, fields });
  }
  if (isLate || at - now > S3_SKEW_MS) {
    const message = 'The difference between the request time and the current time is too large.';
    const fields = { RequestTime: timestamp, ServerTime, MaxAllowedSkewMilliseconds: S3_SKEW_MS };
    throw new AwsError('RequestTimeTooSkewed', message, { status: 403, fields });
  }
}

/** Whether the text is a time in the form `20150830T123600Z`. */
export const isBasicTime = (text: string): boolean =>
  /^\d{8}T\d{6}Z$/.test(text) && !Number.isNaN(epochMsOf(text));

export const basicTime = (epochMs: number): string =>
  new Date(epochMs).toISOString().replace(/[-:]|\.\d{3}/g, '');

const epochMsOf = (basic: string): number =>
  Date.parse(basic.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
