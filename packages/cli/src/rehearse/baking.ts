/** Whether a release waits for its alarms only: then a rehearsal's clock may go fast, since no task has to hurry. */
import {
  DescribeServicesCommand,
  paginateListClusters,
  paginateListServices,
  type Service,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target } from '../deploy/clients.ts';

/** Looks at all services there. */
export async function isBaking(target: Target): Promise<boolean> {
  const services = await servicesOf(target);
  const bake = await Promise.all(
    services.map(async (service) => bakes(service, await healthOf(target, service))),
  );
  return bake.length > 0 && bake.every((one) => one);
}

/**
 * All tasks of the new deployment run and are healthy, those of the old ones are gone, and yet the deployment goes on.
 * @param health states of all targets of the service
 */
export function bakes(
  { deployments = [] }: Pick<Service, 'deployments'>,
  health: readonly string[],
): boolean {
  const [primary, ...others] = deployments;
  if (primary?.rolloutState !== 'IN_PROGRESS') return false;
  const { desiredCount = 0, runningCount = 0, pendingCount = 0 } = primary;
  const isLeft = others.some((old) => (old.runningCount ?? 0) + (old.pendingCount ?? 0) > 0);
  return (
    desiredCount > 0 &&
    runningCount === desiredCount &&
    pendingCount === 0 &&
    !isLeft &&
    health.length >= desiredCount &&
    health.every((state) => state === 'healthy')
  );
}

async function servicesOf({ clients }: Target): Promise<readonly Service[]> {
  const client = await clients.ecs();
  const found: Service[] = [];
  for await (const { clusterArns = [] } of paginateListClusters({ client }, {})) {
    for (const cluster of clusterArns) {
      for await (const { serviceArns = [] } of paginateListServices({ client }, { cluster })) {
        if (serviceArns.length === 0) continue;
        const { services = [] } = await client.send(
          new DescribeServicesCommand({ cluster, services: serviceArns }),
        );
        found.push(...services);
      }
    }
  }
  return found;
}

async function healthOf({ clients }: Target, { loadBalancers = [] }: Service): Promise<readonly string[]> {
  const client = await clients.elbv2();
  const answers = await Promise.all(
    loadBalancers.map(({ targetGroupArn: TargetGroupArn }) =>
      client.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
    ),
  );
  return answers
    .flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions)
    .map(({ TargetHealth }) => TargetHealth?.State ?? '');
}
