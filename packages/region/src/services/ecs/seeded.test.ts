import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { type Random, seededRandom } from '../../kernel/random.ts';
import { bounds } from './scheduler.ts';
import { isShifting } from './shifting.ts';
import { openEcs, type ServiceRecord, type TaskRecord } from './state.ts';
import { alternateTargetGroupArn, productionRule, targetGroupArn } from './testing/fake-neighbours.ts';
import { Scenario } from './testing/scenario.ts';
import { shiftedService } from './testing/shifting-scenario.ts';

const percents = [
  [100, 200],
  [50, 200],
  [100, 150],
  [50, 100],
  [0, 100],
  [66, 134],
] as const;

const strategies: readonly DeploymentConfiguration[] = [
  { strategy: 'ROLLING' },
  { strategy: 'ROLLING' },
  { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 },
  { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 },
  { strategy: 'CANARY', canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 1 } },
  { strategy: 'LINEAR', linearConfiguration: { stepPercent: 50, stepBakeTimeInMinutes: 0 } },
];

const images = ['good-1', 'good-2', 'good-3', 'crashes', 'sick', 'missing'] as const;

/** A service under random releases, scalings, deaths and restarts; what must hold is checked after every second. */
class Run {
  readonly #random: Random;
  readonly #seed: string;
  #scenario: Scenario;
  #restarts = 0;
  #known = new Set<string>();
  #healthyBefore = new Set<string>();
  #isDisturbed = false;

  constructor(seed: string) {
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.#scenario = this.#open([]);
  }

