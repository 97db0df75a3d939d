import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PutScheduledActionRequest } from '@aws-sdk/client-application-auto-scaling';
import type { AwsError } from '../../kernel/aws-error.ts';
import { resource, Scenario } from './testing/scenario.ts';

const scaling = 'applicationautoscaling';

async function registered(): Promise<Scenario> {
  const scenario = new Scenario();
  await scenario.service(2);
  await scenario.target(2, 10);
  return scenario;
}

function refused(code: string, message: RegExp): (error: AwsError) => boolean {
  return (error) => {
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  };
}

const cpu = {
  TargetValue: 60,
  PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
} as const;

test('a scalable target needs a service, both limits, and a minimum not above the maximum', async () => {
  const scenario = new Scenario();
  const limits = { MinCapacity: 1, MaxCapacity: 2 };
  const register = (input: object) =>
    scenario.call(scaling, 'registerScalableTarget', { ...resource, ...input });
  await assert.rejects(
    register(limits),
    refused('ValidationException', /ECS service doesn't exist: service\/default\/web/),
  );
  await scenario.service(1);
  await assert.rejects(
    register({ MinCapacity: 1 }),
    refused('ValidationException', /Both minimum capacity and maximum/),
  );
  await assert.rejects(
    register({ MinCapacity: 3, MaxCapacity: 2 }),
    refused('ValidationException', /Maximum capacity cannot be less than minimum capacity/),
  );
  await assert.rejects(
    register({ MinCapacity: -1, MaxCapacity: 2 }),
    refused('ValidationException', /negative/),
  );
  const { ScalableTargetARN } = await register(limits);
  assert.match(
    ScalableTargetARN ?? '',
    /^arn:aws:application-autoscaling:eu-central-1:000000000000:scalable-target\/\w+$/,
  );
  assert.equal((await register({ MaxCapacity: 4 })).ScalableTargetARN, ScalableTargetARN);
  assert.equal(await scenario.limits(), '1..4');
});

test('other services are refused by name, other dimensions as invalid; questions about them have empty answers', async () => {
  const scenario = await registered();
  const register = (input: object) =>
    scenario.call(scaling, 'registerScalableTarget', {
      ...resource,
      MinCapacity: 1,
      MaxCapacity: 2,
      ...input,
    });
  await assert.rejects(
    register({
      ServiceNamespace: 'dynamodb',
      ResourceId: 'table/x',
      ScalableDimension: 'dynamodb:table:ReadCapacityUnits',
    }),
    refused('NotModelled', /service namespace dynamodb/),
  );
  for (const wrong of [
    { ScalableDimension: 'ecs:service:Cpu' },
    { ResourceId: 'web' },
    { ResourceId: 'table/a/b' },
  ]) {
    await assert.rejects(
      register(wrong),
      refused('ValidationException', /Unsupported service namespace, resource type or scalable dimension/),
    );
  }
  const { ScalableTargets } = await scenario.call(scaling, 'describeScalableTargets', {
    ServiceNamespace: 'rds',
  });
  assert.deepEqual(ScalableTargets, []);
  const unknown = { ServiceNamespace: 'ESC' as 'ecs' };
  const outside = refused('ValidationException', /Value 'ESC' at 'serviceNamespace' .* enum value set: \[/);
  await assert.rejects(scenario.call(scaling, 'describeScalableTargets', unknown), outside);
  await assert.rejects(register(unknown), outside);
});

test('policies and scheduled actions need a registered target, and names that are there', async () => {
  const scenario = new Scenario();
  await scenario.service(1);
  const where =
    'service namespace: ecs, resource ID: service/default/web, scalable dimension: ecs:service:DesiredCount';
  const notRegistered = refused(
    'ObjectNotFoundException',
    new RegExp(`No scalable target registered for ${where}`),
  );
  await assert.rejects(
    scenario.call(scaling, 'putScalingPolicy', {
      ...resource,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: cpu,
    }),
    notRegistered,
  );
  await assert.rejects(
    scenario.call(scaling, 'putScheduledAction', {
      ...resource,
      ScheduledActionName: 'x',
      Schedule: 'rate(1 hour)',
      ScalableTargetAction: { MinCapacity: 1 },
    }),
    notRegistered,
  );
  const missing = (what: string) =>
    refused('ObjectNotFoundException', new RegExp(`No ${what} found for ${where}`));
  await assert.rejects(
    scenario.call(scaling, 'deregisterScalableTarget', resource),
    missing('scalable target'),
  );
  await assert.rejects(
    scenario.call(scaling, 'deleteScalingPolicy', { ...resource, PolicyName: 'x' }),
    missing('scaling policy'),
  );
  await assert.rejects(
    scenario.call(scaling, 'deleteScheduledAction', { ...resource, ScheduledActionName: 'x' }),
    missing('scheduled action'),
  );
});

test('target tracking is validated', async () => {
  const scenario = await registered();
  const put = (configuration: object, PolicyName = 'one') =>
    scenario.call(scaling, 'putScalingPolicy', {
      ...resource,
      PolicyName,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: configuration as typeof cpu,
    });
  const predefined = (PredefinedMetricType: string, ResourceLabel?: string) => ({
    TargetValue: 60,
    PredefinedMetricSpecification: { PredefinedMetricType, ...(ResourceLabel && { ResourceLabel }) },
  });
  const metric = (Metrics: object) => ({ TargetValue: 1, CustomizedMetricSpecification: { Metrics } });
  const stat = { Metric: { Namespace: 'App', MetricName: 'M' }, Stat: 'Sum' };
  const table: readonly [object, string, RegExp][] = [
    [{ TargetValue: 60 }, 'ValidationException', /Exactly one of/],
    [
      { PredefinedMetricSpecification: cpu.PredefinedMetricSpecification },
      'ValidationException',
      /targetValue/,
    ],
    [{ ...cpu, TargetValue: 2 ** 361 }, 'ValidationException', /2\^360/],
    [{ ...cpu, ScaleInCooldown: -1 }, 'ValidationException', /ScaleInCooldown/],
    [predefined('ALBRequestCountPerTarget'), 'ValidationException', /ResourceLabel must/],
    [predefined('ALBRequestCountPerTarget', 'web'), 'ValidationException', /ResourceLabel must/],
    [
      predefined('ECSServiceAverageCPUUtilization', 'app/a/b/targetgroup/c/d'),
      'ValidationException',
      /ResourceLabel cannot/,
    ],
    [predefined('RDSReaderAverageCPUUtilization'), 'ValidationException', /namespace ecs/],
    [predefined('ECSServiceAverageCPUUtilizationHighResolution'), 'NotModelled', /HighResolution/],
    [
      { TargetValue: 1, CustomizedMetricSpecification: { MetricName: 'M' } },
      'ValidationException',
      /needs MetricName/,
    ],
    [
      {
        TargetValue: 1,
        CustomizedMetricSpecification: { MetricName: 'M', Namespace: 'App', Statistic: 'p99' },
      },
      'ValidationException',
      /Value 'p99' at .*enum value set: \[Average, Minimum, Maximum, SampleCount, Sum\]/,
    ],
    [
      metric([
        { Id: 'a', MetricStat: stat },
        { Id: 'a', Expression: 'a' },
      ]),
      'ValidationException',
      /unique/,
    ],
    [
      metric([
        { Id: 'a', MetricStat: stat },
        { Id: 'b', Expression: 'a' },
      ]),
      'ValidationException',
      /Exactly one of Metrics/,
    ],
    [metric([{ Id: 'a' }]), 'ValidationException', /either Expression or MetricStat/],
  ];
  for (const [configuration, code, message] of table) {
    await assert.rejects(put(configuration), refused(code, message), JSON.stringify(configuration));
  }
  await put(cpu);
  await assert.rejects(
    put({ ...cpu, TargetValue: 70 }, 'two'),
    refused(
      'ValidationException',
      /Only one TargetTrackingScaling policy for a given metric specification is allowed/,
    ),
  );
});

test('step scaling is validated', async () => {
  const scenario = await registered();
  const put = (configuration: object) =>
    scenario.call(scaling, 'putScalingPolicy', {
      ...resource,
      PolicyName: 'steps',
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: configuration,
    });
  const one = [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }];
  const table: readonly [object, RegExp][] = [
    [{ StepAdjustments: one }, /AdjustmentType must be/],
    [{ AdjustmentType: 'ChangeInCapacity' }, /At least one StepAdjustment/],
    [
      { AdjustmentType: 'ChangeInCapacity', StepAdjustments: one, MinAdjustmentMagnitude: 1 },
      /MinAdjustmentMagnitude/,
    ],
    [
      {
        AdjustmentType: 'ExactCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: -1 }],
      },
      /negative/,
    ],
    [
      { AdjustmentType: 'ChangeInCapacity', StepAdjustments: [{ ScalingAdjustment: 1 }] },
      /Both lower and upper/,
    ],
    [
      { AdjustmentType: 'ChangeInCapacity', StepAdjustments: one, MetricAggregationType: 'Sum' },
      /MetricAggregationType/,
    ],
    [{ AdjustmentType: 'ChangeInCapacity', Cooldown: -5, StepAdjustments: one }, /Cooldown/],
  ];
  for (const [configuration, message] of table) {
    await assert.rejects(put(configuration), refused('ValidationException', message));
  }
  await put({ AdjustmentType: 'ChangeInCapacity', StepAdjustments: one, MetricAggregationType: 'Maximum' });
});

test('the policy type is required at first and PredictiveScaling is not modelled', async () => {
  const scenario = await registered();
  const put = (input: object) =>
    scenario.call(scaling, 'putScalingPolicy', { ...resource, PolicyName: 'p', ...input });
  await assert.rejects(put({}), refused('ValidationException', /PolicyType is required/));
  await assert.rejects(put({ PolicyType: 'Odd' }), refused('ValidationException', /enum value set/));
  await assert.rejects(put({ PolicyType: 'PredictiveScaling' }), refused('NotModelled', /PredictiveScaling/));
  await assert.rejects(
    scenario.call(scaling, 'getPredictiveScalingForecast', {
      ...resource,
      PolicyName: 'p',
      StartTime: new Date(0),
      EndTime: new Date(1),
    }),
    refused('NotModelled', /GetPredictiveScalingForecast/),
  );
});

test('a policy keeps its type, and takes the configuration of its type only', async () => {
  const scenario = await registered();
  const put = (input: object) =>
    scenario.call(scaling, 'putScalingPolicy', { ...resource, PolicyName: 'p', ...input });
  const StepScalingPolicyConfiguration = {
    AdjustmentType: 'ChangeInCapacity',
    StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
  };
  const steps = { PolicyType: 'StepScaling', StepScalingPolicyConfiguration };
  const tracking = { PolicyType: 'TargetTrackingScaling', TargetTrackingScalingPolicyConfiguration: cpu };
  await put(steps);
  for (const [PolicyName, before, after] of [
    ['p', steps, tracking],
    ['q', tracking, steps],
  ] as const) {
    await put({ PolicyName, ...before });
    await assert.rejects(
      put({ PolicyName, ...after }),
      refused('ValidationException', /^You cannot change a TargetTrackingScaling policy to a non Target/),
    );
  }
  await assert.rejects(
    put({ PolicyName: 'new', ...steps, TargetTrackingScalingPolicyConfiguration: cpu }),
    refused(
      'ValidationException',
      /^TargetTrackingScalingPolicyConfiguration cannot be specified for another policy type/,
    ),
  );
  const { ScalingPolicies = [] } = await scenario.call(scaling, 'describeScalingPolicies', resource);
  assert.deepEqual(
    ScalingPolicies.map(({ PolicyName, PolicyType }) => `${PolicyName} ${PolicyType}`),
    ['p StepScaling', 'q TargetTrackingScaling'],
  );
});

test('scheduled actions are validated; an update without start and end deletes them', async () => {
  const scenario = await registered();
  const put = (input: Partial<PutScheduledActionRequest>) =>
    scenario.call(scaling, 'putScheduledAction', {
      ...resource,
      ScheduledActionName: 'x',
      Schedule: 'cron(0 8 * * ? *)',
      ScalableTargetAction: { MinCapacity: 1 },
      ...input,
    });
  const table: readonly [Partial<PutScheduledActionRequest>, RegExp][] = [
    [{ Schedule: 'cron(0 8 * * *)' }, /Schedule expression must have the following syntax/],
    [{ Schedule: 'at(2027-02-30T08:00:00)' }, /Schedule expression must have the following syntax/],
    [{ Timezone: 'Europe/Atlantis' }, /Europe\/Atlantis/],
    [{ Schedule: 'rate(1 hour)', Timezone: 'Europe/Berlin' }, /Timezone can only/],
    [
      { ScalableTargetAction: {} },
      /At least one of minimum capacity and maximum capacity should be provided/,
    ],
    [{ ScalableTargetAction: { MinCapacity: 2, MaxCapacity: 1 } }, /Maximum capacity cannot be less/],
    [{ StartTime: new Date(2e12), EndTime: new Date(1.9e12) }, /End time must be after/],
  ];
  for (const [input, message] of table) {
    await assert.rejects(put(input), refused('ValidationException', message));
  }
  const times = async () => {
    const { ScheduledActions } = await scenario.call(scaling, 'describeScheduledActions', resource);
    return [ScheduledActions?.[0]?.StartTime, ScheduledActions?.[0]?.EndTime];
  };
  await put({ StartTime: new Date(1.9e12), EndTime: new Date(2e12) });
  assert.deepEqual(await times(), [new Date(1.9e12), new Date(2e12)]);
  await put({});
  assert.deepEqual(await times(), [undefined, undefined]);
  await put({ Schedule: 'at(2020-01-01T00:00:00)' });
  assert.match(scenario.region.messages.map(({ text }) => text).join('\n'), /is never due/);
});

test('tags belong to scalable targets, fifty at most', async () => {
  const scenario = await registered();
  const { ScalableTargets } = await scenario.call(scaling, 'describeScalableTargets', {
    ServiceNamespace: 'ecs',
  });
  const ResourceARN = ScalableTargets?.[0]?.ScalableTargetARN ?? '';
  await scenario.call(scaling, 'tagResource', { ResourceARN, Tags: { a: '1', b: '2' } });
  await scenario.call(scaling, 'untagResource', { ResourceARN, TagKeys: ['a'] });
  assert.deepEqual((await scenario.call(scaling, 'listTagsForResource', { ResourceARN })).Tags, { b: '2' });
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '']));
  await assert.rejects(
    scenario.call(scaling, 'tagResource', { ResourceARN, Tags: many }),
    refused('TooManyTagsException', /50/),
  );
  await assert.rejects(
    scenario.call(scaling, 'listTagsForResource', { ResourceARN: `${ResourceARN}x` }),
    refused('ResourceNotFoundException', /not found/),
  );
});

