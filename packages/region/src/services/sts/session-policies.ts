import type { Tag } from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';
import { checkConstraints, matching, shorterThan, validationError } from './constraints.ts';

interface Asked {
  readonly Policy?: string | undefined;
  readonly PolicyArns?: readonly { readonly arn?: string | undefined }[] | undefined;
  readonly Tags?: readonly Partial<Tag>[] | undefined;
}

/** What limits and marks a session, and how much of its space that takes, in percent. */
export interface SessionLimits {
  /** JSON texts and ARNs: the session may do what both its role and one of these allow. */
  readonly policies?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly packedSize?: number;
}

/** @throws ValidationError, MalformedPolicyDocument, PackedPolicyTooLarge */
export function sessionLimits({ Policy, PolicyArns = [], Tags = [] }: Asked): SessionLimits {
  if (Policy !== undefined) checkPolicy(Policy);
  const arns = PolicyArns.map(({ arn = '' }) => arn);
  checkArns(arns);
  const policies = [...(Policy === undefined ? [] : [Policy]), ...arns];
  // Confirmed by API text: the plain texts together. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  checkConstraints([shorterThan('policy', policies.join(''), 2048, false)]);
  const tags = checkTags(Tags);
  if (policies.length === 0 && Tags.length === 0) return {};
  return {
    ...(policies.length > 0 && { policies }),
    ...(Tags.length > 0 && { tags }),
    packedSize: packedSize(policies, tags),
  };
}

function checkPolicy(policy: string): void {
  try {
    const document: unknown = JSON.parse(policy);
    if (typeof document === 'object' && document !== null && 'Statement' in document) return;
  } catch {
    // Answered below.
  }
  throw new AwsError('MalformedPolicyDocument', 'This policy contains invalid Json');
}

/** Confirmed by API text: at most ten, of the role's account or AWS's own. */
function checkArns(arns: readonly string[]): void {
  checkConstraints([
    { member: 'policyArns', rule: 'have length less than or equal to 10', isMet: arns.length <= 10 },
  ]);
  const wrong = arns.find((arn) => !/^arn:aws:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/.test(arn));
  if (wrong !== undefined) throw validationError(`ARN ${wrong} is not valid.`);
}

/** Confirmed by API text: at most 50; their keys are `aws:PrincipalTag/KEY` in policies, unique whatever their letter case. */
function checkTags(tags: readonly Partial<Tag>[]): Readonly<Record<string, string>> {
  checkConstraints([
    { member: 'tags', rule: 'have length less than or equal to 50', isMet: tags.length <= 50 },
    ...tags.flatMap(({ Key = '', Value = '' }, index) => [
      matching(`tags.${index + 1}.member.key`, Key, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+'),
      shorterThan(`tags.${index + 1}.member.key`, Key, 128),
      matching(`tags.${index + 1}.member.value`, Value, '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*'),
      shorterThan(`tags.${index + 1}.member.value`, Value, 256),
    ]),
  ]);
  const keys = tags.map(({ Key = '' }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length)
    // Known: AWS's words for tags that are given twice.
    throw new AwsError(
      'InvalidParameterValue',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    );
  return Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}

/**
 * Chosen: how AWS packs policies and tags is not published. Here they fill the space at 4,096 characters, white space in
 * policies not counted, so that policies alone always fit and 50 long tags never do.
 */
function packedSize(policies: readonly string[], tags: Readonly<Record<string, string>>): number {
  const texts = [...policies.map((text) => text.replace(/\s/g, '')), ...Object.entries(tags).flat()];
  const percent = Math.ceil((texts.join('').length / 4096) * 100);
  if (percent <= 100) return percent;
  // Confirmed by API text: the message tells by percentage how close they are to the limit. Known: its words.
  throw new AwsError(
    'PackedPolicyTooLarge',
    policies.length > 0
      ? `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`
      : `Packed size of session tags consumes ${percent}% of allotted space.`,
  );
}
