import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { accessLogsChanged } from '../access-logs.ts';
import { attributeOf, changedAttributes, listAttributes, loadBalancerAttributes } from '../attributes.ts';
import {
  duplicateLoadBalancerName,
  limitExceeded,
  loadBalancerNotFound,
  operationNotPermitted,
  validationError,
} from '../errors.ts';
import { refreshUse } from '../health-checks.ts';
import { canonicalHostedZoneId } from '../hosted-zones.ts';
import { page } from '../pages.ts';
import { configure, type RoutingAction, startProvisioning } from '../routing-changes.ts';
import {
  type Elbv2State,
  groupsUsedBy,
  type LoadBalancerRecord,
  listenersOf,
  loadBalancerOf,
  rulesOf,
} from '../state.ts';
import { withTags } from '../tags.ts';
import { checkedSecurityGroups, placementOf } from './network.ts';

export function createLoadBalancer(
  ctx: Context,
  state: Elbv2State,
  input: Elb.CreateLoadBalancerInput,
): Elb.CreateLoadBalancerOutput {
  const name = checkedName(input.Name);
  if ((input.Type ?? 'application') !== 'application')
    throw notModelled(`elbv2: load balancer type ${input.Type}`, 'elbv2');
  if ((input.IpAddressType ?? 'ipv4') !== 'ipv4')
    throw notModelled(`elbv2: IpAddressType ${input.IpAddressType}`, 'elbv2');
  const scheme = input.Scheme ?? 'internet-facing';
  const { vpcId, availabilityZones } = placementOf(ctx, input);
  const securityGroups = checkedSecurityGroups(ctx, vpcId, input.SecurityGroups);
  const known = state.loadBalancers.find((loadBalancer) => loadBalancer.name === name);
  const wanted = { scheme, vpcId, availabilityZones, securityGroups };
  if (known) {
    // Confirmed by docs: creating the same load balancer again succeeds.
    if (hasSettings(known, wanted)) return { LoadBalancers: [described(known)] };
    throw duplicateLoadBalancerName(name);
  }
  if (state.loadBalancers.size >= state.loadBalancerQuota) {
    throw limitExceeded(
      'TooManyLoadBalancers',
      `The limit of ${state.loadBalancerQuota} load balancers for this account has been reached`,
    );
  }
  const loadBalancer = newLoadBalancer(ctx, name, wanted, input.Tags);
  state.loadBalancers.put(loadBalancer.arn, loadBalancer);
  startProvisioning(ctx, loadBalancer.arn);
  return { LoadBalancers: [described(loadBalancer)] };
}

type Settings = Pick<LoadBalancerRecord, 'scheme' | 'vpcId' | 'availabilityZones' | 'securityGroups'>;

function newLoadBalancer(
  ctx: Context,
  name: string,
  settings: Settings,
  tags: readonly Elb.Tag[] | undefined,
): LoadBalancerRecord {
  const id = ctx.random.hex(16);
  const prefix = settings.scheme === 'internal' ? 'internal-' : '';
  return {
    arn: ctx.arn('elasticloadbalancing', `loadbalancer/app/${name}/${id}`),
    name,
    id,
    dnsName: `${prefix}${name}-${ctx.random.digits(10)}.${ctx.region}.elb.amazonaws.com`,
    canonicalHostedZoneId: canonicalHostedZoneId(ctx.region),
    createdTime: ctx.now,
    state: { code: 'provisioning' },
    attributes: {},
    tags: withTags({}, tags),
    ...settings,
  };
}

function hasSettings(known: LoadBalancerRecord, wanted: Settings): boolean {
  const { scheme, vpcId, availabilityZones, securityGroups } = known;
  return JSON.stringify({ scheme, vpcId, availabilityZones, securityGroups }) === JSON.stringify(wanted);
}

export function describeLoadBalancers(
  _ctx: Context,
  state: Elbv2State,
  input: Elb.DescribeLoadBalancersInput,
): Elb.DescribeLoadBalancersOutput {
  const { items, NextMarker } = page(selected(state, input), input, ({ arn }) => arn);
  return { LoadBalancers: items.map(described), ...(NextMarker && { NextMarker }) };
}

function selected(
  state: Elbv2State,
  { LoadBalancerArns, Names }: Elb.DescribeLoadBalancersInput,
): LoadBalancerRecord[] {
  if (LoadBalancerArns && LoadBalancerArns.length > 0)
    return LoadBalancerArns.map((arn) => loadBalancerOf(state, arn));
  if (!Names || Names.length === 0) return [...state.loadBalancers.values()];
  const found = state.loadBalancers.filter(({ name }) => Names.includes(name));
  const missing = Names.filter((name) => !found.some((loadBalancer) => loadBalancer.name === name));
  if (missing.length > 0) throw loadBalancerNotFound(missing);
  return found;
}

