import type { Access } from '../kernel/access.ts';
import type { Principal } from '../kernel/context.ts';
import type { Instant } from '../kernel/instant.ts';
import type { Grounds } from './grounds.ts';

export type ContextKeys = Readonly<Record<string, string | readonly string[]>>;
type Tags = Readonly<Record<string, string>>;

export interface Circumstances {
  readonly caller: Principal;
  /** The role or the user. */
  readonly holder: Grounds['holder'];
  readonly access: Access;
  readonly input: Readonly<Record<string, unknown>>;
  readonly region: string;
  readonly accountId: string;
  /** Action prefix of the service that is asked: `ecs`. */
  readonly prefix: string;
  readonly resourceTags: Tags | undefined;
  /** The service in whose course this is asked: `cloudformation.amazonaws.com`. */
  readonly via?: string;
}

/**
 * The condition keys of a request, but for the time. Those of a service are in its `access.ts`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function contextKeys(circumstances: Circumstances): ContextKeys {
  const { access, region, accountId, prefix, resourceTags = {}, via } = circumstances;
  const requestTags = tagsOfRequest(circumstances.input);
  const keys = Object.keys(requestTags);
  return {
    ...ofPrincipal(circumstances),
    'aws:RequestedRegion': region,
    // Chosen: clients speak plain HTTP to the loopback interface where they speak TLS to AWS.
    'aws:SecureTransport': 'true',
    'aws:ResourceAccount': accountId,
    ...(prefix === 's3' && { 's3:ResourceAccount': accountId }),
    'aws:ViaAWSService': String(via !== undefined),
    ...(via !== undefined && {
      'aws:CalledVia': [via],
      'aws:CalledViaFirst': via,
      'aws:CalledViaLast': via,
    }),
    ...(prefix === 'kms' && { 'kms:CallerAccount': circumstances.caller.accountId }),
    ...(prefix === 'kms' && via !== undefined && { 'kms:ViaService': via.replace('.', `.${region}.`) }),
    ...prefixed('aws:ResourceTag/', resourceTags),
    ...prefixed(`${prefix}:ResourceTag/`, resourceTags),
    ...prefixed('aws:RequestTag/', requestTags),
    ...(keys.length > 0 && { 'aws:TagKeys': keys }),
    ...access.context,
  };
}

export function timeKeys(now: Instant): ContextKeys {
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
  };
}

function ofPrincipal({ caller, holder, accountId }: Circumstances): ContextKeys {
  // Whom a provider vouches for is nobody of the account yet: what is known of them comes with the access.
  if (caller.type === 'Anonymous') return {};
  if (caller.type === 'Service') {
    return {
      'aws:PrincipalIsAWSService': 'true',
      'aws:PrincipalServiceName': caller.userId,
      'aws:SourceAccount': accountId,
      ...(caller.sourceArn !== undefined && { 'aws:SourceArn': caller.sourceArn }),
    };
  }
  return {
    'aws:PrincipalIsAWSService': 'false',
    'aws:PrincipalArn': holder?.arn ?? caller.arn,
    'aws:PrincipalAccount': caller.accountId,
    'aws:PrincipalType': caller.type,
    ...(caller.type === 'User' && holder && { 'aws:username': holder.name }),
    'aws:userid': caller.userId,
    ...caller.sessionKeys,
    ...prefixed('aws:PrincipalTag/', { ...holder?.tags, ...caller.sessionTags }),
  };
}

function prefixed(prefix: string, tags: Tags): ContextKeys {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}${key}`, value]));
}

interface AnyTag {
  readonly Key?: string;
  readonly Value?: string;
  readonly key?: string;
  readonly value?: string;
  readonly TagKey?: string;
  readonly TagValue?: string;
}

/** The tags that a request brings, in any of the forms that AWS's APIs have. */
export function tagsOfRequest(input: Readonly<Record<string, unknown>>): Tags {
  const specifications = (input['TagSpecifications'] ?? []) as readonly { Tags?: readonly AnyTag[] }[];
  const lists = [input['Tags'], input['tags'], ...specifications.map(({ Tags }) => Tags)];
  const untagged = input['TagKeys'] ?? input['tagKeys'];
  return Object.assign(
    {},
    ...(Array.isArray(untagged) ? [Object.fromEntries(untagged.map((key) => [String(key), '']))] : []),
    ...lists.map((list) => (Array.isArray(list) ? tagsOfList(list as AnyTag[]) : (list ?? {}))),
    typeof input['Tagging'] === 'string' ? Object.fromEntries(new URLSearchParams(input['Tagging'])) : {},
  ) as Tags;
}

function tagsOfList(list: readonly AnyTag[]): Tags {
  return Object.fromEntries(
    list.map(({ Key, Value, key, value, TagKey, TagValue }) => [
      Key ?? key ?? TagKey ?? '',
      Value ?? value ?? TagValue ?? '',
    ]),
  );
}
