import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../kernel/context.ts';
import { checkedActions } from '../actions.ts';
import { changedAttributes, listAttributes, listenerAttributes } from '../attributes.ts';
import { duplicateListener, limitExceeded, validationError } from '../errors.ts';
import { refreshUse } from '../health-checks.ts';
import { checkedTls } from '../listener-tls.ts';
import { page } from '../pages.ts';
import { configure } from '../routing-changes.ts';
import {
  type Elbv2State,
  groupsUsedBy,
  type ListenerRecord,
  listenerOf,
  listenersOf,
  loadBalancerOf,
  rulesOf,
} from '../state.ts';
import { withTags } from '../tags.ts';

export function createListener(
  ctx: Context,
  state: Elbv2State,
  input: Elb.CreateListenerInput,
): Elb.CreateListenerOutput {
  const loadBalancer = loadBalancerOf(state, input.LoadBalancerArn);
  const tls = checkedTls(state, input);
  const port = checkedPort(state, loadBalancer.arn, input.Port);
  if (listenersOf(state, loadBalancer.arn).length >= 50) {
    throw limitExceeded('TooManyListeners', 'The limit of 50 listeners per load balancer has been reached');
  }
  const path = `app/${loadBalancer.name}/${loadBalancer.id}/${ctx.random.hex(16)}`;
  const listener: ListenerRecord = {
    arn: ctx.arn('elasticloadbalancing', `listener/${path}`),
    loadBalancerArn: loadBalancer.arn,
    port,
    ...(tls && { tls }),
    defaultRuleArn: ctx.arn('elasticloadbalancing', `listener-rule/${path}/${ctx.random.hex(16)}`),
    defaultActions: checkedActions(
      state,
      { loadBalancerArn: loadBalancer.arn, ...(tls && { tls }) },
      input.DefaultActions,
    ),
    attributes: {},
    tags: withTags({}, input.Tags),
  };
  routingChange(ctx, state, loadBalancer.arn, () => state.listeners.put(listener.arn, listener));
  return { Listeners: [described(listener)] };
}

export function describeListeners(
  _ctx: Context,
  state: Elbv2State,
  input: Elb.DescribeListenersInput,
): Elb.DescribeListenersOutput {
  const { LoadBalancerArn, ListenerArns } = input;
  if (LoadBalancerArn === undefined && (ListenerArns ?? []).length === 0) {
    throw validationError('A load balancer ARN or at least one listener ARN must be specified');
  }
  const found =
    LoadBalancerArn === undefined
      ? (ListenerArns ?? []).map((arn) => listenerOf(state, arn))
      : listenersOf(state, loadBalancerOf(state, LoadBalancerArn).arn);
  const { items, NextMarker } = page(found, input, ({ arn }) => arn);
  return { Listeners: items.map(described), ...(NextMarker && { NextMarker }) };
}

export function modifyListener(
  ctx: Context,
  state: Elbv2State,
  input: Elb.ModifyListenerInput,
): Elb.ModifyListenerOutput {
  const listener = listenerOf(state, input.ListenerArn);
  const tls = checkedTls(state, input, listener);
  const isMoved = input.Port !== undefined && input.Port !== listener.port;
  const { local, tls: _, ...rest } = listener;
  const changed: ListenerRecord = {
    ...rest,
    ...(tls && { tls }),
    ...(local && !isMoved && { local }),
    ...(isMoved && { port: checkedPort(state, listener.loadBalancerArn, input.Port) }),
    defaultActions: checkedActions(
      state,
      { loadBalancerArn: listener.loadBalancerArn, ...(tls && { tls }) },
      input.DefaultActions ?? listener.defaultActions,
    ),
  };
  routingChange(ctx, state, listener.loadBalancerArn, () => state.listeners.put(listener.arn, changed));
  return { Listeners: [described(changed)] };
}

export function deleteListener(
  ctx: Context,
  state: Elbv2State,
  { ListenerArn }: Elb.DeleteListenerInput,
): Elb.DeleteListenerOutput {
  const listener = listenerOf(state, ListenerArn);
  routingChange(ctx, state, listener.loadBalancerArn, () => {
    for (const rule of rulesOf(state, listener.arn)) state.rules.delete(rule.arn);
    state.listeners.delete(listener.arn);
  });
  return {};
}

export function describeListenerAttributes(
  _ctx: Context,
  state: Elbv2State,
  { ListenerArn }: Elb.DescribeListenerAttributesInput,
): Elb.DescribeListenerAttributesOutput {
  return { Attributes: listAttributes(listenerAttributes, listenerOf(state, ListenerArn).attributes) };
}

export function modifyListenerAttributes(
  ctx: Context,
  state: Elbv2State,
  { ListenerArn, Attributes }: Elb.ModifyListenerAttributesInput,
): Elb.ModifyListenerAttributesOutput {
  const listener = listenerOf(state, ListenerArn);
  const attributes = changedAttributes('Listener', listenerAttributes, listener.attributes, Attributes ?? []);
  routingChange(ctx, state, listener.loadBalancerArn, () =>
    state.listeners.put(listener.arn, { ...listener, attributes }),
  );
  return { Attributes: listAttributes(listenerAttributes, attributes) };
}

/** Makes a change of listeners or rules, and lets target health and the plane follow it. */
export function routingChange(
  ctx: Context,
  state: Elbv2State,
  loadBalancerArn: string,
  change: () => void,
): void {
  const before = groupsUsedBy(state, loadBalancerArn);
  change();
  const after = groupsUsedBy(state, loadBalancerArn);
  for (const group of new Set([...before, ...after])) {
    if (before.includes(group) !== after.includes(group)) refreshUse(ctx, state, group);
  }
  configure(ctx, state, loadBalancerOf(state, loadBalancerArn));
}

function checkedPort(state: Elbv2State, loadBalancerArn: string, port: number | undefined): number {
  if (port === undefined) throw validationError('A listener port must be specified');
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw validationError(`Listener port '${port}' must be between 1 and 65535 inclusive`);
  }
  if (listenersOf(state, loadBalancerArn).some((listener) => listener.port === port))
    throw duplicateListener(loadBalancerArn);
  return port;
}

function described(listener: ListenerRecord): Elb.Listener {
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.tls ? 'HTTPS' : 'HTTP',
    ...(listener.tls && {
      Certificates: [{ CertificateArn: listener.tls.defaultCertificateArn }],
      SslPolicy: listener.tls.sslPolicy,
      MutualAuthentication: { Mode: 'off' },
    }),
    DefaultActions: [...listener.defaultActions],
  };
}
