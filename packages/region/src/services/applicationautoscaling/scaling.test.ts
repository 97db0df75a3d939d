import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resource, Scenario } from './testing/scenario.ts';

/** A service `web` of two to ten tasks that tracks CPU at 60 %. */
async function tracked(count = 2, [min, max]: readonly [number, number] = [2, 10]): Promise<Scenario> {
  const scenario = new Scenario();
  await scenario.service(count);
  await scenario.target(min, max);
  await scenario.track();
  return scenario;
}

/** CPU of a load worth so many tasks at 100 %. */
function load(tasks: number): (running: number) => number {
  return (running) => Math.min(100, (100 * tasks) / Math.max(running, 1));
}

test('the alarms of a policy have the documented names, thresholds and periods', async () => {
  const scenario = await tracked();
  const { Alarms = [], PolicyARN = '' } = await scenario.policy();
  const { MetricAlarms = [] } = await scenario.call('cloudwatch', 'describeAlarms', {
    AlarmNamePrefix: 'TargetTracking-service/default/web-',
  });
  assert.match(
    PolicyARN,
    /^arn:aws:autoscaling:eu-central-1:000000000000:scalingPolicy:[0-9a-f-]{36}:resource\/ecs\/service\/default\/web:policyName\/cpu$/,
  );
  assert.deepEqual(
    Alarms.map(({ AlarmARN }) => AlarmARN).sort(),
    MetricAlarms.map(({ AlarmArn }) => AlarmArn),
  );
  const [high, low] = MetricAlarms;
  assert.match(high?.AlarmName ?? '', /^TargetTracking-service\/default\/web-AlarmHigh-[0-9a-f-]{36}$/);
  assert.match(low?.AlarmName ?? '', /^TargetTracking-service\/default\/web-AlarmLow-[0-9a-f-]{36}$/);
  const told = MetricAlarms.map((alarm) => [
    alarm.Namespace,
    alarm.MetricName,
    alarm.Statistic,
    alarm.Period,
    alarm.EvaluationPeriods,
    alarm.ComparisonOperator,
    alarm.Threshold,
    alarm.AlarmActions?.join(),
  ]);
  assert.deepEqual(told, [
    ['AWS/ECS', 'CPUUtilization', 'Average', 60, 3, 'GreaterThanThreshold', 60, PolicyARN],
    ['AWS/ECS', 'CPUUtilization', 'Average', 60, 15, 'LessThanThreshold', 54, PolicyARN],
  ]);
  assert.match(
    high?.AlarmDescription ?? '',
    /^DO NOT EDIT OR DELETE\. For TargetTrackingScaling policy arn:/,
  );
});

test('a policy that is put again keeps its alarms and changes them; deleted, it takes them along', async () => {
  const scenario = await tracked();
  const before = await scenario.policy();
  const put = (DisableScaleIn: boolean) =>
    scenario.call('applicationautoscaling', 'putScalingPolicy', {
      ...resource,
      PolicyName: 'cpu',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 75,
        DisableScaleIn,
        PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      },
    });
  const { Alarms = [], PolicyARN } = await put(false);
  assert.deepEqual([Alarms, PolicyARN], [before.Alarms, before.PolicyARN]);
  const thresholds = async () => {
    const { MetricAlarms = [] } = await scenario.call('cloudwatch', 'describeAlarms', {});
    return MetricAlarms.map(({ Threshold }) => Threshold);
  };
  assert.deepEqual(await thresholds(), [75, 67.5]);
  await put(true);
  assert.deepEqual(await thresholds(), [75]);
  await scenario.call('applicationautoscaling', 'deleteScalingPolicy', { ...resource, PolicyName: 'cpu' });
  assert.deepEqual(await thresholds(), []);
});

test('alarms deleted by hand stay away until the policy is put again', async () => {
  const scenario = await tracked();
  const names = ((await scenario.policy()).Alarms ?? []).map(({ AlarmName = '' }) => AlarmName);
  await scenario.call('cloudwatch', 'deleteAlarms', { AlarmNames: names });
  await scenario.minutes(5, { CPUUtilization: () => 100 });
  assert.equal(await scenario.desired(), 2);
  await scenario.track();
  await scenario.minutes(4, { CPUUtilization: () => 100 });
  assert.equal(await scenario.desired(), 4);
});

