import type {
  Alarm,
  DeleteScalingPolicyRequest,
  DescribeScalingPoliciesRequest,
  DescribeScalingPoliciesResponse,
  PutScalingPolicyRequest,
  PutScalingPolicyResponse,
  ScalingPolicy,
} from '@aws-sdk/client-application-auto-scaling';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { deleteAlarms, namesOf, putAlarms } from '../alarms.ts';
import { limitExceeded, validationException } from '../errors.ts';
import { findPolicy, findTarget, keyOf, type PolicyRecord, policiesOf, type ScalingState } from '../state.ts';
import { checkStep, checkTracking } from './policy-rules.ts';
import { checkName, checkResource, pageOf } from './resource.ts';

export function putScalingPolicy(
  ctx: Context,
  state: ScalingState,
  input: PutScalingPolicyRequest,
): PutScalingPolicyResponse {
  const resourceId = checkResource(input);
  const name = checkName('policyName', input.PolicyName, 256);
  findTarget(state, resourceId);
  const before = state.policies.get(keyOf(resourceId, name));
  const configuration = configurationOf(input, before);
  checkUnique(state, resourceId, name, configuration);
  const policy = {
    ...(before ?? newPolicy(ctx, state, { resourceId, name })),
    ...configuration,
  };
  const alarms = putAlarms(ctx, policy, before?.alarms ?? {});
  const key = keyOf(resourceId, name);
  if (!before) state.policyIndex.note(key, resourceId);
  state.policies.put(key, { ...policy, alarms });
  return { PolicyARN: policy.arn, Alarms: alarmsOf(ctx, namesOf(alarms)) };
}

type Configuration = Pick<PolicyRecord, 'tracking' | 'step'>;

function newPolicy(
  ctx: Context,
  state: ScalingState,
  { resourceId, name }: Pick<PolicyRecord, 'resourceId' | 'name'>,
): Pick<PolicyRecord, 'name' | 'arn' | 'resourceId' | 'created'> {
  // Confirmed by docs: the quota of a scalable target.
  if (policiesOf(state, resourceId).length >= 50) {
    throw limitExceeded('You have reached the limit of 50 scaling policies for a scalable target.');
  }
  const resource = `scalingPolicy:${ctx.random.uuid()}:resource/ecs/${resourceId}:policyName/${name}`;
  return { name, resourceId, arn: ctx.arn('autoscaling', resource), created: ctx.now };
}

/** Confirmed by API text: the type is required for a new policy. */
function configurationOf(input: PutScalingPolicyRequest, before: PolicyRecord | undefined): Configuration {
  const type = input.PolicyType ?? (before && typeOf(before));
  if (before && type !== typeOf(before)) {
    // Confirmed by users' reports: the text https://github.com/hashicorp/terraform-provider-aws/issues/13710
    throw validationException(
      'You cannot change a TargetTrackingScaling policy to a non TargetTrackingScaling policy, or vice versa',
    );
  }
  switch (type) {
    case 'TargetTrackingScaling': {
      checkAbsent(input, 'StepScalingPolicyConfiguration');
      const given = input.TargetTrackingScalingPolicyConfiguration ?? before?.tracking;
      return { tracking: checkTracking(given) };
    }
    case 'StepScaling':
      checkAbsent(input, 'TargetTrackingScalingPolicyConfiguration');
      return { step: checkStep(input.StepScalingPolicyConfiguration ?? before?.step) };
    case 'PredictiveScaling':
      throw notModelled('applicationautoscaling policy type PredictiveScaling', 'applicationautoscaling');
    default:
      throw validationException(
        type === undefined
          ? 'PolicyType is required when creating a scaling policy'
          : `1 validation error detected: Value '${String(type)}' at 'policyType' failed to satisfy constraint: Member must satisfy enum value set: [StepScaling, TargetTrackingScaling, PredictiveScaling]`,
      );
  }
}

/** Chosen: AWS says which type needs which configuration, not what it does with the other type's. Here that is not ignored. */
function checkAbsent(
  input: PutScalingPolicyRequest,
  member: 'StepScalingPolicyConfiguration' | 'TargetTrackingScalingPolicyConfiguration',
): void {
  if (input[member] === undefined) return;
  throw validationException(`${member} cannot be specified for another policy type`);
}

/** Confirmed by users' reports: the text. */
function checkUnique(
  state: ScalingState,
  resourceId: string,
  name: string,
  { tracking }: Configuration,
): void {
  if (!tracking) return;
  const metric = ({ tracking: one }: Configuration): string =>
    JSON.stringify([one?.PredefinedMetricSpecification, one?.CustomizedMetricSpecification]);
  const isTaken = policiesOf(state, resourceId).some(
    (policy) => policy.name !== name && policy.tracking && metric(policy) === metric({ tracking }),
  );
  if (!isTaken) return;
  throw validationException(
    'Only one TargetTrackingScaling policy for a given metric specification is allowed.',
  );
}

export function deleteScalingPolicy(
  ctx: Context,
  state: ScalingState,
  input: DeleteScalingPolicyRequest,
): object {
  const resourceId = checkResource(input);
  const { name, alarms } = findPolicy(state, resourceId, checkName('policyName', input.PolicyName, 256));
  deleteAlarms(ctx, resourceId, alarms);
  state.policies.delete(keyOf(resourceId, name));
  return {};
}

export function describeScalingPolicies(
  ctx: Context,
  state: ScalingState,
  input: DescribeScalingPoliciesRequest,
): DescribeScalingPoliciesResponse {
  const { PolicyNames = [], ...question } = input;
  const { items, next } = pageOf(state.policies.values(), question, {
    size: 10,
    // Confirmed by docs: a policy may be given by its name or its ARN.
    matches: ({ name, arn }) =>
      PolicyNames.length === 0 || PolicyNames.includes(name) || PolicyNames.includes(arn),
  });
  return { ScalingPolicies: items.map((policy) => shape(ctx, policy)), ...next };
}

function shape(ctx: Context, policy: PolicyRecord): ScalingPolicy {
  return {
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    ServiceNamespace: 'ecs',
    ResourceId: policy.resourceId,
    ScalableDimension: 'ecs:service:DesiredCount',
    PolicyType: typeOf(policy),
    ...(policy.tracking && { TargetTrackingScalingPolicyConfiguration: policy.tracking }),
    ...(policy.step && { StepScalingPolicyConfiguration: policy.step }),
    Alarms: policy.tracking ? alarmsOf(ctx, namesOf(policy.alarms)) : alarmsCalling(ctx, policy.arn),
    CreationTime: toDate(policy.created),
  };
}

function typeOf({ tracking }: PolicyRecord): 'TargetTrackingScaling' | 'StepScaling' {
  return tracking ? 'TargetTrackingScaling' : 'StepScaling';
}

function alarmsOf(ctx: Context, names: readonly string[]): Alarm[] {
  return names.map((AlarmName) => ({ AlarmName, AlarmARN: ctx.arn('cloudwatch', `alarm:${AlarmName}`) }));
}

/** The user's own alarms with the policy among their actions. */
function alarmsCalling(ctx: Context, policyArn: string): Alarm[] {
  const { MetricAlarms = [] } = ctx.call('cloudwatch', 'describeAlarms', { ActionPrefix: policyArn });
  return MetricAlarms.map(({ AlarmName, AlarmArn }) => ({ AlarmName, AlarmARN: AlarmArn }));
}
