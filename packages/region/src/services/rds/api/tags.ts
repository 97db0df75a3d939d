import type * as Api from '@aws-sdk/client-rds';
import type { Context } from '../../../kernel/context.ts';
import type { Table } from '../../../kernel/table.ts';
import { invalidParameterValue } from '../errors.ts';
import type { RdsState } from '../state.ts';

export function addTagsToResource(
  _ctx: Context,
  state: RdsState,
  input: Api.AddTagsToResourceMessage,
): object {
  const added = input.Tags ?? [];
  const tagged = find(state, input.ResourceName);
  tagged.set([...tagged.tags.filter(({ Key }) => !added.some((tag) => tag.Key === Key)), ...added]);
  return {};
}

export function removeTagsFromResource(
  _ctx: Context,
  state: RdsState,
  input: Api.RemoveTagsFromResourceMessage,
): object {
  const tagged = find(state, input.ResourceName);
  tagged.set(tagged.tags.filter(({ Key = '' }) => !input.TagKeys?.includes(Key)));
  return {};
}

export function listTagsForResource(
  _ctx: Context,
  state: RdsState,
  input: Api.ListTagsForResourceMessage,
): Api.TagListMessage {
  return { TagList: [...find(state, input.ResourceName).tags] };
}

interface Tagged {
  readonly tags: readonly Api.Tag[];
  readonly set: (tags: readonly Api.Tag[]) => void;
}

function find(state: RdsState, arn = ''): Tagged {
  const found =
    inTable(state.instances, arn) ??
    inTable(state.snapshots, arn) ??
    inTable(state.subnetGroups, arn) ??
    inTable(state.parameterGroups, arn);
  if (!found)
    throw invalidParameterValue(`The specified resource name does not match an RDS resource in this region.`);
  return found;
}

function inTable<T extends { readonly arn: string; readonly tags: readonly Api.Tag[] }>(
  table: Table<T>,
  arn: string,
): Tagged | undefined {
  for (const [key, record] of table.entries()) {
    if (record.arn === arn) return { tags: record.tags, set: (tags) => table.put(key, { ...record, tags }) };
  }
  return undefined;
}
