import { AwsError } from '../kernel/aws-error.ts';
import type { Principal } from '../kernel/context.ts';
import type { Instant } from '../kernel/instant.ts';
import type { ServiceName } from '../kernel/service-calls.ts';
import { catalog, type ProtocolName } from '../models/catalog.ts';
import type { HttpRequest } from '../wire/http.ts';
import { parseSignature, verifyBody, verifySignature } from './signature.ts';
import { credentialError } from './signature-errors.ts';

/** An access key that the region knows, and whose it is. */
export interface Credential {
  readonly secretAccessKey: string;
  readonly principal: Principal;
  /** Temporary credentials: requests must carry this token, until then. */
  readonly session?: { readonly token: string; readonly expiration: Instant; readonly clock: keyof Clocks };
}

/** Clients sign by the machine's clock, whatever the region's reads. */
export interface Clocks {
  readonly machine: Instant;
  readonly region: Instant;
}

/** `inactive`: the key of a user, switched off. */
export type FindCredential = (accessKeyId: string) => Credential | 'inactive' | undefined;

export interface Target {
  readonly service: ServiceName;
  readonly protocol: ProtocolName;
  /** As far as it is known. */
  readonly operation?: string | undefined;
}

/** What the signature says, if it can be read: enough to tell whose request it is. */
export function signedService(request: HttpRequest): string | undefined {
  try {
    const signature = parseSignature(request);
    return signature.kind === 'sigv4' ? signature.service : undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return undefined;
  }
}

const anonymous: Principal = { type: 'Anonymous', arn: '', accountId: '', userId: '' };

/** IAM and STS are global: clients sign for them in us-east-1 or in their own region. */
const globalServices: readonly ServiceName[] = ['iam', 'sts'];

/**
 * Who sends this request. It must be signed, unless it asks for one of the few operations that AWS answers unsigned.
 * @throws the protocol's error for what is wrong with the credentials
 */
export function authenticate(
  request: HttpRequest,
  target: Target,
  region: string,
  findCredential: FindCredential,
  clocks: Clocks,
): Principal {
  const { protocol, service } = target;
  const signature = parseSignature(request, protocol);
  if (signature.kind === 'none') {
    if (catalog[service].unsigned?.includes(target.operation ?? '')) return anonymous;
    throw credentialError('missing', protocol);
  }
  if (signature.kind === 'unsupported') {
    throw new AwsError(
      'NotModelled',
      `Requests signed by ${signature.algorithm} are not modelled by this local region.`,
      {
        status: 501,
      },
    );
  }
  const credential = findCredential(signature.accessKeyId);
  if (credential === undefined) throw unknownAccessKey(signature.accessKeyId, protocol);
  if (credential === 'inactive') throw inactiveAccessKey(signature.accessKeyId, protocol);
  verifySignature(request, signature, {
    secretAccessKey: credential.secretAccessKey,
    now: clocks.machine,
    protocol,
    expected: {
      service: catalog[service].signingName,
      regions: globalServices.includes(service) ? [region, 'us-east-1'] : [region],
    },
  });
  checkSession(credential, signature.securityToken, protocol, clocks);
  if (protocol === 's3') verifyBody(request, signature, credential.secretAccessKey);
  return { ...credential.principal, accessKeyId: signature.accessKeyId };
}

function checkSession(
  { session }: Credential,
  token: string | undefined,
  protocol: ProtocolName,
  clocks: Clocks,
): void {
  if (token !== session?.token) throw credentialError('invalidToken', protocol);
  if (session && session.expiration <= clocks[session.clock]) throw credentialError('expiredToken', protocol);
}

/** AWS's own words, and what helps here: this mistake is the first one that everybody makes. */
function unknownAccessKey(accessKeyId: string, protocol: ProtocolName): AwsError {
  return refusedAccessKey(
    `This local region does not know the access key ${accessKeyId}. It takes test with the secret test, unless ` +
      'PLIMSOLL_ACCESS_KEY_ID was set at its start, and the keys that its IAM made.',
    protocol,
  );
}

/** Known: AWS answers an inactive key as one that is not there. */
function inactiveAccessKey(accessKeyId: string, protocol: ProtocolName): AwsError {
  const way = `aws iam update-access-key --access-key-id ${accessKeyId} --status Active`;
  return refusedAccessKey(`The access key ${accessKeyId} is inactive; ${way} lets it in again.`, protocol);
}

function refusedAccessKey(hint: string, protocol: ProtocolName): AwsError {
  const { message } = credentialError('unknownAccessKey', protocol);
  return credentialError('unknownAccessKey', protocol, `${message} (${hint})`);
}