test('CPU over its target scales out after three minutes, holds, and scales in after fifteen low ones', async () => {
  const scenario = await tracked();
  const seen: number[] = [];
  const note = async (): Promise<void> => {
    seen.push(await scenario.desired());
  };
  await scenario.minutes(12, { CPUUtilization: load(2.4) }, note);
  await scenario.minutes(20, { CPUUtilization: load(0.6) }, note);
  assert.deepEqual(
    seen
      .map((count, minute) => (count === seen[minute - 1] ? '' : `${minute + 1}: ${count}`))
      .filter(Boolean),
    ['1: 2', '4: 4', '28: 2'],
  );
  assert.deepEqual(await scenario.activities(), [
    'Failed: Attempting to scale due to alarm triggered AlreadyAtMinCapacity',
    'Successful: Setting desired count to 2.',
    'Failed: Attempting to scale due to alarm triggered AlreadyAtDesiredCapacity',
    'Successful: Setting desired count to 4.',
  ]);
});

test('an activity tells its alarm and policy, and is successful once as many tasks run', async () => {
  const scenario = await tracked();
  await scenario.minutes(3, { CPUUtilization: () => 100 });
  const newest = async () => {
    const { ScalingActivities } = await scenario.call(
      'applicationautoscaling',
      'describeScalingActivities',
      resource,
    );
    return ScalingActivities?.[0];
  };
  const [high] = (await scenario.policy()).Alarms ?? [];
  for (let second = 0; second < 90 && (await newest()) === undefined; second += 1) {
    await scenario.region.advance(1);
  }
  const under = await newest();
  assert.equal(under?.Cause, `monitor alarm ${high?.AlarmName} in state ALARM triggered policy cpu`);
  assert.equal(under?.Description, 'Setting desired count to 4.');
  assert.deepEqual(
    [under?.StatusCode, under?.StatusMessage, under?.EndTime],
    [
      'InProgress',
      'Successfully set desired count to 4. Waiting for change to be fulfilled by ecs.',
      undefined,
    ],
  );
  await scenario.region.advance(50);
  const done = await newest();
  assert.deepEqual(
    [done?.StatusCode, done?.StatusMessage],
    ['Successful', 'Successfully set desired count to 4. Change successfully fulfilled by ecs.'],
  );
  assert.ok(done?.EndTime && done.StartTime && done.EndTime > done.StartTime);
});

test('load that never ends goes to the maximum and no further', async () => {
  const scenario = await tracked();
  const seen: number[] = [];
  await scenario.minutes(30, { CPUUtilization: () => 100 }, async () => {
    seen.push(await scenario.desired());
  });
  assert.deepEqual([...new Set(seen)], [2, 4, 7, 10]);
  assert.match((await scenario.activities())[0] ?? '', /AlreadyAtMaxCapacity/);
});

test('in the cooldown of a scale-out a larger one goes on, counting what was added', async () => {
  const scenario = await tracked();
  await scenario.minutes(4, { CPUUtilization: () => 61 });
  assert.equal(await scenario.desired(), 3);
  await scenario.minutes(1, { CPUUtilization: () => 85 });
  assert.equal(await scenario.desired(), 3);
  await scenario.minutes(2, { CPUUtilization: () => 110 });
  assert.equal(await scenario.desired(), 4);
});

test('a scale-in waits for the cooldown of the one before; a scale-out does not', async () => {
  const scenario = await tracked(10, [1, 10]);
  await scenario.minutes(17, { CPUUtilization: () => 48 });
  assert.equal(await scenario.desired(), 8);
  await scenario.minutes(3, { CPUUtilization: () => 30 });
  assert.equal(await scenario.desired(), 8);
  await scenario.minutes(3, { CPUUtilization: () => 30 });
  assert.equal(await scenario.desired(), 4);
  await scenario.minutes(4, { CPUUtilization: () => 90 });
  assert.equal(await scenario.desired(), 6);
});

