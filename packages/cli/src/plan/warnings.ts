/** What a reviewer must not miss: lost data, wider permissions, opened ports. Pure. */

import type { PropertyChange, ResourceChange } from './picture.ts';
import type { Plan, PlannedStack } from './plan-document.ts';

export interface Warning {
  readonly kind: 'data-loss' | 'permissions' | 'ports';
  readonly stack: string;
  readonly logicalId: string;
  readonly text: string;
}

/** Types that hold what cannot be made again. */
const holdsData: ReadonlySet<string> = new Set([
  'AWS::RDS::DBInstance',
  'AWS::RDS::DBCluster',
  'AWS::S3::Bucket',
  'AWS::ECR::Repository',
  'AWS::SecretsManager::Secret',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::DynamoDB::Table',
  'AWS::EFS::FileSystem',
  'AWS::ElastiCache::ReplicationGroup',
]);

/** Permissions and ports first, since they are easily overlooked; each resource once. */
export function warningsOf({ waves }: Pick<Plan, 'waves'>): readonly Warning[] {
  const all = waves.flatMap(({ stacks }) => stacks.flatMap(warningsOfStack));
  const order = { permissions: 0, ports: 1, 'data-loss': 2 } as const;
  return all.sort((a, b) => order[a.kind] - order[b.kind]);
}

function warningsOfStack(stack: PlannedStack): readonly Warning[] {
  return stack.changes.flatMap((change): readonly Warning[] => {
    const at = { stack: stack.name, logicalId: change.logicalId };
    const loss = dataLoss(change);
    return [
      ...(loss === undefined ? [] : [{ ...at, kind: 'data-loss' as const, text: loss }]),
      ...widened(change).map((text) => ({ ...at, kind: 'permissions' as const, text })),
      ...opened(change).map((text) => ({ ...at, kind: 'ports' as const, text })),
    ];
  });
}

/** Also where the old one is retained or kept in a snapshot: the service then runs on an empty one. */
function dataLoss({ type, action, replacement, oldOne, properties }: ResourceChange): string | undefined {
  if (!holdsData.has(type)) return undefined;
  const rest =
    oldOne === 'snapshot' ? '; a snapshot is kept' : oldOne === 'retained' ? '; the old one is kept' : '';
  if (action === 'remove') return `${type} is removed with its data${rest}`;
  if (action !== 'modify' || replacement === 'no') return undefined;
  const by = properties.filter(({ replaces }) => replaces).map(({ path }) => path);
  const how = replacement === 'yes' ? 'is replaced by an empty one' : 'may be replaced by an empty one';
  return `${type} ${how}${by.length > 0 ? `, for ${by.join(', ')}` : ''}${rest}`;
}

const grants: ReadonlySet<string> = new Set([
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Role',
  'AWS::IAM::User',
  'AWS::IAM::Group',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::KMS::Key',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::ECR::Repository',
]);

const policyPaths = /polic|ManagedPolicyArns|PermissionsBoundary/i;

function widened({ type, action, properties }: ResourceChange): readonly string[] {
  if (!grants.has(type) || action === 'remove') return [];
  return properties.flatMap((property) => {
    if (!policyPaths.test(property.path)) return [];
    const added = addedStrings(property);
    return added.length === 0 ? [] : [`${property.path} gains ${added.join(', ')}`];
  });
}

/** Strings of the new value that the old one has not: actions, resources and principals that are added. */
function addedStrings({ before, after }: PropertyChange): readonly string[] {
  const known = new Set(stringsOf(before));
  return [...new Set(stringsOf(after).filter((text) => !known.has(text) && !ignorable.has(text)))];
}

const ignorable: ReadonlySet<string> = new Set(['2012-10-17', 'Allow', 'Deny']);

function stringsOf(json: string | undefined): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk);
  };
  if (json !== undefined) walk(JSON.parse(json));
  return found;
}

const everywhere = /0\.0\.0\.0\/0|::\/0/;

function opened({ type, action, properties }: ResourceChange): readonly string[] {
  if (!/^AWS::EC2::SecurityGroup(Ingress)?$/.test(type) || action === 'remove') return [];
  const after = properties.filter(
    (property) => property.after !== undefined && !/Egress/.test(property.path),
  );
  const open = after.filter(
    (property) => everywhere.test(property.after ?? '') && !everywhere.test(property.before ?? ''),
  );
  const ports = after.filter(({ path }) => /FromPort|ToPort|IpProtocol/.test(path));
  return [
    ...open.map(({ path, after: value }) => `${path} is opened to everybody: ${value}`),
    ...(action === 'modify'
      ? ports.map(({ path, before, after: value }) => `${path} ${before} → ${value}`)
      : []),
  ];
}
