/**
 * What a service should do next, given what runs: a pure function from a view to decisions. It remembers nothing: how
 * far a rolling update has come follows from the tasks alone, so that any interruption is taken up where it was.
 *
 * With L = ceil(desired × minimumHealthyPercent), U = floor(desired × maximumPercent), and h healthy tasks of the
 * PRIMARY deployment, the source (the last deployment that completed) is kept at L − h tasks, the PRIMARY grows to
 * `desired` within U, and all other deployments are taken down as soon as L allows.
 *
 *   desired 2, 100/200: old 2, new 0 → start 2 new (U = 4) → each new healthy task lets one old one go
 *   desired 4,  50/100: old 4, new 0 → stop 2 old (L = 2) → start 2 new → …
 *
 * Confirmed by docs: rounding; replacements start before unhealthy tasks stop and are waited for
 * (https://aws.amazon.com/about-aws/whats-new/2023/10/amazon-ecs-applications-resiliency-unpredictable-load-spikes/);
 * a running version is kept up by its own revision while the new one fails, and scales out with it
 * (https://aws.amazon.com/about-aws/whats-new/2025/11/amazon-ecs-service-availability-rolling-deployments).
 */
export interface ServiceView {
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** `availabilityZoneRebalancing`, where the configuration allows it. */
  readonly isRebalancing: boolean;
  /** The PRIMARY one first, the source last. */
  readonly deployments: readonly DeploymentView[];
  /** Tasks with desiredStatus RUNNING. Those being stopped count for nothing. */
  readonly tasks: readonly TaskView[];
}

export interface DeploymentView {
  readonly id: string;
  readonly role: 'primary' | 'source' | 'superseded';
  /** Availability Zones of its subnets, in their order. */
  readonly zones: readonly string[];
  /** False while launches are throttled, and for good when its rollout FAILED. */
  readonly mayLaunch: boolean;
}

export interface TaskView {
  readonly id: string;
  readonly deploymentId: string;
  readonly zone: string;
  readonly isRunning: boolean;
  readonly health: 'healthy' | 'unhealthy' | 'unknown';
  /** Task scale-in protection. */
  readonly isProtected: boolean;
  readonly createdAt: number;
}

export type Decision =
  | {
      readonly kind: 'start';
      readonly deploymentId: string;
      readonly zones: readonly string[];
      /** How many of them replace unhealthy tasks. */
      readonly replacing: number;
      readonly isRebalancing: boolean;
      readonly reason: string;
    }
  | {
      readonly kind: 'stop';
      readonly cause: 'scaling' | 'unhealthy';
      readonly taskIds: readonly string[];
      readonly reason: string;
    }
  /** The deployment configuration allows neither a start nor a stop. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'wait'; readonly on: string }
  | { readonly kind: 'steady' };

export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** Confirmed by docs: the lower bound rounds up, the upper one down. */
export function bounds(desired: number, minimumHealthyPercent: number, maximumPercent: number): Bounds {
  return {
    lower: Math.ceil((desired * minimumHealthyPercent) / 100),
    upper: Math.floor((desired * maximumPercent) / 100),
  };
}

export function decide(view: ServiceView): Decision[] {
  const plan = new Plan(view);
  for (const deployment of view.deployments) plan.balance(deployment);
  return plan.decisions();
}

/** Revisions that are kept up each by itself: what to do for all of them. */
export function decideEach(views: readonly ServiceView[]): Decision[] {
  const all = views.flatMap(decide);
  const acts = all.filter(({ kind }) => kind === 'start' || kind === 'stop');
  if (acts.length > 0) return acts;
  const rest = all.filter(({ kind }) => kind !== 'steady');
  return rest.length > 0 ? rest : [{ kind: 'steady' }];
}

class Plan {
  readonly #view: ServiceView;
  readonly #bounds: Bounds;
  readonly #sourceTarget: number;
  readonly #starts: Extract<Decision, { kind: 'start' }>[] = [];
  readonly #stops: Extract<Decision, { kind: 'stop' }>[] = [];
  /** How many tasks run or are about to, by zone, and by deployment and zone. */
  readonly #placed = new Map<string, number>();
  readonly #waiting: string[] = [];
  #room: number;
  /** How many healthy tasks may be stopped. */
  #spare: number;
  #isBlocked = false;

