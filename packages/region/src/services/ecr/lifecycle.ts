import type { Instant } from '../../kernel/instant.ts';
import { invalidParameter } from './errors.ts';
import type { ImageRecord } from './state.ts';
import { wildcard } from './wildcard.ts';

/** One rule of a lifecycle policy, as its text says it. */
export interface LifecycleRule {
  readonly rulePriority: number;
  readonly selection: {
    readonly tagStatus: 'tagged' | 'untagged' | 'any';
    readonly tagPrefixList?: readonly string[];
    readonly tagPatternList?: readonly string[];
    readonly countType: 'imageCountMoreThan' | 'sinceImagePushed';
    readonly countUnit?: 'days';
    readonly countNumber: number;
  };
}

/**
 * Which images a policy expires.
 * Confirmed by docs: all rules are looked at together and applied by priority, 1 first; an image that meets the tagging of
 * a rule is left alone by all rules after it; a rule counts images although an earlier rule took them; the oldest by push
 * go first. https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
export function expiredImages(
  rules: readonly LifecycleRule[],
  images: readonly ImageRecord[],
  now: Instant,
): ImageRecord[] {
  const decided = new Set<ImageRecord>();
  const expired: ImageRecord[] = [];
  for (const rule of [...rules].sort((a, b) => a.rulePriority - b.rulePriority)) {
    const matching = images.filter((image) => matchesTagging(rule, image));
    expired.push(...beyondCount(rule, matching, now).filter((image) => !decided.has(image)));
    for (const image of matching) decided.add(image);
  }
  return expired;
}

function matchesTagging({ selection }: LifecycleRule, { tags }: ImageRecord): boolean {
  if (selection.tagStatus === 'any') return true;
  if (selection.tagStatus === 'untagged') return tags.length === 0;
  const { tagPrefixList = [], tagPatternList = [] } = selection;
  // Confirmed by docs: with several prefixes or patterns, only images that have a tag for each of them are selected.
  return (
    tags.length > 0 &&
    tagPrefixList.every((prefix) => tags.some((tag) => tag.startsWith(prefix))) &&
    tagPatternList.every((pattern) => tags.some((tag) => wildcard(pattern).test(tag)))
  );
}

function beyondCount(
  { selection }: LifecycleRule,
  images: readonly ImageRecord[],
  now: Instant,
): ImageRecord[] {
  const { countType, countNumber } = selection;
  if (countType === 'sinceImagePushed') {
    return images.filter(({ pushedAt }) => now - pushedAt > countNumber * 24 * 60 * 60 * 1000);
  }
  return [...images].sort((a, b) => b.pushedAt - a.pushedAt).slice(countNumber);
}

/** Throws AWS's refusal for a text that is no lifecycle policy, and names what is not modelled. */
export function parseLifecyclePolicy(text: string): readonly LifecycleRule[] {
  const policy = parseJson(text);
  const rules = isRecord(policy) ? policy['rules'] : undefined;
  if (!Array.isArray(rules)) throw refused('object has missing required properties (["rules"])');
  const parsed = rules.map(parseRule);
  const priorities = parsed.map(({ rulePriority }) => rulePriority);
  if (new Set(priorities).size !== priorities.length) throw refused('rulePriority values must be unique');
  const last = Math.max(...priorities);
  if (parsed.some((rule) => rule.selection.tagStatus === 'any' && rule.rulePriority !== last)) {
    throw refused("a rule with tagStatus 'any' must have the highest rulePriority");
  }
  return parsed;
}

function parseRule(rule: unknown): LifecycleRule {
  if (!isRecord(rule))
    throw refused('instance type does not match any allowed primitive type (allowed: ["object"])');
  const missing = ['action', 'rulePriority', 'selection'].filter((name) => rule[name] === undefined);
  if (missing.length > 0)
    throw refused(`object has missing required properties (${JSON.stringify(missing)})`);
  const { rulePriority, selection, action } = rule;
  if (typeof rulePriority !== 'number' || rulePriority < 1)
    throw refused('rulePriority must be a positive number');
  if (!isRecord(action) || action['type'] !== 'expire') {
    throw refused(
      `instance value (${JSON.stringify(isRecord(action) ? action['type'] : action)}) not found in enum (possible values: ["expire"])`,
    );
  }
  return { rulePriority, selection: parseSelection(selection) };
}

const tagStatuses = ['tagged', 'untagged', 'any'];
const countTypes = ['imageCountMoreThan', 'sinceImagePushed'];

function parseSelection(selection: unknown): LifecycleRule['selection'] {
  if (!isRecord(selection)) throw refused('selection must be an object');
  const { tagStatus, countType, countNumber, tagPrefixList, tagPatternList } = selection;
  checkEnum(tagStatus, tagStatuses);
  checkEnum(countType, countTypes);
  if (typeof countNumber !== 'number' || countNumber < 1) {
    throw refused(
      `numeric instance is lower than the required minimum (minimum: 1, found: ${String(countNumber)})`,
    );
  }
  if (tagStatus === 'tagged' && tagPrefixList === undefined && tagPatternList === undefined) {
    throw refused("a rule with tagStatus 'tagged' needs tagPrefixList or tagPatternList");
  }
  return selection as unknown as LifecycleRule['selection'];
}

function checkEnum(value: unknown, allowed: readonly string[]): void {
  if (allowed.includes(String(value))) return;
  throw refused(
    `instance value (${JSON.stringify(value)}) not found in enum (possible values: ${JSON.stringify(allowed)})`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refused('Could not map policyString into LifecyclePolicy.');
  }
}

function refused(detail: string): Error {
  return invalidParameter('LifecyclePolicyText', `Lifecycle policy validation failure: ${detail}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
