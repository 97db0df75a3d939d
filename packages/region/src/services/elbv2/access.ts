import { type Ask, arnIn, arnOf, on, onAnything, type ServiceAccess, textOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';

interface Tagged {
  readonly tags?: Readonly<Record<string, string>>;
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_elasticloadbalancingv2.html */
export function elbv2Access(tables: Tables): ServiceAccess {
  const tagged = ['loadBalancers', 'targetGroups', 'listeners', 'rules'].map((name) =>
    tables.table<Tagged>(`elbv2.${name}`),
  );
  const aboutLoadBalancer = on(arnIn('LoadBalancerArn'));
  const aboutTargetGroup = on(arnIn('TargetGroupArn'));
  const aboutListener = on(arnIn('ListenerArn'));
  const aboutRule = on(arnIn('RuleArn'));
  const aboutResources = on(arnIn('ResourceArns'));
  return {
    prefix: 'elasticloadbalancing',
    tagsOf: (arn) => tagged.map((table) => table.get(arn)?.tags).find((tags) => tags !== undefined),
    operations: {
      CreateLoadBalancer: on((ask) => made(ask, 'loadbalancer/app')),
      DescribeLoadBalancers: onAnything,
      DeleteLoadBalancer: aboutLoadBalancer,
      DescribeLoadBalancerAttributes: onAnything,
      ModifyLoadBalancerAttributes: aboutLoadBalancer,
      SetSecurityGroups: aboutLoadBalancer,
      SetSubnets: aboutLoadBalancer,
      CreateTargetGroup: on((ask) => made(ask, 'targetgroup')),
      DescribeTargetGroups: onAnything,
      ModifyTargetGroup: aboutTargetGroup,
      DeleteTargetGroup: aboutTargetGroup,
      DescribeTargetGroupAttributes: onAnything,
      ModifyTargetGroupAttributes: aboutTargetGroup,
      CreateListener: on(arnIn('LoadBalancerArn'), { context: ofListener }),
      DescribeListeners: onAnything,
      ModifyListener: on(arnIn('ListenerArn'), { context: ofListener }),
      DeleteListener: aboutListener,
      DescribeListenerAttributes: onAnything,
      ModifyListenerAttributes: aboutListener,
      AddListenerCertificates: aboutListener,
      RemoveListenerCertificates: aboutListener,
      DescribeListenerCertificates: onAnything,
      DescribeSSLPolicies: onAnything,
      CreateRule: aboutListener,
      DescribeRules: onAnything,
      ModifyRule: aboutRule,
      DeleteRule: aboutRule,
      SetRulePriorities: on(rulesOf),
      RegisterTargets: aboutTargetGroup,
      DeregisterTargets: aboutTargetGroup,
      DescribeTargetHealth: onAnything,
      AddTags: aboutResources,
      RemoveTags: aboutResources,
      DescribeTags: onAnything,
      DescribeAccountLimits: onAnything,
    },
  };
}

/** Condition keys by which an account holds its listeners to HTTPS and to certain policies. */
function ofListener(ask: Ask): Readonly<Record<string, string>> {
  const [protocol, policy] = [textOf(ask, 'Protocol'), textOf(ask, 'SslPolicy')];
  return {
    ...(protocol !== '' && { 'elasticloadbalancing:ListenerProtocol': protocol }),
    ...(policy !== '' && { 'elasticloadbalancing:SecurityPolicy': policy }),
  };
}

/** What is about to be made has no id yet. */
function made(ask: Ask, type: string): string {
  return arnOf(ask, 'elasticloadbalancing', `${type}/${textOf(ask, 'Name')}/*`);
}

function rulesOf(ask: Ask): readonly string[] {
  const priorities = ask.input['RulePriorities'] as readonly { readonly RuleArn?: string }[] | undefined;
  return (priorities ?? []).map(({ RuleArn = '' }) => RuleArn);
}
