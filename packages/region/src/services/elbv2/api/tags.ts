import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../kernel/context.ts';
import {
  listenerNotFound,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
  validationError,
} from '../errors.ts';
import type { Elbv2State, Tags } from '../state.ts';
import { listTags, withTags } from '../tags.ts';

export function addTags(
  _ctx: Context,
  state: Elbv2State,
  { ResourceArns = [], Tags = [] }: Elb.AddTagsInput,
): Elb.AddTagsOutput {
  for (const arn of ResourceArns) retag(state, arn, (tags) => withTags(tags, Tags));
  return {};
}

export function removeTags(
  _ctx: Context,
  state: Elbv2State,
  { ResourceArns = [], TagKeys = [] }: Elb.RemoveTagsInput,
): Elb.RemoveTagsOutput {
  const without = (tags: Tags): Tags =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key)));
  for (const arn of ResourceArns) retag(state, arn, without);
  return {};
}

export function describeTags(
  _ctx: Context,
  state: Elbv2State,
  { ResourceArns = [] }: Elb.DescribeTagsInput,
): Elb.DescribeTagsOutput {
  if (ResourceArns.length > 20)
    throw validationError('A maximum of 20 resource ARNs can be described at once');
  return {
    TagDescriptions: ResourceArns.map((ResourceArn) => {
      const { table, record } = taggedOf(state, ResourceArn);
      return table && { ResourceArn, Tags: listTags(record.tags) };
    }),
  };
}

function retag(state: Elbv2State, arn: string, change: (tags: Tags) => Tags): void {
  const { table, record } = taggedOf(state, arn);
  table.put(arn, { ...record, tags: change(record.tags) });
}

interface Tagged {
  readonly record: { readonly tags: Tags };
  readonly table: { put(key: string, record: object): void };
}

function taggedOf(state: Elbv2State, arn: string): Tagged {
  const kinds = [
    { mark: ':loadbalancer/', table: state.loadBalancers, notFound: loadBalancerNotFound },
    { mark: ':targetgroup/', table: state.targetGroups, notFound: targetGroupNotFound },
    { mark: ':listener/', table: state.listeners, notFound: listenerNotFound },
    { mark: ':listener-rule/', table: state.rules, notFound: ruleNotFound },
  ];
  const kind = kinds.find(({ mark }) => arn.includes(mark));
  if (!kind) throw validationError(`'${arn}' is not a valid ARN`);
  const record = kind.table.get(arn);
  if (!record) throw kind.notFound();
  return { record, table: kind.table as unknown as Tagged['table'] };
}
