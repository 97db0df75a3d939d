import type { Filter } from '@aws-sdk/client-ec2';
import type { Context } from '../../kernel/context.ts';
import { page } from '../../kernel/page.ts';
import { type Operation, operation } from '../../kernel/service.ts';
import { dryRunOperation, invalidNextToken, invalidParameterValue } from './errors.ts';
import type { ResourceKind } from './resource-kind.ts';
import { type Ec2State, find, tableOf } from './state.ts';

/** An operation of EC2: `DryRun` is modelled for all, by undoing what the handler did. */
export function ec2Operation<Input extends { DryRun?: boolean | undefined }, Output>(
  accepts: readonly (keyof Input & string)[],
  handler: (ctx: Context, input: Input) => Output,
): Operation<never, unknown> {
  return operation<Input, Output>({
    accepts: [...accepts, 'DryRun'],
    handler(ctx, input) {
      const answer = handler(ctx, input);
      // The refusal undoes the step.
      if (input.DryRun) throw dryRunOperation();
      return answer;
    },
  });
}

export type FilterValue = string | number | boolean | undefined | readonly (string | undefined)[];

/** What a resource answers to each documented filter. `tag:KEY` and `tag-key` work for all. */
export interface Filters<R> {
  readonly [name: string]: (record: R) => FilterValue;
}

export interface Query {
  readonly Filters?: Filter[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

type RecordOf<K extends ResourceKind> = ReturnType<typeof find<K>>;

/** Records of a table by ids and filters, a page at a time. An id that is not there is refused. */
export function list<K extends ResourceKind>(
  state: Ec2State,
  kind: K,
  ids: readonly string[] | undefined,
  query: Query,
  filters: Filters<RecordOf<K>>,
): { readonly items: RecordOf<K>[]; readonly next: { readonly NextToken?: string } } {
  const wanted = ids?.length ? new Map(ids.map((id) => [id, find(state, kind, id)])) : undefined;
  const all = [...(wanted ?? tableOf(state, kind)).entries()] as [string, RecordOf<K>][];
  const isWanted = matcher(state, query.Filters, filters);
  const matching = all.filter(([id, record]) => isWanted(id, record));
  return pageOf(
    matching.map(([, record]) => record),
    query,
  );
}

export function pageOf<T>(
  items: readonly T[],
  query: Query,
): { readonly items: T[]; readonly next: { readonly NextToken?: string } } {
  const size = query.MaxResults ?? 1000;
  if (size < 5) {
    throw invalidParameterValue(
      `Value ( ${size} ) for parameter maxResults is invalid. Expecting a value greater than 5.`,
    );
  }
  const { items: shown, nextToken } = page(items, query.NextToken, Math.min(size, 1000), invalidNextToken);
  return { items: shown, next: nextToken === undefined ? {} : { NextToken: nextToken } };
}

/**
 * Whether a record matches all filters of a request. A filter that AWS does not document is refused.
 * Confirmed by docs: filters are joined by AND, the values of one by OR; `*` and `?` are wildcards; case counts.
 */
export function matcher<R>(
  state: Ec2State,
  asked: readonly Filter[] | undefined,
  filters: Filters<R>,
): (id: string, record: R) => boolean {
  const tests = (asked ?? []).map(({ Name = '', Values = [] }) => {
    const isTag = Name === 'tag-key' || Name.startsWith('tag:');
    const answer = Object.hasOwn(filters, Name) ? filters[Name] : undefined;
    if (!isTag && !answer) throw invalidParameterValue(`The filter '${Name}' is invalid`);
    const patterns = Values.map(toPattern);
    return (id: string, record: R): boolean => {
      const value = isTag ? tagValue(state, id, Name) : answer?.(record);
      const values = (Array.isArray(value) ? value : [value]).filter((v) => v !== undefined).map(String);
      return patterns.some((pattern) => values.some((candidate) => pattern.test(candidate)));
    };
  });
  return (id, record) => tests.every((test) => test(id, record));
}

function tagValue(state: Ec2State, id: string, name: string): FilterValue {
  const tags = state.tags.get(id)?.tags ?? {};
  return name === 'tag-key' ? Object.keys(tags) : tags[name.slice('tag:'.length)];
}

function toPattern(text: string): RegExp {
  const escaped = text.replace(/\\?[.*+?^${}()|[\]\\]/g, (found) => {
    if (found === '*') return '.*';
    if (found === '?') return '.';
    return found.length === 2 ? found : `\\${found}`;
  });
  return new RegExp(`^${escaped}$`, 's');
}
