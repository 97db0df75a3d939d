/**
 * Path and query of the link that confirms a subscription, in a mail for people or in one of JSON. Its host is left out: the
 * region may answer at another port than when the mail was sent.
 */
export function confirmationPath(text: string): string | undefined {
  const link = /https?:\/\/[^\s"/]+(\/confirmation\.html\?TopicArn=[^\s"]+)/.exec(text)?.[1];
  if (link !== undefined) return link;
  const query = /https?:\/\/[^\s"/]+\/\?Action=ConfirmSubscription&(TopicArn=[^\s"]+)/.exec(text)?.[1];
  return query === undefined ? undefined : `/confirmation.html?${query}`;
}
