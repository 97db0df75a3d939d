import { type Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { ResolvedEnvironment } from '../definition/resolved-environment.ts';
import { environmentOf } from '../stacks/names.ts';
import { databaseMetric } from './metrics.ts';
import { serviceAlarm } from './service-alarm.ts';

/** The alarms on the service's database; none where it has none. */
export function databaseAlarms(scope: Construct, definition: ResolvedEnvironment): readonly Alarm[] {
  const { service, environment, alarms, database } = definition;
  if (database === undefined) return [];
  const instance = environmentOf(service, environment);
  const freeBytes = freeStorageBytes(definition);
  return [
    serviceAlarm(scope, 'DatabaseCpu', {
      alarmName: `${instance}-database-cpu`,
      alarmDescription: `The database of ${service} uses more than ${alarms.databaseCpuPercent} % of its CPU. Look for slow queries; a larger instance class needs a maintenance window.`,
      metric: databaseMetric('CPUUtilization', instance),
      threshold: alarms.databaseCpuPercent,
      minutes: [5, 5],
    }),
    serviceAlarm(scope, 'DatabaseConnections', {
      alarmName: `${instance}-database-connections`,
      alarmDescription: `The database of ${service} has more than ${alarms.databaseConnections} connections, near what it takes. Look at the number of tasks and at the size of their pools.`,
      metric: databaseMetric('DatabaseConnections', instance, 'Maximum'),
      threshold: alarms.databaseConnections ?? 0,
    }),
    serviceAlarm(scope, 'DatabaseFreeStorage', {
      alarmName: `${instance}-database-free-storage`,
      alarmDescription: `The database of ${service} has less than ${alarms.databaseFreeStoragePercent} % of its ${database.storageGiB} GiB free; without any it stops. Give it more: that needs no downtime.`,
      metric: databaseMetric('FreeStorageSpace', instance, 'Minimum'),
      threshold: freeBytes,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    }),
  ];
}

/** From where on the storage counts as short; 0 without a database. */
export function freeStorageBytes({ alarms, database }: ResolvedEnvironment): number {
  return Math.round(((database?.storageGiB ?? 0) * 1024 ** 3 * alarms.databaseFreeStoragePercent) / 100);
}
