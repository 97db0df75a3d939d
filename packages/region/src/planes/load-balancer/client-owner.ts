import type { RoutingAttributes } from '../../services/elbv2/ports.ts';
import type { Choice, ForwardAction } from './choice.ts';
import type { Counters } from './counters.ts';
import type { RequestHead } from './request-head.ts';
import type { RequestLog } from './request-log.ts';
import type { CompiledRule } from './routing.ts';

/** What a client's connection needs of its listener. */
export interface ClientOwner {
  readonly rules: readonly CompiledRule[];
  readonly attributes: RoutingAttributes;
  readonly counters: Counters;
  readonly serverHeader: boolean;
  readonly isClosing: boolean;
  readonly port: number;
  readonly localPort: number;
  readonly dnsName: string;
  /** Undefined: requests are not logged. */
  readonly requestLog: RequestLog | undefined;
  choose(action: ForwardAction, head: RequestHead, isSecure: boolean): Choice | undefined;
  localPortOf(listenerPort: number): number | undefined;
  /** Counts an answer of the balancer's own. */
  countElb(status: number): void;
  /** Counts a request that desync mitigation found not to be compliant. */
  countDesync(): void;
  forget(connection: object): void;
}
