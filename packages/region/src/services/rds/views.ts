import type { Tables } from '../../kernel/table.ts';
import { openRds } from './state.ts';

/** Where a database really listens. */
export interface LocalDatabase {
  readonly identifier: string;
  readonly status: string;
  readonly host: string;
  /** Absent while it has never been up. */
  readonly port?: number;
  readonly databaseName?: string;
  readonly masterUsername: string;
  readonly masterUserSecretArn?: string;
}

/** All DB instances with their local addresses. */
export function localDatabases(tables: Tables): readonly LocalDatabase[] {
  return [...openRds(tables).instances.values()].map((instance) => ({
    identifier: instance.identifier,
    status: instance.status,
    host: '127.0.0.1',
    ...(instance.port !== undefined && { port: instance.port }),
    ...(instance.databaseName !== undefined && { databaseName: instance.databaseName }),
    masterUsername: instance.masterUsername,
    ...(instance.masterUserSecret !== undefined && { masterUserSecretArn: instance.masterUserSecret.arn }),
  }));
}
