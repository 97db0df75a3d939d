/** Random loads, hands, releases, schedules and restarts; what must hold after every minute of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../kernel/random.ts';
import { openScaling, type ScalingState } from './state.ts';
import { resource, Scenario } from './testing/scenario.ts';

const scaling = 'applicationautoscaling';

for (const seed of ['ebb', 'flow', 'spring', 'neap', 'slack']) {
  test(`seed ${seed}: counts stay inside their limits, changes end, schedules are armed`, async () => {
    const random = seededRandom(seed);
    let scenario = new Scenario();
    await scenario.service(2);
    await scenario.target(1, 8);
    await scenario.track();
    await scenario.track('memory', 'ECSServiceAverageMemoryUtilization');
    await schedule(scenario, 'night', 'cron(0 0/3 * * ? *)', [0, 4]);
    await schedule(scenario, 'day', 'cron(30 1/3 * * ? *)', [2, 8]);
    let version = 1;
    const events: readonly (() => Promise<void>)[] = [
      async () => {
        await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: random.below(12) });
      },
      async () => {
        version += 1;
        await scenario.register(`v${version}`);
        await scenario.call('ecs', 'updateService', { service: 'web', taskDefinition: 'web' });
      },
      async () => {
        const min = random.below(4);
        await scenario.target(min, min + random.below(8));
      },
      async () => {
        await scenario.call(scaling, 'registerScalableTarget', {
          ...resource,
          SuspendedState: {
            DynamicScalingInSuspended: random.below(4) === 0,
            DynamicScalingOutSuspended: random.below(4) === 0,
          },
        });
      },
      async () => {
        const { commits } = scenario.region;
        const start = new Date(scenario.region.now() + 1000 * random.below(20_000)).toISOString();
        scenario = new Scenario({ start, commits });
        await scenario.region.advance(1);
      },
    ];
    for (let hour = 0; hour < 10; hour += 1) {
      const cpu = random.below(110);
      const memory = random.below(80);
      const before = await moved(scenario);
      const minutes = 1 + random.below(40);
      await scenario.minutes(
        minutes,
        {
          CPUUtilization: (running) => (running === 0 ? 0 : Math.min(100, cpu * (4 / running))),
          MemoryUtilization: () => memory,
        },
        () => check(scenario, before),
      );
      await events[random.below(events.length)]?.();
    }
    await scenario.region.advance(3600);
    const state = openScaling(scenario.region.tables);
    assert.equal(state.inProgress.size, 0);
    assert.deepEqual(
      scenario.region.messages.filter(({ level }) => level === 'error'),
      [],
    );
  });
}

async function schedule(
  scenario: Scenario,
  ScheduledActionName: string,
  Schedule: string,
  [MinCapacity, MaxCapacity]: readonly [number, number],
): Promise<void> {
  await scenario.call(scaling, 'putScheduledAction', {
    ...resource,
    ScheduledActionName,
    Schedule,
    ScalableTargetAction: { MinCapacity, MaxCapacity },
  });
}

/** Keys of the activities so far. */
async function moved(scenario: Scenario): Promise<ReadonlySet<string>> {
  return new Set([...openScaling(scenario.region.tables).activities.entries()].map(([key]) => key));
}

async function check(scenario: Scenario, known: ReadonlySet<string>): Promise<void> {
  const state = openScaling(scenario.region.tables);
  await checkCounts(scenario, state, known);
  const timers = scenario.region.kernel.listTimers().filter(({ service }) => service === scaling);
  const waiting = [...state.activities.values()].filter(({ status }) => status === 'InProgress');
  assert.equal(waiting.length, state.inProgress.size, 'each change under way is known as such');
  assert.equal(timers.filter(({ name }) => name === 'unfulfilled').length, waiting.length);
  assert.equal(timers.filter(({ name }) => name === 'due').length, state.scheduledActions.size);
  assert.ok(timers.every(({ due }) => due > scenario.region.now()));
}

/** The last change that scaling made is inside the limits, and is what the service now wants unless a hand came after. */
async function checkCounts(
  scenario: Scenario,
  state: ScalingState,
  known: ReadonlySet<string>,
): Promise<void> {
  const target = state.targets.get(resource.ResourceId);
  const changes = [...state.activities.entries()].filter(([key, { count }]) => count && !known.has(key));
  const last = changes.at(-1)?.[1].count?.to;
  if (!target || last === undefined) return;
  assert.ok(last >= target.min && last <= target.max, `${last} of ${target.min}..${target.max}`);
  assert.equal(await scenario.desired(), last);
}
