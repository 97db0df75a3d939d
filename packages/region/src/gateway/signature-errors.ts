import { AwsError } from '../kernel/aws-error.ts';
import type { ProtocolName } from '../models/catalog.ts';

/** Why a request's credentials were refused. */
export type CredentialProblem =
  | 'missing'
  | 'incomplete'
  | 'unknownAccessKey'
  | 'invalidToken'
  | 'expiredToken'
  | 'mismatch';

type Family = 'query' | 'ec2' | 'json' | 's3';
type Refusal = readonly [code: string, status: number, message: string];

const INVALID_TOKEN = 'The security token included in the request is invalid.';
const EXPIRED_TOKEN = 'The security token included in the request is expired';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
const EC2_FAILURE: Refusal = [
  'AuthFailure',
  401,
  'AWS was not able to validate the provided access credentials',
];

/**
 * The same refusal has another code in each family of services.
 * Confirmed by docs: "Common errors" of each service's API reference for query services,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html for S3. Confirmed by reports of AWS's answers:
 * aws/aws-sdk-js#254 (JSON services: InvalidSignatureException, 400), aws/aws-sdk-java#2508 (EC2: AuthFailure, 401),
 * aws/aws-sdk-java-v2#1649 (STS: ExpiredToken, 403). Known: EC2's MissingParameter for unsigned requests.
 */
const refusals: { readonly [F in Family]: { readonly [P in CredentialProblem]: Refusal } } = {
  query: {
    missing: ['MissingAuthenticationToken', 403, 'Request is missing Authentication Token'],
    incomplete: ['IncompleteSignature', 400, ''],
    unknownAccessKey: ['InvalidClientTokenId', 403, INVALID_TOKEN],
    invalidToken: ['InvalidClientTokenId', 403, INVALID_TOKEN],
    expiredToken: ['ExpiredToken', 403, EXPIRED_TOKEN],
    mismatch: ['SignatureDoesNotMatch', 403, MISMATCH],
  },
  ec2: {
    missing: ['MissingParameter', 400, 'The request must contain the parameter AWSAccessKeyId'],
    incomplete: ['IncompleteSignature', 400, ''],
    unknownAccessKey: EC2_FAILURE,
    invalidToken: EC2_FAILURE,
    expiredToken: ['RequestExpired', 400, 'Request has expired.'],
    mismatch: ['SignatureDoesNotMatch', 403, MISMATCH],
  },
  json: {
    missing: ['MissingAuthenticationTokenException', 400, 'Missing Authentication Token'],
    incomplete: ['IncompleteSignatureException', 400, ''],
    unknownAccessKey: ['UnrecognizedClientException', 400, INVALID_TOKEN],
    invalidToken: ['UnrecognizedClientException', 400, INVALID_TOKEN],
    expiredToken: ['ExpiredTokenException', 400, EXPIRED_TOKEN],
    mismatch: ['InvalidSignatureException', 400, MISMATCH],
  },
  s3: {
    missing: ['AccessDenied', 403, 'Access Denied'],
    incomplete: ['AuthorizationHeaderMalformed', 400, ''],
    unknownAccessKey: [
      'InvalidAccessKeyId',
      403,
      'The AWS Access Key Id you provided does not exist in our records.',
    ],
    invalidToken: ['InvalidToken', 400, 'The provided token is malformed or otherwise invalid.'],
    expiredToken: ['ExpiredToken', 400, 'The provided token has expired.'],
    mismatch: [
      'SignatureDoesNotMatch',
      403,
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ],
  },
};

const families: { readonly [P in ProtocolName]: Family } = {
  query: 'query',
  'rest-xml': 'query',
  'ec2-query': 'ec2',
  'json-1.0': 'json',
  'json-1.1': 'json',
  'rest-json': 'json',
  'rpc-cbor': 'json',
  s3: 's3',
};

/** @param message in place of the family's usual one */
export function credentialError(
  problem: CredentialProblem,
  protocol: ProtocolName,
  message?: string,
  fields: Readonly<Record<string, unknown>> = {},
): AwsError {
  const [code, status, usual] = refusals[families[protocol]][problem];
  return new AwsError(code, message ?? usual, { status, fields });
}
