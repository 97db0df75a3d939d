import type { Service } from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Target } from './clients.ts';

/** Health of a service's targets as the load balancer sees it, with the reason, by private address. */
export async function targetHealth(
  target: Target,
  service: Service | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const elbv2 = await target.clients.elbv2();
  for (const { targetGroupArn } of service?.loadBalancers ?? []) {
    const { TargetHealthDescriptions = [] } = await elbv2.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    for (const { Target: at, TargetHealth: health } of TargetHealthDescriptions) {
      const reason = health?.Reason === undefined ? '' : ` (${health.Reason})`;
      found.set(at?.Id ?? '', `${health?.State ?? ''}${reason}`);
    }
  }
  return found;
}
