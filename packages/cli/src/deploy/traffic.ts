import { GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Service } from '@aws-sdk/client-ecs';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { localStatus } from '../region/local-status.ts';
import type { Target } from './clients.ts';

/** What the load balancers of a service answer while it is released. */
export interface ServiceTraffic {
  readonly requestsPerSecond: number;
  /** Since the first look. */
  readonly requests: number;
  /** Those of them that were answered with 5xx, by tasks or by the load balancer. */
  readonly failed: number;
}

/** CloudWatch has a minute's sums no sooner than it is over. */
const metricPeriodSeconds = 60;
const metricPollMs = 20_000;

/**
 * Watches what a service's load balancers carry. A local region tells it by the second; AWS by CloudWatch, a minute or two
 * late.
 */
export class TrafficWatch {
  readonly #target: Target;
  readonly #began = Date.now();
  #loadBalancers: Promise<readonly string[]> | undefined;
  #before: Totals | undefined;
  #known: ServiceTraffic | undefined;
  #nextAsk = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  /** Undefined when nothing is known, or the service has no load balancer. */
  async look(service: Service): Promise<ServiceTraffic | undefined> {
    this.#loadBalancers ??= loadBalancersOf(this.#target, service);
    const arns = await this.#loadBalancers;
    if (arns.length === 0) return undefined;
    const { localEndpoint } = this.#target;
    return localEndpoint === undefined ? this.#ofMetrics(arns) : this.#ofRegion(localEndpoint, arns);
  }

  async #ofRegion(endpoint: string, arns: readonly string[]): Promise<ServiceTraffic> {
    const { loadBalancers } = await localStatus(endpoint);
    const traffic = loadBalancers
      .filter(({ loadBalancerArn }) => arns.includes(loadBalancerArn))
      .map((one) => one.traffic);
    const requests = sum(traffic.map((one) => one.requests));
    const failed = sum(traffic.map((one) => one.failedRequests));
    this.#before ??= { requests, failed };
    return {
      requestsPerSecond: sum(traffic.map((one) => one.requestsPerSecond)),
      requests: requests - this.#before.requests,
      failed: failed - this.#before.failed,
    };
  }

  async #ofMetrics(arns: readonly string[]): Promise<ServiceTraffic | undefined> {
    if (performance.now() < this.#nextAsk) return this.#known;
    this.#nextAsk = performance.now() + metricPollMs;
    const client = await this.#target.clients.cloudwatch();
    const { MetricDataResults = [] } = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(this.#began - metricPeriodSeconds * 1000),
        EndTime: new Date(),
        ScanBy: 'TimestampDescending',
        MetricDataQueries: arns.flatMap(queriesFor),
      }),
    );
    const valuesOf = (kind: string): number[][] =>
      MetricDataResults.filter(({ Id }) => Id?.startsWith(kind)).map(({ Values = [] }) => Values);
    const requests = valuesOf('requests');
    this.#known = {
      requestsPerSecond: Math.round(sum(requests.map(([newest = 0]) => newest)) / metricPeriodSeconds),
      requests: sum(requests.flat()),
      failed: sum(valuesOf('failed').flat()),
    };
    return this.#known;
  }
}

interface Totals {
  readonly requests: number;
  readonly failed: number;
}

async function loadBalancersOf(target: Target, { loadBalancers = [] }: Service): Promise<readonly string[]> {
  const TargetGroupArns = loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
  if (TargetGroupArns.length === 0) return [];
  const elbv2 = await target.clients.elbv2();
  const { TargetGroups = [] } = await elbv2.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
  return [...new Set(TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns))];
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html */
function queriesFor(arn: string, index: number): MetricDataQuery[] {
  const query = (kind: string, MetricName: string): MetricDataQuery => ({
    Id: `${kind}${index}`,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName,
        // app/NAME/ID
        Dimensions: [{ Name: 'LoadBalancer', Value: arn.replace(/^.*:loadbalancer\//, '') }],
      },
      Period: metricPeriodSeconds,
      Stat: 'Sum',
    },
  });
  return [
    query('requests', 'RequestCount'),
    query('failedByTarget', 'HTTPCode_Target_5XX_Count'),
    query('failedByBalancer', 'HTTPCode_ELB_5XX_Count'),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
