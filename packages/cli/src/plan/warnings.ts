/** What a reviewer must not miss: lost data, wider permissions, opened ports. Pure. */

import { type PropertyChange, pendingValue, type ResourceChange } from './picture.ts';
import type { Plan, PlannedStack } from './plan-document.ts';
import { rulesText, ruleText } from './ports-text.ts';

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

/** What would lose data without being allowed to. */
export function lossesOf(plan: Pick<Plan, 'waves'>, allowed: readonly string[]): readonly Warning[] {
  return warningsOf(plan).filter(
    ({ kind, logicalId }) => kind === 'data-loss' && !allowed.includes(logicalId),
  );
}

function warningsOfStack(stack: PlannedStack): readonly Warning[] {
  return stack.changes.flatMap((change): readonly Warning[] => {
    const at = { stack: stack.name, logicalId: change.logicalId };
    const loss = dataLoss(change);
    return [
      ...(loss === undefined ? [] : [{ ...at, kind: 'data-loss' as const, text: loss }]),
      ...widened(change).map((text) => ({ ...at, kind: 'permissions' as const, text })),
      ...opened(change, stack.action).map((text) => ({ ...at, kind: 'ports' as const, text })),
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

const policyPaths =
  /(^|\.)((AssumeRole|Key|Resource)?Policy(Document|Text)?|RepositoryPolicyText|Policies|ManagedPolicyArns|PermissionsBoundary)(\.|$)/;

function widened({ type, action, properties }: ResourceChange): readonly string[] {
  if (!grants.has(type) || action === 'remove') return [];
  return properties.flatMap((property) => {
    if (!policyPaths.test(property.path)) return [];
    const added = addedStrings(property);
    const texts = added.length === 0 ? [] : [`${property.path} gains ${listed(added)}`];
    return [...texts, ...liftedLimits(property)];
  });
}

/** Chosen: what is beyond is in the picture and the file. */
const mostNamed = 12;

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return more > 0 ? `${names.slice(0, mostNamed).join(', ')} and ${more} more` : names.join(', ');
}

/** What held permissions back and is gone: a Deny, a condition, a boundary. */
function liftedLimits({ path, before, after }: PropertyChange): readonly string[] {
  if (after === undefined && /(^|\.)(Condition|PermissionsBoundary)(\.|$)/.test(path))
    return [`${path} is gone`];
  const lost = (pattern: RegExp): boolean =>
    (before?.match(pattern)?.length ?? 0) > (after?.match(pattern)?.length ?? 0);
  return [
    ...(lost(/"Deny"/g) ? [`${path} loses a Deny`] : []),
    ...(lost(/"Condition":/g) ? [`${path} loses a Condition`] : []),
  ];
}

/** What the new value names and the old one does not: actions, resources and principals that are added. */
function addedStrings({ path, before, after }: PropertyChange): readonly string[] {
  // A boundary where there was none takes away.
  if (path === 'PermissionsBoundary' && before === undefined) return [];
  const known = new Set(stringsOf(before, false));
  // A condition of what is all new holds it back; one that is another may let more in.
  return [...new Set(stringsOf(after, before === undefined).filter((text) => !known.has(text)))];
}

/** Keys whose values say nothing of who may do what. */
const silent: ReadonlySet<string> = new Set(['Effect', 'Version', 'Sid', 'PolicyName']);

function stringsOf(json: string | undefined, isNew: boolean): readonly string[] {
  const found: string[] = [];
  const walk = (value: unknown): void => {
    const text = asText(value);
    if (text !== undefined) found.push(text);
    else if (typeof value === 'object' && value !== null)
      for (const [key, one] of grantingParts(value, isNew)) if (!silent.has(key)) walk(one);
  };
  if (json !== undefined) walk(JSON.parse(json));
  return found;
}

/** A Deny grants nothing. */
function grantingParts(value: object, isNew: boolean): readonly (readonly [string, unknown])[] {
  const parts = Object.entries(value) as readonly (readonly [string, unknown])[];
  if (parts.some(([key, one]) => key === 'Effect' && one === 'Deny')) return [];
  return isNew ? parts.filter(([key]) => key !== 'Condition') : parts;
}

/** A string, or a reference as it would be written in one; undefined of anything else. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.replaceAll(pendingValue, 'known after apply');
  if (typeof value !== 'object' || value === null) return undefined;
  const [[name, of] = ['', undefined], ...more] = Object.entries(value) as [string, unknown][];
  if (more.length > 0) return undefined;
  if (name === 'Ref') return `\${${String(of)}}`;
  if (name === 'Fn::GetAtt') return `\${${Array.isArray(of) ? of.join('.') : String(of)}}`;
  if (name !== 'Fn::Join' || !Array.isArray(of) || !Array.isArray(of[1])) return undefined;
  return of[1].map((part) => asText(part) ?? JSON.stringify(part)).join(String(of[0]));
}

const everywhere = /0\.0\.0\.0\/0|::\/0/;

function opened(
  { type, action, properties }: ResourceChange,
  ofStack: PlannedStack['action'],
): readonly string[] {
  if (!/^AWS::EC2::SecurityGroup(Ingress)?$/.test(type) || action === 'remove') return [];
  const isOpen = (value: string | undefined): boolean => everywhere.test(value ?? '');
  const toAll = properties.filter(
    ({ path, before, after }) => !path.startsWith('SecurityGroupEgress') && isOpen(after) && !isOpen(before),
  );
  const open = toAll.map(({ path, after = '' }) => `${path} is opened to everybody: ${rulesText(after)}`);
  // Of what is all new only what is open to everybody matters: nobody was in it before.
  if (action === 'add' && (type === 'AWS::EC2::SecurityGroup' || ofStack !== 'update' || open.length > 0))
    return open;
  const peers = properties.filter(({ path, after }) => peerOrPort.test(path) && after !== undefined);
  if (action === 'add') {
    const rule = Object.fromEntries(
      peers.map(({ path, after = '' }) => [path, JSON.parse(after) as unknown]),
    );
    return [`lets in ${ruleText(rule) ?? peers.map(({ path, after }) => `${path} ${after}`).join(', ')}`];
  }
  const others = properties.filter((property) => !toAll.includes(property) && property.after !== undefined);
  return [
    ...open,
    ...others.flatMap(({ path, before, after }) => {
      if (path.startsWith('SecurityGroupEgress')) return [];
      if (before !== undefined) return peerOrPort.test(path) ? [`${path} ${before} → ${after}`] : [];
      return path.startsWith('SecurityGroupIngress') ? [`${path} lets in ${rulesText(after ?? '')}`] : [];
    }),
  ];
}

const peerOrPort = /(FromPort|ToPort|IpProtocol|CidrIp|CidrIpv6|SourceSecurityGroupId|SourcePrefixListId)$/;
