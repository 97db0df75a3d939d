import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { SignedToken, TokenCheck, TokenIssuers } from '../../services/sts/ports.ts';

export interface PublishedKeysOptions {
  /**
   * Where an issuer's documents are fetched instead: `https://token.actions.githubusercontent.com` from a local issuer in a
   * rehearsal, so that templates stay what they are.
   */
  readonly stands?: Readonly<Record<string, string>>;
  readonly now: () => number;
}

type JsonWebKeys = readonly (JsonWebKey & { readonly kid?: string })[];

interface Published {
  readonly keys: JsonWebKeys;
  readonly fetchedAt: number;
}

/** Safety limits of sockets: by the machine's clock. */
const timeoutMs = 5_000;
const longestDocument = 200_000;
/** Chosen: keys are believed for ten minutes; a token by an unknown key has them fetched again, at most every ten seconds. */
const keptMs = 600_000;
const againMs = 10_000;

/** Checks tokens by the keys that their issuers publish. */
export class PublishedKeys implements TokenIssuers {
  readonly #options: PublishedKeysOptions;
  readonly #published = new Map<string, Published>();

  constructor(options: PublishedKeysOptions) {
    this.#options = options;
  }

  async check(issuer: string, token: SignedToken): Promise<TokenCheck> {
    try {
      const key = await this.#keyFor(issuer, token.keyId);
      return key && isSignedBy(key, token) ? 'valid' : 'invalid';
    } catch (error) {
      return { unreachable: error instanceof Error ? error.message : String(error) };
    }
  }

  async #keyFor(issuer: string, keyId: string | undefined): Promise<KeyObject | undefined> {
    const known = this.#published.get(issuer);
    const age = known ? this.#options.now() - known.fetchedAt : Number.POSITIVE_INFINITY;
    const isFresh = age < keptMs && (known?.keys.some(({ kid }) => kid === keyId) || age < againMs);
    const { keys } = isFresh && known ? known : await this.#fetch(issuer);
    const jwk = keyId === undefined ? keys[0] : keys.find(({ kid }) => kid === keyId);
    return jwk && createPublicKey({ key: jwk, format: 'jwk' });
  }

  async #fetch(issuer: string): Promise<Published> {
    const base = this.#options.stands?.[issuer] ?? issuer;
    const { jwks_uri } = (await document(`${base}/.well-known/openid-configuration`)) as {
      readonly jwks_uri?: unknown;
    };
    if (typeof jwks_uri !== 'string') throw new Error('the configuration names no jwks_uri');
    const { keys } = (await document(jwks_uri)) as { readonly keys?: unknown };
    if (!Array.isArray(keys)) throw new Error('the key set has no keys');
    const published = { keys: keys as JsonWebKeys, fetchedAt: this.#options.now() };
    this.#published.set(issuer, published);
    return published;
  }
}

/** A document by https; from this machine by http too. Redirects are not followed. */
async function document(address: string): Promise<unknown> {
  const url = new URL(address);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLocal))
    throw new Error(`${url.origin} is not https`);
  const ask = (): Promise<Response> =>
    fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
  // Once more, because a connection that was kept may be closed by the other side just then.
  const answer = await ask().catch(ask);
  if (!answer.ok) throw new Error(`${url.origin} answered ${answer.status}`);
  const text = await answer.text();
  if (text.length > longestDocument) throw new Error(`${url.origin} answered too much`);
  return JSON.parse(text);
}

/** The key decides what it can sign: an RSA key checks RS…, an elliptic one ES… of its own size only. */
function isSignedBy(key: KeyObject, { algorithm, signed, signature }: SignedToken): boolean {
  const hash = `sha${algorithm.slice(2)}`;
  const curve = { ES256: 'prime256v1', ES384: 'secp384r1', ES512: 'secp521r1' }[algorithm];
  const fits =
    curve === undefined ? key.asymmetricKeyType === 'rsa' : key.asymmetricKeyDetails?.namedCurve === curve;
  if (!fits) return false;
  return verify(
    hash,
    Buffer.from(signed),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
}