  constructor(view: ServiceView) {
    this.#view = view;
    this.#bounds = bounds(view.desiredCount, view.minimumHealthyPercent, view.maximumPercent);
    this.#room = this.#bounds.upper - view.tasks.length;
    this.#spare = view.tasks.filter(isHealthy).length - this.#bounds.lower;
    for (const { deploymentId, zone } of view.tasks) this.#notePlaced(deploymentId, zone);
    const primary = view.deployments.find((deployment) => deployment.role === 'primary');
    const healthyPrimary = view.tasks.filter((task) => task.deploymentId === primary?.id && isHealthy(task));
    this.#sourceTarget = Math.max(0, this.#bounds.lower - healthyPrimary.length);
  }

  decisions(): Decision[] {
    const acts = [...this.#starts, ...this.#stops];
    if (acts.length > 0) return acts;
    if (this.#isBlocked) return [{ kind: 'blocked' }];
    if (this.#waiting.length > 0) return this.#waiting.map((on) => ({ kind: 'wait', on }));
    return [{ kind: 'steady' }];
  }

  balance(deployment: DeploymentView): void {
    const tasks = this.#view.tasks.filter((task) => task.deploymentId === deployment.id);
    const target = this.#target(deployment);
    const good = tasks.filter((task) => task.health !== 'unhealthy');
    const bad = tasks.filter((task) => task.health === 'unhealthy');
    const unmet = this.#start(deployment, target - good.length, bad.length);
    this.#replaceUnhealthy(deployment, bad, good, { target, unmet });
    this.#stopExcess(deployment, good, target);
    if (bad.length === 0) this.#rebalance(deployment, good, target);
    this.#noteWaiting(deployment, good, target);
  }

  #target(deployment: DeploymentView): number {
    switch (deployment.role) {
      case 'primary':
        return this.#view.desiredCount;
      case 'source':
        return this.#sourceTarget;
      case 'superseded':
        return 0;
    }
  }

  /** Starts what is missing as far as the upper bound allows; answers how many were left. */
  #start(deployment: DeploymentView, missing: number, unhealthy: number): number {
    if (missing <= 0 || deployment.role === 'superseded') return 0;
    if (!deployment.mayLaunch) {
      this.#waiting.push(`launch of tasks of deployment ${deployment.id}`);
      return 0;
    }
    const count = Math.max(0, Math.min(missing, this.#roomFor(deployment)));
    if (count > 0) {
      const zones = Array.from({ length: count }, () => this.#place(deployment));
      this.#room -= count;
      const running =
        this.#view.tasks.filter((task) => task.deploymentId === deployment.id).length - unhealthy;
      this.#starts.push({
        kind: 'start',
        deploymentId: deployment.id,
        zones,
        replacing: Math.min(count, unhealthy),
        isRebalancing: false,
        reason: `target ${running + missing}, running ${running}`,
      });
    }
    return missing - count;
  }

  /** The PRIMARY leaves the room that the source needs, or a failing release would crowd the healthy one out. */
  #roomFor(deployment: DeploymentView): number {
    if (deployment.role !== 'primary') return this.#room;
    const source = this.#view.deployments.find(({ role }) => role === 'source');
    if (!source) return this.#room;
    const live = this.#view.tasks.filter((task) => task.deploymentId === source.id).length;
    return this.#room - Math.max(0, this.#sourceTarget - live);
  }

  /** Confirmed by docs: start in the zone with the fewest tasks. Chosen: of this deployment, then of the service. */
  #place({ id, zones }: DeploymentView): string {
    const all = (zone: string): number => this.#placed.get(zone) ?? 0;
    const own = (zone: string): number => this.#placed.get(`${id} ${zone}`) ?? 0;
    const [zone = ''] = [...zones].sort((a, b) => own(a) - own(b) || all(a) - all(b));
    this.#notePlaced(id, zone);
    return zone;
  }

