/** Attempts of deliveries at the planes. */
import type { AttemptedEvent, DeliverAction } from './deliveries.ts';
import type { Delivery, MailToDeliver, PostToDeliver } from './delivery.ts';
import { documentText, textToSign } from './message-document.ts';
import type { DeliveryOutcome, HttpDelivery, HttpPost, Mail, MailDelivery, MessageSigner } from './ports.ts';

export interface Planes {
  readonly mail: MailDelivery;
  readonly http: HttpDelivery;
  readonly signer: MessageSigner;
}

export async function attempt(planes: Planes, { delivery }: DeliverAction): Promise<AttemptedEvent> {
  const outcome = await attempted(planes, delivery).catch(failed);
  return { kind: 'attempted', id: delivery.id, retries: delivery.retries, outcome };
}

/** What fails on this side, such as a disk that is full when the key is made, may mend as well. */
function failed(error: Error): DeliveryOutcome {
  return { kind: 'failed', reason: error.message, isPermanent: false };
}

async function attempted({ mail, http, signer }: Planes, delivery: Delivery): Promise<DeliveryOutcome> {
  const text = await contentText(delivery, signer);
  switch (delivery.target) {
    case 'mailbox':
      return mail.keep(mailOf(delivery, text));
    case 'relay':
      return mail.relay(mailOf(delivery, text));
    case 'http':
      return http.post(postOf(delivery, text));
  }
}

async function contentText({ content }: Delivery, signer: MessageSigner): Promise<string> {
  if (content.form === 'text') return content.text;
  const { document, signatureVersion } = content;
  const signature = await signer.sign(textToSign(document), signatureVersion);
  return documentText(document, { signatureVersion, ...signature });
}

function mailOf(delivery: MailToDeliver, text: string): Mail {
  const { number, messageId, senderName, endpoint, subject, created } = delivery;
  return { number, messageId, senderName, to: endpoint, subject, text, date: created };
}

function postOf(delivery: PostToDeliver, body: string): HttpPost {
  return {
    url: delivery.endpoint,
    headers: {
      'x-amz-sns-message-type': delivery.type,
      'x-amz-sns-message-id': delivery.messageId,
      'x-amz-sns-topic-arn': delivery.topicArn,
      // Confirmed by answers of AWS: who is asked first is not told the subscription.
      ...(delivery.type !== 'SubscriptionConfirmation' && {
        'x-amz-sns-subscription-arn': delivery.subscriptionArn,
      }),
      ...(delivery.isRaw && { 'x-amz-sns-rawdelivery': 'true' }),
      'content-type': delivery.contentType,
      'user-agent': 'Amazon Simple Notification Service Agent',
      'accept-encoding': 'gzip,deflate',
    },
    body,
  };
}
