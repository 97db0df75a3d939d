import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** Which load balancer: its full name and its target group's, as CloudWatch's dimensions have them. */
export interface RequestDimensions {
  readonly loadBalancer: string;
  readonly targetGroup: string;
}

// Without labels: an alarm on a metric with a label is one on metric math, and its mail does not name the metric.
const period = Duration.minutes(1);

/**
 * What the load balancer counts.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export class RequestMetrics {
  readonly requests: Metric;
  /** 5xx of the load balancer itself. */
  readonly loadBalancerErrors: Metric;
  readonly targetErrors: Metric;
  /** 4xx of the tasks. */
  readonly clientErrors: Metric;
  readonly healthyTargets: Metric;
  readonly unhealthyTargets: Metric;
  readonly #dimensions: RequestDimensions;

  constructor(dimensions: RequestDimensions) {
    this.#dimensions = dimensions;
    const { targetGroup } = dimensions;
    this.requests = this.#metric('RequestCount', 'Sum');
    this.loadBalancerErrors = this.#metric('HTTPCode_ELB_5XX_Count', 'Sum');
    this.targetErrors = this.#metric('HTTPCode_Target_5XX_Count', 'Sum', targetGroup);
    this.clientErrors = this.#metric('HTTPCode_Target_4XX_Count', 'Sum', targetGroup);
    // Each node of the load balancer reports its own view; what one node finds unhealthy gets no requests from it.
    this.healthyTargets = this.#metric('HealthyHostCount', 'Minimum', targetGroup);
    this.unhealthyTargets = this.#metric('UnHealthyHostCount', 'Maximum', targetGroup);
  }

  /** Seconds in which this part of the requests is answered. */
  latency(percentile: number): Metric {
    return this.#metric('TargetResponseTime', `p${percentile}`, this.#dimensions.targetGroup);
  }

  /** @param whileThereAreTargets without any, which a schedule may want, there is no value */
  loadBalancerErrorPercent(whileThereAreTargets = false): MathExpression {
    const rejected = this.#rejected();
    const rate = '100 * FILL(balancerErrors, 0) / (FILL(requests, 0) + FILL(rejected, 0))';
    const {
      requests,
      loadBalancerErrors: balancerErrors,
      healthyTargets: healthy,
      unhealthyTargets: unhealthy,
    } = this;
    return new MathExpression({
      expression: whileThereAreTargets ? `IF(healthy + unhealthy > 0, ${rate})` : rate,
      usingMetrics: {
        requests,
        balancerErrors,
        rejected,
        ...(whileThereAreTargets && { healthy, unhealthy }),
      },
      label: '5xx of the load balancer, %',
      period,
    });
  }

  targetErrorPercent(): MathExpression {
    return new MathExpression({
      expression: '100 * FILL(targetErrors, 0) / requests',
      usingMetrics: { requests: this.requests, targetErrors: this.targetErrors },
      label: '5xx of the tasks, %',
      period,
    });
  }

  /** Both kinds of error: what a user sees. */
  errorPercent(): MathExpression {
    const { requests, targetErrors, loadBalancerErrors: balancerErrors } = this;
    const rejected = this.#rejected();
    return new MathExpression({
      expression:
        '100 * (FILL(targetErrors, 0) + FILL(balancerErrors, 0)) / (FILL(requests, 0) + FILL(rejected, 0))',
      usingMetrics: { requests, rejected, targetErrors, balancerErrors },
      label: '5xx, %',
      period,
    });
  }

  // Confirmed by docs: RequestCount leaves out what was rejected before a target was chosen, which gets a 503.
  #rejected(): Metric {
    return this.#metric('HTTPCode_ELB_503_Count', 'Sum');
  }

  #metric(metricName: string, statistic: string, targetGroup?: string): Metric {
    const { loadBalancer } = this.#dimensions;
    return new Metric({
      namespace: 'AWS/ApplicationELB',
      metricName,
      dimensionsMap: {
        LoadBalancer: loadBalancer,
        ...(targetGroup !== undefined && { TargetGroup: targetGroup }),
      },
      statistic,
      period,
    });
  }
}

/** A metric of the service's tasks: `CPUUtilization` or `MemoryUtilization`, in percent of what they reserve. */
export function serviceMetric(
  metricName: 'CPUUtilization' | 'MemoryUtilization',
  service: ServiceDimensions,
): Metric {
  return metricOfService('AWS/ECS', metricName, service);
}

/** How many tasks there are, by Container Insights. */
export function taskCount(
  metricName: 'DesiredTaskCount' | 'RunningTaskCount' | 'PendingTaskCount',
  service: ServiceDimensions,
): Metric {
  return metricOfService('ECS/ContainerInsights', metricName, service);
}

export interface ServiceDimensions {
  readonly cluster: string;
  readonly service: string;
}

function metricOfService(
  namespace: string,
  metricName: string,
  { cluster, service }: ServiceDimensions,
): Metric {
  const dimensionsMap = { ClusterName: cluster, ServiceName: service };
  return new Metric({ namespace, metricName, dimensionsMap, statistic: 'Average', period });
}

/** A metric of an RDS instance. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html */
export function databaseMetric(metricName: string, instance: string, statistic = 'Average'): Metric {
  const dimensionsMap = { DBInstanceIdentifier: instance };
  return new Metric({ namespace: 'AWS/RDS', metricName, dimensionsMap, statistic, period });
}