test('quotas of a target: fifty policies, two hundred scheduled actions; pages follow one another', async () => {
  const scenario = await registered();
  const policy = (i: number) =>
    scenario.call(scaling, 'putScalingPolicy', {
      ...resource,
      PolicyName: `p${i}`,
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ChangeInCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      },
    });
  const action = (i: number) =>
    scenario.call(scaling, 'putScheduledAction', {
      ...resource,
      ScheduledActionName: `a${i}`,
      Schedule: 'cron(0 8 * * ? *)',
      ScalableTargetAction: { MinCapacity: 1 },
    });
  for (let i = 0; i < 50; i += 1) await policy(i);
  for (let i = 0; i < 200; i += 1) await action(i);
  await assert.rejects(policy(50), refused('LimitExceededException', /50 scaling policies/));
  await assert.rejects(action(200), refused('LimitExceededException', /200 scheduled actions/));
  await policy(49);
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await scenario.call(scaling, 'describeScalingPolicies', {
      ServiceNamespace: 'ecs',
      NextToken,
    });
    names.push(...(page.ScalingPolicies ?? []).map(({ PolicyName }) => PolicyName));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  assert.deepEqual(
    names,
    Array.from({ length: 50 }, (_, i) => `p${i}`),
  );
  const some = await scenario.call(scaling, 'describeScheduledActions', {
    ServiceNamespace: 'ecs',
    ScheduledActionNames: ['a7', 'a9'],
  });
  assert.equal(some.ScheduledActions?.length, 2);
  await assert.rejects(
    scenario.call(scaling, 'describeScalingPolicies', { ServiceNamespace: 'ecs', MaxResults: 11 }),
    refused('ValidationException', /between 1 and 10/),
  );
  await assert.rejects(
    scenario.call(scaling, 'describeScalingPolicies', { ServiceNamespace: 'ecs', NextToken: 'x' }),
    refused('InvalidNextTokenException', /token/),
  );
});
