/** What others may read of SNS. */
import type { Tables } from '../../kernel/table.ts';
import type { FailedDelivery } from './delivery.ts';
import { openSns } from './state.ts';

interface WaitingDelivery {
  readonly target: 'mailbox' | 'relay' | 'http';
  /** A mail address, or the host of a URL: its path and query may hold keys. */
  readonly endpoint: string;
  readonly topicArn: string;
  readonly subject?: string;
  readonly attempts: number;
  readonly reason: string;
  /** ISO 8601, on the region's clock. */
  readonly nextAttempt?: string;
}

/** Deliveries that failed at least once and are tried again, and those that were given up, oldest first. No message's text. */
export function troubledDeliveries(tables: Tables): {
  readonly waiting: readonly WaitingDelivery[];
  readonly failed: readonly (Omit<FailedDelivery, 'at'> & { readonly at: string })[];
} {
  const { deliveries, failures } = openSns(tables);
  const waiting = [...deliveries.values()].flatMap((delivery): WaitingDelivery[] => {
    if (delivery.lastFailure === undefined) return [];
    return [
      {
        target: delivery.target,
        endpoint: shownEndpoint(delivery),
        topicArn: delivery.topicArn,
        ...(delivery.target !== 'http' && { subject: delivery.subject }),
        attempts: delivery.retries,
        reason: delivery.lastFailure,
        ...(delivery.nextAttempt !== undefined && {
          nextAttempt: new Date(delivery.nextAttempt).toISOString(),
        }),
      },
    ];
  });
  const failed = [...failures.values()].map((failure) => ({
    ...failure,
    endpoint: shownEndpoint(failure),
    at: new Date(failure.at).toISOString(),
  }));
  return { waiting, failed };
}

function shownEndpoint({ target, endpoint }: Pick<FailedDelivery, 'target' | 'endpoint'>): string {
  return target === 'http' ? (/^https?:\/\/(?:[^/@]*@)?([^/?#]+)/.exec(endpoint)?.[1] ?? '') : endpoint;
}
