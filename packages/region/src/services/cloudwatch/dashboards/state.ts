import { AwsError } from '../../../kernel/aws-error.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Table, Tables } from '../../../kernel/table.ts';

export interface DashboardRecord {
  readonly name: string;
  readonly arn: string;
  /** The JSON as it was given. */
  readonly body: string;
  readonly modified: Instant;
}

export type DashboardsState = Table<DashboardRecord>;

export function openDashboards(tables: Tables): DashboardsState {
  return tables.table('cloudwatch.dashboards');
}

export function findDashboard(state: DashboardsState, name: string): DashboardRecord {
  const found = state.get(name);
  if (!found) throw new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, { status: 404 });
  return found;
}
