import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameterCombination, invalidParameterValue } from '../errors.ts';

/* Checks of what requests give. Texts are Known: as RDS answers, not printed in its reference. */

/** Confirmed by API: 1 to 63 letters, digits and hyphens, beginning with a letter; kept in lower case. */
export function checkedIdentifier(parameter: string, value = ''): string {
  if (/^[a-z](?:-?[a-z0-9])*$/i.test(value) && value.length <= 255) return value.toLowerCase();
  throw invalidParameterValue(
    `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ` +
      'ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.',
  );
}

// Known: words that the engine keeps for itself.
const reservedUsers = new Set([
  'admin',
  'rdsadmin',
  'rdsrepladmin',
  'rds_superuser',
  'public',
  'user',
  'none',
]);

/** Confirmed by API: for PostgreSQL 1 to 63 letters, digits and underscores, beginning with a letter. */
export function checkedMasterUsername(name = ''): string {
  if (name === '')
    throw invalidParameterValue('The parameter MasterUsername must be provided and must not be blank.');
  if (!/^[a-z][a-z0-9_]{0,62}$/i.test(name)) {
    throw invalidParameterValue(
      'The parameter MasterUsername is not valid: it must begin with a letter and contain only letters, digits and underscores.',
    );
  }
  if (reservedUsers.has(name.toLowerCase()) || /^(?:pg|rds)_/i.test(name)) {
    throw invalidParameterValue(
      `MasterUsername ${name} cannot be used as it is a reserved word used by the engine`,
    );
  }
  return name.toLowerCase();
}

export function checkedPassword(password: string): string {
  if (password.length < 8) {
    throw invalidParameterValue(
      'The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.',
    );
  }
  if (password.length > 128 || !/^[!-~]+$/.test(password) || /[/@"]/.test(password)) {
    throw invalidParameterValue(
      "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.",
    );
  }
  return password;
}

export function checkedDatabaseName(name: string | undefined): string | undefined {
  if (name === undefined || /^[a-z][a-z0-9_]{0,62}$/i.test(name)) return name?.toLowerCase();
  throw invalidParameterValue('DBName must begin with a letter and contain only alphanumeric characters.');
}

export function checkedClass(instanceClass = ''): string {
  if (/^db\.[a-z0-9-]+\.[a-z0-9]+$/.test(instanceClass)) return instanceClass;
  throw invalidParameterValue(`Invalid DB Instance class: ${instanceClass}`);
}

/** Known: 20 to 65 536 GiB for PostgreSQL on general purpose storage. */
export function checkedStorage(size: number | undefined, storageType: string): number {
  if (size !== undefined && size >= 20 && size <= 65_536) return size;
  throw invalidParameterCombination(
    `Invalid storage size for engine name postgres and storage type ${storageType}: ${size ?? 0}`,
  );
}

export function checkedRetention(days: number): number {
  if (Number.isInteger(days) && days >= 0 && days <= 35) return days;
  throw invalidParameterValue(`Invalid backup retention period: ${days}. Must be between 0 and 35.`);
}

export function checkEngine(operation: string, engine: string | undefined): void {
  if (engine !== 'postgres') throw notModelled(`rds ${operation}: Engine ${engine}`, 'rds');
}

/** Nothing is lost by being told not to do what is not modelled. */
export function checkIamAuthentication(operation: string, enabled: boolean | undefined): void {
  if (enabled) throw notModelled(`rds ${operation}: member EnableIAMDatabaseAuthentication`, 'rds');
}

/**
 * The version that runs for the one that was asked for: nothing, `17` or `17.4`. Another minor version of the same
 * major is taken with a warning, because the template's own version must not stop it from running here.
 */
export function chosenVersion(ctx: Context, available: readonly string[], asked: string | undefined): string {
  const major = asked?.split('.')[0];
  const version = available.find((one) => major === undefined || one.split('.')[0] === major);
  if (version === undefined) {
    const here = available.length > 0 ? available.join(', ') : 'no PostgreSQL for this platform';
    throw notModelled(`rds: EngineVersion ${asked ?? 'postgres'} (here: ${here})`, 'rds');
  }
  if (asked?.includes('.') && asked !== version) {
    ctx.warn(
      'rds-engine-version',
      `EngineVersion ${asked} was asked for; PostgreSQL ${version} runs instead.`,
    );
  }
  return version;
}

/** A page of records by `Marker` and `MaxRecords`. */
export function page<T>(
  records: readonly T[],
  { Marker, MaxRecords }: { Marker?: string | undefined; MaxRecords?: number | undefined },
): { readonly records: readonly T[]; readonly Marker?: string } {
  const start = Marker === undefined ? 0 : Number(Marker);
  if (!Number.isInteger(start)) throw invalidParameterValue('Invalid or expired marker.');
  const end = start + (MaxRecords ?? 100);
  return { records: records.slice(start, end), ...(end < records.length && { Marker: String(end) }) };
}
