import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageDocument } from './delivery.ts';
import { documentText, textToSign } from './message-document.ts';

const notification: MessageDocument = {
  Type: 'Notification',
  MessageId: 'id',
  TopicArn: 'arn',
  Subject: 'subject',
  Message: 'line\n"quoted"',
  Timestamp: '2026-11-22T12:00:00.000Z',
  UnsubscribeURL: 'http://unsubscribe',
  MessageAttributes: { a: { Type: 'String', Value: '"x"' } },
};

// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
test('the text to sign of a notification is its fields in byte order, each name and value on a line', () => {
  assert.equal(
    textToSign(notification),
    'Message\nline\n"quoted"\nMessageId\nid\nSubject\nsubject\nTimestamp\n2026-11-22T12:00:00.000Z\nTopicArn\narn\nType\nNotification\n',
  );
  const { Subject: _, ...without } = notification;
  assert.doesNotMatch(textToSign(without), /Subject/);
});

test('the text to sign of a confirmation has its URL and token', () => {
  const confirmation: MessageDocument = {
    Type: 'SubscriptionConfirmation',
    MessageId: 'id',
    Token: 'token',
    TopicArn: 'arn',
    Message: 'm',
    SubscribeURL: 'http://subscribe',
    Timestamp: 't',
  };
  assert.equal(
    textToSign(confirmation),
    'Message\nm\nMessageId\nid\nSubscribeURL\nhttp://subscribe\nTimestamp\nt\nToken\ntoken\nTopicArn\narn\nType\nSubscriptionConfirmation\n',
  );
});

test('a document is written as AWS lays it out', () => {
  const text = documentText(notification, { signatureVersion: '1', signature: 's', certificateUrl: 'c' });
  assert.equal(
    text,
    `{
  "Type" : "Notification",
  "MessageId" : "id",
  "TopicArn" : "arn",
  "Subject" : "subject",
  "Message" : "line\\n\\"quoted\\"",
  "Timestamp" : "2026-11-22T12:00:00.000Z",
  "SignatureVersion" : "1",
  "Signature" : "s",
  "SigningCertURL" : "c",
  "UnsubscribeURL" : "http://unsubscribe",
  "MessageAttributes" : {
    "a" : {"Type":"String","Value":"\\"x\\""}
  }
}`,
  );
});
