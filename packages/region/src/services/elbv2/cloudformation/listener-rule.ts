import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { integer, type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import type { Elbv2State } from '../state.ts';
import { actionList, conditionList, transformList } from './shapes.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-listenerrule.html
export function listenerRuleType(state: Elbv2State): ResourceType {
  return {
    name: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    properties: {
      ListenerArn: replaces(required(text)),
      Priority: required(integer),
      Conditions: required(conditionList),
      Actions: required(actionList),
      Transforms: transformList,
    },

    create(ctx, properties) {
      const { Rules = [] } = ctx.call('elbv2', 'createRule', properties as unknown as Elb.CreateRuleInput);
      return { physicalId: Rules[0]?.RuleArn ?? '' };
    },

    update(ctx, { physicalId: RuleArn, properties: before }, properties) {
      const { Priority, Conditions, Actions, Transforms } = properties as unknown as Elb.CreateRuleInput;
      ctx.call('elbv2', 'modifyRule', {
        RuleArn,
        Conditions,
        Actions,
        ...(Transforms ? { Transforms } : { ResetTransforms: true }),
      });
      if (Priority !== before['Priority']) {
        ctx.call('elbv2', 'setRulePriorities', { RulePriorities: [{ RuleArn, Priority }] });
      }
    },

    delete(ctx, { physicalId: RuleArn }) {
      if (state.rules.has(RuleArn)) ctx.call('elbv2', 'deleteRule', { RuleArn });
    },

    read(ctx, { physicalId }) {
      const { Rules: [rule] = [] } = ctx.call('elbv2', 'describeRules', { RuleArns: [physicalId] });
      if (!rule) return undefined;
      const { Priority, Conditions, Actions, Transforms } = rule;
      return { Priority, Conditions, Actions, Transforms };
    },

    attributes: (_ctx, { physicalId }) => ({ RuleArn: physicalId, IsDefault: false }),
  };
}
