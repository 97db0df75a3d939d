/**
 * The ECS deployment controller on virtual time, without processes: `node --import tsx bench/controller.ts`.
 * Prints the seconds of a rolling release of 1,000 tasks, and what an event costs in a region of 1 and of 1,000 services
 * with 10 tasks each: it should depend on the tasks of the service concerned only.
 */
import type { Scenario as EcsScenario } from '../packages/region/dist/services/ecs/testing/scenario.js';
import { setUp } from '../scripts/setup.mjs';

setUp();
// As it is shipped: run from its source, names of functions are kept at some cost.
const { Scenario } = await import('../packages/region/dist/services/ecs/testing/scenario.js');

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(2);

async function release(tasks: number): Promise<string> {
  const scenario = new Scenario({ keepsCommits: false });
  await scenario.steadyService('v1', { desiredCount: tasks });
  const begun = performance.now();
  await scenario.release('v2');
  for (let rolloutState = ''; rolloutState !== 'COMPLETED'; ) {
    await scenario.region.advance(10);
    rolloutState = (await scenario.service()).deployments?.[0]?.rolloutState ?? '';
  }
  return `release of ${tasks} tasks: ${seconds(begun)} s`;
}

/** Every service but the measured one is at rest: its targets are checked, and nothing changes. */
async function eventCost(services: number): Promise<string> {
  const scenario = new Scenario({ keepsCommits: false, neighbours: { checkSeconds: 300 } });
  await scenario.register('v1');
  for (let i = 0; i < services; i += 1) {
    await scenario.createService({ serviceName: i === 0 ? 'web' : `web-${i}`, desiredCount: 10 });
  }
  await scenario.region.advance(400);
  let deaths = 0;
  const begun = performance.now();
  for (; deaths < 200; deaths += 1) {
    const { tasks } = await scenario.call('ecs', 'describeTasks', { tasks: [await aTask(scenario)] });
    scenario.runner.exit(tasks?.[0]?.containers?.[0]?.runtimeId ?? '', 137);
    await scenario.region.advance(2);
  }
  const each = ((performance.now() - begun) / deaths).toFixed(2);
  return `${services} services, ${services * 10} tasks: a task dies and is replaced in ${each} ms`;
}

async function aTask(scenario: EcsScenario): Promise<string> {
  const { taskArns } = await scenario.call('ecs', 'listTasks', { serviceName: 'web', maxResults: 1 });
  return taskArns?.[0] ?? '';
}

console.log(await release(1000));
console.log(await eventCost(1));
console.log(await eventCost(1000));
