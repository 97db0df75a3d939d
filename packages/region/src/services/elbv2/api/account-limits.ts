import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../pages.ts';
import type { Elbv2State } from '../state.ts';

// Confirmed by docs: the default quotas.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const LIMITS: Readonly<Record<string, number>> = {
  'target-groups': 3000,
  'targets-per-application-load-balancer': 1000,
  'listeners-per-application-load-balancer': 50,
  'rules-per-application-load-balancer': 100,
  'targets-per-target-group': 1000,
  'certificates-per-application-load-balancer': 25,
  'condition-values-per-alb-rule': 5,
  'condition-wildcards-per-alb-rule': 5,
  'target-groups-per-application-load-balancer': 100,
  'target-groups-per-action-on-application-load-balancer': 5,
};

export function describeAccountLimits(
  _ctx: Context,
  { loadBalancerQuota }: Elbv2State,
  input: Elb.DescribeAccountLimitsInput,
): Elb.DescribeAccountLimitsOutput {
  const limits = Object.entries({ ...LIMITS, 'application-load-balancers': loadBalancerQuota }).map(
    ([Name, max]) => ({ Name, Max: String(max) }),
  );
  const { items, NextMarker } = page(limits, input, ({ Name = '' }) => Name);
  return { Limits: [...items], ...(NextMarker && { NextMarker }) };
}
