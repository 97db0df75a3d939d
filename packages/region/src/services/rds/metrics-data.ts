/**
 * What CloudWatch is told of a minute, pure. Names, units and dimensions as in
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html and
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/dimensions.html
 */
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { dimensions, type MinuteMetrics } from '../../kernel/metric-minutes.ts';
import { memoryBytes } from './parameters.ts';
import type { DatabaseUsage } from './ports.ts';
import type { DbInstance } from './state.ts';

type Measured = Pick<DbInstance, 'identifier' | 'instanceClass' | 'allocatedStorage'>;

/** Given per DB instance, and for all instances of its class and of its engine. */
export function addDatabaseMetrics(metrics: MinuteMetrics, instance: Measured, usage: DatabaseUsage): void {
  const { identifier, instanceClass, allocatedStorage } = instance;
  const cpu = Math.min(100, (usage.cores / vCpus(instanceClass)) * 100);
  // Chosen: of the class's memory, what the server's processes do not hold. On RDS other things of the machine count, too.
  const freeable = Math.max(0, memoryBytes(instanceClass) - usage.memoryBytes);
  const unused = allocatedStorage * 2 ** 30 - usage.storageBytes;
  // The disk of this machine may be smaller than what was allocated.
  const free = Math.max(0, Math.min(unused, usage.freeDiskBytes));
  for (const of of [
    dimensions('DBInstanceIdentifier', identifier),
    dimensions('DatabaseClass', instanceClass),
    dimensions('EngineName', 'postgres'),
  ]) {
    metrics.add('CPUUtilization', of, 'Percent', cpu);
    metrics.add('DatabaseConnections', of, 'Count', usage.connections);
    metrics.add('FreeableMemory', of, 'Bytes', freeable);
    metrics.add('FreeStorageSpace', of, 'Bytes', free);
    metrics.add('TransactionLogsDiskUsage', of, 'Bytes', usage.walBytes);
    metrics.add('MaximumUsedTransactionIDs', of, 'Count', usage.usedTransactionIds);
    metrics.add('CheckpointLag', of, 'Seconds', usage.checkpointLagSeconds);
    if (usage.io) addIo(metrics, of, usage.io);
  }
}

/** Confirmed by docs: latencies are seconds per operation. Known: 0 while there are none. */
function addIo(metrics: MinuteMetrics, of: Dimension[], io: NonNullable<DatabaseUsage['io']>): void {
  metrics.add('ReadIOPS', of, 'Count/Second', io.readsPerSecond);
  metrics.add('WriteIOPS', of, 'Count/Second', io.writesPerSecond);
  metrics.add('ReadThroughput', of, 'Bytes/Second', io.readBytesPerSecond);
  metrics.add('WriteThroughput', of, 'Bytes/Second', io.writtenBytesPerSecond);
  metrics.add('ReadLatency', of, 'Seconds', io.secondsPerRead);
  metrics.add('WriteLatency', of, 'Seconds', io.secondsPerWrite);
  metrics.add('TransactionLogsGeneration', of, 'Bytes/Second', io.walBytesPerSecond);
}

/** By size; the smallest classes have two. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html */
function vCpus(instanceClass: string): number {
  const times = /\.(\d*)xlarge$/.exec(instanceClass)?.[1];
  return times === undefined ? 2 : 4 * Number(times || 1);
}
