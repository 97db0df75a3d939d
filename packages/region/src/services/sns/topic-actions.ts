/**
 * What a topic's policy may name: operations on the topic itself. `SNS:*` covers those of the account too and is refused.
 * Confirmed by docs: the list. https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
 * Confirmed by users' reports: the refusal of `SNS:*`, and its text.
 */
const topicActions: readonly string[] = [
  'AddPermission',
  'DeleteTopic',
  'GetDataProtectionPolicy',
  'GetTopicAttributes',
  'ListSubscriptionsByTopic',
  'ListTagsForResource',
  'Publish',
  'PutDataProtectionPolicy',
  // Known: in policies since long before; no operation has the name.
  'Receive',
  'RemovePermission',
  'SetTopicAttributes',
  'Subscribe',
].map((name) => name.toLowerCase());

export const outOfScope = 'Policy statement action out of service scope!';

/** @param action with its prefix, as policies write it; neither has a case */
export function isTopicAction(action: unknown): boolean {
  const [, name = ''] = (typeof action === 'string' && /^sns:(.+)$/i.exec(action)) || [];
  // Chosen: of `SNS:Get*` and the like AWS's answer is not known; they are taken.
  return topicActions.includes(name.toLowerCase()) || /^[a-z]+\*$/i.test(name);
}
