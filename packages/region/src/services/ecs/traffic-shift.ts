/**
 * A blue/green, linear or canary deployment as a table of lifecycle stages. Pure: it says what comes next, given what is
 * known. The new revision (green) is scaled up beside the old one (blue), gets test traffic, then production traffic in
 * steps, bakes beside blue, and blue is cleaned up. Until CLEAN_UP blue stays whole, so that going back is a change of
 * weights.
 *
 *   BLUE_GREEN  100 % at once
 *   CANARY      5 %, 10 min, 100 %
 *   LINEAR      10 %, 6 min, 20 %, 6 min … 100 %
 *
 * Confirmed by API text and https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
 */
import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { type Instant, instant } from '../../kernel/instant.ts';

export const shiftStages = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'SCALE_UP',
  'POST_SCALE_UP',
  'TEST_TRAFFIC_SHIFT',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
  'BAKE_TIME',
  'CLEAN_UP',
] as const;

export type ShiftStage = (typeof shiftStages)[number];

export interface Pause {
  readonly stage: string;
  readonly timeoutMinutes: number;
  readonly timeoutAction: 'CONTINUE' | 'ROLLBACK';
}

/** As configured when the deployment began. */
export interface ShiftPlan {
  /** Percent of production traffic after each step; the last is 100. */
  readonly steps: readonly number[];
  readonly stepBakeMinutes: number;
  readonly bakeMinutes: number;
  readonly pauses: readonly Pause[];
}

export interface PausedHook {
  readonly hookId: string;
  readonly status: 'AWAITING_ACTION' | 'SUCCEEDED' | 'FAILED';
  readonly expiresAt: Instant;
  readonly timeoutAction: Pause['timeoutAction'];
}

export interface Shift {
  readonly plan: ShiftPlan;
  readonly stage: ShiftStage;
  readonly stageSince: Instant;
  /** Steps taken so far. */
  readonly step: number;
  /** Percent of production and of test traffic that the new revision gets. */
  readonly productionPercent: number;
  readonly testPercent: number;
  /** The hook of this stage, once it was reached. */
  readonly hook?: PausedHook;
}

export interface ShiftFacts {
  readonly now: Instant;
  /** All traffic is at the source, and no other revision has tasks. */
  readonly isReconciled: boolean;
  /** All desired tasks of the new revision are healthy. */
  readonly isReady: boolean;
}

export type ShiftMove =
  | { readonly kind: 'wait'; readonly until?: Instant }
  | { readonly kind: 'pause'; readonly pause: Pause }
  | { readonly kind: 'enter'; readonly stage: ShiftStage }
  | { readonly kind: 'rollBack'; readonly reason: string };

const minuteMs = 60_000;

/** Confirmed by docs (for stages in general); here it ends those that wait for tasks. Hooks have their own timeout. */
const stageTimeoutMs = 24 * 60 * minuteMs;

/** Undefined for a rolling update. */
export function shiftPlanOf(configuration: DeploymentConfiguration): ShiftPlan | undefined {
  const { strategy = 'ROLLING', bakeTimeInMinutes = 0, lifecycleHooks = [] } = configuration;
  if (strategy === 'ROLLING') return undefined;
  const { stepPercent = 10, stepBakeTimeInMinutes = 6 } = configuration.linearConfiguration ?? {};
  const { canaryPercent = 5, canaryBakeTimeInMinutes = 10 } = configuration.canaryConfiguration ?? {};
  const pauses = lifecycleHooks.flatMap(({ lifecycleStages = [], timeoutConfiguration }) =>
    lifecycleStages.map((stage) => ({
      stage,
      timeoutMinutes: timeoutConfiguration?.timeoutInMinutes ?? 1440,
      timeoutAction: timeoutConfiguration?.action ?? 'ROLLBACK',
    })),
  );
  const steps = { BLUE_GREEN: [100], CANARY: canarySteps(canaryPercent), LINEAR: linearSteps(stepPercent) };
  const stepBake = { BLUE_GREEN: 0, CANARY: canaryBakeTimeInMinutes, LINEAR: stepBakeTimeInMinutes };
  return {
    steps: steps[strategy],
    stepBakeMinutes: stepBake[strategy],
    bakeMinutes: bakeTimeInMinutes,
    pauses,
  };
}

