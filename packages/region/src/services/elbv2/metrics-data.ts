/**
 * What CloudWatch is told of a minute, pure: names, units, dimensions and reporting criteria as in
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { Dimension, MetricDatum, StandardUnit } from '@aws-sdk/client-cloudwatch';
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
const perRequest =
  /^(HTTPCode_(ELB|Target)_[345]XX_Count|HTTPCode_Target_2XX_Count|IPv6RequestCount|RequestCount)$/;

/**
 * Confirmed by docs: nothing is reported while no requests flow; `RequestCount` and `RequestCountPerTarget` are then always
 * reported, all others when they are not zero.
 * @param groups the target groups of the load balancers; of the one without requests `RequestCountPerTarget` is 0
 */
export function countedMetrics(
  minutes: readonly MetricMinute[],
  groups: readonly GroupHosts[],
): readonly MetricDatum[] {
  return minutes.flatMap((minute) => {
    const ofGroups =
      minute.targetGroupArn === undefined ? perTargetMetrics(minute.loadBalancerArn, minutes, groups) : [];
    return [...metricsOf(minute), ...ofGroups];
  });
}

function metricsOf({
  loadBalancerArn,
  targetGroupArn,
  counts,
  targetResponseTime,
}: MetricMinute): MetricDatum[] {
  const dimensions = dimensionsOf(loadBalancerArn, targetGroupArn);
  const level = targetGroupArn === undefined ? 'balancer' : 'group';
  const withRequests = level === 'balancer' ? { RequestCount: 0, ...counts } : counts;
  const metrics = Object.entries(withRequests)
    .filter(([name]) => counted[name] === level || counted[name] === 'both')
    .map(([name, value]) => countMetric(name, dimensions, value));
  if (level === 'balancer') metrics.push(metric('ConsumedLCUs', dimensions, consumedLcus(counts)));
  if (targetResponseTime) metrics.push(responseTimes(dimensions, targetResponseTime));
  return metrics;
}

function countMetric(name: string, dimensions: Dimension[], value: number): MetricDatum {
  if (perRequest.test(name) && value > 0) {
    return { MetricName: name, Dimensions: dimensions, Unit: 'Count', Values: [1], Counts: [value] };
  }
  return metric(name, dimensions, value, name.endsWith('Bytes') ? 'Bytes' : 'Count');
}

/** The outermost values are the real ones, so that `Minimum` and `Maximum` are exact. */
function responseTimes(dimensions: Dimension[], given: Distribution): MetricDatum {
  const values = [...given.values];
  const last = values.length - 1;
  if (last >= 0) values[last] = given.maximum;
  if (last >= 1) values[0] = given.minimum;
  return {
    MetricName: 'TargetResponseTime',
    Dimensions: dimensions,
    Unit: 'Seconds',
    Values: values,
    Counts: [...given.counts],
  };
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
function perTargetMetrics(
  loadBalancerArn: string,
  minutes: readonly MetricMinute[],
  groups: readonly GroupHosts[],
): readonly MetricDatum[] {
  return groups
    .filter((group) => group.loadBalancerArn === loadBalancerArn)
    .flatMap((group) => {
      const { targetGroupArn } = group;
      const minute = minutes.find(
        (one) => one.targetGroupArn === targetGroupArn && one.loadBalancerArn === loadBalancerArn,
      );
      const { healthy, unhealthy } = totalOf(group);
      const perTarget = (minute?.counts['RequestCount'] ?? 0) / Math.max(1, healthy || unhealthy);
      // Known: given per target group alone as well.
      return [[dimension('TargetGroup', targetGroupArn)], dimensionsOf(loadBalancerArn, targetGroupArn)].map(
        (dimensions) => metric('RequestCountPerTarget', dimensions, perTarget),
      );
    });
}

/** Confirmed by docs: reported if health checks are enabled, with and without requests. */
export function hostMetrics(groups: readonly GroupHosts[]): readonly MetricDatum[] {
  return groups.flatMap((group) => {
    const { zones, loadBalancerArn, targetGroupArn, isHealthyForDns, isHealthyForRouting } = group;
    const dimensions = dimensionsOf(loadBalancerArn, targetGroupArn);
    const inZones = [...zones].flatMap(([zone, count]) =>
      hostCountMetrics(count, [...dimensions, { Name: 'AvailabilityZone', Value: zone }]),
    );
    return [
      ...hostCountMetrics(totalOf(group), dimensions),
      ...inZones,
      ...stateMetrics('DNS', isHealthyForDns, zones.size, dimensions),
      ...stateMetrics('Routing', isHealthyForRouting, zones.size, dimensions),
    ];
  });
}

function hostCountMetrics({ healthy, unhealthy }: HostCount, dimensions: Dimension[]): MetricDatum[] {
  return [
    metric('HealthyHostCount', dimensions, healthy),
    metric('UnHealthyHostCount', dimensions, unhealthy),
  ];
}

/** How many zones meet the requirements. Targets serve all zones (cross-zone is on), so it is all of them or none. */
function stateMetrics(
  action: 'DNS' | 'Routing',
  isHealthy: boolean,
  zones: number,
  dimensions: Dimension[],
): MetricDatum[] {
  return [
    metric(`HealthyState${action}`, dimensions, isHealthy ? zones : 0),
    metric(`UnhealthyState${action}`, dimensions, isHealthy ? 0 : zones),
  ];
}

function totalOf({ zones }: GroupHosts): HostCount {
  const counts = [...zones.values()];
  return {
    healthy: counts.reduce((sum, { healthy }) => sum + healthy, 0),
    unhealthy: counts.reduce((sum, { unhealthy }) => sum + unhealthy, 0),
  };
}

function metric(
  name: string,
  dimensions: Dimension[],
  value: number,
  unit: StandardUnit = 'Count',
): MetricDatum {
  return { MetricName: name, Dimensions: dimensions, Value: value, Unit: unit };
}

function dimensionsOf(loadBalancerArn: string, targetGroupArn?: string): Dimension[] {
  const ofBalancer = dimension('LoadBalancer', loadBalancerArn);
  return targetGroupArn === undefined ? [ofBalancer] : [dimension('TargetGroup', targetGroupArn), ofBalancer];
}

/** Confirmed by docs: the final portion of the ARN, `app/name/digits` or `targetgroup/name/digits`. */
function dimension(name: 'LoadBalancer' | 'TargetGroup', arn: string): Dimension {
  const resource = arn.slice(arn.lastIndexOf(':') + 1);
  return { Name: name, Value: resource.replace(/^loadbalancer\//, '') };
}
