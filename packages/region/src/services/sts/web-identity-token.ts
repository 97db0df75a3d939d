import { AwsError } from '../../kernel/aws-error.ts';
import type { SignedToken } from './ports.ts';

/** What STS reads of a token. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly audiences: readonly string[];
  readonly azp?: string;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly nbf?: number;
  /** The whole payload. */
  readonly all: Readonly<Record<string, unknown>>;
}

// Confirmed by docs: these signature algorithms are taken.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
const algorithms: readonly string[] = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

/** Takes a JSON web token apart. @throws InvalidIdentityToken if it is none */
export function readToken(text: string): { readonly token: SignedToken; readonly claims: Claims } {
  const [header = '', payload = '', signature = '', ...rest] = text.split('.');
  const { alg, kid } = jsonOf(header);
  const all = jsonOf(payload);
  const { iss, sub, aud, azp, exp, nbf } = all;
  if (rest.length > 0 || signature === '' || typeof alg !== 'string') throw notAToken();
  if (!algorithms.includes(alg))
    throw invalidToken(`Token signature algorithm ${alg} is not one of ${algorithms.join(', ')}`);
  if (typeof iss !== 'string') throw invalidToken('Missing a required claim: iss');
  if (typeof sub !== 'string') throw invalidToken('Missing a required claim: sub');
  if (typeof exp !== 'number') throw invalidToken('Missing a required claim: exp');
  const audiences = [aud].flat().filter((one) => typeof one === 'string');
  if (audiences.length === 0) throw invalidToken('Missing a required claim: aud');
  return {
    token: {
      algorithm: alg,
      ...(typeof kid === 'string' && { keyId: kid }),
      signed: `${header}.${payload}`,
      signature,
    },
    claims: {
      iss: iss.replace(/\/$/, ''),
      sub,
      audiences,
      exp,
      all,
      ...(typeof azp === 'string' && { azp }),
      ...(typeof nbf === 'number' && { nbf }),
    },
  };
}

/** Tokens are dated by the machine's clock: their issuers know no other. See docs/decisions/0014-the-clock.md. */
export function checkDates({ exp, nbf }: Claims, machineNow: number): void {
  const now = Math.floor(machineNow / 1000);
  if (now >= exp) {
    throw new AwsError(
      'ExpiredTokenException',
      `Token expired: current date/time ${now} must be before the expiration date/time ${exp}`,
    );
  }
  // Chosen: a minute of grace, as clocks of issuers differ.
  if (nbf !== undefined && now + 60 < nbf) throw invalidToken(`Token is not valid before ${nbf}`);
}

export function invalidToken(message: string): AwsError {
  return new AwsError('InvalidIdentityToken', message);
}

function notAToken(): AwsError {
  return invalidToken(
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  );
}

function jsonOf(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Answered below.
  }
  throw notAToken();
}
