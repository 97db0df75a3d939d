/** The JSON that endpoints get, as AWS writes it, and the text that its signature is of. */
import type { MessageDocument } from './delivery.ts';

import type { Signature } from './ports.ts';

interface Signed extends Signature {
  readonly signatureVersion: '1' | '2';
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html */
export function textToSign(document: MessageDocument): string {
  const names =
    document.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const);
  return names
    .filter((name) => document[name] !== undefined)
    .map((name) => `${name}\n${document[name]}\n`)
    .join('');
}

export function documentText(document: MessageDocument, signed: Signed): string {
  const fields: readonly (readonly [string, unknown])[] = [
    ['Type', document.Type],
    ['MessageId', document.MessageId],
    ['Token', document.Token],
    ['TopicArn', document.TopicArn],
    ['Subject', document.Subject],
    ['Message', document.Message],
    ['SubscribeURL', document.SubscribeURL],
    ['Timestamp', document.Timestamp],
    ['SignatureVersion', signed.signatureVersion],
    ['Signature', signed.signature],
    ['SigningCertURL', signed.certificateUrl],
    ['UnsubscribeURL', document.UnsubscribeURL],
  ];
  const lines = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  if (document.MessageAttributes) lines.push(attributesText(document.MessageAttributes));
  return `{\n${lines.join(',\n')}\n}`;
}

function attributesText(attributes: NonNullable<MessageDocument['MessageAttributes']>): string {
  const lines = Object.entries(attributes).map(
    ([name, { Type, Value }]) =>
      `    ${JSON.stringify(name)} : {"Type":${JSON.stringify(Type)},"Value":${JSON.stringify(Value)}}`,
  );
  return `  "MessageAttributes" : {\n${lines.join(',\n')}\n  }`;
}
