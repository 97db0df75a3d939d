/**
 * What CloudWatch is told of a minute, pure: names, units, dimensions and reporting criteria as in
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { Dimension } from '@aws-sdk/client-cloudwatch';
import { dimensions, type MinuteMetrics } from '../../kernel/metric-minutes.ts';
import type { MetricMinute } from './metrics.ts';
import type { Distribution } from './ports.ts';

/** One target group of one load balancer at the end of a minute. */
export interface GroupHosts {
  readonly loadBalancerArn: string;
  readonly targetGroupArn: string;
  /** By Availability Zone: the zones that are enabled, and those of targets. */
  readonly zones: ReadonlyMap<string, HostCount>;
  readonly isChecked: boolean;
  /** Whether its healthy targets are enough for DNS and for routing. */
  readonly isHealthyForDns: boolean;
  readonly isHealthyForRouting: boolean;
}

export interface HostCount {
  readonly healthy: number;
  readonly unhealthy: number;
}

/** Of what the balancer counts: what is given per load balancer, per target group, or both. */
const counted: Readonly<Record<string, 'balancer' | 'group' | 'both'>> = {
  ActiveConnectionCount: 'balancer',
  ClientTLSNegotiationErrorCount: 'balancer',
  DesyncMitigationMode_NonCompliant_Request_Count: 'balancer',
  GrpcRequestCount: 'both',
  HTTP_Fixed_Response_Count: 'balancer',
  HTTP_Redirect_Count: 'balancer',
  HTTP_Redirect_Url_Limit_Exceeded_Count: 'balancer',
  HTTPCode_ELB_3XX_Count: 'balancer',
  HTTPCode_ELB_4XX_Count: 'balancer',
  HTTPCode_ELB_5XX_Count: 'balancer',
  HTTPCode_ELB_500_Count: 'balancer',
  HTTPCode_ELB_502_Count: 'balancer',
  HTTPCode_ELB_503_Count: 'balancer',
  HTTPCode_ELB_504_Count: 'balancer',
  IPv6ProcessedBytes: 'balancer',
  IPv6RequestCount: 'balancer',
  NewConnectionCount: 'balancer',
  NonStickyRequestCount: 'balancer',
  ProcessedBytes: 'balancer',
  RejectedConnectionCount: 'balancer',
  RequestCount: 'both',
  RuleEvaluations: 'balancer',
  HTTPCode_Target_2XX_Count: 'both',
  HTTPCode_Target_3XX_Count: 'both',
  HTTPCode_Target_4XX_Count: 'both',
  HTTPCode_Target_5XX_Count: 'both',
  TargetConnectionErrorCount: 'both',
  UnhealthyRoutingRequestCount: 'group',
};

/** Confirmed by docs: of these `Minimum`, `Maximum` and `Average` are 1: each request is a sample. */
const perRequest: ReadonlySet<string> = new Set([
  'HTTPCode_ELB_3XX_Count',
  'HTTPCode_ELB_4XX_Count',
  'HTTPCode_ELB_5XX_Count',
  'HTTPCode_Target_2XX_Count',
  'HTTPCode_Target_3XX_Count',
  'HTTPCode_Target_4XX_Count',
  'HTTPCode_Target_5XX_Count',
  'IPv6RequestCount',
  'RequestCount',
]);

/**
 * Confirmed by docs: nothing is reported while no requests flow; `RequestCount` and `RequestCountPerTarget` are then always
 * reported, all others when they are not zero.
 * @param groups the target groups of the load balancers; of the one without requests `RequestCountPerTarget` is 0
 */
export function addCounted(
  metrics: MinuteMetrics,
  minutes: readonly MetricMinute[],
  groups: readonly GroupHosts[],
): void {
  const byBalancer = new Map<string, BalancerParts>();
  for (const group of groups) partsOf(byBalancer, group.loadBalancerArn).groups.push(group);
  for (const { loadBalancerArn, targetGroupArn, counts } of minutes) {
    if (targetGroupArn === undefined) continue;
    partsOf(byBalancer, loadBalancerArn).requests.set(targetGroupArn, counts['RequestCount'] ?? 0);
  }
  for (const minute of minutes) {
    addMetricsOf(metrics, minute);
    if (minute.targetGroupArn !== undefined) continue;
    const { groups: own = [], requests } = byBalancer.get(minute.loadBalancerArn) ?? {};
    for (const group of own) addPerTarget(metrics, group, requests?.get(group.targetGroupArn) ?? 0);
  }
}

