import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import { DescribeServicesCommand, DescribeTasksCommand, ListTasksCommand } from '@aws-sdk/client-ecs';
import type { Target } from '../deploy/clients.ts';
import { outputsOf } from '../deploy/stack-status.ts';
import { lastLines } from '../deploy/task-log.ts';
import { stopText } from '../deploy/task-text.ts';
import type { GoneService } from './diagnosis.ts';

/** What the ECS services among the events say: their last events, why tasks stopped, what those wrote last. */
export async function serviceFindings(
  target: Target,
  events: readonly StackEvent[],
): Promise<readonly string[]> {
  const ids = events.flatMap(({ ResourceType, PhysicalResourceId }) =>
    ResourceType === 'AWS::ECS::Service' && PhysicalResourceId ? [PhysicalResourceId] : [],
  );
  const findings: string[] = [];
  for (const id of new Set(ids)) {
    const [cluster = '', service = ''] = id.split('/').slice(-2);
    // It only explains; a service may be gone with its stack.
    findings.push(...(await findingsOf(target, cluster, service).catch(() => [])));
  }
  return findings;
}

/** The service that the stack says it has, if ECS has it no more: somebody deleted it past the stack. */
export async function goneService(target: Target, stack: Stack): Promise<GoneService | undefined> {
  const { ServiceName: service, ClusterName: cluster } = outputsOf(stack);
  if (service === undefined || cluster === undefined) return undefined;
  const ecs = await target.clients.ecs();
  try {
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
    return services[0]?.status === 'ACTIVE' ? undefined : { service, cluster };
  } catch (error) {
    if ((error as Error).name === 'ClusterNotFoundException') return { service, cluster };
    // Whoever may not ask is told what the stack's events say.
    return undefined;
  }
}

async function findingsOf(target: Target, cluster: string, service: string): Promise<readonly string[]> {
  const ecs = await target.clients.ecs();
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED' }),
  );
  const findings = (services[0]?.events ?? []).slice(0, 3).map(({ message = '' }) => message);
  if (taskArns.length === 0) return findings;
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns.slice(0, 100) }));
  const newest = [...tasks].sort((a, b) => (b.stoppedAt?.getTime() ?? 0) - (a.stoppedAt?.getTime() ?? 0))[0];
  if (newest === undefined) return findings;
  const lines = await lastLines(target, newest, 5).catch(() => []);
  return [...findings, stopText(newest), ...lines.map((line) => `  ${line}`)];
}
