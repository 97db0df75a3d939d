/** What the attributes of a target group demand of each other. */
import { attributeOf, targetGroupAttributes } from './attributes.ts';
import { invalidConfiguration, validationError } from './errors.ts';
import type { Attributes } from './state.ts';

export function checkTargetGroupAttributes(attributes: Attributes): void {
  const value = (key: string): string => attributeOf(targetGroupAttributes, attributes, key);
  const algorithm = value('load_balancing.algorithm.type');
  if (
    value('stickiness.enabled') === 'true' &&
    value('stickiness.type') === 'app_cookie' &&
    value('stickiness.app_cookie.cookie_name') === ''
  ) {
    throw validationError(
      "Target group attribute 'stickiness.app_cookie.cookie_name' must be specified when the stickiness type is 'app_cookie'",
    );
  }
  // Confirmed by docs for least_outstanding_requests, Known for weighted_random.
  if (value('slow_start.duration_seconds') !== '0' && algorithm !== 'round_robin') {
    throw invalidConfiguration(`Slow start cannot be used with the load balancing algorithm '${algorithm}'`);
  }
  for (const unit of ['count', 'percentage']) checkThresholds(value, unit);
}

/** Confirmed by docs: the threshold of DNS failover is not below that of routing failover. */
function checkThresholds(value: (key: string) => string, unit: string): void {
  const [dns, routing] = ['dns_failover', 'unhealthy_state_routing'].map((action) =>
    value(`target_group_health.${action}.minimum_healthy_targets.${unit}`),
  );
  if (dns === 'off' || routing === 'off' || Number(dns) >= Number(routing)) return;
  throw invalidConfiguration(
    `The minimum healthy target ${unit} of DNS failover '${dns}' must be greater than or equal to that of unhealthy state routing '${routing}'`,
  );
}
