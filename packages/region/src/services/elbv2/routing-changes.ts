/** What a load balancer's record goes through, and how the plane is told of changes. */
import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import type { Written } from '../../kernel/table.ts';
import { CERTIFICATES } from '../acm/views.ts';
import { configurationOf } from './configuration.ts';
import type { ConfigureOutcome, LoadBalancerConfiguration } from './ports.ts';
import { certificatesOf, type Elbv2State, type LoadBalancerRecord } from './state.ts';

/** Chosen: AWS takes one to four minutes. */
const PROVISIONING_SECONDS = 1;
/** Chosen: how soon a port that was busy is tried again. */
const RETRY_SECONDS = 5;

export type RoutingAction =
  | { readonly kind: 'configure'; readonly configuration: LoadBalancerConfiguration }
  | { readonly kind: 'remove'; readonly loadBalancerArn: string };

export interface ConfiguredEvent {
  readonly kind: 'configured';
  readonly outcome: ConfigureOutcome;
}

export function startProvisioning(ctx: Context, loadBalancerArn: string): void {
  ctx.timers.set(loadBalancerArn, 'provisioned', after(ctx.now, PROVISIONING_SECONDS));
}

/** Tells the plane how the load balancer now is. One that is still provisioned is told of when it is. */
export function configure(ctx: Context, state: Elbv2State, loadBalancer: LoadBalancerRecord): void {
  if (loadBalancer.state.code !== 'provisioning') tellPlane(ctx, state, loadBalancer);
}

/** After a restart: the plane knows nothing. */
export function configureAll(ctx: Context, state: Elbv2State): void {
  for (const loadBalancer of state.loadBalancers.values()) {
    if (loadBalancer.state.code === 'provisioning') startProvisioning(ctx, loadBalancer.arn);
    else tellPlane(ctx, state, loadBalancer);
  }
}

/** A certificate was imported again: the load balancers that have it serve the new one. */
export function configureUsersOf(ctx: Context, state: Elbv2State, written: readonly Written[]): void {
  const changed = written.filter(({ table }) => table === CERTIFICATES).map(({ key }) => key);
  const listeners = state.listeners.filter((one) => certificatesOf(one).some((arn) => changed.includes(arn)));
  for (const arn of new Set(listeners.map(({ loadBalancerArn }) => loadBalancerArn))) {
    const loadBalancer = state.loadBalancers.get(arn);
    if (loadBalancer) configure(ctx, state, loadBalancer);
  }
}

/** Provisioning is over, or a busy port is tried again. */
export function onLoadBalancerTimer(ctx: Context, state: Elbv2State, loadBalancerArn: string): void {
  const loadBalancer = state.loadBalancers.get(loadBalancerArn);
  if (loadBalancer) tellPlane(ctx, state, loadBalancer);
}

function tellPlane(ctx: Context, state: Elbv2State, loadBalancer: LoadBalancerRecord): void {
  ctx.perform({
    kind: 'configure',
    configuration: configurationOf(state, loadBalancer, ctx.now),
  } satisfies RoutingAction);
}

/** Notes where each listener is bound: now the load balancer is `active`. A port that is busy makes the load balancer `failed`, with the reason. */
export function onConfigured(ctx: Context, state: Elbv2State, { outcome }: ConfiguredEvent): void {
  const loadBalancer = state.loadBalancers.get(outcome.loadBalancerArn);
  if (!loadBalancer) return;
  for (const bound of outcome.listeners) {
    const listener = state.listeners.get(bound.listenerArn);
    if (!listener) continue;
    const local =
      bound.kind === 'listening'
        ? { kind: bound.kind, host: bound.host, port: bound.port }
        : { kind: bound.kind, reason: bound.reason };
    if (JSON.stringify(listener.local) !== JSON.stringify(local))
      state.listeners.put(listener.arn, { ...listener, local });
  }
  const failed = outcome.listeners.find((bound) => bound.kind === 'failed');
  if (failed?.kind === 'failed') {
    ctx.warn('listener-not-bound', failed.reason);
    ctx.timers.set(loadBalancer.arn, 'retry', after(ctx.now, RETRY_SECONDS));
    setState(state, loadBalancer, { code: 'failed', reason: failed.reason });
  } else setState(state, loadBalancer, { code: 'active' });
  // What changed while it was provisioned, the plane was not told.
  if (loadBalancer.state.code === 'provisioning') tellPlane(ctx, state, loadBalancer);
}

function setState(
  state: Elbv2State,
  loadBalancer: LoadBalancerRecord,
  to: LoadBalancerRecord['state'],
): void {
  if (loadBalancer.state.code === to.code && loadBalancer.state.reason === to.reason) return;
  state.loadBalancers.put(loadBalancer.arn, { ...loadBalancer, state: to });
}
