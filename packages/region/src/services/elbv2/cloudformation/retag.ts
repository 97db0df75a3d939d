import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ResourceContext } from '../../../kernel/resource-type.ts';

export function tagsOf(ctx: ResourceContext, tags: readonly Tag[] | undefined): Tag[] {
  return [...ctx.stackTags, ...(tags ?? [])];
}

export function tagsNow(ctx: ResourceContext, arn: string): readonly Tag[] {
  return ctx.call('elbv2', 'describeTags', { ResourceArns: [arn] }).TagDescriptions?.[0]?.Tags ?? [];
}

/** Makes the tags of a resource exactly these. */
export function retag(ctx: ResourceContext, arn: string, wanted: Tag[]): void {
  const TagKeys = tagsNow(ctx, arn)
    .map(({ Key = '' }) => Key)
    .filter((key) => !wanted.some((tag) => tag.Key === key));
  if (TagKeys.length > 0) ctx.call('elbv2', 'removeTags', { ResourceArns: [arn], TagKeys });
  if (wanted.length > 0) ctx.call('elbv2', 'addTags', { ResourceArns: [arn], Tags: wanted });
}
