import { clockText } from '../clock/clock-text.ts';
import type { LocalDatabase } from '../region/local-status.ts';
import type { DeploymentSummary, RegionStatus, ServiceStatus, TaskSummary } from '../status/region-status.ts';
import { statusColour } from './event-line.ts';
import type { Colour } from './terminal.ts';

type Paint = (colour: Colour, text: string) => string;

export function statusText(status: RegionStatus, paint: Paint): readonly string[] {
  const { endpoint, region, accountId, pid, clock, home } = status;
  return [
    `${paint('bold', `Region ${region}`)}  ${endpoint}  account ${accountId}  process ${pid}`,
    `Clock  ${clockText(clock)}`,
    paint('dim', `State in ${home}`),
    ...stackLines(status, paint),
    ...status.services.flatMap((service) => serviceLines(service, paint)),
    ...otherListenerLines(status, paint),
    ...databaseLines(status.databases, paint),
    ...messageLines(status, paint),
  ];
}

function stackLines({ stacks }: RegionStatus, paint: Paint): readonly string[] {
  if (stacks.length === 0)
    return ['', 'No stacks: the region is empty. Plan: plimsoll plan; deploy: plimsoll deploy'];
  const width = Math.max(...stacks.map(({ name }) => name.length));
  return [
    '',
    paint('bold', 'Stacks'),
    ...stacks.flatMap(({ name, status, updated, failure }) => [
      `  ${name.padEnd(width)}  ${paint(statusColour(status), status)}  ${paint('dim', updated)}`,
      ...(failure === undefined ? [] : [`    ${failure.resource}: ${failure.reason}`]),
    ]),
  ];
}

function serviceLines(service: ServiceStatus, paint: Paint): readonly string[] {
  const { name, url, status, desiredCount, runningCount, pendingCount } = service;
  return [
    '',
    `${paint('bold', `Service ${name}`)}  ${url}  ${status}  ${runningCount} running of ${desiredCount} desired, ${pendingCount} pending`,
    ...service.deployments.map((deployment) => `  ${deploymentText(deployment)}`),
    ...service.tasks.map((task) => `  ${taskText(task, paint)}`),
    ...(service.events.length === 0 ? [] : [`  ${paint('dim', 'last events')}`]),
    ...service.events.map(({ at, message }) => `    ${paint('dim', at)}  ${message}`),
  ];
}

function deploymentText(deployment: DeploymentSummary): string {
  const { status, rolloutState, taskDefinition, desiredCount, runningCount, failedTasks } = deployment;
  const reason = deployment.rolloutStateReason === '' ? '' : `: ${deployment.rolloutStateReason}`;
  const failed = failedTasks > 0 ? `, ${failedTasks} failed` : '';
  return `deployment ${status} ${taskDefinition}  ${runningCount}/${desiredCount}${failed}  ${rolloutState}${reason}`;
}

function taskText(task: TaskSummary, paint: Paint): string {
  if (task.stopped !== undefined) return paint('dim', `${task.stopped} (${task.stoppedAt})`);
  const health = task.targetHealth || 'no target';
  const colour = health.startsWith('healthy') ? 'green' : 'yellow';
  const { id, lastStatus, availabilityZone, address, taskDefinition } = task;
  return `task ${id.slice(0, 8)} ${lastStatus}  ${paint(colour, health)}  ${availabilityZone}  ${address}  ${taskDefinition}`;
}

/** Where listeners are that no service names as its URL: a test listener, a load balancer made by hand. */
function otherListenerLines({ loadBalancers, services }: RegionStatus, paint: Paint): readonly string[] {
  const named = new Set(services.map(({ url }) => url));
  const lines = loadBalancers.flatMap(({ dnsName, listeners }) =>
    listeners
      .filter(({ url }) => url === undefined || !named.has(url))
      .map(
        ({ listenerPort, url, reason = 'does not listen yet' }) =>
          `  ${dnsName}:${listenerPort}  ${url ?? reason}`,
      ),
  );
  return lines.length === 0 ? [] : ['', paint('bold', 'Other listeners'), ...lines];
}

function databaseLines(databases: readonly LocalDatabase[], paint: Paint): readonly string[] {
  if (databases.length === 0) return [];
  return [
    '',
    paint('bold', 'Databases'),
    ...databases.map(({ identifier, status, host, port, databaseName, masterUsername }) => {
      const where =
        port === undefined
          ? ''
          : `  psql "host=${host} port=${port} dbname=${databaseName ?? 'postgres'} user=${masterUsername}"`;
      return `  ${identifier}  ${status}${where}`;
    }),
  ];
}

function messageLines({ messages }: RegionStatus, paint: Paint): readonly string[] {
  if (messages.length === 0) return [];
  return [
    '',
    paint('bold', 'The region says'),
    ...messages.slice(-10).map(({ level, text }) => paint(level === 'error' ? 'red' : 'yellow', `  ${text}`)),
  ];
}
