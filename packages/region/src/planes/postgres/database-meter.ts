import { statfs } from 'node:fs/promises';
import type { Client } from 'pg';
import type { DatabaseIo, DatabaseUsage } from '../../services/rds/ports.ts';
import { openProcessTrees } from '../processes/open-process-trees.ts';
import type { ProcessTree } from '../processes/process-trees.ts';

/** A server that runs. */
export interface MeteredServer {
  readonly pid: number;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly dataFolder: string;
}

interface Measured {
  readonly pid: number;
  readonly tree: ProcessTree;
  readonly at: number;
  readonly cpuMs: number;
  readonly totals?: IoTotals;
}

/** A shorter time says nothing. */
const shortestMs = 100;

/** Measures servers: their processes from outside, connections, files and I/O by one query. */
export class DatabaseMeter {
  readonly #trees = openProcessTrees();
  readonly #measured = new Map<string, Measured>();

  /** Whether enough time has passed: a clock that is moved ends many minutes in a moment. */
  isDue(id: string, server: MeteredServer): boolean {
    return performance.now() - this.#before(id, server).at >= shortestMs;
  }

  /** What it used since the last call or its start. */
  async measure(id: string, server: MeteredServer, client: Client): Promise<DatabaseUsage> {
    const before = this.#before(id, server);
    await this.#trees.look();
    const cpuMs = before.tree.cpuMs();
    const { rows } = await client.query<Record<string, string>>(query);
    const [row = {}] = rows;
    const { bavail, bsize } = await statfs(server.dataFolder);
    const at = performance.now();
    const elapsedMs = at - before.at;
    const totals = totalsOf(row);
    this.#measured.set(id, { ...before, at, cpuMs, totals });
    return {
      cores: Math.max(0, cpuMs - before.cpuMs) / elapsedMs,
      memoryBytes: before.tree.memoryBytes(),
      connections: Number(row['connections']),
      storageBytes: Number(row['database_bytes']) + Number(row['wal_bytes']),
      freeDiskBytes: bavail * bsize,
      walBytes: Number(row['wal_bytes']),
      usedTransactionIds: Number(row['used_xids']),
      checkpointLagSeconds: Number(row['checkpoint_lag']),
      ...(before.totals && { io: ioBetween(before.totals, totals, elapsedMs / 1000) }),
    };
  }

  /** It does not run any more. */
  forget(id: string): void {
    this.#measured.get(id)?.tree.close();
    this.#measured.delete(id);
  }

  #before(id: string, { pid, startedAt }: MeteredServer): Measured {
    const known = this.#measured.get(id);
    if (known?.pid === pid) return known;
    this.forget(id);
    const first = { pid, tree: this.#trees.add(pid, ''), at: startedAt, cpuMs: 0 };
    this.#measured.set(id, first);
    return first;
  }
}

/** Of PostgreSQL 17. What `pg_stat_io` counts, the operating system may answer from its memory. */
const query = `
  SELECT io.*, wal.*, database_bytes, wal_bytes, used_xids, connections, checkpoint_lag
  FROM
    (SELECT sum(reads) AS reads, sum(writes) + sum(extends) AS writes,
            sum(reads * op_bytes) AS read_bytes, sum((coalesce(writes, 0) + coalesce(extends, 0)) * op_bytes) AS written_bytes,
            sum(read_time) AS read_ms, sum(write_time) + sum(extend_time) AS write_ms
     FROM pg_stat_io) AS io,
    (SELECT wal_write AS wal_writes, wal_bytes AS wal_written, wal_write_time AS wal_write_ms FROM pg_stat_wal) AS wal,
    (SELECT sum(pg_database_size(oid)) AS database_bytes, max(age(datfrozenxid)) AS used_xids FROM pg_database) AS databases,
    (SELECT sum(size) AS wal_bytes FROM pg_ls_waldir()) AS wal_files,
    (SELECT count(*) AS connections FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND usename <> 'rdsadmin') AS clients,
    (SELECT extract(epoch FROM now() - checkpoint_time) AS checkpoint_lag FROM pg_control_checkpoint()) AS control`;

interface IoTotals {
  readonly reads: number;
  readonly writes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly readMs: number;
  readonly writeMs: number;
  readonly walBytes: number;
}

function totalsOf(row: Readonly<Record<string, string>>): IoTotals {
  const of = (name: string): number => Number(row[name] ?? 0);
  return {
    reads: of('reads'),
    writes: of('writes') + of('wal_writes'),
    readBytes: of('read_bytes'),
    writtenBytes: of('written_bytes') + of('wal_written'),
    readMs: of('read_ms'),
    writeMs: of('write_ms') + of('wal_write_ms'),
    walBytes: of('wal_written'),
  };
}

/** Counters that somebody reset count from 0 again. */
export function ioBetween(before: IoTotals, now: IoTotals, seconds: number): DatabaseIo {
  const used = (name: keyof IoTotals): number =>
    now[name] >= before[name] ? now[name] - before[name] : now[name];
  const each = (milliseconds: number, operations: number): number =>
    operations === 0 ? 0 : milliseconds / 1000 / operations;
  return {
    readsPerSecond: used('reads') / seconds,
    writesPerSecond: used('writes') / seconds,
    readBytesPerSecond: used('readBytes') / seconds,
    writtenBytesPerSecond: used('writtenBytes') / seconds,
    secondsPerRead: each(used('readMs'), used('reads')),
    secondsPerWrite: each(used('writeMs'), used('writes')),
    walBytesPerSecond: used('walBytes') / seconds,
  };
}