test('without data nothing scales, either way', async () => {
  const scenario = await tracked(5);
  await scenario.region.advance(40 * 60);
  assert.equal(await scenario.desired(), 5);
  assert.deepEqual(await scenario.activities(), []);
});

test('several policies: any may scale out, all must agree to scale in, and the largest capacity wins', async () => {
  const scenario = await tracked();
  await scenario.track('memory', 'ECSServiceAverageMemoryUtilization');
  await scenario.minutes(6, { CPUUtilization: () => 30, MemoryUtilization: () => 90 });
  assert.equal(await scenario.desired(), 3);
  await scenario.minutes(6, { CPUUtilization: () => 90, MemoryUtilization: () => 110 });
  assert.equal(await scenario.desired(), 4);
  await scenario.minutes(25, { CPUUtilization: () => 5, MemoryUtilization: () => 58 });
  assert.equal(await scenario.desired(), 4);
  await scenario.minutes(18, { CPUUtilization: () => 5, MemoryUtilization: () => 40 });
  assert.equal(await scenario.desired(), 3);
});

test('a policy without scale-in has no say in it', async () => {
  const scenario = await tracked(4);
  await scenario.call('applicationautoscaling', 'putScalingPolicy', {
    ...resource,
    PolicyName: 'memory',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 60,
      DisableScaleIn: true,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageMemoryUtilization' },
    },
  });
  await scenario.minutes(18, { CPUUtilization: () => 5, MemoryUtilization: () => 59 });
  assert.equal(await scenario.desired(), 2);
});

test('while a deployment is in progress scale-in is off and scale-out goes on', async () => {
  const scenario = await tracked(4);
  await scenario.minutes(14, { CPUUtilization: () => 10 });
  await scenario.register('v2');
  scenario.runner.script('v2', { exitsAtOnce: 1 });
  await scenario.call('ecs', 'updateService', { service: 'web', taskDefinition: 'web' });
  await scenario.minutes(6, { CPUUtilization: () => 10 });
  assert.equal(await scenario.desired(), 4);
  assert.match((await scenario.activities())[0] ?? '', /TargetServicePutResourceAsUnscalable/);
  await scenario.minutes(4, { CPUUtilization: () => 90 });
  assert.equal(await scenario.desired(), 6);
});

test('a service keeps its autoscaled count over a release', async () => {
  const scenario = await tracked();
  await scenario.minutes(4, { CPUUtilization: () => 100 });
  await scenario.register('v2');
  await scenario.call('ecs', 'updateService', { service: 'web', taskDefinition: 'web' });
  await scenario.minutes(5, { CPUUtilization: () => 58 });
  assert.deepEqual([await scenario.desired(), await scenario.running()], [4, 4]);
});

test('suspended scaling does nothing; resumed, an alarm that still stands is evaluated again', async () => {
  const scenario = await tracked();
  const suspend = (isSuspended: boolean) =>
    scenario.call('applicationautoscaling', 'registerScalableTarget', {
      ...resource,
      SuspendedState: { DynamicScalingOutSuspended: isSuspended, DynamicScalingInSuspended: isSuspended },
    });
  await suspend(true);
  await scenario.minutes(6, { CPUUtilization: () => 100 });
  assert.equal(await scenario.desired(), 2);
  assert.deepEqual(await scenario.activities(), []);
  await suspend(false);
  await scenario.minutes(1, { CPUUtilization: () => 100 });
  assert.equal(await scenario.desired(), 4);
});

test('a count set by hand below the minimum is raised by the next scale-out only, one above the maximum lowered by the next scale-in', async () => {
  const scenario = await tracked(4, [4, 6]);
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 1 });
  await scenario.minutes(18, { CPUUtilization: () => 10 });
  assert.equal(await scenario.desired(), 1);
  await scenario.minutes(4, { CPUUtilization: () => 90 });
  assert.equal(await scenario.desired(), 4);
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 9 });
  await scenario.minutes(8, { CPUUtilization: () => 90 });
  assert.equal(await scenario.desired(), 9);
  await scenario.minutes(17, { CPUUtilization: () => 52 });
  assert.equal(await scenario.desired(), 6);
});

