import type { Instant } from '../../kernel/instant.ts';

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

/** Somebody for whom an identity provider of the account vouches, asking for a role. */
export interface FederatedRequest {
  readonly action: 'sts:AssumeRoleWithWebIdentity' | 'sts:TagSession';
  readonly roleArn: string;
  /** ARN of the identity provider. */
  readonly provider: string;
  /** Condition keys: `token.actions.githubusercontent.com:sub`, `sts:RoleSessionName`, … */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** Session tags that the token asks for. */
  readonly tags: Readonly<Record<string, string>>;
  readonly now: Instant;
  readonly requestId: string;
}

/** Whether the role's trust policy lets in who asks. A role that is not there trusts nobody. */
export type Trusts = (request: FederatedRequest) => boolean;
