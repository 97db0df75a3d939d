import type { LoadBalancer } from '@aws-sdk/client-ecs';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../kernel/context.ts';
import type { ServiceRevisionRecord } from './state.ts';

/** The load balancers of a revision with the target groups that its tasks are registered in. */
export function registeredIn({ loadBalancers, usesAlternate }: ServiceRevisionRecord): LoadBalancer[] {
  return loadBalancers.map((loadBalancer) => {
    const alternate = loadBalancer.advancedConfiguration?.alternateTargetGroupArn;
    return usesAlternate && alternate ? { ...loadBalancer, targetGroupArn: alternate } : loadBalancer;
  });
}

/**
 * Gives the revision these percentages of production and test traffic, and the other target group the rest, by the weights
 * of the listener rules. Throws the `AwsError` of elbv2.
 */
export function routeTraffic(
  ctx: Context,
  revision: ServiceRevisionRecord,
  percent: { readonly production: number; readonly test: number },
): void {
  for (const { targetGroupArn = '', advancedConfiguration } of revision.loadBalancers) {
    const { alternateTargetGroupArn, productionListenerRule, testListenerRule } = advancedConfiguration ?? {};
    if (!alternateTargetGroupArn) continue;
    const [own, other] = revision.usesAlternate
      ? [alternateTargetGroupArn, targetGroupArn]
      : [targetGroupArn, alternateTargetGroupArn];
    if (productionListenerRule) setWeights(ctx, productionListenerRule, own, other, percent.production);
    if (testListenerRule) setWeights(ctx, testListenerRule, own, other, percent.test);
  }
}

function setWeights(ctx: Context, rule: string, own: string, other: string, percent: number): void {
  const [ownWeight, otherWeight] = weightsOf(percent);
  const groups = [
    { TargetGroupArn: own, Weight: ownWeight },
    { TargetGroupArn: other, Weight: otherWeight },
  ];
  const listener = defaultRuleOf(ctx, rule);
  if (listener)
    ctx.call('elbv2', 'modifyListener', { ListenerArn: listener, DefaultActions: forward(groups) });
  else ctx.call('elbv2', 'modifyRule', { RuleArn: rule, Actions: forward(groups) });
}

function forward(groups: NonNullable<Action['ForwardConfig']>['TargetGroups']): Action[] {
  return [{ Type: 'forward', ForwardConfig: { TargetGroups: groups } }];
}

/** A default rule can only be changed with its listener, which may also be given itself. */
function defaultRuleOf(ctx: Context, rule: string): string | undefined {
  if (rule.includes(':listener/')) return rule;
  const { Rules } = ctx.call('elbv2', 'describeRules', { RuleArns: [rule] });
  if (Rules?.[0]?.IsDefault !== true) return undefined;
  return rule.slice(0, rule.lastIndexOf('/')).replace(':listener-rule/', ':listener/');
}

/** Weights are whole numbers up to 999: tenths of a percent are counted in thousandths. */
export function weightsOf(percent: number): readonly [number, number] {
  const [own, all] = Number.isInteger(percent) ? [percent, 100] : [Math.round(percent * 10), 1000];
  return [own, all - own];
}