test('at zero tasks there is no CPU to track: only a schedule or a new minimum brings it back', async () => {
  const scenario = await tracked();
  await scenario.target(0, 0);
  await scenario.region.advance(3600);
  assert.deepEqual([await scenario.desired(), await scenario.running()], [0, 0]);
  await scenario.target(2, 10);
  await scenario.region.advance(120);
  assert.deepEqual([await scenario.desired(), await scenario.running()], [2, 2]);
  assert.deepEqual(await scenario.activities(), [
    'Successful: Setting desired count to 2.',
    'Successful: Setting desired count to 0.',
  ]);
});

test('a tracked metric that falls to zero scales to zero where the minimum allows, and from zero to one', async () => {
  const scenario = new Scenario();
  await scenario.service(2);
  await scenario.target(0, 10);
  await scenario.call('applicationautoscaling', 'putScalingPolicy', {
    ...resource,
    PolicyName: 'backlog',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 100,
      CustomizedMetricSpecification: {
        Metrics: [
          {
            Id: 'm1',
            ReturnData: false,
            MetricStat: { Metric: { Namespace: 'App', MetricName: 'Messages' }, Stat: 'Average' },
          },
          { Id: 'e1', Expression: 'm1 * 10' },
        ],
      },
    },
  });
  const { MetricAlarms = [] } = await scenario.call('cloudwatch', 'describeAlarms', {});
  assert.deepEqual(
    MetricAlarms[0]?.Metrics?.map(({ Id, Expression, ReturnData }) => [Id, Expression, ReturnData]),
    [
      ['m1', undefined, false],
      ['e1', 'm1 * 10', true],
    ],
  );
  const minutes = async (count: number, Value: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const Timestamp = new Date(scenario.region.now());
      await scenario.call('cloudwatch', 'putMetricData', {
        Namespace: 'App',
        MetricData: [{ MetricName: 'Messages', Value, Timestamp }],
      });
      await scenario.region.advance(60);
    }
  };
  await minutes(17, 0);
  assert.equal(await scenario.desired(), 0);
  await minutes(5, 50);
  assert.equal(await scenario.desired(), 1);
});

test('requests per target are tracked on the load balancer’s metric', async () => {
  const scenario = new Scenario();
  await scenario.service(2);
  await scenario.target(2, 10);
  await scenario.call('applicationautoscaling', 'putScalingPolicy', {
    ...resource,
    PolicyName: 'requests',
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 1000,
      PredefinedMetricSpecification: {
        PredefinedMetricType: 'ALBRequestCountPerTarget',
        ResourceLabel: 'app/web/0123456789abcdef/targetgroup/web/fedcba9876543210',
      },
    },
  });
  const { MetricAlarms = [] } = await scenario.call('cloudwatch', 'describeAlarms', {});
  assert.deepEqual(
    MetricAlarms.map(({ Namespace, MetricName, Statistic, Threshold }) => [
      Namespace,
      MetricName,
      Statistic,
      Threshold,
    ]),
    [
      ['AWS/ApplicationELB', 'RequestCountPerTarget', 'Sum', 1000],
      ['AWS/ApplicationELB', 'RequestCountPerTarget', 'Sum', 900],
    ],
  );
  assert.deepEqual(MetricAlarms[0]?.Dimensions, [
    { Name: 'TargetGroup', Value: 'targetgroup/web/fedcba9876543210' },
    { Name: 'LoadBalancer', Value: 'app/web/0123456789abcdef' },
  ]);
});

