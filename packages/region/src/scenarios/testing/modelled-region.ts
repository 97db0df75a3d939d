/**
 * All services on virtual time with modelled planes: no processes, no sockets. Tasks answer and use what their traffic
 * costs, databases are there. For scenarios over days, and for the cost of a week.
 */
import type { ResourceType } from '../../kernel/resource-type.ts';
import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { applicationAutoScaling } from '../../services/applicationautoscaling/service.ts';
import { cloudformation } from '../../services/cloudformation/service.ts';
import { MetricStore } from '../../services/cloudwatch/metrics/store.ts';
import { cloudwatch } from '../../services/cloudwatch/service.ts';
import { ec2 } from '../../services/ec2/service.ts';
import { ecr } from '../../services/ecr/service.ts';
import type { ContainerSpec, ContainerUsage } from '../../services/ecs/ports.ts';
import { ecs } from '../../services/ecs/service.ts';
import { FakeTaskRunner } from '../../services/ecs/testing/fake-task-runner.ts';
import { FakeLoadBalancing } from '../../services/elbv2/fake-load-balancing.ts';
import type { CounterReport, ProbeEnd, ProbeOutcome, ProbeRequest } from '../../services/elbv2/ports.ts';
import { elbv2 } from '../../services/elbv2/service.ts';
import { iam } from '../../services/iam/service.ts';
import { kms } from '../../services/kms/service.ts';
import { logs } from '../../services/logs/service.ts';
import { FakeDatabasePlane } from '../../services/rds/fake-database-plane.ts';
import { rds } from '../../services/rds/service.ts';
import { secretsmanager } from '../../services/secretsmanager/service.ts';
import type { Mail } from '../../services/sns/ports.ts';
import { sns } from '../../services/sns/service.ts';
import { ssm } from '../../services/ssm/service.ts';
import { sts } from '../../services/sts/service.ts';
import { type TestRegion, type TestRegionOptions, testRegion } from '../../testing/test-region.ts';

/** What comes to every service, and what a request costs. */
export interface Traffic {
  readonly requestsPerSecond: number;
  /** CPU time of one request in seconds of a core. */
  readonly cpuSeconds: number;
}

export interface ModelledRegion {
  readonly region: TestRegion;
  readonly mails: readonly Mail[];
  /** Has this traffic arrive for so many minutes; the clock goes on by as many. */
  minutes(count: number, traffic: Traffic): Promise<void>;
  /** Creates a stack and waits until it is complete. */
  deploy(name: string, template: object, parameters?: Readonly<Record<string, string>>): Promise<void>;
}

/** Fargate's smallest task: what one of these may use at most, in cores. */
const coresOfTask = 0.25;

class ModelledTasks extends FakeTaskRunner {
  /** Requests per second by private address, and what each costs. */
  load = new Map<string, number>();
  cpuSeconds = 0;

  override async measure(): Promise<readonly ContainerUsage[]> {
    return [...this.running.values()].map((spec) => ({
      runtimeId: spec.runtimeId,
      cores: this.#cores(spec),
      memoryMiB: 90,
    }));
  }

  #cores({ privateIp }: ContainerSpec): number {
    return Math.min(coresOfTask, 0.002 + (this.load.get(privateIp) ?? 0) * this.cpuSeconds);
  }
}

const answers: ProbeOutcome = { kind: 'answered', statusCode: 200 };
const refuses: ProbeOutcome = { kind: 'failed', reason: 'ECONNREFUSED' };

class ModelledBalancers extends FakeLoadBalancing {
  readonly #tasks: ModelledTasks;

  constructor(tasks: ModelledTasks) {
    super();
    this.#tasks = tasks;
  }

