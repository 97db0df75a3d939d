import type { Properties, ResourceContext } from '../../../kernel/resource-type.ts';

export type Tags = readonly { readonly Key: string; readonly Value: string }[];

/** The stack's tags and the template's; the template wins. */
export function allTags(ctx: ResourceContext, properties: Properties): { Key: string; Value: string }[] {
  const own = (properties as { readonly Tags?: Tags }).Tags ?? [];
  return [...ctx.stackTags.filter(({ Key }) => !own.some((tag) => tag.Key === Key)), ...own];
}

export function tagsNow(ctx: ResourceContext, arn: string) {
  return ctx.call('rds', 'listTagsForResource', { ResourceName: arn }).TagList ?? [];
}

export function setTags(ctx: ResourceContext, arn: string, wanted: Tags): void {
  const gone = tagsNow(ctx, arn)
    .map(({ Key = '' }) => Key)
    .filter((key) => !wanted.some((tag) => tag.Key === key));
  ctx.call('rds', 'removeTagsFromResource', { ResourceName: arn, TagKeys: gone });
  ctx.call('rds', 'addTagsToResource', { ResourceName: arn, Tags: [...wanted] });
}