test('step policies scale by the breach of the user’s own alarm', async () => {
  const scenario = new Scenario();
  await scenario.service(4);
  await scenario.target(2, 20);
  const { PolicyARN = '' } = await scenario.call('applicationautoscaling', 'putScalingPolicy', {
    ...resource,
    PolicyName: 'steps',
    PolicyType: 'StepScaling',
    StepScalingPolicyConfiguration: {
      AdjustmentType: 'PercentChangeInCapacity',
      MinAdjustmentMagnitude: 2,
      Cooldown: 300,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 10 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 100 },
      ],
    },
  });
  await scenario.call('cloudwatch', 'putMetricAlarm', {
    AlarmName: 'busy',
    Namespace: 'AWS/ECS',
    MetricName: 'CPUUtilization',
    Dimensions: [
      { Name: 'ClusterName', Value: 'default' },
      { Name: 'ServiceName', Value: 'web' },
    ],
    Statistic: 'Average',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 60,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    AlarmActions: [PolicyARN],
  });
  assert.deepEqual(
    (await scenario.policy()).Alarms?.map(({ AlarmName }) => AlarmName),
    ['busy'],
  );
  await scenario.minutes(2, { CPUUtilization: () => 70 });
  assert.equal(await scenario.desired(), 6);
  await scenario.minutes(2, { CPUUtilization: () => 85 });
  // In the cooldown 100 % of the four that ran at first: two of these four were added already.
  assert.equal(await scenario.desired(), 8);
  await scenario.minutes(1, { CPUUtilization: () => 20 });
  await scenario.minutes(5, { CPUUtilization: () => 20 });
  assert.equal(await scenario.desired(), 8);
});

test('an alarm that a user sets by hand moves nothing without the metric in its reason', async () => {
  const scenario = await tracked();
  const [high] = (await scenario.policy()).Alarms ?? [];
  await scenario.call('cloudwatch', 'setAlarmState', {
    AlarmName: high?.AlarmName ?? '',
    StateValue: 'ALARM',
    StateReason: 'a rehearsal',
    StateReasonData: JSON.stringify({ version: '1.0' }),
  });
  await scenario.region.advance(30);
  assert.equal(await scenario.desired(), 2);
});

test('a service that is deleted takes its scalable target along, with policies and alarms', async () => {
  const scenario = await tracked();
  await scenario.call('ecs', 'deleteService', { service: 'web', force: true });
  await scenario.region.advance(300);
  const { ScalableTargets = [] } = await scenario.call('applicationautoscaling', 'describeScalableTargets', {
    ServiceNamespace: 'ecs',
  });
  assert.deepEqual(ScalableTargets, []);
  const { MetricAlarms = [] } = await scenario.call('cloudwatch', 'describeAlarms', {});
  assert.deepEqual(MetricAlarms, []);
});

test('tasks that do not start leave the activity under way until it is given up', async () => {
  const scenario = await tracked();
  scenario.runner.script('v1', { startFails: 'no room' });
  await scenario.minutes(10, { CPUUtilization: () => 100 });
  assert.equal(await scenario.desired(), 4);
  assert.match((await scenario.activities()).join(), /InProgress: Setting desired count to 4/);
  await scenario.region.advance(1800);
  assert.match((await scenario.activities()).join(), /Unfulfilled: Setting desired count to 4/);
});

test('kill at any commit of a scale-out: the region goes on to the same count and ends its activity', async () => {
  const before = await tracked();
  await before.minutes(3, { CPUUtilization: () => 100 });
  const first = before.region.commits.length;
  await before.region.advance(90);
  const { commits } = before.region;
  const [high] = (await before.policy()).Alarms ?? [];
  for (let kept = first; kept <= commits.length; kept += 3) {
    const start = new Date(before.region.now()).toISOString();
    const after = new Scenario({ start, commits: commits.slice(0, kept) });
    await after.minutes(3, { CPUUtilization: () => 100 });
    assert.equal(await after.desired(), 4, `after ${kept} commits`);
    const { ScalingActivities = [] } = await after.call(
      'applicationautoscaling',
      'describeScalingActivities',
      resource,
    );
    assert.deepEqual(
      ScalingActivities.map(({ StatusCode, Cause }) => `${StatusCode} ${Cause}`),
      [`Successful monitor alarm ${high?.AlarmName} in state ALARM triggered policy cpu`],
      `after ${kept} commits`,
    );
  }
});
