/** What the region's thread and the balancer's thread say to each other. */
import type {
  ConfigureOutcome,
  CounterReport,
  ListenerConfiguration,
  LoadBalancerConfiguration,
  LoggedRequests,
  ProbeOutcome,
  TargetConfiguration,
  TargetGroupConfiguration,
} from '../../services/elbv2/ports.ts';
import type { LocalAddress } from '../address-book.ts';

export interface ResolvedConfiguration extends Omit<LoadBalancerConfiguration, 'listeners' | 'targetGroups'> {
  readonly listeners: readonly ResolvedListener[];
  readonly targetGroups: readonly ResolvedTargetGroup[];
}

export interface ResolvedListener extends ListenerConfiguration {
  readonly localPort: number;
  /** Take any free port when `localPort` is busy. */
  readonly mayMove: boolean;
}

export interface ResolvedTargetGroup extends Omit<TargetGroupConfiguration, 'targets'> {
  readonly targets: readonly ResolvedTarget[];
}

export interface ResolvedTarget extends TargetConfiguration {
  readonly address: LocalAddress | undefined;
}

export interface ResolvedProbe {
  readonly address: LocalAddress;
  /** `ip:port` as registered, for the Host header. */
  readonly host: string;
  readonly path: string;
  readonly timeoutSeconds: number;
  /** Absent: HTTP/1.1. */
  readonly protocolVersion?: 'HTTP2' | 'GRPC';
}

export type ToWorker =
  | { readonly kind: 'configure'; readonly id: number; readonly configuration: ResolvedConfiguration }
  | { readonly kind: 'remove'; readonly id: number; readonly loadBalancerArn: string }
  | { readonly kind: 'probe'; readonly id: number; readonly probe: ResolvedProbe }
  | { readonly kind: 'close'; readonly id: number };

export type FromWorker =
  | { readonly kind: 'configured'; readonly id: number; readonly outcome: ConfigureOutcome }
  | { readonly kind: 'removed'; readonly id: number }
  | { readonly kind: 'probed'; readonly id: number; readonly outcome: ProbeOutcome }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'counted'; readonly reports: readonly CounterReport[] }
  | { readonly kind: 'logged'; readonly batches: readonly LoggedRequests[] };

export interface WorkerOptions {
  /** The address the listeners bind to. */
  readonly host: string;
}
