import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-application-auto-scaling';
import type { Context } from '../../../kernel/context.ts';
import { resourceNotFound, tooManyTags, validationException } from '../errors.ts';
import type { ScalingState, TargetRecord } from '../state.ts';
import { checkGiven } from './resource.ts';

type Tags = Readonly<Record<string, string>>;

/** Confirmed by API text: only scalable targets have tags. */
export function tagResource(_ctx: Context, state: ScalingState, input: TagResourceRequest): object {
  const target = targetOf(state, input.ResourceARN);
  const tags = checkTags(target.arn, { ...target.tags, ...input.Tags });
  state.targets.put(target.resourceId, { ...target, tags });
  return {};
}

export function untagResource(_ctx: Context, state: ScalingState, input: UntagResourceRequest): object {
  const target = targetOf(state, input.ResourceARN);
  const gone = new Set(input.TagKeys);
  const tags = Object.fromEntries(Object.entries(target.tags).filter(([key]) => !gone.has(key)));
  state.targets.put(target.resourceId, { ...target, tags });
  return {};
}

export function listTagsForResource(
  _ctx: Context,
  state: ScalingState,
  input: ListTagsForResourceRequest,
): ListTagsForResourceResponse {
  return { Tags: { ...targetOf(state, input.ResourceARN).tags } };
}

/** Confirmed by docs: at most 50 tags, keys of 128 and values of 256 characters. */
export function checkTags(arn: string, tags: Tags): Tags {
  if (Object.keys(tags).length > 50) throw tooManyTags(arn);
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > 128)
      throw validationException('Tag keys must have 1 to 128 characters');
    if (value.length > 256) throw validationException('Tag values must have at most 256 characters');
  }
  return tags;
}

function targetOf(state: ScalingState, given: string | undefined): TargetRecord {
  const arn = checkGiven('resourceARN', given);
  const target = state.targets.find((one) => one.arn === arn);
  if (!target) throw resourceNotFound(arn);
  return target;
}
