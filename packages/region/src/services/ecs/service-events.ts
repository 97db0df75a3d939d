import type { Context } from '../../kernel/context.ts';
import type { EcsState, ServiceRecord } from './state.ts';

/** The texts of AWS, in `describe-services` form. Sources: the behaviour reference, A2.4. */
export const eventTexts = {
  started: (ids: readonly string[], replaced: number): string =>
    `has started ${ids.length} tasks: ${list(ids)}.` +
    (replaced > 0 ? ` Amazon ECS replaced ${replaced} tasks due to an unhealthy status.` : ''),
  startedToRebalance: (service: string, ids: readonly string[], zone: string): string =>
    `${service} has started ${ids.length} tasks in ${zone} to AZ Rebalance: ${list(ids)}.`,
  stopped: (ids: readonly string[]): string => `has stopped ${ids.length} running tasks: ${list(ids)}.`,
  steady: 'has reached a steady state.',
  completed: (deploymentId: string): string => `(deployment ${deploymentId}) deployment completed.`,
  failed: (deploymentId: string, reason: string): string =>
    `(deployment ${deploymentId}) deployment failed: ${reason}.`,
  /** Chosen: AWS publishes no text. */
  notShifted: (reason: string): string => `was unable to shift traffic: ${reason}`,
  rollingBack: (deploymentId: string): string => `rolling back to deployment ${deploymentId}.`,
  unhealthyContainer: (taskId: string): string => `(task ${taskId}) failed container health checks.`,
  unhealthyTarget: (taskId: string, port: number, targetGroupArn: string, reason: string): string =>
    `(task ${taskId}) (port ${port}) is unhealthy in (target-group ${targetGroupArn}) due to (reason ${reason})`,
  inconsistent:
    'is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.',
  notPlaced: (reason: string): string =>
    `was unable to place a task. Reason: ${reason}. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`,
  blocked:
    'was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
} as const;

function list(ids: readonly string[]): string {
  return ids.map((id) => `(task ${id})`).join(' ');
}

/** Adds `(service S) text` to the service's events. */
export function tell(ctx: Context, state: EcsState, service: ServiceRecord, text: string): void {
  append(ctx, state, service, `(service ${service.name}) ${text}`);
}

/** Adds a text that names the service by itself. */
export function tellPlain(ctx: Context, state: EcsState, service: ServiceRecord, text: string): void {
  append(ctx, state, service, text);
}

/** Events that AWS tells in groups, because its scheduler looks at many tasks at once. */
export type CountedEvent =
  | { readonly kind: 'registered' | 'deregistered'; readonly targetGroupArn: string }
  | { readonly kind: 'draining'; readonly deploymentId: string };

/** Chosen: what happens within a second is told as one event with its count. */
const groupingMs = 1000;

export function tellCounted(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  event: CountedEvent,
): void {
  const events = state.events.get(service.key) ?? [];
  const textOf = (count: number): string => countedText(service.name, event, count);
  const i = events
    .slice(0, 2)
    .findIndex((one) => ctx.now - one.createdAt < groupingMs && one.message === textOf(one.count ?? 0));
  const counted = events[i];
  if (counted === undefined) append(ctx, state, service, textOf(1), 1);
  else {
    const count = (counted.count ?? 0) + 1;
    state.events.put(service.key, events.with(i, { ...counted, count, message: textOf(count) }));
  }
}

function countedText(service: string, event: CountedEvent, count: number): string {
  switch (event.kind) {
    case 'registered':
    case 'deregistered':
      return `(service ${service}) ${event.kind} ${count} targets in (target-group ${event.targetGroupArn})`;
    case 'draining':
      return `(service ${service}, taskSet ${event.deploymentId}) has begun draining connections on ${count} tasks.`;
  }
}

/**
 * Confirmed by docs: the newest 100 are kept, and a repeated message is withheld until its cause is gone or 6 hours
 * passed. The cause counts as gone once the service is steady.
 */
function append(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  message: string,
  count?: number,
): void {
  const events = state.events.get(service.key) ?? [];
  const since = events.findIndex((event) => event.message.endsWith(eventTexts.steady));
  const recent = events.slice(0, since < 0 ? events.length : since + 1);
  const isRepeated =
    count === undefined &&
    recent.some((event) => event.message === message && ctx.now - event.createdAt < 6 * 3600 * 1000);
  if (isRepeated && !isOver(recent, message)) return;
  const event = { id: ctx.random.uuid(), createdAt: ctx.now, message, ...(count ? { count } : {}) };
  state.events.put(service.key, [event, ...events].slice(0, 100));
}

/** A service that is steady again, after something else happened, says so again. */
function isOver(recent: readonly { readonly message: string }[], message: string): boolean {
  return message.endsWith(eventTexts.steady) && recent[0]?.message !== message;
}