  #notePlaced(deploymentId: string, zone: string): void {
    for (const key of [zone, `${deploymentId} ${zone}`]) {
      this.#placed.set(key, (this.#placed.get(key) ?? 0) + 1);
    }
  }

  #replaceUnhealthy(
    deployment: DeploymentView,
    bad: readonly TaskView[],
    good: readonly TaskView[],
    { target, unmet }: { readonly target: number; readonly unmet: number },
  ): void {
    if (bad.length === 0) return;
    const replaced = good.filter(isHealthy).length + bad.length - target;
    // Confirmed by docs: without room for replacements, unhealthy tasks are stopped one by one.
    const count = Math.max(Math.min(replaced, bad.length), unmet > 0 ? 1 : 0);
    if (deployment.role === 'superseded') this.#stop(bad, 'unhealthy', 'superseded and unhealthy');
    else if (count > 0) this.#stop(bad.slice(0, count), 'unhealthy', 'unhealthy');
    else this.#waiting.push('replacements of unhealthy tasks');
  }

  #stopExcess(deployment: DeploymentView, good: readonly TaskView[], target: number): void {
    const excess = good.length - target;
    if (excess <= 0) return;
    const stopped = this.#firstToStop(good, excess);
    const left = good.filter((task) => !stopped.includes(task));
    if (this.#isRebalancing(deployment) && spread(deployment, left) > 1 && !good.every(isHealthy)) {
      // The task that was started for balance would be the first to go: it has to become healthy.
      this.#waiting.push('the task started to balance Availability Zones');
      return;
    }
    this.#spare -= stopped.filter(isHealthy).length;
    const reason = deployment.role === 'primary' ? `target ${target}, running ${good.length}` : 'replaced';
    if (stopped.length > 0) this.#stop(stopped, 'scaling', reason);
    else this.#waiting.push('healthy tasks of the new deployment');
  }

  #firstToStop(good: readonly TaskView[], excess: number): TaskView[] {
    const stopped: TaskView[] = [];
    let spare = this.#spare;
    for (const task of inStoppingOrder(good.filter((each) => !each.isProtected))) {
      if (stopped.length >= excess) break;
      if (isHealthy(task)) spare -= 1;
      if (isHealthy(task) && spare < 0) break;
      stopped.push(task);
    }
    return stopped;
  }

  /** Only in a service that is at rest: one deployment. */
  #isRebalancing({ role }: DeploymentView): boolean {
    return this.#view.isRebalancing && role === 'primary' && this.#view.deployments.length === 1;
  }

  /** Confirmed by docs: starts a task in the poorest zone; the excess then leaves from the richest one. */
  #rebalance(deployment: DeploymentView, good: readonly TaskView[], target: number): void {
    if (!this.#isRebalancing(deployment) || !deployment.mayLaunch || this.#room < 1) return;
    if (good.length !== target || !good.every(isHealthy) || spread(deployment, good) < 2) return;
    this.#starts.push({
      kind: 'start',
      deploymentId: deployment.id,
      zones: [this.#place(deployment)],
      replacing: 0,
      isRebalancing: true,
      reason: 'Availability Zones are not balanced',
    });
  }

  #noteWaiting(deployment: DeploymentView, good: readonly TaskView[], target: number): void {
    const unsettled = good.filter((task) => !isHealthy(task)).length;
    if (unsettled > 0) this.#waiting.push(`${unsettled} tasks of ${deployment.id} to become healthy`);
    const isStuck = deployment.role === 'primary' && deployment.mayLaunch && good.length < target;
    if (isStuck && unsettled === 0 && this.#room <= 0) this.#isBlocked = true;
  }

  #stop(tasks: readonly TaskView[], cause: 'scaling' | 'unhealthy', reason: string): void {
    this.#stops.push({ kind: 'stop', cause, taskIds: tasks.map((task) => task.id), reason });
  }
}

function isHealthy(task: TaskView): boolean {
  return task.isRunning && task.health === 'healthy';
}

/** How many more tasks the richest zone has than the poorest one. */
function spread({ zones }: DeploymentView, tasks: readonly TaskView[]): number {
  const counts = zones.map((zone) => tasks.filter((task) => task.zone === zone).length);
  return counts.length === 0 ? 0 : Math.max(...counts) - Math.min(...counts);
}

/**
 * Confirmed by docs: the zone with the most tasks gives one first. Chosen, within a zone: not running, not healthy,
 * oldest. Each is found as it is asked for: mostly one or two of many are wanted.
 */
function* inStoppingOrder(tasks: readonly TaskView[]): Generator<TaskView> {
  const crowd = new Map<string, number>();
  for (const { zone } of tasks) crowd.set(zone, (crowd.get(zone) ?? 0) + 1);
  const crowdOf = (task: TaskView): number => crowd.get(task.zone) ?? 0;
  const rank = (task: TaskView): number => (task.isRunning ? (isHealthy(task) ? 2 : 1) : 0);
  const isBefore = (a: TaskView, b: TaskView): boolean =>
    (rank(a) - rank(b) || crowdOf(b) - crowdOf(a) || a.createdAt - b.createdAt) < 0;
  const left = [...tasks];
  while (left.length > 0) {
    const next = left.reduce((best, task) => (isBefore(task, best) ? task : best));
    left.splice(left.indexOf(next), 1);
    crowd.set(next.zone, crowdOf(next) - 1);
    yield next;
  }
}
