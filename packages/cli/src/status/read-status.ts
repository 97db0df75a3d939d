import type { Stack } from '@aws-sdk/client-cloudformation';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { localTarget, type Target } from '../deploy/clients.ts';
import { firstFailure, StackEventReader } from '../deploy/stack-events.ts';
import { currentOperation } from '../deploy/stack-operation.ts';
import { outputsOf } from '../deploy/stack-status.ts';
import { allStacks } from '../deploy/stacks.ts';
import { targetHealth } from '../deploy/target-health.ts';
import { stopText } from '../deploy/task-text.ts';
import type { RegionRecord } from '../region/home.ts';
import { type LocalStatus, localStatus, localUrl } from '../region/local-status.ts';
import type { RegionStatus, ServiceStatus, StackSummary, TaskSummary } from './region-status.ts';

/** Asks the region's APIs what `plimsoll status` shows. */
export async function readStatus(home: string, record: RegionRecord): Promise<RegionStatus> {
  const target = localTarget(record.endpoint, record.region);
  const [local, stacks] = await Promise.all([
    localStatus(record.endpoint),
    allStacks(await target.clients.cloudformation()),
  ]);
  const services = stacks.filter((stack) => outputsOf(stack)['ServiceName'] !== undefined);
  return {
    home,
    isRunning: true,
    pid: record.pid,
    endpoint: local.endpoint,
    region: local.region,
    accountId: local.accountId,
    clock: local.clock,
    stacks: await Promise.all(stacks.map((stack) => stackSummary(target, stack))),
    services: await Promise.all(services.map((stack) => serviceStatus(target, local, outputsOf(stack)))),
    loadBalancers: local.loadBalancers.map(({ dnsName, listeners }) => ({ dnsName, listeners })),
    databases: local.databases,
    messages: local.messages,
  };
}

async function stackSummary(target: Target, stack: Stack): Promise<StackSummary> {
  const { StackName: name = '', StackId: id = name, StackStatus: status = '' } = stack;
  const summary = {
    name,
    status,
    updated: (stack.LastUpdatedTime ?? stack.CreationTime)?.toISOString() ?? '',
  };
  if (!/ROLLBACK|FAILED/.test(status)) return summary;
  const events = new StackEventReader(await target.clients.cloudformation(), id);
  const failure = firstFailure(currentOperation(await events.next()));
  if (failure === undefined) return summary;
  const { LogicalResourceId: resource = '', ResourceStatusReason: reason = '' } = failure;
  return { ...summary, failure: { resource, reason } };
}

async function serviceStatus(
  target: Target,
  local: LocalStatus,
  outputs: Readonly<Record<string, string>>,
): Promise<ServiceStatus> {
  const { ClusterName: cluster = '', ServiceName: name = '', ServiceUrl } = outputs;
  const ecs = await target.clients.ecs();
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
  const [service] = services;
  const [health, tasks] = await Promise.all([targetHealth(target, service), tasksOf(target, cluster, name)]);
  return {
    name,
    cluster,
    status: service?.status ?? 'MISSING',
    url: ServiceUrl === undefined ? '' : localUrl(local, ServiceUrl),
    desiredCount: service?.desiredCount ?? 0,
    runningCount: service?.runningCount ?? 0,
    pendingCount: service?.pendingCount ?? 0,
    deployments: (service?.deployments ?? []).map((deployment) => ({
      status: deployment.status ?? '',
      rolloutState: deployment.rolloutState ?? '',
      rolloutStateReason: deployment.rolloutStateReason ?? '',
      taskDefinition: deployment.taskDefinition?.split('/').at(-1) ?? '',
      desiredCount: deployment.desiredCount ?? 0,
      runningCount: deployment.runningCount ?? 0,
      pendingCount: deployment.pendingCount ?? 0,
      failedTasks: deployment.failedTasks ?? 0,
    })),
    tasks: tasks.map((task) => taskSummary(task, health)),
    events: (service?.events ?? [])
      .slice(0, 5)
      .map(({ createdAt, message = '' }) => ({ at: createdAt?.toISOString() ?? '', message })),
  };
}

async function tasksOf(target: Target, cluster: string, serviceName: string): Promise<readonly Task[]> {
  const ecs = await target.clients.ecs();
  const lists = await Promise.all(
    (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
      ecs.send(new ListTasksCommand({ cluster, serviceName, desiredStatus })).catch(() => ({ taskArns: [] })),
    ),
  );
  const arns = lists.flatMap(({ taskArns = [] }) => taskArns).slice(0, 100);
  if (arns.length === 0) return [];
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: arns }));
  const running = tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const stopped = tasks
    .filter(({ lastStatus }) => lastStatus === 'STOPPED')
    .sort((a, b) => (b.stoppedAt?.getTime() ?? 0) - (a.stoppedAt?.getTime() ?? 0));
  return [...running, ...stopped.slice(0, 5)];
}

function taskSummary(task: Task, health: ReadonlyMap<string, string>): TaskSummary {
  const { taskArn = '', lastStatus = '', desiredStatus = '', availabilityZone = '' } = task;
  const address = task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? '';
  return {
    id: taskArn.split('/').at(-1) ?? '',
    lastStatus,
    desiredStatus,
    availabilityZone,
    address,
    taskDefinition: task.taskDefinitionArn?.split('/').at(-1) ?? '',
    ...(lastStatus === 'STOPPED'
      ? { stopped: stopText(task), stoppedAt: task.stoppedAt?.toISOString() ?? '' }
      : { targetHealth: health.get(address) ?? '' }),
  };
}