interface BalancerParts {
  readonly groups: GroupHosts[];
  /** Of a minute, by target group. */
  readonly requests: Map<string, number>;
}

function partsOf(byBalancer: Map<string, BalancerParts>, loadBalancerArn: string): BalancerParts {
  const parts = byBalancer.get(loadBalancerArn) ?? { groups: [], requests: new Map() };
  byBalancer.set(loadBalancerArn, parts);
  return parts;
}

function addMetricsOf(metrics: MinuteMetrics, minute: MetricMinute): void {
  const { loadBalancerArn, targetGroupArn, counts, targetResponseTime } = minute;
  const of = dimensionsOf(loadBalancerArn, targetGroupArn);
  const level = targetGroupArn === undefined ? 'balancer' : 'group';
  const withRequests = level === 'balancer' ? { RequestCount: 0, ...counts } : counts;
  for (const name in withRequests) {
    if (counted[name] === level || counted[name] === 'both')
      addCount(metrics, name, of, withRequests[name] ?? 0);
  }
  if (level === 'balancer') metrics.add('ConsumedLCUs', of, 'Count', consumedLcus(counts));
  if (targetResponseTime) addResponseTimes(metrics, of, targetResponseTime);
}

function addCount(metrics: MinuteMetrics, name: string, of: Dimension[], value: number): void {
  if (perRequest.has(name) && value > 0)
    metrics.addSamples(name, of, 'Count', { values: [1], counts: [value] });
  else metrics.add(name, of, name.endsWith('Bytes') ? 'Bytes' : 'Count', value);
}

/** The outermost values are the real ones, so that `Minimum` and `Maximum` are exact. */
function addResponseTimes(metrics: MinuteMetrics, of: Dimension[], given: Distribution): void {
  const values = [...given.values];
  const last = values.length - 1;
  if (last >= 0) values[last] = given.maximum;
  if (last >= 1) values[0] = given.minimum;
  metrics.addSamples('TargetResponseTime', of, 'Seconds', { values, counts: [...given.counts] });
}

/**
 * Confirmed by docs: the highest of four dimensions counts: 25 new connections a second, 3,000 active ones a minute, 1 GB
 * an hour, 1,000 rule evaluations a second. https://aws.amazon.com/elasticloadbalancing/pricing/
 */
function consumedLcus(counts: Readonly<Record<string, number>>): number {
  const of = (name: string): number => counts[name] ?? 0;
  return Math.max(
    of('NewConnectionCount') / 60 / 25,
    of('ActiveConnectionCount') / 3000,
    (of('ProcessedBytes') * 60) / 1e9,
    of('RuleEvaluations') / 60 / 1000,
  );
}

/** Confirmed by docs: `Sum` is the average number of requests of each target. */
function addPerTarget(metrics: MinuteMetrics, group: GroupHosts, requests: number): void {
  const { loadBalancerArn, targetGroupArn } = group;
  const { healthy, unhealthy } = totalOf(group);
  const perTarget = requests / Math.max(1, healthy || unhealthy);
  // Known: given per target group alone as well.
  const ofGroup = dimensionsOfGroup(targetGroupArn);
  for (const of of [ofGroup, dimensionsOf(loadBalancerArn, targetGroupArn)])
    metrics.add('RequestCountPerTarget', of, 'Count', perTarget);
}

