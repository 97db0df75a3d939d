/** At the end of each minute: what was counted in it, and the hosts as they are, go to CloudWatch. */
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { MinuteMetrics, publishMinute } from '../../kernel/metric-minutes.ts';
import { attributeOf, targetGroupAttributes } from './attributes.ts';
import type { LoadBalancerMetrics } from './metrics.ts';
import { addCounted, addHosts, type GroupHosts, type HostCount } from './metrics-data.ts';
import {
  type Attributes,
  type Elbv2State,
  groupsUsedBy,
  type LoadBalancerRecord,
  targetsOf,
} from './state.ts';

export interface MinuteEnded {
  readonly kind: 'minuteEnded';
  readonly minute: Instant;
}

/** What is published of each minute: what was counted, and the hosts. */
export class ElbMetrics {
  readonly counted = new MinuteMetrics('AWS/ApplicationELB');
  readonly hosts = new MinuteMetrics('AWS/ApplicationELB');
}

export function publishMetrics(
  ctx: Context,
  state: Elbv2State,
  { counts, published }: { readonly counts: LoadBalancerMetrics; readonly published: ElbMetrics },
  { minute }: MinuteEnded,
): void {
  const groups = groupHosts(state);
  const ended = counts.takeEnded(ctx.now);
  for (const start of new Set(ended.map((one) => one.start))) {
    const ofMinute = ended.filter(
      (one) => one.start === start && state.loadBalancers.has(one.loadBalancerArn),
    );
    published.counted.begin();
    addCounted(published.counted, ofMinute, groups);
    publishMinute(ctx, start, published.counted);
  }
  published.hosts.begin();
  addHosts(
    published.hosts,
    groups.filter(({ isChecked }) => isChecked),
  );
  publishMinute(ctx, minute, published.hosts);
}

/** Every target group that a load balancer uses, as it is now. */
export function groupHosts(state: Elbv2State): readonly GroupHosts[] {
  const groups: GroupHosts[] = [];
  for (const loadBalancer of state.loadBalancers.values()) {
    for (const arn of groupsUsedBy(state, loadBalancer.arn)) {
      const hosts = hostsOf(state, loadBalancer, arn);
      if (hosts) groups.push(hosts);
    }
  }
  return groups;
}

function hostsOf(
  state: Elbv2State,
  loadBalancer: LoadBalancerRecord,
  targetGroupArn: string,
): GroupHosts | undefined {
  const group = state.targetGroups.get(targetGroupArn);
  if (group === undefined) return undefined;
  const zones = new Map<string, HostCount>();
  for (const { ZoneName = '' } of loadBalancer.availabilityZones) zones.set(ZoneName, none);
  // Chosen: a target counts in its own zone. One of no zone of the VPC is in none, and counts in the first.
  const [firstZone = ''] = zones.keys();
  const targets = targetsOf(state, targetGroupArn);
  for (const { availabilityZone = firstZone, status } of targets) {
    const { healthy, unhealthy } = zones.get(availabilityZone) ?? none;
    zones.set(availabilityZone, {
      healthy: healthy + (status.state === 'healthy' ? 1 : 0),
      // Confirmed by docs: a target that drains counts neither as healthy nor as unhealthy.
      unhealthy: unhealthy + (status.state === 'unhealthy' ? 1 : 0),
    });
  }
  let healthy = 0;
  for (const zone of zones.values()) healthy += zone.healthy;
  const { dns, routing } = requirementsOf(group.attributes);
  return {
    loadBalancerArn: loadBalancer.arn,
    targetGroupArn,
    zones,
    isChecked: group.healthCheck.enabled,
    isHealthyForDns: isEnough(dns, healthy, targets.length),
    isHealthyForRouting: isEnough(routing, healthy, targets.length),
  };
}

const none: HostCount = { healthy: 0, unhealthy: 0 };

interface Requirement {
  readonly count: number;
  readonly percentage: number;
}

type Requirements = Readonly<Record<'dns' | 'routing', Requirement>>;

/** Read once of the attributes as they are: they are asked for each minute. */
const read = new WeakMap<Attributes, Requirements>();

function requirementsOf(attributes: Attributes): Requirements {
  const known = read.get(attributes);
  if (known) return known;
  const minimum = (action: string, unit: string): number => {
    const key = `target_group_health.${action}.minimum_healthy_targets.${unit}`;
    return Number(attributeOf(targetGroupAttributes, attributes, key).replace('off', '0'));
  };
  const of = (action: string): Requirement => ({
    count: minimum(action, 'count'),
    percentage: minimum(action, 'percentage'),
  });
  const made = { dns: of('dns_failover'), routing: of('unhealthy_state_routing') };
  read.set(attributes, made);
  return made;
}

/** Confirmed by docs: a group is healthy while neither its minimum count nor its minimum percentage is missed. */
function isEnough({ count, percentage }: Requirement, healthy: number, targets: number): boolean {
  return healthy >= count && healthy * 100 >= percentage * targets;
}
