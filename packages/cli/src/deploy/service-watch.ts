import type { StackEvent } from '@aws-sdk/client-cloudformation';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import type { Target } from './clients.ts';
import type { Report } from './progress.ts';
import { serviceState } from './service-state.ts';
import { targetHealth } from './target-health.ts';
import { lastLines } from './task-log.ts';
import { stopText } from './task-text.ts';
import { type ServiceTraffic, TrafficWatch } from './traffic.ts';

interface Watched {
  readonly cluster: string;
  readonly service: string;
}

/**
 * Looks at ECS services while CloudFormation works on them: its own events say no more than "in progress", and after a
 * rollback the service that could tell why is gone.
 */
export class ServiceWatch {
  readonly #target: Target;
  readonly #report: Report;
  readonly #traffic: TrafficWatch;
  /** The first event of the operation, on the clock of whoever told it. */
  #since = Number.POSITIVE_INFINITY;
  readonly #watched = new Map<string, Watched>();
  readonly #seen = new Set<string>();
  readonly #notes: string[] = [];
  #nextLook = 0;
  #lastState = '';
  #answered: ServiceTraffic | undefined;

  constructor(target: Target, report: Report) {
    this.#target = target;
    this.#report = report;
    this.#traffic = new TrafficWatch(target);
  }

  /** Everything that was reported. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** What was answered meanwhile, if anything was: for those who did not see it change. */
  tellTraffic(): void {
    const { requests = 0, failed = 0 } = this.#answered ?? {};
    if (requests === 0) return;
    this.#report({
      kind: 'note',
      text: `Meanwhile ${requests} requests were answered, ${failed} of them failed.`,
    });
  }

  see({ ResourceType, PhysicalResourceId, ResourceStatus, Timestamp }: StackEvent): void {
    this.#since = Math.min(this.#since, Timestamp?.getTime() ?? this.#since);
    if (ResourceType !== 'AWS::ECS::Service' || !PhysicalResourceId) return;
    const [cluster, service] = PhysicalResourceId.split('/').slice(-2);
    if (cluster === undefined || service === undefined) return;
    this.#nextLook = 0;
    if (ResourceStatus?.startsWith('DELETE_')) this.#watched.delete(PhysicalResourceId);
    else this.#watched.set(PhysicalResourceId, { cluster, service });
  }

  /** Reports what is new, at most once a second. Never fails: it only explains. */
  async poll(): Promise<void> {
    if (this.#watched.size === 0 || performance.now() < this.#nextLook) return;
    this.#nextLook = performance.now() + Math.max(700, this.#target.pollMs);
    for (const watched of this.#watched.values()) await this.#look(watched).catch(() => {});
  }

  async #look({ cluster, service }: Watched): Promise<void> {
    const ecs = await this.#target.clients.ecs();
    const [{ services }, endings, running] = await Promise.all([
      ecs.send(new DescribeServicesCommand({ cluster, services: [service] })),
      this.#endingTasks(cluster, service),
      this.#runningTasks(cluster, service).catch(() => []),
    ]);
    const stopping = endings.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
    const stopped = endings.filter(({ lastStatus }) => lastStatus === 'STOPPED');
    await this.#tellState(service, services?.[0], [...running, ...stopping]).catch(() => {});
    // They come newest first, several of one moment.
    const events = [...(services?.[0]?.events ?? [])]
      .reverse()
      .map(({ id = '', createdAt, message = '' }) => ({
        id,
        at: createdAt?.getTime() ?? 0,
        tell: async () => this.#tell(service, id, message),
      }));
    const stops = stopped.map((task) => ({
      id: task.taskArn ?? '',
      at: task.stoppedAt?.getTime() ?? 0,
      tell: () => this.#tellStopped(service, task),
    }));
    const fresh = [...events, ...stops].filter(({ id, at }) => at >= this.#since && !this.#seen.has(id));
    for (const { tell } of fresh.sort((a, b) => a.at - b.at)) await tell();
  }

  async #tellState(name: string, service: Service | undefined, tasks: readonly Task[]): Promise<void> {
    if (service === undefined) return;
    const [health, traffic] = await Promise.all([
      targetHealth(this.#target, service),
      this.#traffic.look(service).catch(() => undefined),
    ]);
    const state = serviceState(service, tasks, health, traffic);
    this.#answered = traffic ?? this.#answered;
    const text = JSON.stringify([name, state]);
    if (text === this.#lastState) return;
    this.#lastState = text;
    this.#report({ kind: 'service-state', service: name, state });
  }

  async #runningTasks(cluster: string, serviceName: string): Promise<readonly Task[]> {
    const ecs = await this.#target.clients.ecs();
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, serviceName }));
    if (taskArns.length === 0) return [];
    const { tasks = [] } = await ecs.send(
      new DescribeTasksCommand({ cluster, tasks: taskArns.slice(0, 100) }),
    );
    return tasks;
  }

  /** Those that are being stopped, and those that stopped since the last look. */
  async #endingTasks(cluster: string, serviceName: string): Promise<readonly Task[]> {
    const ecs = await this.#target.clients.ecs();
    const { taskArns = [] } = await ecs.send(
      new ListTasksCommand({ cluster, serviceName, desiredStatus: 'STOPPED' }),
    );
    const unseen = taskArns.filter((arn) => !this.#seen.has(arn)).slice(0, 100);
    if (unseen.length === 0) return [];
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: unseen }));
    return tasks;
  }

  async #tellStopped(service: string, task: Task): Promise<void> {
    const hasFailed = (task.containers ?? []).some(
      ({ exitCode }) => exitCode !== undefined && exitCode !== 0,
    );
    // Read now: a rollback deletes the log group of a service that was never up.
    const lines = hasFailed ? await lastLines(this.#target, task, 5).catch(() => []) : [];
    this.#tell(service, task.taskArn ?? '', stopText(task));
    for (const text of lines) {
      this.#notes.push(`  ${text}`);
      this.#report({ kind: 'task-log', text: `  ${text}` });
    }
  }

  #tell(service: string, id: string, text: string): void {
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    this.#notes.push(text);
    this.#report({ kind: 'service-event', service, text });
  }
}
