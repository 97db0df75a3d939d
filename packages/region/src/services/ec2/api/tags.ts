import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { missingParameter } from '../errors.ts';
import { ec2Operation, type Filters, matcher, pageOf } from '../operation.ts';
import type { ResourceKind } from '../resource-kind.ts';
import { type Ec2State, find } from '../state.ts';
import { addTags, tagsOf } from '../tags.ts';

export function tagOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateTags: ec2Operation<Ec2.CreateTagsRequest, void>(['Resources', 'Tags'], (_ctx, input) => {
      if (!input.Tags?.length) throw missingParameter('tagSet');
      for (const id of checkResources(state, input.Resources)) addTags(state, id, input.Tags);
    }),
    DeleteTags: ec2Operation<Ec2.DeleteTagsRequest, void>(['Resources', 'Tags'], (_ctx, input) => {
      for (const id of checkResources(state, input.Resources)) deleteTags(state, id, input.Tags);
    }),
    DescribeTags: ec2Operation<Ec2.DescribeTagsRequest, Ec2.DescribeTagsResult>(
      ['Filters', 'MaxResults', 'NextToken'],
      (_ctx, input) => describeTags(state, input),
    ),
  };
}

function checkResources(state: Ec2State, ids: readonly string[] | undefined): readonly string[] {
  if (!ids?.length) throw missingParameter('resourceIdSet');
  for (const id of ids) find(state, kindOf(id), id);
  return ids;
}

const kinds: readonly (readonly [prefix: string, kind: ResourceKind])[] = [
  ['vpc-', 'vpc'],
  ['subnet-', 'subnet'],
  ['acl-', 'network-acl'],
  ['igw-', 'internet-gateway'],
  ['rtb-', 'route-table'],
  ['eipalloc-', 'elastic-ip'],
  ['nat-', 'natgateway'],
  ['eni-', 'network-interface'],
  ['sg-', 'security-group'],
  ['sgr-', 'security-group-rule'],
  ['vpce-', 'vpc-endpoint'],
  ['fl-', 'vpc-flow-log'],
];

function kindOf(id: string): ResourceKind {
  const kind = kinds.find(([prefix]) => id.startsWith(prefix))?.[1];
  if (kind) return kind;
  throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
}

/** Confirmed by docs: without a value the key goes whatever its value; without tags all go but those of AWS. */
function deleteTags(state: Ec2State, resourceId: string, gone: readonly Ec2.Tag[] | undefined): void {
  const isGone = (key: string, value: string): boolean =>
    gone?.length
      ? gone.some((tag) => tag.Key === key && (tag.Value === undefined || tag.Value === value))
      : !key.startsWith('aws:');
  const kept = tagsOf(state, resourceId).filter(({ Key = '', Value = '' }) => !isGone(Key, Value));
  state.tags.delete(resourceId);
  if (kept.length === 0) return;
  const tags = Object.fromEntries(kept.map(({ Key = '', Value = '' }) => [Key, Value]));
  state.tags.put(resourceId, { resourceId, tags });
}

const filters: Filters<Ec2.TagDescription> = {
  key: (tag) => tag.Key,
  'resource-id': (tag) => tag.ResourceId,
  'resource-type': (tag) => tag.ResourceType,
  value: (tag) => tag.Value,
};

function describeTags(state: Ec2State, input: Ec2.DescribeTagsRequest): Ec2.DescribeTagsResult {
  const all = [...state.tags.values()].flatMap(({ resourceId, tags }) =>
    Object.entries(tags).map(([Key, Value]) => ({
      Key,
      Value,
      ResourceId: resourceId,
      ResourceType: kindOf(resourceId),
    })),
  );
  const isWanted = matcher(state, input.Filters, filters);
  const matching = all.filter((tag) => isWanted(tag.ResourceId, tag));
  const { items, next } = pageOf(matching, input);
  return { Tags: items, ...next };
}
