import type { Tag, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { invalidParameterValue } from './errors.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { Ec2State } from './state.ts';

/** A new id of AWS's form: `vpc-0123456789abcdef0`. */
export function newId(ctx: Context, prefix: string): string {
  return `${prefix}-0${ctx.random.hex(16)}`;
}

/** Stores the tags that a create request carries for its resource. */
export function tagNew(
  state: Ec2State,
  kind: ResourceKind,
  id: string,
  specifications: readonly TagSpecification[] | undefined,
): void {
  for (const { ResourceType, Tags = [] } of specifications ?? []) {
    if (ResourceType !== kind) {
      throw invalidParameterValue(
        `'${ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    addTags(state, id, Tags);
  }
}

export function addTags(state: Ec2State, resourceId: string, added: readonly Tag[]): void {
  const tags: Record<string, string> = { ...state.tags.get(resourceId)?.tags };
  for (const { Key = '', Value = '' } of added) tags[checkKey(Key)] = checkValue(Value);
  // Confirmed by docs: 50 tags per resource; those of AWS do not count.
  if (Object.keys(tags).filter((key) => !key.startsWith('aws:')).length > 50) {
    throw new AwsError('TagLimitExceeded', 'The maximum number of Tags for a resource has been reached.');
  }
  if (Object.keys(tags).length > 0) state.tags.put(resourceId, { resourceId, tags });
}

export function tagsOf(state: Ec2State, resourceId: string): Tag[] {
  return Object.entries(state.tags.get(resourceId)?.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/** CloudFormation's own tags pass: it sets them as the caller of the stack. */
function checkKey(key: string): string {
  if (key.length < 1 || key.length > 128) {
    throw invalidParameterValue(`Tag key length must be between 1 and 128 characters. Got '${key}'`);
  }
  if (/^aws:/i.test(key) && !key.startsWith('aws:cloudformation:')) {
    throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
  }
  return key;
}

function checkValue(value: string): string {
  if (value.length <= 256) return value;
  throw invalidParameterValue('Tag value exceeds the maximum length of 256 characters');
}