function canarySteps(percent: number): number[] {
  return percent >= 100 ? [100] : [percent, 100];
}

/** In tenths, so that 3.3 % makes 3.3, 6.6, 9.9 … */
function linearSteps(percent: number): number[] {
  const tenths = Math.round(percent * 10);
  return Array.from({ length: Math.ceil(1000 / tenths) }, (_, i) => Math.min(1000, (i + 1) * tenths) / 10);
}

/** Confirmed by API text: RECONCILE_SERVICE only with more than one active revision. */
export function beginShift(plan: ShiftPlan, now: Instant, isReconciling: boolean): Shift {
  const stage = isReconciling ? 'RECONCILE_SERVICE' : 'PRE_SCALE_UP';
  return { plan, stage, stageSince: now, step: 0, productionPercent: 0, testPercent: 0 };
}

export function nextMove(shift: Shift, facts: ShiftFacts): ShiftMove {
  const { plan, stage, hook } = shift;
  const waiting = waitOf(shift, facts);
  if (waiting) return waiting;
  const pause = plan.pauses.find((one) => one.stage === stage);
  if (pause === undefined || hook?.status === 'SUCCEEDED') return { kind: 'enter', stage: stageAfter(shift) };
  if (hook === undefined) return { kind: 'pause', pause };
  if (facts.now < hook.expiresAt) return { kind: 'wait', until: hook.expiresAt };
  return hook.timeoutAction === 'CONTINUE'
    ? { kind: 'enter', stage: stageAfter(shift) }
    : { kind: 'rollBack', reason: `the lifecycle hook at ${stage} timed out` };
}

/** What the stage itself waits for. */
function waitOf(
  { plan, stage, stageSince, step }: Shift,
  { now, isReconciled, isReady }: ShiftFacts,
): ShiftMove | undefined {
  switch (stage) {
    case 'RECONCILE_SERVICE':
      return isReconciled ? undefined : forTasks(stage, stageSince, now);
    case 'SCALE_UP':
    // Chosen: production traffic moves on only while all of the new revision is healthy.
    case 'PRE_PRODUCTION_TRAFFIC_SHIFT':
      return isReady ? undefined : forTasks(stage, stageSince, now);
    case 'PRODUCTION_TRAFFIC_SHIFT':
      // Confirmed by API text: no bake time after the last step.
      return step < plan.steps.length ? until(stageSince, plan.stepBakeMinutes, now) : undefined;
    case 'BAKE_TIME':
      return until(stageSince, plan.bakeMinutes, now);
    case 'CLEAN_UP':
      // Over when the old tasks are gone: then the deployment is complete.
      return { kind: 'wait' };
    default:
      return undefined;
  }
}

function forTasks(stage: ShiftStage, since: Instant, now: Instant): ShiftMove {
  const end = instant(since + stageTimeoutMs);
  return now < end
    ? { kind: 'wait', until: end }
    : { kind: 'rollBack', reason: `the lifecycle stage ${stage} timed out` };
}

function until(since: Instant, minutes: number, now: Instant): ShiftMove | undefined {
  const end = instant(since + minutes * minuteMs);
  return now < end ? { kind: 'wait', until: end } : undefined;
}

function stageAfter({ plan, stage, step }: Shift): ShiftStage {
  if (stage === 'PRODUCTION_TRAFFIC_SHIFT' && step < plan.steps.length) return 'PRE_PRODUCTION_TRAFFIC_SHIFT';
  return shiftStages[shiftStages.indexOf(stage) + 1] ?? 'CLEAN_UP';
}

export function entered({ hook: _, ...shift }: Shift, stage: ShiftStage, now: Instant): Shift {
  const next = { ...shift, stage, stageSince: now };
  if (stage === 'TEST_TRAFFIC_SHIFT') return { ...next, testPercent: 100 };
  if (stage !== 'PRODUCTION_TRAFFIC_SHIFT') return next;
  return { ...next, step: shift.step + 1, productionPercent: shift.plan.steps[shift.step] ?? 100 };
}

/** Does the new revision have its tasks in this stage? */
export function isScaledUp(stage: ShiftStage): boolean {
  return shiftStages.indexOf(stage) >= shiftStages.indexOf('SCALE_UP');
}
