import type { Tag } from '@aws-sdk/client-ecs';
import type { ResourceContext } from '../../../kernel/resource-type.ts';

/** Members whose keys are the user's own. */
const maps: ReadonlySet<string> = new Set(['Options', 'DockerLabels']);

/** CloudFormation writes `ContainerPort` where the API has `containerPort`. */
export function inApiCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inApiCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      inApiName(key),
      maps.has(key) ? member : inApiCase(member),
    ]),
  );
}

export function inApiName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** The way back: as CloudFormation writes what the API answers. */
export function inTemplateCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inTemplateCase);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const name = key.charAt(0).toUpperCase() + key.slice(1);
      return [name, maps.has(name) ? member : inTemplateCase(member)];
    }),
  );
}

/** The stack's tags and the resource's own, which win. */
export function tagsOf(ctx: ResourceContext, own: unknown): Tag[] {
  const all = [...ctx.stackTags, ...((own ?? []) as { Key: string; Value: string }[])];
  return [...new Map(all.map(({ Key, Value }) => [Key, Value]))].map(([key, value]) => ({ key, value }));
}

/** Makes a resource's tags what the template now says. */
export function retag(ctx: ResourceContext, resourceArn: string, own: unknown): void {
  const wanted = tagsOf(ctx, own);
  const { tags = [] } = ctx.call('ecs', 'listTagsForResource', { resourceArn });
  const gone = tags.flatMap(({ key }) => (key && !wanted.some((tag) => tag.key === key) ? [key] : []));
  if (gone.length > 0) ctx.call('ecs', 'untagResource', { resourceArn, tagKeys: gone });
  if (wanted.length > 0) ctx.call('ecs', 'tagResource', { resourceArn, tags: wanted });
}
