import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';

/** Temporary credentials, by their access key id. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly principalArn: string;
  readonly userId: string;
  /** Whose they are. Absent: a role's. */
  readonly type?: 'User' | 'Root';
  readonly expiration: Instant;
  /** JSON texts, or ARNs of managed policies. */
  readonly policies?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  /** Condition keys of every request of the session: `aws:TokenIssueTime`, what a token's provider vouched for. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Whose time `expiration` is. Absent: the region's. The SDK in a task renews by the machine's clock: see task-session.ts. */
  readonly clock?: 'machine';
}

export interface StsState {
  readonly sessions: Table<Session>;
}

export function openSts(tables: Tables): StsState {
  return { sessions: tables.table('sts.sessions') };
}
