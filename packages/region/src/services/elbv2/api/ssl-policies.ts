import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../pages.ts';
import { describedPolicy, securityPolicies, securityPolicyOf } from '../ssl-policies.ts';
import type { Elbv2State } from '../state.ts';

export function describeSslPolicies(
  _ctx: Context,
  _state: Elbv2State,
  input: Elb.DescribeSSLPoliciesInput,
): Elb.DescribeSSLPoliciesOutput {
  const named = input.Names && input.Names.length > 0 ? input.Names.map(securityPolicyOf) : securityPolicies;
  // Those that there are, application and network load balancers have both.
  const found = input.LoadBalancerType === 'gateway' ? [] : named;
  const { items, NextMarker } = page(found, input, ({ name }) => name);
  return { SslPolicies: items.map(describedPolicy), ...(NextMarker && { NextMarker }) };
}
