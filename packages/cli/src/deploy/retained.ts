/**
 * What deletion policies keep when a stack goes. A database that is retained keeps its security group, and that keeps the
 * VPC: `down --destroy` deletes such resources by their own APIs, after their stack and before the stacks below it.
 */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { DeleteSecurityGroupCommand } from '@aws-sdk/client-ec2';
import {
  DeleteDBInstanceCommand,
  DeleteDBSubnetGroupCommand,
  DescribeDBInstancesCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { nameOf } from '../errors.ts';
import { pause } from '../wait.ts';
import type { Operation } from './operation.ts';

/** Something that outlived its stack. */
export interface Kept {
  readonly what: string;
  readonly why: string;
}

type Deletion = (operation: Operation, id: string) => Promise<void>;

// In the order in which they stand on each other.
const deletions: readonly (readonly [type: string, deletion: Deletion])[] = [
  ['AWS::RDS::DBInstance', deleteDatabase],
  ['AWS::RDS::DBSubnetGroup', deleteSubnetGroup],
  ['AWS::EC2::SecurityGroup', deleteSecurityGroup],
];

/** @returns what is left: types that only their owner can delete */
export async function deleteRetained(
  operation: Operation,
  stack: string,
  events: readonly StackEvent[],
): Promise<readonly Kept[]> {
  const skipped = events.filter(({ ResourceStatus }) => ResourceStatus === 'DELETE_SKIPPED');
  for (const [type, deletion] of deletions) {
    for (const { ResourceType, PhysicalResourceId: id = '' } of skipped) {
      if (ResourceType !== type) continue;
      operation.report({
        kind: 'note',
        text: `  ${stack}: ${type} ${id} was retained by its policy; deleting it`,
      });
      await deletion(operation, id);
    }
  }
  const known = new Set(deletions.map(([type]) => type));
  return skipped
    .filter(({ ResourceType = '' }) => !known.has(ResourceType))
    .map(({ ResourceType = '', PhysicalResourceId: id = '' }) => ({
      what: `${ResourceType} ${id}`,
      why: 'its deletion policy retains it',
    }));
}

async function deleteDatabase({ target, signal }: Operation, id: string): Promise<void> {
  const rds = await target.clients.rds();
  await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true }));
  while (await isThere(rds, id)) await pause(target.pollMs, signal);
}

async function isThere(rds: RDSClient, id: string): Promise<boolean> {
  try {
    await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id }));
    return true;
  } catch (error) {
    if (nameOf(error).startsWith('DBInstanceNotFound')) return false;
    throw error;
  }
}

async function deleteSubnetGroup({ target }: Operation, id: string): Promise<void> {
  await (await target.clients.rds()).send(new DeleteDBSubnetGroupCommand({ DBSubnetGroupName: id }));
}

async function deleteSecurityGroup({ target }: Operation, id: string): Promise<void> {
  await (await target.clients.ec2()).send(new DeleteSecurityGroupCommand({ GroupId: id }));
}