/** Confirmed by docs: succeeds when it is gone already; removes listeners and rules, not target groups. */
export function deleteLoadBalancer(
  ctx: Context,
  state: Elbv2State,
  { LoadBalancerArn = '' }: Elb.DeleteLoadBalancerInput,
): Elb.DeleteLoadBalancerOutput {
  const loadBalancer = state.loadBalancers.get(LoadBalancerArn);
  if (!loadBalancer) return {};
  if (
    attributeOf(loadBalancerAttributes, loadBalancer.attributes, 'deletion_protection.enabled') === 'true'
  ) {
    throw operationNotPermitted(
      `Load balancer '${LoadBalancerArn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  const groups = groupsUsedBy(state, LoadBalancerArn);
  for (const listener of listenersOf(state, LoadBalancerArn)) {
    for (const rule of rulesOf(state, listener.arn)) state.rules.delete(rule.arn);
    state.listeners.delete(listener.arn);
  }
  state.loadBalancers.delete(LoadBalancerArn);
  accessLogsChanged(ctx, state, loadBalancer, undefined);
  ctx.timers.drop(LoadBalancerArn);
  for (const group of groups) refreshUse(ctx, state, group);
  ctx.perform({ kind: 'remove', loadBalancerArn: LoadBalancerArn } satisfies RoutingAction);
  return {};
}

export function describeLoadBalancerAttributes(
  _ctx: Context,
  state: Elbv2State,
  input: Elb.DescribeLoadBalancerAttributesInput,
): Elb.DescribeLoadBalancerAttributesOutput {
  const { attributes } = loadBalancerOf(state, input.LoadBalancerArn);
  return { Attributes: listAttributes(loadBalancerAttributes, attributes) };
}

export function modifyLoadBalancerAttributes(
  ctx: Context,
  state: Elbv2State,
  { LoadBalancerArn, Attributes }: Elb.ModifyLoadBalancerAttributesInput,
): Elb.ModifyLoadBalancerAttributesOutput {
  const loadBalancer = loadBalancerOf(state, LoadBalancerArn);
  const attributes = changedAttributes(
    'Load balancer',
    loadBalancerAttributes,
    loadBalancer.attributes,
    Attributes ?? [],
  );
  if (attributes['routing.http.desync_mitigation_mode'] === 'monitor') {
    ctx.warn(
      'elbv2-desync-monitor',
      'routing.http.desync_mitigation_mode = monitor: requests that this balancer cannot read in one way only are refused as in defensive mode.',
    );
  }
  const changed = { ...loadBalancer, attributes };
  accessLogsChanged(ctx, state, loadBalancer, changed);
  change(ctx, state, changed);
  return { Attributes: listAttributes(loadBalancerAttributes, attributes) };
}

export function setSecurityGroups(
  ctx: Context,
  state: Elbv2State,
  { LoadBalancerArn, SecurityGroups }: Elb.SetSecurityGroupsInput,
): Elb.SetSecurityGroupsOutput {
  const loadBalancer = loadBalancerOf(state, LoadBalancerArn);
  const securityGroups = checkedSecurityGroups(ctx, loadBalancer.vpcId, SecurityGroups);
  state.loadBalancers.put(loadBalancer.arn, { ...loadBalancer, securityGroups });
  return { SecurityGroupIds: [...securityGroups] };
}

export function setSubnets(
  ctx: Context,
  state: Elbv2State,
  input: Elb.SetSubnetsInput,
): Elb.SetSubnetsOutput {
  const loadBalancer = loadBalancerOf(state, input.LoadBalancerArn);
  const { availabilityZones } = placementOf(ctx, input);
  change(ctx, state, { ...loadBalancer, availabilityZones });
  for (const group of groupsUsedBy(state, loadBalancer.arn)) refreshUse(ctx, state, group);
  return { AvailabilityZones: availabilityZones.map((zone) => ({ ...zone })), IpAddressType: 'ipv4' };
}

function change(ctx: Context, state: Elbv2State, loadBalancer: LoadBalancerRecord): void {
  state.loadBalancers.put(loadBalancer.arn, loadBalancer);
  configure(ctx, state, loadBalancer);
}

// Confirmed by docs: at most 32 letters, digits and hyphens, none at the ends, not beginning with `internal-`.
function checkedName(name = ''): string {
  if (name.length === 0) throw validationError('Load balancer name must be specified');
  if (name.length > 32)
    throw validationError(`The load balancer name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `The load balancer name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`,
    );
  }
  if (name.startsWith('-') || name.endsWith('-')) {
    throw validationError(`The load balancer name '${name}' cannot begin or end with a hyphen(-)`);
  }
  if (name.startsWith('internal-')) {
    throw validationError(`The load balancer name '${name}' cannot begin with 'internal-'`);
  }
  return name;
}

function described(loadBalancer: LoadBalancerRecord): Elb.LoadBalancer {
  const { state } = loadBalancer;
  return {
    LoadBalancerArn: loadBalancer.arn,
    DNSName: loadBalancer.dnsName,
    CanonicalHostedZoneId: loadBalancer.canonicalHostedZoneId,
    CreatedTime: toDate(loadBalancer.createdTime),
    LoadBalancerName: loadBalancer.name,
    Scheme: loadBalancer.scheme,
    VpcId: loadBalancer.vpcId,
    State: { Code: state.code, ...(state.reason !== undefined && { Reason: state.reason }) },
    Type: 'application',
    AvailabilityZones: loadBalancer.availabilityZones.map((zone) => ({ ...zone, LoadBalancerAddresses: [] })),
    SecurityGroups: [...loadBalancer.securityGroups],
    IpAddressType: 'ipv4',
  };
}
