import type { Tables } from '../../kernel/table.ts';
import { certificatesOf, listenersOf, openElbv2 } from './state.ts';

/** Where a listener of a load balancer really is. */
export interface LocalListener {
  /** The port on AWS. */
  readonly listenerPort: number;
  /** For instance `http://localhost:8080`. Absent while it is not bound. */
  readonly url?: string;
  /** Why it could not be bound. */
  readonly reason?: string;
}

export interface LocalLoadBalancer {
  readonly loadBalancerArn: string;
  readonly loadBalancerName: string;
  readonly dnsName: string;
  readonly listeners: readonly LocalListener[];
}

/** All load balancers with their local addresses. */
export function localLoadBalancers(tables: Tables): readonly LocalLoadBalancer[] {
  const state = openElbv2(tables);
  return [...state.loadBalancers.values()].map(({ arn, name, dnsName }) => ({
    loadBalancerArn: arn,
    loadBalancerName: name,
    dnsName,
    listeners: [...listenersOf(state, arn)]
      .sort((a, b) => a.port - b.port)
      .map(({ port, local, tls }) => ({
        listenerPort: port,
        ...(local?.kind === 'listening' && {
          url: `${tls ? 'https' : 'http'}://${/^(127\.0\.0\.1|0\.0\.0\.0)$/.test(local.host) ? 'localhost' : local.host}:${local.port}`,
        }),
        ...(local?.kind === 'failed' && { reason: local.reason }),
      })),
  }));
}

/** The URL that reaches a load balancer from this machine, by its ARN or its DNS name: of port 80 if it has that. */
export function localAddress(tables: Tables, arnOrDnsName: string): string | undefined {
  const found = localLoadBalancers(tables).find(
    ({ loadBalancerArn, dnsName }) => loadBalancerArn === arnOrDnsName || dnsName === arnOrDnsName,
  );
  const listeners = found?.listeners ?? [];
  return (listeners.find(({ listenerPort }) => listenerPort === 80) ?? listeners[0])?.url;
}

/** ARNs of the load balancers with a listener that has this certificate. */
export function loadBalancersWithCertificate(tables: Tables, certificateArn: string): readonly string[] {
  const users = openElbv2(tables).listeners.filter((listener) =>
    certificatesOf(listener).includes(certificateArn),
  );
  return [...new Set(users.map(({ loadBalancerArn }) => loadBalancerArn))];
}
