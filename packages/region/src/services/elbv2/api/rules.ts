import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../../kernel/context.ts';
import { checkedActions } from '../actions.ts';
import { checkConditions } from '../conditions.ts';
import {
  limitExceeded,
  operationNotPermitted,
  priorityInUse,
  ruleNotFound,
  validationError,
} from '../errors.ts';
import { page } from '../pages.ts';
import {
  type Elbv2State,
  type ListenerRecord,
  listenerOf,
  type RuleRecord,
  ruleOf,
  rulesOf,
} from '../state.ts';
import { withTags } from '../tags.ts';
import { checkTransforms } from '../transforms.ts';
import { routingChange } from './listeners.ts';

export function createRule(
  ctx: Context,
  state: Elbv2State,
  input: Elb.CreateRuleInput,
): Elb.CreateRuleOutput {
  const listener = listenerOf(state, input.ListenerArn);
  const priority = checkedPriority(input.Priority);
  const rules = rulesOf(state, listener.arn);
  if (rules.some((rule) => rule.priority === priority)) throw priorityInUse(priority);
  if (rules.length >= 100)
    throw limitExceeded('TooManyRules', 'The limit of 100 rules per load balancer has been reached');
  checkConditions(input.Conditions);
  checkTransforms(input.Transforms);
  const rule: RuleRecord = {
    arn: `${listener.arn.replace(':listener/', ':listener-rule/')}/${ctx.random.hex(16)}`,
    listenerArn: listener.arn,
    priority,
    conditions: input.Conditions ?? [],
    actions: checkedActions(state, listener, input.Actions),
    ...(input.Transforms && { transforms: input.Transforms }),
    tags: withTags({}, input.Tags),
  };
  routingChange(ctx, state, listener.loadBalancerArn, () => state.rules.put(rule.arn, rule));
  return { Rules: [described(rule)] };
}

export function describeRules(
  _ctx: Context,
  state: Elbv2State,
  input: Elb.DescribeRulesInput,
): Elb.DescribeRulesOutput {
  const { ListenerArn, RuleArns } = input;
  if ((ListenerArn === undefined) === ((RuleArns ?? []).length === 0)) {
    throw validationError('You must specify either listener ARNs or rule ARNs');
  }
  const found =
    ListenerArn === undefined
      ? (RuleArns ?? []).map((arn) => describedByArn(state, arn))
      : allOf(state, ListenerArn);
  const { items, NextMarker } = page(found, input, ({ RuleArn = '' }) => RuleArn);
  return { Rules: [...items], ...(NextMarker && { NextMarker }) };
}

export function modifyRule(
  ctx: Context,
  state: Elbv2State,
  input: Elb.ModifyRuleInput,
): Elb.ModifyRuleOutput {
  refuseDefault(state, input.RuleArn, 'modified');
  const rule = ruleOf(state, input.RuleArn);
  const listener = listenerOf(state, rule.listenerArn);
  if (input.Conditions) checkConditions(input.Conditions);
  checkTransforms(input.Transforms);
  // Confirmed by docs: one or the other.
  if (input.Transforms && input.ResetTransforms) {
    throw validationError('You cannot specify both Transforms and ResetTransforms');
  }
  const { transforms, ...rest } = rule;
  const kept = input.ResetTransforms ? undefined : (input.Transforms ?? transforms);
  const changed: RuleRecord = {
    ...rest,
    ...(kept && { transforms: kept }),
    ...(input.Conditions && { conditions: input.Conditions }),
    ...(input.Actions && { actions: checkedActions(state, listener, input.Actions) }),
  };
  routingChange(ctx, state, listener.loadBalancerArn, () => state.rules.put(rule.arn, changed));
  return { Rules: [described(changed)] };
}

export function deleteRule(
  ctx: Context,
  state: Elbv2State,
  { RuleArn }: Elb.DeleteRuleInput,
): Elb.DeleteRuleOutput {
  refuseDefault(state, RuleArn, 'deleted');
  const rule = ruleOf(state, RuleArn);
  const { loadBalancerArn } = listenerOf(state, rule.listenerArn);
  routingChange(ctx, state, loadBalancerArn, () => state.rules.delete(rule.arn));
  return {};
}

/** All priorities change together, so that two rules can change places. */
export function setRulePriorities(
  ctx: Context,
  state: Elbv2State,
  { RulePriorities = [] }: Elb.SetRulePrioritiesInput,
): Elb.SetRulePrioritiesOutput {
  const changed = RulePriorities.map(({ RuleArn, Priority }) => {
    refuseDefault(state, RuleArn, 'modified');
    return { ...ruleOf(state, RuleArn), priority: checkedPriority(Priority) };
  });
  for (const { arn, listenerArn, priority } of changed) {
    const others = rulesOf(state, listenerArn).map(
      (rule) => changed.find((moved) => moved.arn === rule.arn) ?? rule,
    );
    if (others.some((other) => other.arn !== arn && other.priority === priority))
      throw priorityInUse(priority);
  }
  for (const rule of changed) {
    const { loadBalancerArn } = listenerOf(state, rule.listenerArn);
    routingChange(ctx, state, loadBalancerArn, () => state.rules.put(rule.arn, rule));
  }
  return { Rules: changed.map(described) };
}

function allOf(state: Elbv2State, listenerArn: string): Elb.Rule[] {
  const listener = listenerOf(state, listenerArn);
  return [...rulesOf(state, listener.arn).map(described), describedDefault(listener)];
}

function describedByArn(state: Elbv2State, arn: string): Elb.Rule {
  const rule = state.rules.get(arn);
  if (rule) return described(rule);
  const listener = state.listeners.find(({ defaultRuleArn }) => defaultRuleArn === arn);
  if (!listener) throw ruleNotFound();
  return describedDefault(listener);
}

function refuseDefault(state: Elbv2State, arn: string | undefined, done: string): void {
  if (state.listeners.find(({ defaultRuleArn }) => defaultRuleArn === arn)) {
    throw operationNotPermitted(`Default rule '${arn}' cannot be ${done}`);
  }
}

function checkedPriority(priority: number | undefined): number {
  if (priority === undefined) throw validationError('A rule priority must be specified');
  if (!Number.isInteger(priority) || priority < 1 || priority > 50000) {
    throw validationError(`The priority '${priority}' must be between 1 and 50000 inclusive`);
  }
  return priority;
}

function described({ arn, priority, conditions, actions, transforms }: RuleRecord): Elb.Rule {
  return {
    RuleArn: arn,
    Priority: String(priority),
    Conditions: [...conditions],
    Actions: [...actions],
    IsDefault: false,
    ...(transforms && transforms.length > 0 && { Transforms: [...transforms] }),
  };
}

function describedDefault({ defaultRuleArn, defaultActions }: ListenerRecord): Elb.Rule {
  return {
    RuleArn: defaultRuleArn,
    Priority: 'default',
    Conditions: [],
    Actions: [...defaultActions],
    IsDefault: true,
  };
}
