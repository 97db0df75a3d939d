import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { type AlarmState, openAlarms } from '../cloudwatch/alarms/state.ts';
import { bakeUntil, beginWatch, type FindAlarm, triggered } from './deployment-alarms.ts';
import { Scenario } from './testing/scenario.ts';

const alarms = { alarmNames: ['errors', 'latency'], enable: true, rollback: true };

const found =
  (states: Readonly<Record<string, AlarmState>>, windowSeconds = 120): FindAlarm =>
  (name) =>
    states[name] && { state: states[name], windowSeconds };

test('a deployment is watched unless an alarm is in ALARM already, or there is nothing before it', () => {
  const calm = found({ errors: 'OK', latency: 'INSUFFICIENT_DATA' });
  assert.deepEqual(beginWatch(alarms, false, calm), { status: 'on' });
  assert.deepEqual(beginWatch(alarms, false, found({ errors: 'ALARM' })), { status: 'off' });
  assert.equal(beginWatch(alarms, true, calm), undefined);
  assert.equal(beginWatch({ ...alarms, enable: false }, false, calm), undefined);
  assert.equal(beginWatch(undefined, false, calm), undefined);
});

test('the bake time is the longest window of the alarms and the minute under way, at most five minutes', () => {
  const now = instant(0);
  assert.equal(bakeUntil(alarms, found({ errors: 'OK' }, 180), now), 250_000);
  assert.equal(bakeUntil(alarms, found({ errors: 'OK' }, 3600), now), 300_000);
  assert.equal(bakeUntil(alarms, found({}), now), 0);
  assert.deepEqual(triggered(alarms, found({ errors: 'OK', latency: 'ALARM' })), ['latency']);
});

/** A steady service on v1 with an alarm that looks back two minutes, and v2 about to be released. */
async function watchedService(state: AlarmState = 'OK') {
  const scenario = new Scenario();
  const set = (value: AlarmState): Promise<void> =>
    scenario.region.kernel.submit('alarm', { service: 'cloudwatch' }, (ctx) => {
      openAlarms(scenario.region.tables).alarms.put('errors', {
        name: 'errors',
        arn: ctx.arn('cloudwatch', 'alarm:errors'),
        configuration: {
          kind: 'MetricAlarm',
          actionsEnabled: true,
          okActions: [],
          alarmActions: [],
          insufficientDataActions: [],
          metric: { namespace: 'n', metricName: 'm', dimensions: [], statistic: 'Sum', period: 60 },
          evaluationPeriods: 2,
          threshold: 1,
          comparison: 'GreaterThanThreshold',
        },
        configurationUpdated: ctx.now,
        state: { value, reason: '', updated: ctx.now, transitioned: ctx.now },
        tags: {},
      });
    });
  await set(state);
  await scenario.steadyService('v1', {
    deploymentConfiguration: { alarms: { ...alarms, alarmNames: ['errors'] } },
  });
  const current = async () => {
    const { serviceDeployments = [] } = await scenario.call('ecs', 'listServiceDeployments', {
      service: 'web',
    });
    const arns = serviceDeployments.slice(0, 1).map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn);
    const answer = await scenario.call('ecs', 'describeServiceDeployments', { serviceDeploymentArns: arns });
    return answer.serviceDeployments?.[0] ?? {};
  };
  return { scenario, set, current };
}

test('a first deployment is not watched and completes at once', async () => {
  const { scenario, current } = await watchedService();
  assert.equal((await scenario.service()).deployments?.[0]?.rolloutState, 'COMPLETED');
  assert.equal((await current()).alarms?.status, 'MONITORING_COMPLETE');
});

test('a watched deployment stays IN_PROGRESS for the bake time, and then completes', async () => {
  const { scenario, current } = await watchedService();
  await scenario.release('v2');
  await scenario.region.advance(60);
  assert.deepEqual(scenario.runningImages(), ['v2', 'v2']);
  const baking = await current();
  assert.equal(baking.status, 'IN_PROGRESS');
  assert.deepEqual(baking.alarms, { status: 'MONITORING', alarmNames: ['errors'], triggeredAlarmNames: [] });
  await scenario.region.advance(190);
  assert.equal((await current()).status, 'SUCCESSFUL');
  assert.equal((await current()).alarms?.status, 'MONITORING_COMPLETE');
});

test('an alarm that fires while it bakes rolls the deployment back, which the alarm does not stop again', async () => {
  const { scenario, set, current } = await watchedService();
  await scenario.release('v2');
  await scenario.region.advance(90);
  await set('ALARM');
  await scenario.region.advance(120);
  assert.deepEqual(scenario.runningImages(), ['v1', 'v1']);
  const { status, alarms: watched, rollback } = await current();
  assert.equal(status, 'ROLLBACK_SUCCESSFUL');
  assert.deepEqual(watched, { status: 'TRIGGERED', alarmNames: ['errors'], triggeredAlarmNames: ['errors'] });
  assert.match(rollback?.reason ?? '', /CloudWatch alarms/);
  const events = await scenario.events();
  assert.ok(
    events.some((event) => /deployment failed: alarm detected\.$/.test(event)),
    events.join('\n'),
  );
  assert.equal((await scenario.service()).deployments?.[0]?.rolloutState, 'COMPLETED');
});

test('an alarm that is in ALARM when the deployment begins does not watch it', async () => {
  const { scenario, current } = await watchedService('ALARM');
  await scenario.release('v2');
  await scenario.region.advance(60);
  assert.equal((await current()).status, 'SUCCESSFUL');
  assert.deepEqual(scenario.runningImages(), ['v2', 'v2']);
});
