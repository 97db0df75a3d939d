import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';

/** Temporary credentials, by their access key id. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly principalArn: string;
  readonly userId: string;
  readonly roleArn: string;
  readonly expiration: Instant;
}

export interface StsState {
  readonly sessions: Table<Session>;
}

export function openSts(tables: Tables): StsState {
  return { sessions: tables.table('sts.sessions') };
}
