import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  LogGroup as LogGroupShape,
  PutRetentionPolicyRequest,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after, instant } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import type { Timer } from '../../../kernel/timers.ts';
import { alreadyExists, invalidParameter, invalidToken } from '../errors.ts';
import type { EventRange } from '../ports.ts';
import {
  eventRange,
  findGroup,
  type LogGroup,
  type LogsState,
  metricFiltersOf,
  streamKey,
  streamsOf,
} from '../state.ts';
import { pageLimit } from './limit.ts';

export interface ClearEvents {
  readonly kind: 'clearEvents';
  readonly range: EventRange;
}

/** Confirmed by API text. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const day = 86_400;

export function createLogGroup(ctx: Context, state: LogsState, input: CreateLogGroupRequest): object {
  const name = checkName(input.logGroupName ?? '');
  // Every group is of the standard class and without deletion protection: to say so asks for nothing else.
  if (input.logGroupClass !== undefined && input.logGroupClass !== 'STANDARD')
    throw notModelled(`logs CreateLogGroup: logGroupClass ${input.logGroupClass}`, 'logs');
  if (input.deletionProtectionEnabled === true)
    throw notModelled('logs CreateLogGroup: deletionProtectionEnabled', 'logs');
  if (state.groups.has(name)) throw alreadyExists('group');
  state.groups.put(name, {
    name,
    id: ctx.random.hex(16),
    created: ctx.now,
    ...(input.kmsKeyId !== undefined && { kmsKeyId: input.kmsKeyId }),
    storedBytes: 0,
    tags: input.tags ?? {},
  });
  return {};
}

export function deleteLogGroup(ctx: Context, state: LogsState, input: DeleteLogGroupRequest): object {
  const group = findGroup(state, input.logGroupName);
  for (const stream of streamsOf(state, group)) state.streams.delete(streamKey(group.name, stream.name));
  for (const { name } of metricFiltersOf(state, group.name)) {
    state.metricFilters.delete(streamKey(group.name, name));
    ctx.timers.drop(streamKey(group.name, name));
  }
  state.groups.delete(group.name);
  ctx.timers.drop(group.name);
  ctx.perform({ kind: 'clearEvents', range: eventRange(group) } satisfies ClearEvents);
  return {};
}

export function describeLogGroups(
  ctx: Context,
  state: LogsState,
  input: DescribeLogGroupsRequest,
): DescribeLogGroupsResponse {
  const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
  if (prefix !== undefined && pattern !== undefined) {
    throw invalidParameter(
      'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
    );
  }
  const groups = state.groups
    .filter(
      ({ name }) =>
        name.startsWith(prefix ?? '') && name.toLowerCase().includes((pattern ?? '').toLowerCase()),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(groups, input.nextToken, pageLimit(input.limit, 50), invalidToken);
  return {
    logGroups: items.map((group) => shape(ctx, state, group)),
    ...(nextToken !== undefined && { nextToken }),
  };
}

export function putRetentionPolicy(ctx: Context, state: LogsState, input: PutRetentionPolicyRequest): object {
  const group = findGroup(state, input.logGroupName);
  const retentionInDays = input.retentionInDays ?? 0;
  if (!retentionDays.includes(retentionInDays)) {
    throw invalidParameter(
      `1 validation error detected: Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentionDays.join(', ')}]`,
    );
  }
  state.groups.put(group.name, { ...group, retentionInDays });
  ctx.timers.set(group.name, 'retention', after(ctx.now, day));
  return {};
}

export function deleteRetentionPolicy(
  ctx: Context,
  state: LogsState,
  input: DeleteRetentionPolicyRequest,
): object {
  const { retentionInDays: _, ...group } = findGroup(state, input.logGroupName);
  state.groups.put(group.name, group);
  ctx.timers.cancel(group.name, 'retention');
  return {};
}

/** Once a day; AWS says up to 72 hours late. Queries hide expired events before that. */
export function expireEvents(ctx: Context, state: LogsState, timer: Timer): void {
  const group = state.groups.get(timer.subject);
  if (group?.retentionInDays === undefined) return;
  ctx.perform({
    kind: 'clearEvents',
    range: eventRange(group, 0, oldestKept(group, ctx.now)),
  } satisfies ClearEvents);
  ctx.timers.set(group.name, 'retention', after(ctx.now, day));
}

export function oldestKept(group: LogGroup, now: number): number {
  return group.retentionInDays === undefined ? 0 : instant(now - group.retentionInDays * day * 1000);
}

export function tagResource(_ctx: Context, state: LogsState, input: TagResourceRequest): object {
  const group = findGroup(state, input.resourceArn);
  state.groups.put(group.name, { ...group, tags: { ...group.tags, ...input.tags } });
  return {};
}

export function untagResource(_ctx: Context, state: LogsState, input: UntagResourceRequest): object {
  const group = findGroup(state, input.resourceArn);
  const kept = Object.entries(group.tags).filter(([key]) => !(input.tagKeys ?? []).includes(key));
  state.groups.put(group.name, { ...group, tags: Object.fromEntries(kept) });
  return {};
}

export function listTagsForResource(
  _ctx: Context,
  state: LogsState,
  input: ListTagsForResourceRequest,
): ListTagsForResourceResponse {
  return { tags: { ...findGroup(state, input.resourceArn).tags } };
}

function shape(ctx: Context, state: LogsState, group: LogGroup): LogGroupShape {
  const arn = ctx.arn('logs', `log-group:${group.name}`);
  return {
    logGroupName: group.name,
    creationTime: group.created,
    ...(group.retentionInDays !== undefined && { retentionInDays: group.retentionInDays }),
    metricFilterCount: metricFiltersOf(state, group.name).length,
    arn: `${arn}:*`,
    logGroupArn: arn,
    storedBytes: group.storedBytes,
    ...(group.kmsKeyId !== undefined && { kmsKeyId: group.kmsKeyId }),
    logGroupClass: 'STANDARD',
  };
}

function checkName(name: string): string {
  if (/^[\w./#-]{1,512}$/.test(name)) return name;
  throw invalidParameter(
    `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
  );
}
