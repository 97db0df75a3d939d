import type { DeploymentState, ServiceState, TaskState } from '../deploy/service-state.ts';
import type { ServiceTraffic } from '../deploy/traffic.ts';
import type { Colour } from './terminal.ts';

type Paint = (colour: Colour, text: string) => string;

/** Old and new deployment with their tasks, for the part of the terminal that is redrawn. */
export function serviceLines(
  service: string,
  { deployments, traffic }: ServiceState,
  paint: Paint,
): readonly string[] {
  const lines = deployments.flatMap((deployment) => [
    `    ${deploymentLine(service, deployment, paint)}`,
    ...deployment.tasks.map((task) => `      ${taskLine(task, paint)}`),
  ]);
  return traffic === undefined ? lines : [`    ${trafficLine(service, traffic, paint)}`, ...lines];
}

function trafficLine(
  service: string,
  { requestsPerSecond, requests, failed }: ServiceTraffic,
  paint: Paint,
): string {
  const failures = `${failed} of ${requests} failed`;
  return `${service} answers ${requestsPerSecond} requests/s, ${failed > 0 ? paint('red', failures) : failures}`;
}

function deploymentLine(service: string, deployment: DeploymentState, paint: Paint): string {
  const { status, taskDefinition, desiredCount, runningCount, pendingCount, failedTasks } = deployment;
  const which = status === 'PRIMARY' ? paint('bold', 'new') : paint('dim', 'old');
  const facts = [
    `${runningCount} of ${desiredCount} running`,
    ...(pendingCount > 0 ? [`${pendingCount} pending`] : []),
    ...(failedTasks > 0 ? [paint('red', `${failedTasks} failed`)] : []),
  ];
  return `${service} ${which}  ${taskDefinition}  ${facts.join(', ')}`;
}

function taskLine({ id, lastStatus, targetHealth }: TaskState, paint: Paint): string {
  if (targetHealth === undefined) return `task ${id}  ${lastStatus}`;
  return `task ${id}  ${lastStatus}  ${paint(healthColour(targetHealth), targetHealth)}`;
}

function healthColour(health: string): Colour {
  if (health.startsWith('healthy')) return 'green';
  return health.startsWith('unhealthy') ? 'red' : 'yellow';
}
