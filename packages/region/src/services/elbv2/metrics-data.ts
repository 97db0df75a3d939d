/**
 * What CloudWatch is told of a minute, pure: names, units, dimensions and reporting criteria as in
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { Dimension, MetricDatum } from '@aws-sdk/client-cloudwatch';
import { dimensions, metric, samples } from '../../kernel/metric-minutes.ts';
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
export function countedMetrics(
  minutes: readonly MetricMinute[],
  groups: readonly GroupHosts[],
): readonly MetricDatum[] {
  const metrics: MetricDatum[] = [];
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
  return metrics;
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

function addMetricsOf(metrics: MetricDatum[], minute: MetricMinute): void {
  const { loadBalancerArn, targetGroupArn, counts, targetResponseTime } = minute;
  const of = dimensionsOf(loadBalancerArn, targetGroupArn);
  const level = targetGroupArn === undefined ? 'balancer' : 'group';
  const withRequests = level === 'balancer' ? { RequestCount: 0, ...counts } : counts;
  for (const name in withRequests) {
    if (counted[name] === level || counted[name] === 'both')
      metrics.push(countMetric(name, of, withRequests[name] ?? 0));
  }
  if (level === 'balancer') metrics.push(metric('ConsumedLCUs', of, 'Count', consumedLcus(counts)));
  if (targetResponseTime) metrics.push(responseTimes(of, targetResponseTime));
}

function countMetric(name: string, of: Dimension[], value: number): MetricDatum {
  if (perRequest.has(name) && value > 0) return samples(name, of, 'Count', { values: [1], counts: [value] });
  return metric(name, of, name.endsWith('Bytes') ? 'Bytes' : 'Count', value);
}

/** The outermost values are the real ones, so that `Minimum` and `Maximum` are exact. */
function responseTimes(of: Dimension[], given: Distribution): MetricDatum {
  const values = [...given.values];
  const last = values.length - 1;
  if (last >= 0) values[last] = given.maximum;
  if (last >= 1) values[0] = given.minimum;
  return samples('TargetResponseTime', of, 'Seconds', { values, counts: [...given.counts] });
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
function addPerTarget(metrics: MetricDatum[], group: GroupHosts, requests: number): void {
  const { loadBalancerArn, targetGroupArn } = group;
  const { healthy, unhealthy } = totalOf(group);
  const perTarget = requests / Math.max(1, healthy || unhealthy);
  // Known: given per target group alone as well.
  const ofGroup = dimensions('TargetGroup', nameOf(targetGroupArn));
  for (const of of [ofGroup, dimensionsOf(loadBalancerArn, targetGroupArn)])
    metrics.push(metric('RequestCountPerTarget', of, 'Count', perTarget));
}

/** Confirmed by docs: reported if health checks are enabled, with and without requests. */
export function hostMetrics(groups: readonly GroupHosts[]): readonly MetricDatum[] {
  const metrics: MetricDatum[] = [];
  for (const group of groups) {
    const { zones, loadBalancerArn, targetGroupArn, isHealthyForDns, isHealthyForRouting } = group;
    const of = dimensionsOf(loadBalancerArn, targetGroupArn);
    addHostCounts(metrics, totalOf(group), of);
    for (const [zone, count] of zones)
      addHostCounts(metrics, count, dimensionsOf(loadBalancerArn, targetGroupArn, zone));
    addStates(metrics, 'DNS', isHealthyForDns, zones.size, of);
    addStates(metrics, 'Routing', isHealthyForRouting, zones.size, of);
  }
  return metrics;
}

function addHostCounts(metrics: MetricDatum[], { healthy, unhealthy }: HostCount, of: Dimension[]): void {
  metrics.push(
    metric('HealthyHostCount', of, 'Count', healthy),
    metric('UnHealthyHostCount', of, 'Count', unhealthy),
  );
}

/** How many zones meet the requirements. Targets serve all zones (cross-zone is on), so it is all of them or none. */
function addStates(
  metrics: MetricDatum[],
  action: 'DNS' | 'Routing',
  isHealthy: boolean,
  zones: number,
  of: Dimension[],
): void {
  const [healthy, unhealthy] = stateNames[action];
  metrics.push(
    metric(healthy, of, 'Count', isHealthy ? zones : 0),
    metric(unhealthy, of, 'Count', isHealthy ? 0 : zones),
  );
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

function dimensionsOf(loadBalancerArn: string, targetGroupArn?: string, zone?: string): Dimension[] {
  const balancer = nameOf(loadBalancerArn);
  if (targetGroupArn === undefined) return dimensions('LoadBalancer', balancer);
  const group = nameOf(targetGroupArn);
  if (zone === undefined) return dimensions('TargetGroup', group, 'LoadBalancer', balancer);
  return dimensions('TargetGroup', group, 'LoadBalancer', balancer, 'AvailabilityZone', zone);
}

/** By ARN. */
const names = new Map<string, string>();
/** Chosen: past so many all are forgotten, since their load balancers may be gone. */
const mostNames = 20_000;

/** Confirmed by docs: the final portion of the ARN, `app/name/digits` or `targetgroup/name/digits`. */
function nameOf(arn: string): string {
  const known = names.get(arn);
  if (known !== undefined) return known;
  if (names.size >= mostNames) names.clear();
  const resource = arn.slice(arn.lastIndexOf(':') + 1);
  const name = resource.replace(/^loadbalancer\//, '');
  names.set(arn, name);
  return name;
}
