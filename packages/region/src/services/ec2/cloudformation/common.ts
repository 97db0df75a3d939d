import type { ResourceType as Ec2ResourceType, TagSpecification } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import {
  type DeployedResource,
  deployedTagKeys,
  type Properties,
  type ResourceContext,
} from '../../../kernel/resource-type.ts';

interface Tagged {
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

/** The stack's tags and the resource's own, as every create request takes them. */
export function tagSpecifications(
  ctx: ResourceContext,
  type: Ec2ResourceType,
  properties: Properties,
): TagSpecification[] {
  return [{ ResourceType: type, Tags: [...ctx.stackTags, ...((properties as Tagged).Tags ?? [])] }];
}

/** Brings the tags of a resource from those it was deployed with to those of the new properties. */
export function updateTags(
  ctx: ResourceContext,
  resourceId: string,
  resource: DeployedResource,
  properties: Properties,
): void {
  const Tags = [...ctx.stackTags, ...((properties as Tagged).Tags ?? [])];
  const gone = deployedTagKeys(resource).filter((key) => !Tags.some(({ Key }) => Key === key));
  if (gone.length > 0) {
    ctx.call('ec2', 'deleteTags', { Resources: [resourceId], Tags: gone.map((Key) => ({ Key })) });
  }
  if (Tags.length > 0) ctx.call('ec2', 'createTags', { Resources: [resourceId], Tags });
}

/** Runs a deletion; that there is nothing left to delete is what was wanted. */
export function ignoreMissing(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof AwsError) || !/NotFound$|^Gateway\.NotAttached$/.test(error.code)) throw error;
  }
}
