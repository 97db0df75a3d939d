/** One message on its way to one endpoint, as it is kept until it arrived or was given up. */
import type { Instant } from '../../kernel/instant.ts';
import type { RetryPolicy } from './retry-policy.ts';

export type MessageType = 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';

/** The fields of the JSON document that endpoints get, without the signature that is added when it leaves. */
export interface MessageDocument {
  readonly Type: MessageType;
  readonly MessageId: string;
  readonly TopicArn: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly Timestamp: string;
  readonly Token?: string;
  readonly SubscribeURL?: string;
  readonly UnsubscribeURL?: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly Type: string; readonly Value: string }>>;
}

export type Content =
  | { readonly form: 'text'; readonly text: string }
  | {
      readonly form: 'document';
      readonly document: MessageDocument;
      readonly signatureVersion: '1' | '2';
    };

interface Common {
  readonly id: string;
  readonly topicArn: string;
  readonly subscriptionArn: string;
  readonly type: MessageType;
  readonly endpoint: string;
  readonly messageId: string;
  readonly content: Content;
  readonly created: Instant;
  readonly policy: RetryPolicy;
  /** Retries so far. An outcome of an earlier attempt is dropped. */
  readonly retries: number;
  readonly lastFailure?: string;
  readonly nextAttempt?: Instant;
}

export interface MailToDeliver extends Common {
  /** The mailbox of the home gets each mail; the relay too, where there is one. */
  readonly target: 'mailbox' | 'relay';
  /** Whether the mail goes to a relay as well as to the mailbox. */
  readonly isRelayed: boolean;
  /** Counts the mails of the region from 1; names its file. */
  readonly number: number;
  readonly senderName: string;
  readonly subject: string;
}

export interface PostToDeliver extends Common {
  readonly target: 'http';
  readonly isRaw: boolean;
  readonly contentType: string;
}

export type Delivery = MailToDeliver | PostToDeliver;

/** What is told of a delivery that was given up. */
export interface FailedDelivery {
  readonly target: Delivery['target'];
  readonly endpoint: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly attempts: number;
  readonly reason: string;
  readonly at: Instant;
}