  #open(commits: Scenario['region']['commits'], start?: string): Scenario {
    const scenario = new Scenario({
      commits,
      seed: `${this.#seed} ${this.#restarts}`,
      neighbours: { checkSeconds: 4, deregistrationDelaySeconds: 6 },
      ...(start === undefined ? {} : { start }),
    });
    scenario.runner.script('crashes', { exitsAtOnce: 1 });
    scenario.runner.script('missing', { pullFails: 'missing: not found' });
    scenario.sickImages.add('sick');
    return scenario;
  }

  async begin(): Promise<void> {
    const [minimumHealthyPercent, maximumPercent] = this.#oneOf(percents);
    await this.#scenario.register('good-1');
    await this.#scenario.createService({
      desiredCount: 1 + this.#random.below(5),
      ...shiftedService({
        ...this.#oneOf(strategies),
        minimumHealthyPercent,
        maximumPercent,
        deploymentCircuitBreaker: { enable: true, rollback: this.#random.below(4) > 0 },
      }),
    });
    await this.#pass(30);
  }

  async act(): Promise<void> {
    const { runner } = this.#scenario;
    const dice = this.#random.below(10);
    if (dice < 4) await this.#scenario.release(this.#oneOf(images));
    else if (dice < 6) await this.#update({ desiredCount: this.#random.below(6) });
    else if (dice < 8 && runner.running.size > 0) this.#kill();
    else if (dice === 8) await (this.#random.below(2) === 0 ? this.#stopOne() : this.#stopDeployment());
    else this.#restart();
    this.#isDisturbed = dice >= 4;
    await this.#pass(this.#random.below(25));
  }

  async #update(changes: object): Promise<void> {
    await this.#scenario.call('ecs', 'updateService', { service: 'web', ...changes });
  }

  #kill(): void {
    const victim = this.#oneOf([...this.#scenario.runner.running.keys()]);
    this.#scenario.runner.exit(victim, 137);
  }

  async #stopOne(): Promise<void> {
    const tasks = await this.#scenario.tasks();
    if (tasks.length === 0) return;
    await this.#scenario.call('ecs', 'stopTask', { task: this.#oneOf(tasks).taskArn ?? '' });
  }

  /** Refused where it is over, or the first. */
  async #stopDeployment(): Promise<void> {
    const { currentServiceDeployment: serviceDeploymentArn } = await this.#scenario.service();
    const stopping = this.#scenario.call('ecs', 'stopServiceDeployment', { serviceDeploymentArn });
    await stopping.catch((error: { readonly code?: string }) =>
      assert.equal(error.code, 'ConflictException'),
    );
  }

  /** Loses all processes, and up to three of the last commits, as a crash before their acknowledgement would. */
  #restart(): void {
    const { commits } = this.#scenario.region;
    this.#restarts += 1;
    const kept = commits.slice(0, commits.length - this.#random.below(4));
    const start = new Date(this.#scenario.region.now() + 10_000).toISOString();
    this.#scenario = this.#open(kept, start);
    this.#known = new Set();
    this.#healthyBefore = new Set();
  }

  async #pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await this.#scenario.region.advance(1);
      this.check();
    }
  }

  check(): void {
    const state = openEcs(this.#scenario.region.tables);
    const service = state.services.get('default/web');
    if (!service) return;
    const live = state.tasks.filter((task) => task.lastStatus !== 'STOPPED');
    const wanted = live.filter((task) => task.desiredStatus === 'RUNNING');
    const { minimumHealthyPercent, maximumPercent } = service.deploymentConfiguration;
    const { lower, upper } = bounds(service.desiredCount, minimumHealthyPercent, maximumPercent);
    const started = wanted.some((task) => !this.#known.has(task.id));
    const isShifted = isShifting(service);
    this.#checkTraffic(service, live);
    for (const group of isShifted ? byDeployment(wanted) : [wanted]) {
      const most = isShifted ? Math.max(upper, service.desiredCount) : upper;
      if (started) assert.ok(group.length <= most, `${group.length} tasks, at most ${most}`);
    }
    this.#checkHealthy(wanted, state.tasks.filter(isStoppedForScaling), lower);
    this.#checkTargets(live);
    const ips = live.map((task) => task.network.privateIp);
    assert.equal(new Set(ips).size, ips.length, 'no private address is used twice');
    this.#known = new Set(live.map((task) => task.id));
    assert.deepEqual(
      this.#scenario.region.messages.filter(({ level }) => level === 'error'),
      [],
    );
  }

  /** The scheduler by itself never stops a healthy task below the minimum. */
  #checkHealthy(wanted: readonly TaskRecord[], scaled: readonly TaskRecord[], lower: number): void {
    const healthy = wanted.filter(isHealthy);
    const stopped = scaled.filter((task) => this.#healthyBefore.has(task.id));
    const lost = [...this.#healthyBefore].filter((id) => !healthy.some((task) => task.id === id));
    const onlyByScheduler = lost.every((id) => stopped.some((task) => task.id === id));
    if (stopped.length > 0 && onlyByScheduler && !this.#isDisturbed) {
      assert.ok(healthy.length >= lower, `${healthy.length} healthy, at least ${lower}`);
    }
    this.#healthyBefore = new Set(healthy.map((task) => task.id));
    this.#isDisturbed = false;
  }

  /** Production traffic never goes to a revision that had no task, and belongs wholly to a completed one. */
  #checkTraffic(service: ServiceRecord, live: readonly TaskRecord[]): void {
    const { rules } = this.#scenario.neighbours;
    const weights = rules.get(productionRule);
    assert.ok(weights, 'traffic is routed from the first deployment on');
    const [primary] = service.deployments;
    if (!primary || this.#isDisturbed || service.desiredCount === 0) return;
    const [own, other] = primary.revision.usesAlternate
      ? [alternateTargetGroupArn, targetGroupArn]
      : [targetGroupArn, alternateTargetGroupArn];
    if (primary.rolloutState === 'COMPLETED') {
      assert.equal(weights[other], 0, 'a completed revision has all traffic');
      assert.equal(live.filter((task) => task.deploymentId !== primary.id).length, 0);
    }
    if (primary.shift) {
      const { productionPercent } = primary.shift;
      const isRestoring = service.restoringTo !== undefined;
      if (!isRestoring) assert.equal(weights[own] ?? 0, productionPercent, primary.shift.stage);
    }
  }

  #checkTargets(live: readonly TaskRecord[]): void {
    for (const target of this.#scenario.neighbours.targets.values()) {
      if (target.state === 'draining') continue;
      const owner = live.find((task) => task.network.privateIp === target.id);
      assert.ok(owner, `target ${target.id} belongs to a live task`);
    }
  }

  /** Faults end; a good release must come to its end. */
  async end(): Promise<void> {
    this.#isDisturbed = true;
    await this.#scenario.release('good-3');
    await this.#update({
      desiredCount: 3,
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 200 },
    });
    await this.#scenario.region.advance(3600);
    const service = await this.#scenario.service();
    assert.equal(service.deployments?.length, 1);
    assert.equal(service.deployments?.[0]?.rolloutState, 'COMPLETED');
    assert.equal(service.runningCount, 3);
    assert.deepEqual(this.#scenario.runningImages(), ['good-3', 'good-3', 'good-3']);
    assert.equal(this.#scenario.neighbours.targets.size, 3);
    assert.equal(this.#scenario.neighbours.interfaces.size, 3);
    await this.#scenario.call('ecs', 'deleteService', { service: 'web', force: true });
    await this.#scenario.region.advance(60);
    assert.equal((await this.#scenario.service()).status, 'INACTIVE');
    assert.equal(this.#scenario.runner.running.size, 0);
    assert.equal(this.#scenario.neighbours.interfaces.size, 0);
  }

  #oneOf<T>(choices: readonly T[]): T {
    const choice = choices[this.#random.below(choices.length)];
    if (choice === undefined) throw new Error('nothing to choose from');
    return choice;
  }
}

function byDeployment(tasks: readonly TaskRecord[]): TaskRecord[][] {
  const ids = new Set(tasks.map(({ deploymentId }) => deploymentId));
  return [...ids].map((id) => tasks.filter(({ deploymentId }) => deploymentId === id));
}

function isHealthy(task: TaskRecord): boolean {
  return task.lastStatus === 'RUNNING' && task.targets.every(({ state }) => state === 'healthy');
}

function isStoppedForScaling(task: TaskRecord): boolean {
  return task.stoppedReason?.startsWith('Scaling activity') === true;
}

const seeds = Number(process.env['SEEDS'] ?? 12);

for (let i = 0; i < seeds; i += 1) {
  const seed = `ecs ${Number(process.env['FIRST_SEED'] ?? 0) + i}`;
  test(`whatever happens, the service stays within its bounds and comes to rest (seed ${seed})`, async () => {
    const run = new Run(seed);
    await run.begin();
    for (let step = 0; step < 15; step += 1) await run.act();
    await run.end();
  });
}
