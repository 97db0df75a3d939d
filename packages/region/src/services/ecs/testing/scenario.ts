import type { CreateServiceRequest, RegisterTaskDefinitionRequest, Service, Task } from '@aws-sdk/client-ecs';
import type { Change, Tables } from '../../../kernel/table.ts';
import { FakeCloudWatch } from '../../../testing/fake-cloudwatch.ts';
import { type TestRegion, testRegion } from '../../../testing/test-region.ts';
import { ecs } from '../service.ts';
import { type NeighbourOptions, type Neighbours, neighbours, targetGroupArn } from './fake-neighbours.ts';
import { digestOf, FakeTaskRunner } from './fake-task-runner.ts';

/** A region with ECS on virtual time, a scripted task runner and small neighbours, and short ways to use it. */
export class Scenario {
  readonly region: TestRegion;
  readonly runner = new FakeTaskRunner();
  readonly neighbours: Neighbours;
  readonly cloudWatch = new FakeCloudWatch();
  /** Images whose containers do not answer the load balancer's health checks. */
  readonly sickImages = new Set<string>();

  constructor(
    options: {
      readonly seed?: string;
      readonly commits?: readonly (readonly Change[])[];
      readonly start?: string;
      readonly keepsCommits?: boolean;
      readonly neighbours?: Partial<NeighbourOptions>;
      readonly publishesMetrics?: boolean;
    } = {},
  ) {
    let found: Neighbours | undefined;
    const modules = (tables: Tables) => {
      found = neighbours(tables, { answers: (ip) => this.answers(ip), ...options.neighbours });
      return [
        ...found.modules,
        this.cloudWatch.module,
        ecs({ tables, taskRunner: this.runner, publishesMetrics: options.publishesMetrics === true }),
      ];
    };
    const { seed, commits, start, keepsCommits } = options;
    this.region = testRegion(modules, {
      ...(seed === undefined ? {} : { seed }),
      ...(commits === undefined ? {} : { commits }),
      ...(start === undefined ? {} : { start }),
      ...(keepsCommits === undefined ? {} : { keepsCommits }),
    });
    if (!found) throw new Error('testRegion made no modules');
    this.neighbours = found;
  }

  /** Does the container behind this address answer? */
  answers(ip: string): boolean {
    const owner = this.runner.at(ip);
    return (
      owner !== undefined && ![...this.sickImages].some((image) => digestOf(image) === owner.imageDigest)
    );
  }

  get call(): TestRegion['call'] {
    return this.region.call;
  }

  async register(image: string, changes: Partial<RegisterTaskDefinitionRequest> = {}): Promise<string> {
    const { taskDefinition } = await this.call('ecs', 'registerTaskDefinition', {
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
      containerDefinitions: [{ name: 'app', image, portMappings: [{ containerPort: 3000 }] }],
      ...changes,
    });
    return taskDefinition?.taskDefinitionArn ?? '';
  }

  async createService(changes: Partial<CreateServiceRequest> = {}): Promise<Service> {
    await this.call('ecs', 'createCluster', {});
    const { service } = await this.call('ecs', 'createService', {
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      launchType: 'FARGATE',
      loadBalancers: [{ targetGroupArn, containerName: 'app', containerPort: 3000 }],
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b', 'subnet-c'] } },
      ...changes,
    });
    return service ?? {};
  }

  /** Registers a definition of the image, creates the service with it, and waits until it is steady. */
  async steadyService(image = 'v1', changes: Partial<CreateServiceRequest> = {}): Promise<Service> {
    await this.register(image);
    await this.createService(changes);
    await this.region.advance(60);
    return this.service();
  }

  async release(image: string): Promise<void> {
    const taskDefinition = await this.register(image);
    await this.call('ecs', 'updateService', { service: 'web', taskDefinition });
  }

  async service(): Promise<Service> {
    const { services } = await this.call('ecs', 'describeServices', { services: ['web'] });
    return services?.[0] ?? {};
  }

  /** Newest first, without the leading `(service web) `. */
  async events(): Promise<string[]> {
    const { events = [] } = await this.service();
    return events.map(({ message = '' }) => message);
  }

  async tasks(desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING'): Promise<Task[]> {
    const { taskArns = [] } = await this.call('ecs', 'listTasks', { desiredStatus });
    if (taskArns.length === 0) return [];
    const { tasks = [] } = await this.call('ecs', 'describeTasks', { tasks: taskArns });
    return tasks;
  }

  /** Images of what really runs, sorted. */
  runningImages(): string[] {
    return [...this.runner.running.values()].map(({ imageDigest }) => imageDigest.slice(7)).sort();
  }
}
