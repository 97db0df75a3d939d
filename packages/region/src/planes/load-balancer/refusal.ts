/** What the balancer does with a request of doubtful or unwanted kind, whatever its rules say. */
import type { RoutingAttributes } from '../../services/elbv2/ports.ts';
import type { RequestHead } from './request-head.ts';

type Mode = RoutingAttributes['desyncMitigationMode'];

/** Confirmed by docs: more than 30 addresses in X-Forwarded-For are refused with 463. */
const MAX_FORWARDED_ADDRESSES = 30;

/**
 * Confirmed by docs: monitor only counts; defensive closes both connections after an ambiguous request; strictest lets only
 * compliant requests pass.
 */
export function underMode(head: RequestHead, mode: Mode): RequestHead {
  if (head.classification === 'compliant' || mode === 'defensive') return head;
  return { ...head, closesConnections: mode === 'strictest' };
}

/**
 * Confirmed by docs: 464 when what the client speaks cannot be sent to the target group: HTTP/1.1 to one of HTTP/2 or gRPC, gRPC to one
 * of HTTP/1.1, to one of gRPC anything but POST.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version
 */
export function isIncompatible(
  stream: { readonly isGrpc: boolean } | undefined,
  method: string,
  protocolVersion: 'HTTP2' | 'GRPC' | undefined,
): boolean {
  if (protocolVersion === undefined) return stream?.isGrpc === true;
  return stream === undefined || (protocolVersion === 'GRPC' && method !== 'POST');
}

/** The status to refuse it with. */
export function refusalOf(head: RequestHead, mode: Mode): number | undefined {
  if (head.classification !== 'compliant' && mode === 'strictest') return 400;
  // Confirmed by docs: TRACE is refused with 405. Chosen: CONNECT too; the balancer is no forward proxy.
  if (head.method === 'TRACE' || head.method === 'CONNECT') return 405;
  if (head.forwardedFor !== undefined && head.forwardedFor.split(',').length > MAX_FORWARDED_ADDRESSES)
    return 463;
  return undefined;
}
