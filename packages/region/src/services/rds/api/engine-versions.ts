import type * as Api from '@aws-sdk/client-rds';
import type { Context } from '../../../kernel/context.ts';
import { page } from './input.ts';

/** The engine versions that really run here. */
export function describeDBEngineVersions(
  versions: readonly string[],
  input: Api.DescribeDBEngineVersionsMessage,
): Api.DBEngineVersionMessage {
  const found = versions.map(describedVersion).filter((version) => matches(version, input));
  const { records, Marker } = page(found, input);
  return { DBEngineVersions: [...records], ...(Marker !== undefined && { Marker }) };
}

// Chosen: a few current classes; RDS offers some hundred. Any class can be asked for.
const classes = ['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge'].map((size) => `db.t4g.${size}`);

export function describeOrderableDBInstanceOptions(
  ctx: Context,
  versions: readonly string[],
  input: Api.DescribeOrderableDBInstanceOptionsMessage,
): Api.OrderableDBInstanceOptionsMessage {
  const wanted = versions.filter(
    (version) =>
      input.Engine === 'postgres' && (input.EngineVersion === undefined || version === input.EngineVersion),
  );
  const options = wanted.flatMap((version) =>
    classes
      .filter((name) => input.DBInstanceClass === undefined || name === input.DBInstanceClass)
      .map((name) => describedOption(ctx, version, name)),
  );
  const { records, Marker } = page(options, input);
  return { OrderableDBInstanceOptions: [...records], ...(Marker !== undefined && { Marker }) };
}

function describedVersion(version: string): Api.DBEngineVersion {
  const major = version.split('.')[0];
  return {
    Engine: 'postgres',
    EngineVersion: version,
    MajorEngineVersion: major,
    DBParameterGroupFamily: `postgres${major}`,
    DBEngineDescription: 'PostgreSQL',
    DBEngineVersionDescription: `PostgreSQL ${version}-R1`,
    Status: 'available',
    SupportsReadReplica: false,
    SupportsGlobalDatabases: false,
    SupportedEngineModes: ['provisioned'],
    ValidUpgradeTarget: [],
  };
}

function matches(version: Api.DBEngineVersion, input: Api.DescribeDBEngineVersionsMessage): boolean {
  const { Engine = 'postgres', EngineVersion, DBParameterGroupFamily } = input;
  return (
    Engine === 'postgres' &&
    (EngineVersion === undefined ||
      EngineVersion === version.EngineVersion ||
      EngineVersion === version.MajorEngineVersion) &&
    (DBParameterGroupFamily === undefined || DBParameterGroupFamily === version.DBParameterGroupFamily)
  );
}

function describedOption(
  ctx: Context,
  version: string,
  instanceClass: string,
): Api.OrderableDBInstanceOption {
  return {
    Engine: 'postgres',
    EngineVersion: version,
    DBInstanceClass: instanceClass,
    LicenseModel: 'postgresql-license',
    AvailabilityZones: ['a', 'b', 'c'].map((zone) => ({ Name: `${ctx.region}${zone}` })),
    MultiAZCapable: true,
    ReadReplicaCapable: false,
    Vpc: true,
    SupportsStorageEncryption: true,
    StorageType: 'gp3',
    MinStorageSize: 20,
    MaxStorageSize: 65_536,
  };
}
