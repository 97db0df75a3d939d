import { AwsError } from '../../kernel/aws-error.ts';

// Codes confirmed by API (the SDK's schemas); texts are Known unless marked.

export function dbInstanceNotFound(identifier: string): AwsError {
  return new AwsError('DBInstanceNotFound', `DBInstance ${identifier} not found.`, { status: 404 });
}

export function dbInstanceAlreadyExists(): AwsError {
  return new AwsError('DBInstanceAlreadyExists', 'DB instance already exists');
}

export function invalidDbInstanceState(identifier: string, status: string): AwsError {
  return new AwsError(
    'InvalidDBInstanceState',
    `Database instance is not in available state: ${identifier} is ${status}.`,
  );
}

export function protectedInstance(): AwsError {
  return new AwsError(
    'InvalidParameterCombination',
    'Cannot delete protected DB Instance, please disable deletion protection and try again.',
  );
}

export function dbSnapshotNotFound(identifier: string): AwsError {
  return new AwsError('DBSnapshotNotFound', `DBSnapshot ${identifier} not found.`, { status: 404 });
}

export function dbSnapshotAlreadyExists(identifier: string): AwsError {
  return new AwsError(
    'DBSnapshotAlreadyExists',
    `Cannot create the snapshot because a snapshot with the identifier ${identifier} already exists.`,
  );
}

export function invalidDbSnapshotState(identifier: string, status: string): AwsError {
  return new AwsError('InvalidDBSnapshotState', `DBSnapshot ${identifier} is ${status}.`);
}

export function dbSubnetGroupNotFound(name: string): AwsError {
  return new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`, {
    status: 404,
  });
}

export function dbSubnetGroupAlreadyExists(name: string): AwsError {
  return new AwsError('DBSubnetGroupAlreadyExists', `The DB subnet group '${name}' already exists.`);
}

export function dbSubnetGroupInUse(name: string, instance: string): AwsError {
  return new AwsError(
    'InvalidDBSubnetGroupStateFault',
    `Cannot delete the subnet group '${name}' because at least one database instance: ${instance} is still using it.`,
  );
}

export function notEnoughAvailabilityZones(zones: readonly string[]): AwsError {
  return new AwsError(
    'DBSubnetGroupDoesNotCoverEnoughAZs',
    "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: " +
      `${zones.join(', ')}. Add subnets to cover at least 2 AZs.`,
  );
}

export function invalidSubnet(text: string): AwsError {
  return new AwsError('InvalidSubnet', text);
}

export function dbParameterGroupNotFound(name: string): AwsError {
  return new AwsError('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, { status: 404 });
}

export function dbParameterGroupAlreadyExists(name: string): AwsError {
  return new AwsError('DBParameterGroupAlreadyExists', `Parameter group ${name} already exists`);
}

export function invalidDbParameterGroupState(text: string): AwsError {
  return new AwsError('InvalidDBParameterGroupState', text);
}

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

export function invalidParameterCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message);
}
