import { dbParameterGroupNotFound } from './errors.ts';
import type { DbParameterGroup, RdsState } from './state.ts';

/*
 * Parameters of PostgreSQL that a parameter group may set; each is set at the real server. Names, kinds and units are
 * PostgreSQL's own. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
 */
export interface ParameterDefinition {
  readonly dataType: 'integer' | 'float' | 'string' | 'boolean';
  /** A static parameter changes with the next reboot only. */
  readonly applyType: 'static' | 'dynamic';
  readonly description: string;
}

function dynamic(dataType: ParameterDefinition['dataType'], description: string): ParameterDefinition {
  return { dataType, applyType: 'dynamic', description };
}

function fixed(dataType: ParameterDefinition['dataType'], description: string): ParameterDefinition {
  return { dataType, applyType: 'static', description };
}

export const parameterDefinitions: Readonly<Record<string, ParameterDefinition>> = {
  max_connections: fixed('integer', 'Sets the maximum number of concurrent connections.'),
  shared_buffers: fixed('integer', '(8kB) Sets the number of shared memory buffers used by the server.'),
  max_worker_processes: fixed('integer', 'Sets the maximum number of concurrent worker processes.'),
  max_prepared_transactions: fixed(
    'integer',
    'Sets the maximum number of simultaneously prepared transactions.',
  ),
  shared_preload_libraries: fixed('string', 'Lists shared libraries to preload into server.'),
  track_activity_query_size: fixed('integer', '(B) Sets the size reserved for pg_stat_activity.query.'),
  work_mem: dynamic('integer', '(kB) Sets the maximum memory to be used for query workspaces.'),
  maintenance_work_mem: dynamic(
    'integer',
    '(kB) Sets the maximum memory to be used for maintenance operations.',
  ),
  effective_cache_size: dynamic(
    'integer',
    '(8kB) Sets the planners assumption about the size of the disk cache.',
  ),
  random_page_cost: dynamic(
    'float',
    'Sets the planners estimate of the cost of a nonsequentially fetched disk page.',
  ),
  timezone: dynamic('string', 'Sets the time zone for displaying and interpreting time stamps.'),
  search_path: dynamic('string', 'Sets the schema search order for names that are not schema-qualified.'),
  statement_timeout: dynamic('integer', '(ms) Sets the maximum allowed duration of any statement.'),
  lock_timeout: dynamic('integer', '(ms) Sets the maximum allowed duration of any wait for a lock.'),
  idle_in_transaction_session_timeout: dynamic('integer', '(ms) Ends sessions idle in a transaction.'),
  idle_session_timeout: dynamic('integer', '(ms) Ends idle sessions.'),
  log_statement: dynamic('string', 'Sets the type of statements logged.'),
  log_min_duration_statement: dynamic(
    'integer',
    '(ms) Sets the minimum execution time above which statements are logged.',
  ),
  log_connections: dynamic('boolean', 'Logs each successful connection.'),
  log_disconnections: dynamic('boolean', 'Logs end of a session, including duration.'),
  log_lock_waits: dynamic('boolean', 'Logs long lock waits.'),
  log_temp_files: dynamic(
    'integer',
    '(kB) Logs the use of temporary files larger than this number of kilobytes.',
  ),
  log_autovacuum_min_duration: dynamic(
    'integer',
    '(ms) Sets the minimum execution time above which autovacuum actions are logged.',
  ),
  deadlock_timeout: dynamic('integer', '(ms) Sets the time to wait on a lock before checking for deadlock.'),
  default_transaction_isolation: dynamic(
    'string',
    'Sets the transaction isolation level of each new transaction.',
  ),
  autovacuum: dynamic('boolean', 'Starts the autovacuum subprocess.'),
  autovacuum_naptime: dynamic('integer', '(s) Time to sleep between autovacuum runs.'),
  checkpoint_timeout: dynamic('integer', '(s) Sets the maximum time between automatic WAL checkpoints.'),
  max_wal_size: dynamic('integer', '(MB) Sets the WAL size that triggers the checkpoint.'),
  track_io_timing: dynamic('boolean', 'Collects timing statistics for database IO activity.'),
};

export function isDynamic(name: string): boolean {
  return parameterDefinitions[name]?.applyType === 'dynamic';
}

const valueForms: Readonly<Record<ParameterDefinition['dataType'], RegExp>> = {
  integer: /^-?\d+$/,
  float: /^-?\d+(?:\.\d+)?$/,
  boolean: /^(?:0|1|on|off|true|false)$/i,
  string: /^[^\n\r]*$/,
};

export function isValueOf(definition: ParameterDefinition, value: string): boolean {
  return valueForms[definition.dataType].test(value);
}

/** Parameters that RDS has and this region takes without effect; the text says what does not happen. */
export const ignoredParameters: Readonly<Record<string, string>> = {
  'rds.force_ssl': 'databases do not speak TLS yet',
  'rds.logical_replication': 'logical replication is not set up',
};

/** A group by its name. The defaults are there without having been created. */
export function lookUpParameterGroup(state: RdsState, name = ''): DbParameterGroup {
  const group = state.parameterGroups.get(name.toLowerCase()) ?? defaultGroup(name);
  if (!group) throw dbParameterGroupNotFound(name);
  return group;
}

function defaultGroup(name: string): DbParameterGroup | undefined {
  const major = /^default\.postgres(\d+)$/.exec(name)?.[1];
  if (major === undefined) return undefined;
  const family = `postgres${major}`;
  return {
    name,
    arn: '',
    family,
    description: `Default parameter group for ${family}`,
    parameters: {},
    tags: [],
  };
}

/**
 * What the server of an instance is started with.
 * Confirmed by docs: max_connections is LEAST({DBInstanceClassMemory/9531392}, 5000) unless the group sets it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
 */
export function serverParameters(
  instanceClass: string,
  group: DbParameterGroup,
): Readonly<Record<string, string>> {
  const connections = Math.min(Math.floor(memoryBytes(instanceClass) / 9_531_392), 5000);
  const applied = Object.entries(group.parameters).filter(([name]) => name in parameterDefinitions);
  return { max_connections: String(connections), ...Object.fromEntries(applied) };
}

/** Memory of a class by family and size; an unknown family counts as general purpose (`m`). */
export function memoryBytes(instanceClass: string): number {
  const [, family = '', size = ''] = instanceClass.split('.');
  const small: Readonly<Record<string, number>> = { nano: 0.5, micro: 1, small: 2, medium: 4 };
  const perLarge = family.startsWith('r') || family.startsWith('x') ? 16 : family.startsWith('c') ? 4 : 8;
  const times = /^(\d+)xlarge$/.exec(size)?.[1];
  const larges = size === 'large' ? 1 : size === 'xlarge' ? 2 : 2 * Number(times ?? 1);
  return (small[size] ?? perLarge * larges) * 1024 ** 3;
}
