/** What a removal takes and what it leaves. Pure. */
import type { Stack } from '@aws-sdk/client-cloudformation';
import type { resourcesOf } from '../deploy/parameters.ts';
import type { KeptResource } from './plan-document.ts';

type Declaration = ReturnType<typeof resourcesOf>[string];

// Confirmed by docs: databases without a policy are kept in a snapshot, members of a cluster are deleted.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
export function fateOf(
  type: string,
  declaration: Declaration | undefined,
): 'deleted' | 'retained' | 'snapshot' {
  switch (declaration?.DeletionPolicy) {
    case 'Delete':
      return 'deleted';
    case 'Snapshot':
      return 'snapshot';
    case 'Retain':
    case 'RetainExceptOnCreate':
      return 'retained';
    default: {
      const isMember = declaration?.Properties?.['DBClusterIdentifier'] !== undefined;
      const isDatabase = type === 'AWS::RDS::DBCluster' || (type === 'AWS::RDS::DBInstance' && !isMember);
      return isDatabase ? 'snapshot' : 'deleted';
    }
  }
}

/** Stacks of the service and the environment, and those under them that name only one of both. */
export function isOfEnvironment(
  stack: Stack,
  { service, environment }: { readonly service: string; readonly environment: string },
): boolean {
  const [ofService, ofEnvironment] = [tagOf(stack, 'plimsoll:service'), tagOf(stack, 'plimsoll:environment')];
  if (ofService === undefined && ofEnvironment === undefined) return false;
  return (ofService ?? service) === service && (ofEnvironment ?? environment) === environment;
}

/** Why the stack has to stay for others: a network has other services, a registry other environments. */
export function sharedBy(
  stack: Stack,
  all: readonly Stack[],
  { service, environment }: { readonly service: string; readonly environment: string },
): string | undefined {
  const [ofService, ofEnvironment] = [tagOf(stack, 'plimsoll:service'), tagOf(stack, 'plimsoll:environment')];
  const others = all.filter((other) => {
    if (ofService === undefined)
      return (
        tagOf(other, 'plimsoll:environment') === environment &&
        (tagOf(other, 'plimsoll:service') ?? service) !== service
      );
    if (ofEnvironment === undefined)
      return (
        tagOf(other, 'plimsoll:service') === service &&
        (tagOf(other, 'plimsoll:environment') ?? environment) !== environment
      );
    return false;
  });
  return others.length === 0
    ? undefined
    : `others use it: ${others.map(({ StackName }) => StackName).join(', ')}`;
}

const inNetworks: ReadonlySet<string> = new Set([
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBSubnetGroup',
  'AWS::EC2::SecurityGroup',
  'AWS::ElastiCache::ReplicationGroup',
]);

/** A network is the environment's, and no service's. It cannot go while something that is kept has an address in it. */
export function standsInNetwork(stack: Stack, kept: readonly KeptResource[]): string | undefined {
  if (tagOf(stack, 'plimsoll:service') !== undefined) return undefined;
  const holders = kept.filter(({ type }) => inNetworks.has(type));
  return holders.length === 0
    ? undefined
    : `what is kept stands in it: ${holders.map(({ physicalId }) => physicalId).join(', ')}`;
}

function tagOf({ Tags = [] }: Stack, name: string): string | undefined {
  return Tags.find(({ Key }) => Key === name)?.Value;
}
