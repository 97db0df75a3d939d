import {
  type Ask,
  all,
  arnIn,
  arnOf,
  on,
  onAnything,
  passesRole,
  type ServiceAccess,
  textOf,
} from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openScaling } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html */
export function applicationautoscalingAccess(tables: Tables): ServiceAccess {
  const { targets } = openScaling(tables);
  const targetArn = (ask: Ask): string =>
    targets.get(textOf(ask, 'ResourceId'))?.arn ?? arnOf(ask, 'application-autoscaling', 'scalable-target/*');
  const aboutTarget = on(targetArn, {
    context: (ask) => ({
      'application-autoscaling:service-namespace': textOf(ask, 'ServiceNamespace'),
      'application-autoscaling:scalable-dimension': textOf(ask, 'ScalableDimension'),
    }),
  });
  const aboutResource = on(arnIn('ResourceARN'));
  return {
    prefix: 'application-autoscaling',
    tagsOf: (arn) => targets.find((target) => target.arn === arn)?.tags,
    operations: {
      RegisterScalableTarget: all(
        aboutTarget,
        passesRole('RoleARN', 'application-autoscaling.amazonaws.com'),
      ),
      DeregisterScalableTarget: aboutTarget,
      DescribeScalableTargets: onAnything,
      PutScalingPolicy: aboutTarget,
      DeleteScalingPolicy: aboutTarget,
      DescribeScalingPolicies: onAnything,
      PutScheduledAction: aboutTarget,
      DeleteScheduledAction: aboutTarget,
      DescribeScheduledActions: onAnything,
      DescribeScalingActivities: onAnything,
      TagResource: aboutResource,
      UntagResource: aboutResource,
      ListTagsForResource: aboutResource,
    },
  };
}
