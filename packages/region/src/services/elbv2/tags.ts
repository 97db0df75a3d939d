import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Tags } from './state.ts';

/** Tags with those of the request added. Confirmed by docs: at most 50, and no key twice in a request. */
export function withTags(before: Tags, given: readonly Tag[] | undefined): Tags {
  const keys = (given ?? []).map(({ Key }) => Key ?? '');
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined)
    throw new AwsError('DuplicateTagKeys', `The tag key '${twice}' was specified more than once`);
  const tags = {
    ...before,
    ...Object.fromEntries((given ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
  if (Object.keys(tags).length > 50)
    throw new AwsError('TooManyTags', 'A resource cannot have more than 50 tags');
  return tags;
}

export function listTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
