import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-cloudwatch';
import { validationError } from '../errors.ts';
import { tagRecord } from './common-input.ts';
import { resourceNotFound } from './errors.ts';
import { type AlarmRecord, type AlarmsState, alarmNameOf } from './state.ts';

export function listTagsForResource(
  state: AlarmsState,
  { ResourceARN }: ListTagsForResourceInput,
): ListTagsForResourceOutput {
  const { tags } = taggedAlarm(state, ResourceARN);
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

export function tagResource(state: AlarmsState, { ResourceARN, Tags }: TagResourceInput): object {
  const alarm = taggedAlarm(state, ResourceARN);
  const tags = { ...alarm.tags, ...tagRecord(Tags) };
  if (Object.keys(tags).length > 50) throw validationError('A resource can have at most 50 tags.');
  state.alarms.put(alarm.name, { ...alarm, tags });
  return {};
}

export function untagResource(state: AlarmsState, { ResourceARN, TagKeys = [] }: UntagResourceInput): object {
  const alarm = taggedAlarm(state, ResourceARN);
  const kept = Object.entries(alarm.tags).filter(([key]) => !TagKeys.includes(key));
  state.alarms.put(alarm.name, { ...alarm, tags: Object.fromEntries(kept) });
  return {};
}

function taggedAlarm(state: AlarmsState, arn: string | undefined): AlarmRecord {
  const alarm = arn?.startsWith('arn:') ? state.alarms.get(alarmNameOf(arn)) : undefined;
  if (!alarm) throw resourceNotFound(arn ?? '');
  return alarm;
}
