import type { Tag } from '@aws-sdk/client-acm';
import { invalidTag, tooManyTags } from './errors.ts';
import type { Tags } from './state.ts';

/** Confirmed by docs: keys of 1 to 128 characters, values of at most 256, none of `aws:`, at most 50. */
export function withTags(before: Tags, given: readonly Tag[] = []): Tags {
  for (const { Key = '', Value = '' } of given) {
    if (Key.length < 1 || Key.length > 128)
      throw invalidTag(`The tag key '${Key}' must have 1 to 128 characters.`);
    if (Value.length > 256) throw invalidTag(`The value of the tag '${Key}' has more than 256 characters.`);
    if (Key.toLowerCase().startsWith('aws:'))
      throw invalidTag(`The tag key '${Key}' begins with 'aws:', which is reserved.`);
  }
  const tags = {
    ...before,
    ...Object.fromEntries(given.map(({ Key = '', Value = '' }) => [Key, Value])),
  };
  if (Object.keys(tags).length > 50) throw tooManyTags();
  return tags;
}

/** Confirmed by docs: a tag that is given with a value goes only if it has that value. */
export function withoutTags(before: Tags, given: readonly Tag[]): Tags {
  return Object.fromEntries(
    Object.entries(before).filter(
      ([key, value]) =>
        !given.some(({ Key, Value }) => Key === key && (Value === undefined || Value === value)),
    ),
  );
}

export function listTags(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
