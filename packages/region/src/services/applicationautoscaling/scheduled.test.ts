import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resource, Scenario } from './testing/scenario.ts';

interface Action {
  readonly name: string;
  readonly schedule: string;
  readonly min?: number;
  readonly max?: number;
  readonly timezone?: string;
  readonly start?: string;
  readonly end?: string;
}

async function put(scenario: Scenario, action: Action): Promise<void> {
  const { name, schedule, min, max, timezone, start, end } = action;
  await scenario.call('applicationautoscaling', 'putScheduledAction', {
    ...resource,
    ScheduledActionName: name,
    Schedule: schedule,
    ScalableTargetAction: {
      ...(min !== undefined && { MinCapacity: min }),
      ...(max !== undefined && { MaxCapacity: max }),
    },
    ...(timezone !== undefined && { Timezone: timezone }),
    ...(start !== undefined && { StartTime: new Date(start) }),
    ...(end !== undefined && { EndTime: new Date(end) }),
  });
}

/** Eight to six on working days. */
async function officeHours(scenario: Scenario, timezone?: string): Promise<void> {
  const zone = timezone === undefined ? {} : { timezone };
  await put(scenario, { name: 'up', schedule: 'cron(0 8 ? * MON-FRI *)', min: 2, max: 10, ...zone });
  await put(scenario, { name: 'down', schedule: 'cron(0 18 ? * MON-FRI *)', min: 0, max: 0, ...zone });
}

async function to(scenario: Scenario, time: string): Promise<string> {
  await scenario.region.advance((Date.parse(time) - scenario.region.now()) / 1000);
  return `${await scenario.limits()}: ${await scenario.desired()}, ${await scenario.running()} running`;
}

async function online(start: string): Promise<Scenario> {
  const scenario = new Scenario({ start });
  await scenario.service(2);
  await scenario.target(2, 10);
  return scenario;
}

test('office hours: a Friday evening switches off, Monday morning switches on', async () => {
  const scenario = await online('2026-11-27T17:50:00Z');
  await officeHours(scenario);
  assert.equal(await to(scenario, '2026-11-27T17:59:59Z'), '2..10: 2, 2 running');
  assert.equal(await to(scenario, '2026-11-27T18:03:00Z'), '0..0: 0, 0 running');
  assert.equal(await to(scenario, '2026-11-30T07:59:59Z'), '0..0: 0, 0 running');
  assert.equal(await to(scenario, '2026-11-30T08:02:00Z'), '2..10: 2, 2 running');
  const { ScalingActivities = [] } = await scenario.call(
    'applicationautoscaling',
    'describeScalingActivities',
    resource,
  );
  assert.deepEqual(
    ScalingActivities.map(({ Cause, Description, StatusMessage, StatusCode }) => [
      Cause,
      Description,
      StatusMessage,
      StatusCode,
    ]),
    [
      [
        'minimum capacity was set to 2',
        'Setting desired count to 2.',
        'Successfully set desired count to 2. Change successfully fulfilled by ecs.',
        'Successful',
      ],
      [
        'scheduled action name up was triggered',
        'Setting min capacity to 2 and max capacity to 10',
        'Successfully set min capacity to 2 and max capacity to 10',
        'Successful',
      ],
      [
        'maximum capacity was set to 0',
        'Setting desired count to 0.',
        'Successfully set desired count to 0. Change successfully fulfilled by ecs.',
        'Successful',
      ],
      [
        'scheduled action name down was triggered',
        'Setting min capacity to 0 and max capacity to 0',
        'Successfully set min capacity to 0 and max capacity to 0',
        'Successful',
      ],
    ],
  );
});

for (const [name, friday, monday] of [
  ['begins', '2026-03-27', '2026-03-30'],
  ['ends', '2026-10-23', '2026-10-26'],
] as const) {
  test(`office hours in Berlin over the weekend on which daylight saving ${name}`, async () => {
    const scenario = await online(`${friday}T12:00:00Z`);
    await officeHours(scenario, 'Europe/Berlin');
    const [evening, morning] = name === 'begins' ? ['17', '06'] : ['16', '07'];
    assert.equal(
      await to(scenario, `${friday}T${evening === '17' ? '16' : '15'}:59:59Z`),
      '2..10: 2, 2 running',
    );
    assert.equal(await to(scenario, `${friday}T${evening}:03:00Z`), '0..0: 0, 0 running');
    assert.equal(await to(scenario, `${monday}T0${Number(morning) - 1}:59:59Z`), '0..0: 0, 0 running');
    assert.equal(await to(scenario, `${monday}T${morning}:02:00Z`), '2..10: 2, 2 running');
  });
}

