import type * as Api from '@aws-sdk/client-rds';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { invalidParameterCombination } from '../errors.ts';
import type { RdsState } from '../state.ts';
import { page } from './input.ts';

/** Confirmed by API: the last hour unless told otherwise; `Duration` in minutes. */
export function describeEvents(
  ctx: Context,
  state: RdsState,
  input: Api.DescribeEventsMessage,
): Api.EventsMessage {
  if (input.SourceIdentifier !== undefined && input.SourceType === undefined) {
    throw invalidParameterCombination('SourceType is required when SourceIdentifier is specified.');
  }
  const from = input.StartTime?.getTime() ?? ctx.now - (input.Duration ?? 60) * 60_000;
  const to = input.EndTime?.getTime() ?? ctx.now;
  const found = state.events.filter(
    (event) =>
      event.date >= from &&
      event.date <= to &&
      (input.SourceIdentifier === undefined ||
        event.sourceIdentifier === input.SourceIdentifier.toLowerCase()) &&
      (input.SourceType === undefined || event.sourceType === input.SourceType) &&
      (input.EventCategories === undefined ||
        event.categories.some((one) => input.EventCategories?.includes(one))),
  );
  const { records, Marker } = page(found, input);
  return {
    Events: records.map((event) => ({
      SourceIdentifier: event.sourceIdentifier,
      SourceType: event.sourceType,
      SourceArn: event.sourceArn,
      Message: event.message,
      EventCategories: [...event.categories],
      Date: toDate(event.date),
    })),
    ...(Marker !== undefined && { Marker }),
  };
}
