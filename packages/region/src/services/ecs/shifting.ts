import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { instant } from '../../kernel/instant.ts';
import { replaced, requestRollback } from './deployments.ts';
import type { DeploymentView, ServiceView, TaskView } from './scheduler.ts';
import { eventTexts, tell } from './service-events.ts';
import { type DeploymentRecord, type EcsState, primaryOf, type ServiceRecord, tasksOf } from './state.ts';
import { routeTraffic } from './traffic.ts';
import { entered, isScaledUp, nextMove, type Shift } from './traffic-shift.ts';

/** Is traffic being shifted to a new revision, or back? Then each revision has a number of tasks of its own. */
export function isShifting(service: ServiceRecord): boolean {
  if (service.status !== 'ACTIVE') return false;
  return service.restoringTo !== undefined || primaryOf(service)?.shift !== undefined;
}

/** Brings traffic back where it belongs, and the deployment as far through its stages as it can go now. */
export function moveShift(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  tasks: readonly TaskView[],
): ServiceRecord {
  const healthy = tasks.filter((task) => task.isRunning && task.health === 'healthy');
  const isReady = (id: string): boolean =>
    healthy.filter((task) => task.deploymentId === id).length >= service.desiredCount;
  // Where nothing else serves, traffic goes back also to a revision that does not get whole.
  const isOnly = (id: string): boolean => healthy.every((task) => task.deploymentId === id);
  let current = restore(ctx, state, service, (id) => isReady(id) || isOnly(id));
  for (;;) {
    const moved = moveOnce(ctx, state, current, isReady);
    if (moved === undefined) return state.services.get(service.key) ?? current;
    current = moved;
  }
}

/** The service after one move; undefined when there is nothing to do now. */
function moveOnce(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  isReady: (id: string) => boolean,
): ServiceRecord | undefined {
  const primary = primaryOf(service);
  if (!isShifting(service) || !primary?.shift || primary.rolloutState !== 'IN_PROGRESS') return undefined;
  const { shift } = primary;
  const others = service.deployments.filter(
    ({ id }) => id !== service.lastCompleted?.id && id !== primary.id,
  );
  const move = nextMove(shift, {
    now: ctx.now,
    isReady: isReady(primary.id),
    isReconciled:
      service.restoringTo === undefined &&
      !tasksOf(state, service).some((task) => others.some(({ id }) => id === task.deploymentId)),
  });
  switch (move.kind) {
    case 'wait':
      if (move.until !== undefined) ctx.timers.set(service.key, 'stage', move.until);
      return undefined;
    case 'pause':
      return putShift(ctx, state, service, primary, {
        ...shift,
        hook: {
          hookId: ctx.random.uuid(),
          status: 'AWAITING_ACTION',
          expiresAt: instant(ctx.now + move.pause.timeoutMinutes * 60_000),
          timeoutAction: move.pause.timeoutAction,
        },
      });
    case 'enter':
      return enterStage(ctx, state, service, primary, entered(shift, move.stage, ctx.now));
    case 'rollBack':
      goBack(ctx, state, primary, move.reason);
      return undefined;
  }
}

function enterStage(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  primary: DeploymentRecord,
  shift: Shift,
): ServiceRecord | undefined {
  const before = primary.shift;
  const isRouted =
    shift.productionPercent !== before?.productionPercent || shift.testPercent !== before.testPercent;
  const failure = isRouted ? route(ctx, state, service, primary, shift) : undefined;
  if (failure === undefined) return putShift(ctx, state, service, primary, shift);
  goBack(ctx, state, primary, `traffic could not be shifted: ${failure}`);
  return undefined;
}

/** Answers why it could not be done. */
function route(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  { productionPercent, testPercent }: Pick<Shift, 'productionPercent' | 'testPercent'>,
): string | undefined {
  try {
    ctx.attempt(() =>
      routeTraffic(ctx, deployment.revision, { production: productionPercent, test: testPercent }),
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
    tell(ctx, state, service, eventTexts.notShifted(error.message));
    return error.message;
  }
}

function putShift(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  primary: DeploymentRecord,
  shift: Shift,
): ServiceRecord {
  const changed = {
    ...service,
    deployments: replaced(service, { ...primary, shift, updatedAt: ctx.now }),
  };
  state.services.put(service.key, changed);
  return changed;
}

function goBack(ctx: Context, state: EcsState, primary: DeploymentRecord, reason: string): void {
  const history = state.serviceDeployments.get(primary.serviceDeploymentArn);
  if (history) requestRollback(ctx, state, history, reason);
}

/** Traffic goes back at once if the old revision is whole, else as soon as it is whole again or the only one. */
function restore(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  mayServe: (id: string) => boolean,
): ServiceRecord {
  const { restoringTo, ...rest } = service;
  const target = service.deployments.find(({ id }) => id === restoringTo);
  if (restoringTo === undefined || service.status !== 'ACTIVE') return service;
  if (target && !mayServe(target.id)) return service;
  if (target) route(ctx, state, service, target, { productionPercent: 100, testPercent: 100 });
  // `route` told an event, not the service: its record is still this one.
  state.services.put(service.key, rest);
  return rest;
}

/** One view for each revision, with the tasks that it should have: each is kept up by itself, within its own bounds. */
export function shiftedViews(
  service: ServiceRecord,
  deployments: readonly DeploymentView[],
  tasks: readonly TaskView[],
): ServiceView[] {
  return deployments.map((view) => {
    const own = tasks.filter((task) => task.deploymentId === view.id);
    const { desiredCount, mayLaunch } = wanted(service, view, own.length);
    return {
      desiredCount,
      minimumHealthyPercent: service.deploymentConfiguration.minimumHealthyPercent,
      maximumPercent: service.deploymentConfiguration.maximumPercent,
      isRebalancing: false,
      deployments: [{ ...view, role: 'primary', mayLaunch: view.mayLaunch && mayLaunch }],
      tasks: own,
    };
  });
}

function wanted(
  { desiredCount, restoringTo, deployments }: ServiceRecord,
  { id, role }: DeploymentView,
  running: number,
): { readonly desiredCount: number; readonly mayLaunch: boolean } {
  const stage = deployments[0]?.shift?.stage;
  const all = { desiredCount, mayLaunch: true };
  const none = { desiredCount: 0, mayLaunch: false };
  if (restoringTo !== undefined) {
    // What serves goes on serving until the traffic is back; nothing of it is started any more.
    return id === restoringTo ? all : { desiredCount: Math.min(running, desiredCount), mayLaunch: false };
  }
  if (role === 'superseded' || stage === undefined) return none;
  if (role === 'primary') return isScaledUp(stage) ? all : none;
  return stage === 'CLEAN_UP' ? none : all;
}
