/** A token as it came, taken apart but not believed. */
export interface SignedToken {
  readonly algorithm: string;
  /** Which of the issuer's keys. */
  readonly keyId?: string;
  /** What is signed: header and payload as they stand in the token. */
  readonly signed: string;
  /** Base64url. */
  readonly signature: string;
}

export type TokenCheck = 'valid' | 'invalid' | { readonly unreachable: string };

/** Checks signatures by the keys that an issuer publishes at its `/.well-known/openid-configuration`. */
export interface TokenIssuers {
  check(issuer: string, token: SignedToken): Promise<TokenCheck>;
}
