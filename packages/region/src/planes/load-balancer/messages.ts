/** What the region's thread and a thread of the balancer say to each other. */
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
  /**
   * With several threads: `claim` takes a port that nobody has, `join` one that another thread of this region has. Absent:
   * the port is this thread's alone.
   */
  readonly sharing?: 'claim' | 'join';
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
  | { readonly kind: 'stopListening'; readonly id: number; readonly loadBalancerArn: string }
  | { readonly kind: 'remove'; readonly id: number; readonly loadBalancerArn: string }
  | { readonly kind: 'takeCounters'; readonly id: number }
  | { readonly kind: 'probe'; readonly id: number; readonly probe: ResolvedProbe }
  | { readonly kind: 'close'; readonly id: number };

export type FromWorker =
  | { readonly kind: 'configured'; readonly id: number; readonly outcome: ConfigureOutcome }
  | { readonly kind: 'stoppedListening'; readonly id: number }
  | { readonly kind: 'removed'; readonly id: number }
  | { readonly kind: 'countersTaken'; readonly id: number; readonly reports: readonly CounterReport[] }
  | { readonly kind: 'probed'; readonly id: number; readonly outcome: ProbeOutcome }
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'counted'; readonly reports: readonly CounterReport[] }
  | { readonly kind: 'logged'; readonly batches: readonly LoggedRequests[] };

export interface WorkerOptions {
  /** The address the listeners bind to. */
  readonly host: string;
  /** Then it is asked for its counters, so that those of all are of one moment. Absent: it tells them once a second. */
  readonly isOneOfSeveral?: true;
}
