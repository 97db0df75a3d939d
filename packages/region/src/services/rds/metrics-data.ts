/**
 * What CloudWatch is told of a minute, pure. Names, units and dimensions as in
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html and
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/dimensions.html
 */
import type { StandardUnit } from '@aws-sdk/client-cloudwatch';
import { dimensions, type MinuteMetrics } from '../../kernel/metric-minutes.ts';
import { memoryBytes } from './parameters.ts';
import type { DatabaseUsage } from './ports.ts';
import type { DbInstance } from './state.ts';

type Measured = Pick<DbInstance, 'identifier' | 'instanceClass' | 'allocatedStorage'>;
type Value = readonly [name: string, value: number, unit: StandardUnit];

/** Given per DB instance, and for all instances of its class and of its engine. */
export function addDatabaseMetrics(metrics: MinuteMetrics, instance: Measured, usage: DatabaseUsage): void {
  const values = [...valuesOf(instance, usage), ...(usage.io ? ioValues(usage.io) : [])];
  for (const of of [
    dimensions('DBInstanceIdentifier', instance.identifier),
    dimensions('DatabaseClass', instance.instanceClass),
    dimensions('EngineName', 'postgres'),
  ]) {
    for (const [name, value, unit] of values) metrics.add(name, of, unit, value);
  }
}

function valuesOf({ instanceClass, allocatedStorage }: Measured, usage: DatabaseUsage): readonly Value[] {
  const free = allocatedStorage * 2 ** 30 - usage.storageBytes;
  return [
    ['CPUUtilization', Math.min(100, (usage.cores / vCpus(instanceClass)) * 100), 'Percent'],
    ['DatabaseConnections', usage.connections, 'Count'],
    // Chosen: of the class's memory, what the server's processes do not hold. On RDS other things of the machine count, too.
    ['FreeableMemory', Math.max(0, memoryBytes(instanceClass) - usage.memoryBytes), 'Bytes'],
    // The disk of this machine may be smaller than what was allocated.
    ['FreeStorageSpace', Math.max(0, Math.min(free, usage.freeDiskBytes)), 'Bytes'],
    ['TransactionLogsDiskUsage', usage.walBytes, 'Bytes'],
    ['MaximumUsedTransactionIDs', usage.usedTransactionIds, 'Count'],
    ['CheckpointLag', usage.checkpointLagSeconds, 'Seconds'],
  ];
}

/** Confirmed by docs: latencies are seconds per operation. Known: 0 while there are none. */
function ioValues(io: NonNullable<DatabaseUsage['io']>): readonly Value[] {
  return [
    ['ReadIOPS', io.readsPerSecond, 'Count/Second'],
    ['WriteIOPS', io.writesPerSecond, 'Count/Second'],
    ['ReadThroughput', io.readBytesPerSecond, 'Bytes/Second'],
    ['WriteThroughput', io.writtenBytesPerSecond, 'Bytes/Second'],
    ['ReadLatency', io.secondsPerRead, 'Seconds'],
    ['WriteLatency', io.secondsPerWrite, 'Seconds'],
    ['TransactionLogsGeneration', io.walBytesPerSecond, 'Bytes/Second'],
  ];
}

/** By size; the smallest classes have two. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html */
function vCpus(instanceClass: string): number {
  const times = /\.(\d*)xlarge$/.exec(instanceClass)?.[1];
  return times === undefined ? 2 : 4 * Number(times || 1);
}