  override async probeAll(
    requests: readonly ProbeRequest[],
    ended: (ends: readonly ProbeEnd[]) => void,
  ): Promise<void> {
    // An effect's outcome is no part of the step that started it.
    await Promise.resolve();
    ended(requests.map(({ ip }, index) => ({ index, outcome: this.#tasks.at(ip) ? answers : refuses })));
  }

  /** One minute of traffic at every balancer, shared by its healthy targets; 503 where there are none. */
  minute({ requestsPerSecond, cpuSeconds }: Traffic): void {
    this.#tasks.load = new Map();
    this.#tasks.cpuSeconds = cpuSeconds;
    this.count([...this.configurations.keys()].map((arn) => this.#report(arn, requestsPerSecond)));
  }

  #report(loadBalancerArn: string, requestsPerSecond: number): CounterReport {
    const RequestCount = requestsPerSecond * 60;
    const groups = this.configurations.get(loadBalancerArn)?.targetGroups ?? [];
    const counted = groups.flatMap(({ targetGroupArn, targets }) => {
      const healthy = targets.filter(({ status }) => status === 'healthy');
      for (const { ip } of healthy) this.#tasks.load.set(ip, requestsPerSecond / healthy.length);
      if (healthy.length === 0 || RequestCount === 0) return [];
      return [
        {
          targetGroupArn,
          counters: { RequestCount, HTTPCode_Target_2XX_Count: RequestCount },
          targetResponseTime: answered(RequestCount),
        },
      ];
    });
    const counters =
      counted.length > 0 || RequestCount === 0 ? {} : { RequestCount, HTTPCode_ELB_503_Count: RequestCount };
    return { loadBalancerArn, counters, targetGroups: counted };
  }
}

function answered(
  sampleCount: number,
): NonNullable<CounterReport['targetGroups'][number]['targetResponseTime']> {
  const half = Math.ceil(sampleCount / 2);
  return {
    sampleCount,
    sum: sampleCount * 0.003,
    minimum: 0.002,
    maximum: 0.004,
    values: [0.002, 0.004],
    counts: [half, sampleCount - half],
  };
}

export interface ModelledRegionOptions extends TestRegionOptions {
  /** How many load balancers the account may have. Default: as AWS's, 50. */
  readonly loadBalancerQuota?: number;
}

export function modelledRegion(options: ModelledRegionOptions = {}): ModelledRegion {
  const tasks = new ModelledTasks();
  const balancers = new ModelledBalancers(tasks);
  const mails: Mail[] = [];
  const region = testRegion((tables) => servicesOf(tables, { tasks, balancers, mails }, options), options);
  return {
    region,
    mails,
    minutes: async (count, traffic) => {
      for (let i = 0; i < count; i += 1) {
        balancers.minute(traffic);
        await region.advance(60);
      }
    },
    deploy: (name, template, parameters) => deploy(region, name, template, parameters),
  };
}

interface Planes {
  readonly tasks: ModelledTasks;
  readonly balancers: ModelledBalancers;
  readonly mails: Mail[];
}

function servicesOf(
  tables: Tables,
  { tasks, balancers, mails }: Planes,
  { loadBalancerQuota }: ModelledRegionOptions,
): readonly ServiceModule[] {
  const modules: readonly ServiceModule[] = [
    sts({ tables }),
    iam({ tables }),
    kms({ tables }),
    ssm({ tables }),
    secretsmanager({ tables }),
    logs({ tables, store: { async *read() {}, clear: async () => {} } }),
    ec2({ tables }),
    ecr({
      tables,
      manifests: { keep: async () => {}, keepOnly: async () => {} },
      registryHost: () => 'localhost:4566',
    }),
    rds({ tables, databases: new FakeDatabasePlane(), publishesMetrics: true }),
    sns({
      tables,
      endpointUrl: () => 'http://127.0.0.1:4566',
      mail: {
        hasRelay: false,
        keep: async (mail) => {
          mails.push(mail);
          return { kind: 'delivered' };
        },
        relay: async () => ({ kind: 'delivered' }),
      },
      http: { mayReach: () => false, post: async () => ({ kind: 'delivered' }) },
      signer: { sign: async () => ({ signature: '', certificateUrl: '' }) } as never,
    }),
    cloudwatch({ tables, metrics: new MetricStore(tables) }),
    applicationAutoScaling({ tables }),
    elbv2({
      tables,
      plane: balancers,
      publishesMetrics: true,
      ...(loadBalancerQuota !== undefined && { loadBalancerQuota }),
    }),
    ecs({ tables, taskRunner: tasks, publishesMetrics: true }),
  ];
  const types = new Map<string, ResourceType>(
    modules.flatMap(({ resourceTypes = [] }) => resourceTypes.map((type) => [type.name, type] as const)),
  );
  return [...modules, cloudformation({ tables, resourceTypes: () => types })];
}

async function deploy(
  region: TestRegion,
  StackName: string,
  template: object,
  parameters: Readonly<Record<string, string>> = {},
): Promise<void> {
  await region.call('cloudformation', 'createStack', {
    StackName,
    TemplateBody: JSON.stringify(template),
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
    Parameters: Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue,
    })),
  });
  for (let tries = 0; tries < 200; tries += 1) {
    await region.advance(5);
    const { Stacks = [] } = await region.call('cloudformation', 'describeStacks', { StackName });
    const status = Stacks[0]?.StackStatus ?? '';
    if (status === 'CREATE_COMPLETE') return;
    if (!status.endsWith('_IN_PROGRESS') || status === 'ROLLBACK_IN_PROGRESS') {
      const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', { StackName });
      const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
      throw new Error(
        `${StackName} is ${status}: ${failed.map((event) => event.ResourceStatusReason).join('; ')}`,
      );
    }
  }
  throw new Error(`${StackName} did not come to an end`);
}