test('a capacity between the new limits stays, and an action may set one of them only', async () => {
  const scenario = await online('2026-11-23T07:00:00Z');
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 5 });
  await put(scenario, { name: 'more', schedule: 'at(2026-11-23T08:00:00)', min: 4 });
  assert.equal(await to(scenario, '2026-11-23T08:02:00Z'), '4..10: 5, 5 running');
  await put(scenario, { name: 'less', schedule: 'at(2026-11-23T09:00:00)', max: 4 });
  assert.equal(await to(scenario, '2026-11-23T09:02:00Z'), '4..4: 4, 4 running');
  await put(scenario, { name: 'wrong', schedule: 'at(2026-11-23T10:00:00)', max: 3 });
  assert.equal(await to(scenario, '2026-11-23T10:02:00Z'), '4..4: 4, 4 running');
  assert.equal((await scenario.activities())[0], 'Failed: Setting max capacity to 3');
});

test('start and end bound an action; nothing is put back after the end', async () => {
  const scenario = await online('2026-11-23T07:00:00Z');
  await put(scenario, {
    name: 'hourly',
    schedule: 'rate(1 hour)',
    min: 3,
    start: '2026-11-23T08:30:00Z',
    end: '2026-11-23T10:00:00Z',
  });
  assert.equal(await to(scenario, '2026-11-23T08:29:00Z'), '2..10: 2, 2 running');
  assert.equal(await to(scenario, '2026-11-23T08:32:00Z'), '3..10: 3, 3 running');
  await scenario.target(2, 10);
  assert.equal(await to(scenario, '2026-11-23T09:32:00Z'), '3..10: 3, 3 running');
  await scenario.target(2, 10);
  assert.equal(await to(scenario, '2026-11-23T12:00:00Z'), '2..10: 3, 3 running');
});

test('suspended scheduled scaling runs nothing and makes nothing up when it is resumed', async () => {
  const scenario = await online('2026-11-27T17:00:00Z');
  await officeHours(scenario);
  const suspend = (ScheduledScalingSuspended: boolean) =>
    scenario.call('applicationautoscaling', 'registerScalableTarget', {
      ...resource,
      SuspendedState: { ScheduledScalingSuspended },
    });
  await suspend(true);
  assert.equal(await to(scenario, '2026-11-27T19:00:00Z'), '2..10: 2, 2 running');
  await suspend(false);
  assert.equal(await to(scenario, '2026-11-27T20:00:00Z'), '2..10: 2, 2 running');
  assert.equal(await to(scenario, '2026-11-30T18:05:00Z'), '0..0: 0, 0 running');
});

test('what fell due while the region was down is made up for in order, the latest of each action', async () => {
  const before = await online('2026-11-26T17:00:00Z');
  await officeHours(before);
  const { commits } = before.region;
  // Down from Thursday 17:02 over Friday's 8:00 and 18:00 until Saturday.
  const saturday = new Scenario({ start: '2026-11-28T12:00:00Z', commits });
  await saturday.region.advance(300);
  assert.equal(`${await saturday.limits()}: ${await saturday.desired()}`, '0..0: 0');
  const causes = async (scenario: Scenario): Promise<(string | undefined)[]> => {
    const { ScalingActivities = [] } = await scenario.call(
      'applicationautoscaling',
      'describeScalingActivities',
      resource,
    );
    return ScalingActivities.map(({ Cause }) => Cause);
  };
  assert.deepEqual(await causes(saturday), [
    'maximum capacity was set to 0',
    'scheduled action name down was triggered',
    'scheduled action name up was triggered',
  ]);
  assert.equal(await to(saturday, '2026-11-30T08:05:00Z'), '2..10: 2, 2 running');
});

test('kill at any commit: schedules, limits and activities are those of the last one', async () => {
  const before = await online('2026-11-27T17:50:00Z');
  await officeHours(before);
  await to(before, '2026-11-27T18:00:01Z');
  const { commits } = before.region;
  for (let kept = commits.length - 12; kept <= commits.length; kept += 1) {
    const after = new Scenario({ start: '2026-11-27T18:00:30Z', commits: commits.slice(0, kept) });
    await after.region.advance(600);
    assert.equal(`${await after.limits()}: ${await after.desired()}`, '0..0: 0', `after ${kept} commits`);
    const { ScalingActivities = [] } = await after.call(
      'applicationautoscaling',
      'describeScalingActivities',
      resource,
    );
    assert.deepEqual(
      ScalingActivities.map(({ StatusCode }) => StatusCode),
      ['Successful', 'Successful'],
      `after ${kept} commits`,
    );
  }
});
