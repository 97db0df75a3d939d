import type { Context } from '../../kernel/context.ts';
import { attributeOf, loadBalancerAttributes } from './attributes.ts';
import type { CounterReport } from './ports.ts';
import type { Elbv2State } from './state.ts';

/** Chosen: a connection that was used less long ago was hardly closed for being idle; its target may just have died. */
const idleLongEnoughMs = 1000;

/**
 * Tells, once for each target group, of the most common cause of 502: targets that keep idle connections for less long than
 * the load balancer does, so that some requests meet the close.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
 */
export class KeepAliveAdvice {
  readonly #state: Elbv2State;
  readonly #told = new Set<string>();

  constructor(state: Elbv2State) {
    this.#state = state;
  }

  give(ctx: Context, reports: readonly CounterReport[]): void {
    for (const { loadBalancerArn, targetGroups } of reports) {
      for (const { targetGroupArn, closedAfterIdleMs = 0 } of targetGroups) {
        if (closedAfterIdleMs < idleLongEnoughMs || this.#told.has(targetGroupArn)) continue;
        const loadBalancer = this.#state.loadBalancers.get(loadBalancerArn);
        const group = this.#state.targetGroups.get(targetGroupArn);
        if (!loadBalancer || !group) continue;
        const idleTimeout = attributeOf(
          loadBalancerAttributes,
          loadBalancer.attributes,
          'idle_timeout.timeout_seconds',
        );
        this.#told.add(targetGroupArn);
        ctx.warn(
          'target-keep-alive',
          `Requests to the target group ${group.name} got 502: a target closed a connection that had been idle for ${(closedAfterIdleMs / 1000).toFixed(0)} s just as a request was sent on it. The load balancer keeps connections for its idle timeout of ${idleTimeout} s; have the application keep idle ones longer (Node.js: server.keepAliveTimeout, 5 s by default).`,
        );
      }
    }
  }
}
