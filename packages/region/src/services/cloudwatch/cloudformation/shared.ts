import type { Tag } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Properties, ResourceContext, ResourceType } from '../../../kernel/resource-type.ts';

export function alarmArn(ctx: ResourceContext, name: string): string {
  return ctx.arn('cloudwatch', `alarm:${name}`);
}

export function deleteAlarm(ctx: ResourceContext, name: string): void {
  ignoreMissing('ResourceNotFound', () => ctx.call('cloudwatch', 'deleteAlarms', { AlarmNames: [name] }));
}

/** A deletion does not fail for what is gone already. */
export function ignoreMissing(code: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== code) throw error;
  }
}

export function tagsOf(ctx: ResourceContext, own: readonly Tag[] = []): Tag[] {
  return [...ctx.stackTags, ...own];
}

/** What the API says of each property, which go by the same names there. */
export function actualMembers({ properties }: Pick<ResourceType, 'properties'>, found: object): Properties {
  const members = found as Properties;
  return Object.fromEntries(Object.keys(properties).map((name) => [name, members[name]]));
}

export function alarmTags(ctx: ResourceContext, name: string): readonly Tag[] {
  return ctx.call('cloudwatch', 'listTagsForResource', { ResourceARN: alarmArn(ctx, name) }).Tags ?? [];
}

/** Makes the tags of an alarm exactly these: an update of an alarm leaves them as they are. */
export function retag(ctx: ResourceContext, ResourceARN: string, Tags: Tag[]): void {
  const { Tags: before = [] } = ctx.call('cloudwatch', 'listTagsForResource', { ResourceARN });
  const TagKeys = before.map(({ Key = '' }) => Key).filter((key) => !Tags.some((tag) => tag.Key === key));
  if (TagKeys.length > 0) ctx.call('cloudwatch', 'untagResource', { ResourceARN, TagKeys });
  if (Tags.length > 0) ctx.call('cloudwatch', 'tagResource', { ResourceARN, Tags });
}
