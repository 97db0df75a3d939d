/** Subjects and bodies of mails, in AWS's words. Known: the words; AWS sends the confirmation as HTML with the same text. */
import type { MessageDocument } from './delivery.ts';

export function mailSubject(document: MessageDocument): string {
  switch (document.Type) {
    case 'Notification':
      return document.Subject ?? 'AWS Notification Message';
    case 'SubscriptionConfirmation':
      return 'AWS Notification - Subscription Confirmation';
    case 'UnsubscribeConfirmation':
      return 'AWS Notification - Unsubscribe Confirmation';
  }
}

/** @param link what the mail asks its reader to visit: to confirm, to restore, or to unsubscribe */
export function mailText(document: MessageDocument, link: string): string {
  switch (document.Type) {
    case 'Notification':
      return [
        document.Message,
        '',
        '--',
        'If you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:',
        link,
        '',
        'Please do not reply directly to this email. If you have any questions or comments regarding this email, please contact us at https://aws.amazon.com/support',
        '',
      ].join('\n');
    case 'SubscriptionConfirmation':
      return [
        'You have chosen to subscribe to the topic:',
        document.TopicArn,
        '',
        'To confirm this subscription, click or visit the link below (If this was in error no action is necessary):',
        link,
        '',
        'Please do not reply directly to this email. If you wish to remove yourself from receiving all future SNS subscription confirmation requests please send an email to sns-opt-out',
        '',
      ].join('\n');
    case 'UnsubscribeConfirmation':
      return [
        'Your subscription to the topic below has been deactivated:',
        document.TopicArn,
        '',
        'If this was in error or you wish to resubscribe, click or visit the link below to resubscribe to the topic:',
        link,
        '',
        'Please do not reply directly to this email.',
        '',
      ].join('\n');
  }
}