/** Confirmed by docs: reported if health checks are enabled, with and without requests. */
export function addHosts(metrics: MinuteMetrics, groups: readonly GroupHosts[]): void {
  for (const group of groups) {
    const { zones, loadBalancerArn, targetGroupArn, isHealthyForDns, isHealthyForRouting } = group;
    const of = dimensionsOf(loadBalancerArn, targetGroupArn);
    addHostCounts(metrics, totalOf(group), of);
    for (const [zone, count] of zones)
      addHostCounts(metrics, count, dimensionsOf(loadBalancerArn, targetGroupArn, zone));
    addStates(metrics, 'DNS', isHealthyForDns, zones.size, of);
    addStates(metrics, 'Routing', isHealthyForRouting, zones.size, of);
  }
}

function addHostCounts(metrics: MinuteMetrics, { healthy, unhealthy }: HostCount, of: Dimension[]): void {
  metrics.add('HealthyHostCount', of, 'Count', healthy);
  metrics.add('UnHealthyHostCount', of, 'Count', unhealthy);
}

/** How many zones meet the requirements. Targets serve all zones (cross-zone is on), so it is all of them or none. */
function addStates(
  metrics: MinuteMetrics,
  action: 'DNS' | 'Routing',
  isHealthy: boolean,
  zones: number,
  of: Dimension[],
): void {
  const [healthy, unhealthy] = stateNames[action];
  metrics.add(healthy, of, 'Count', isHealthy ? zones : 0);
  metrics.add(unhealthy, of, 'Count', isHealthy ? 0 : zones);
}

const stateNames = {
  DNS: ['HealthyStateDNS', 'UnhealthyStateDNS'],
  Routing: ['HealthyStateRouting', 'UnhealthyStateRouting'],
} as const;

function totalOf({ zones }: GroupHosts): HostCount {
  let [healthy, unhealthy] = [0, 0];
  for (const count of zones.values()) {
    healthy += count.healthy;
    unhealthy += count.unhealthy;
  }
  return { healthy, unhealthy };
}

/** By ARN. */
const ofGroups = new Map<string, Dimension[]>();

function dimensionsOfGroup(targetGroupArn: string): Dimension[] {
  const known = ofGroups.get(targetGroupArn);
  if (known) return known;
  if (ofGroups.size >= mostKnown) ofGroups.clear();
  const made = dimensions('TargetGroup', nameOf(targetGroupArn));
  ofGroups.set(targetGroupArn, made);
  return made;
}

function dimensionsOf(loadBalancerArn: string, targetGroupArn?: string, zone?: string): Dimension[] {
  const known = knownDimensions.get(loadBalancerArn)?.get(targetGroupArn)?.get(zone);
  return known ?? keepDimensions(loadBalancerArn, targetGroupArn, zone);
}

/** By ARNs and zone: they are asked for each minute. */
const knownDimensions = new Map<string, Map<string | undefined, Map<string | undefined, Dimension[]>>>();
/** Chosen: past so many load balancers all are forgotten, since they may be gone. */
const mostKnown = 5000;

function keepDimensions(loadBalancerArn: string, targetGroupArn?: string, zone?: string): Dimension[] {
  if (knownDimensions.size >= mostKnown) knownDimensions.clear();
  const ofBalancer = knownDimensions.get(loadBalancerArn) ?? new Map();
  const ofGroup = ofBalancer.get(targetGroupArn) ?? new Map();
  const made = makeDimensions(nameOf(loadBalancerArn), targetGroupArn && nameOf(targetGroupArn), zone);
  knownDimensions.set(loadBalancerArn, ofBalancer.set(targetGroupArn, ofGroup.set(zone, made)));
  return made;
}

function makeDimensions(balancer: string, group: string | undefined, zone: string | undefined): Dimension[] {
  if (group === undefined) return dimensions('LoadBalancer', balancer);
  if (zone === undefined) return dimensions('TargetGroup', group, 'LoadBalancer', balancer);
  return dimensions('TargetGroup', group, 'LoadBalancer', balancer, 'AvailabilityZone', zone);
}

/** Confirmed by docs: the final portion of the ARN, `app/name/digits` or `targetgroup/name/digits`. */
function nameOf(arn: string): string {
  const resource = arn.slice(arn.lastIndexOf(':') + 1);
  return resource.replace(/^loadbalancer\//, '');
}
