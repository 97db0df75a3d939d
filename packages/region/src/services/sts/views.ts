import type { Instant } from '../../kernel/instant.ts';
import type { Tables } from '../../kernel/table.ts';
import { openSts } from './state.ts';

/** Temporary credentials as the gateway checks them. */
export interface SessionCredential {
  readonly secretAccessKey: string;
  readonly principal: {
    readonly type: 'AssumedRole' | 'User' | 'Root';
    readonly arn: string;
    readonly accountId: string;
    readonly userId: string;
    readonly sessionPolicies?: readonly string[];
    readonly sessionTags?: Readonly<Record<string, string>>;
    readonly sessionKeys?: Readonly<Record<string, string>>;
  };
  readonly session: {
    readonly token: string;
    readonly expiration: Instant;
    readonly clock: 'machine' | 'region';
  };
}

export function findSession(
  tables: Tables,
  accountId: string,
  accessKeyId: string,
): SessionCredential | undefined {
  const session = openSts(tables).sessions.get(accessKeyId);
  if (!session) return undefined;
  const { secretAccessKey, sessionToken, principalArn, userId, expiration, clock = 'region' } = session;
  const { policies, tags, keys, type = 'AssumedRole' } = session;
  return {
    secretAccessKey,
    principal: {
      type,
      arn: principalArn,
      accountId,
      userId,
      ...(policies && { sessionPolicies: policies }),
      ...(tags && { sessionTags: tags }),
      ...(keys && { sessionKeys: keys }),
    },
    session: { token: sessionToken, expiration, clock },
  };
}
