import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface TokenIssuer {
  /** `http://127.0.0.1:PORT`, where its configuration and keys are. */
  readonly url: string;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** A token with these claims, signed by its newest key. `kind` is what kind of key. */
  readonly token: (claims: object, kind?: 'RS256' | 'ES256') => string;
  /** Signs by new keys from now on; the old ones are published no longer. */
  readonly rotate: () => void;
  close(): Promise<void>;
}

interface Keys {
  readonly id: string;
  readonly RS256: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
  readonly ES256: { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
}

/** An identity provider of this machine: it publishes its keys as OpenID Connect asks for, and signs whatever it is told to. */
export async function startTokenIssuer(): Promise<TokenIssuer> {
  let keys = newKeys(1);
  let asked = 0;
  const server = createServer((request, response) => {
    // No connection is kept: a busy machine would find it closed when it is used again.
    response.setHeader('connection', 'close').setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/jwks') asked += 1;
    response.end(
      JSON.stringify(
        request.url === '/.well-known/jwks'
          ? { keys: published(keys) }
          : { issuer: url(), jwks_uri: `${url()}/.well-known/jwks` },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url(),
    asked: () => asked,
    token: (claims, kind = 'RS256') => signed(keys, kind, claims),
    rotate: () => {
      keys = newKeys(Number(keys.id) + 1);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function newKeys(id: number): Keys {
  return {
    id: String(id),
    RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
}

function published(keys: Keys): object[] {
  return (['RS256', 'ES256'] as const).map((alg) => ({
    ...keys[alg].publicKey.export({ format: 'jwk' }),
    kid: `${alg}-${keys.id}`,
    alg,
    use: 'sig',
  }));
}

function signed(keys: Keys, alg: 'RS256' | 'ES256', claims: object): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg, typ: 'JWT', kid: `${alg}-${keys.id}` })}.${encode(claims)}`;
  const key = { key: keys[alg].privateKey, dsaEncoding: 'ieee-p1363' as const };
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}
