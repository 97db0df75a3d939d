import type { ClockReading } from '@plimsoll/region/clock-client.js';

/** What AWS has no API for: where the parts of a region really are on this machine. From `GET /_plimsoll/status`. */
export interface LocalStatus {
  readonly region: string;
  readonly accountId: string;
  readonly endpoint: string;
  readonly clock: ClockReading;
  readonly loadBalancers: readonly LocalLoadBalancer[];
  readonly databases: readonly LocalDatabase[];
  readonly deliveries: LocalDeliveries;
  readonly messages: readonly { readonly code: string; readonly level: string; readonly text: string }[];
}

/** Messages of SNS that did not arrive at first. */
export interface LocalDeliveries {
  readonly waiting: readonly (LocalDelivery & { readonly nextAttempt?: string })[];
  readonly failed: readonly (LocalDelivery & { readonly at: string })[];
}

interface LocalDelivery {
  readonly endpoint: string;
  readonly subject?: string;
  readonly attempts: number;
  readonly reason: string;
}

export interface LocalLoadBalancer {
  readonly loadBalancerArn: string;
  readonly dnsName: string;
  readonly listeners: readonly LocalListener[];
  /** What it answers: in the last second, and since the region started. */
  readonly traffic: {
    readonly requestsPerSecond: number;
    readonly requests: number;
    readonly failedRequests: number;
  };
}

export interface LocalListener {
  readonly listenerPort: number;
  /** Where it answers, if it does. */
  readonly url?: string;
  /** Why it does not. */
  readonly reason?: string;
}

export interface LocalDatabase {
  readonly identifier: string;
  readonly status: string;
  readonly host: string;
  readonly port?: number;
  readonly databaseName?: string;
  readonly masterUsername: string;
  readonly masterUserSecretArn?: string;
}

export async function localStatus(endpoint: string): Promise<LocalStatus> {
  const response = await fetch(`${endpoint}/_plimsoll/status`);
  return (await response.json()) as LocalStatus;
}

/** Where on this machine a URL of the region answers, such as the `ServiceUrl` of a stack; itself if nowhere. */
export function localUrl(status: LocalStatus, url: string): string {
  const { hostname, port, protocol } = new URL(url);
  const listenerPort = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  // Host names have no case; load balancers' are shown with one.
  const balancer = status.loadBalancers.find(({ dnsName }) => dnsName.toLowerCase() === hostname);
  return balancer?.listeners.find((listener) => listener.listenerPort === listenerPort)?.url ?? url;
}
