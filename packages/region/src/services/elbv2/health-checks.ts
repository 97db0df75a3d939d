/** Health checks on the region's clock: each due timer starts one probe, each outcome is an event of the table. */
import type { Context } from '../../kernel/context.ts';
import { after, type Instant } from '../../kernel/instant.ts';
import type { Timer } from '../../kernel/timers.ts';
import { attributeOf, targetGroupAttributes } from './attributes.ts';
import { matchesCode } from './matcher.ts';
import type { ProbeOutcome } from './ports.ts';
import type { Probe, ProbeAction, Probed, ProbedEvent } from './probes.ts';
import { configure } from './routing-changes.ts';
import { nextSlowStartStep, startsSlowly } from './slow-start.ts';
import {
  type Attributes,
  type Elbv2State,
  loadBalancersUsing,
  type TargetGroupRecord,
  type TargetRecord,
  targetKey,
  targetsOf,
} from './state.ts';
import { next, registering, type TargetEvent, unused } from './target-health.ts';

/**
 * Chosen, AWS publishes nothing on it: a new target is tried every second until it accepts a connection, for one interval
 * at most (`Elb.RegistrationInProgress`); then the regular checks begin (`Elb.InitialHealthChecking`).
 */
const REGISTRATION_CHECK_SECONDS = 1;

/** The timer of a target's next check. It is not stored: `restartChecks` sets it. */
export const checkTimer = 'healthCheck';

/** Registers a target, or does nothing when it is there already. */
export function register(
  ctx: Context,
  state: Elbv2State,
  group: TargetGroupRecord,
  target: Pick<TargetRecord, 'id' | 'port' | 'availabilityZone' | 'isFirst'>,
): void {
  const key = targetKey(group.arn, target.id, target.port);
  const known = state.targets.get(key);
  // Chosen: registered again while it drains, it starts anew; AWS makes the caller wait for the delay.
  if (known && known.status.state !== 'draining') return;
  ctx.timers.drop(key);
  if (!known) state.targetIndex.note(key, group.arn);
  state.targets.put(key, {
    targetGroupArn: group.arn,
    ...target,
    status: unused,
    initialSince: ctx.now,
    registration: ctx.random.hex(8),
  });
  refreshUse(ctx, state, group.arn);
}

/**
 * Confirmed by docs: a deregistered target gets no new requests and is `draining` until the deregistration delay is over.
 * Known: one that is not in use goes at once.
 */
export function deregister(
  ctx: Context,
  state: Elbv2State,
  group: TargetGroupRecord,
  target: TargetRecord,
): void {
  const key = targetKey(group.arn, target.id, target.port);
  if (target.status.state === 'draining') return;
  if (target.status.state === 'unused') {
    forget(ctx, state, key);
    return;
  }
  apply(ctx, state, target, { kind: 'deregistered' });
  const delay = attributeOf(targetGroupAttributes, group.attributes, 'deregistration_delay.timeout_seconds');
  ctx.timers.set(key, 'deregistered', after(ctx.now, Number(delay)));
}

/** After listeners, rules or zones changed: targets of a group that is used are checked, those of another are not. */
export function refreshUse(ctx: Context, state: Elbv2State, targetGroupArn: string): void {
  const [loadBalancer] = loadBalancersUsing(state, targetGroupArn);
  const zones = loadBalancer?.availabilityZones.map(({ ZoneName }) => ZoneName);
  for (const target of targetsOf(state, targetGroupArn)) {
    const inZone = target.availabilityZone === undefined || zones?.includes(target.availabilityZone);
    apply(ctx, state, target, {
      kind: !loadBalancer ? 'groupUnused' : inZone ? 'groupUsed' : 'zoneDisabled',
    });
  }
}

/** After the health check settings changed. Chosen: the states of registered targets stay. */
export function refreshChecks(ctx: Context, state: Elbv2State, group: TargetGroupRecord): void {
  for (const target of targetsOf(state, group.arn)) {
    if (target.status.state === 'unused' || target.status.state === 'draining') continue;
    const key = targetKey(group.arn, target.id, target.port);
    if (!group.healthCheck.enabled) apply(ctx, state, target, { kind: 'checksDisabled' });
    else if (target.status.state === 'unavailable') scheduleFirstCheck(ctx, key);
  }
}

export function onTargetTimer(ctx: Context, state: Elbv2State, timer: Timer): void {
  const target = state.targets.get(timer.subject);
  const group = target && state.targetGroups.get(target.targetGroupArn);
  if (!target || !group) return;
  if (timer.name === 'deregistered') {
    forget(ctx, state, timer.subject);
    configureUsers(ctx, state, group.arn);
    return;
  }
  if (timer.name === 'slowStart') {
    continueSlowStart(ctx, state, timer.subject, target, slowStartSecondsOf(group.attributes));
    configureUsers(ctx, state, group.arn);
    return;
  }
  check(ctx, state, [timer]);
}

/** The timers of all targets that are to be checked now. */
export function check(ctx: Context, state: Elbv2State, timers: readonly Timer[]): void {
  const probes: Probe[] = [];
  for (const timer of timers) {
    const probe = checkOf(ctx, state, timer);
    if (probe) probes.push(probe);
  }
  if (probes.length > 0) ctx.perform({ kind: 'probe', probes } satisfies ProbeAction);
}

function checkOf(ctx: Context, state: Elbv2State, timer: Timer): Probe | undefined {
  const target = state.targets.get(timer.subject);
  const group = target && state.targetGroups.get(target.targetGroupArn);
  if (!target || !group) return undefined;
  if (!group.healthCheck.enabled) {
    apply(ctx, state, target, { kind: 'checksDisabled' });
    return undefined;
  }
  // Confirmed by docs: the interval does not depend on how long the answer takes.
  const wait = isRegistering(target, group, ctx.now)
    ? REGISTRATION_CHECK_SECONDS
    : group.healthCheck.intervalSeconds;
  ctx.timers.set(timer.subject, checkTimer, nextCheck(timer.due, ctx.now, wait));
  return probeOf(timer.subject, group, target);
}

export function onProbed(ctx: Context, state: Elbv2State, { probes }: ProbedEvent): void {
  for (const probed of probes) onOutcome(ctx, state, probed);
}

function onOutcome(ctx: Context, state: Elbv2State, { target: key, registration, outcome }: Probed): void {
  const target = state.targets.get(key);
  const group = target && state.targetGroups.get(target.targetGroupArn);
  if (!target || !group || target.registration !== registration) return;
  const { status } = target;
  if (status.state === 'draining' || status.state === 'unused') return;
  if (isRegistering(target, group, ctx.now)) {
    if (outcome.kind === 'failed') return;
    ctx.timers.set(key, checkTimer, after(ctx.now, group.healthCheck.intervalSeconds));
  }
  const started = apply(ctx, state, target, { kind: 'checkStarted' });
  apply(ctx, state, started, eventOf(outcome, group.healthCheck.matcher));
}

function isRegistering(
  { status, initialSince }: TargetRecord,
  { healthCheck }: TargetGroupRecord,
  now: Instant,
): boolean {
  if (status.state !== 'initial' || status.reason !== 'Elb.RegistrationInProgress') return false;
  return now < after(initialSince, healthCheck.intervalSeconds);
}

/** After a restart nothing is known of the targets: their health starts anew. */
export function restartChecks(ctx: Context, state: Elbv2State): void {
  for (const target of [...state.targets.values()]) {
    if (target.status.state === 'unused' || target.status.state === 'draining') continue;
    const key = targetKey(target.targetGroupArn, target.id, target.port);
    const registration = ctx.random.hex(8);
    const { slowStartSince: _, ...rest } = target;
    ctx.timers.cancel(key, 'slowStart');
    state.targets.put(key, { ...rest, status: registering, initialSince: ctx.now, registration });
    scheduleFirstCheck(ctx, key);
  }
}

/** Writes the status that follows, with what comes with it: timers, and word to the balancer. Returns the new record. */
function apply(ctx: Context, state: Elbv2State, target: TargetRecord, event: TargetEvent): TargetRecord {
  const group = state.targetGroups.get(target.targetGroupArn);
  if (!group) return target;
  const status = next(target.status, event, group.healthCheck);
  if (status === target.status) return target;
  const key = targetKey(target.targetGroupArn, target.id, target.port);
  const isNew = status.state === 'initial' && target.status.state !== 'initial';
  if (status.state === target.status.state) {
    const same = { ...target, status };
    state.targets.put(key, same);
    return same;
  }
  const { slowStartSince: _, ...rest } = target;
  ctx.timers.cancel(key, 'slowStart');
  const begun = { ...rest, status, ...(isNew && { initialSince: ctx.now }) };
  const changed = slowlyStarted(ctx, state, group, target, begun);
  state.targets.put(key, changed);
  if (isNew && target.status.state === 'unused') scheduleFirstCheck(ctx, key);
  if (status.state === 'draining' || status.state === 'unused') ctx.timers.cancel(key, checkTimer);
  configureUsers(ctx, state, target.targetGroupArn);
  return changed;
}

/** A target that becomes healthy, with its slow start begun if it has one. */
function slowlyStarted(
  ctx: Context,
  state: Elbv2State,
  group: TargetGroupRecord,
  before: TargetRecord,
  target: TargetRecord,
): TargetRecord {
  if (target.status.state !== 'healthy') return target;
  const seconds = slowStartSecondsOf(group.attributes);
  const candidate = { isRecovered: before.status.state === 'unhealthy', isFirst: target.isFirst === true };
  const others = targetsOf(state, group.arn)
    .filter(({ id, port }) => id !== target.id || port !== target.port)
    .map(({ status, slowStartSince }) => ({
      state: status.state,
      ...(slowStartSince !== undefined && { slowStartSince }),
    }));
  if (!startsSlowly(seconds, candidate, others)) return target;
  const next = nextSlowStartStep(ctx.now, seconds, ctx.now);
  if (next !== undefined) ctx.timers.set(targetKey(group.arn, target.id, target.port), 'slowStart', next);
  return { ...target, slowStartSince: ctx.now };
}

function continueSlowStart(
  ctx: Context,
  state: Elbv2State,
  key: string,
  target: TargetRecord,
  durationSeconds: number,
): void {
  const { slowStartSince, ...rest } = target;
  if (slowStartSince === undefined) return;
  const next = nextSlowStartStep(slowStartSince, durationSeconds, ctx.now);
  if (next === undefined) state.targets.put(key, rest);
  else ctx.timers.set(key, 'slowStart', next);
}

/** Chosen: targets in slow start get their whole share when it is switched off. */
export function endSlowStarts(
  ctx: Context,
  state: Elbv2State,
  targetGroupArn: string,
  attributes: Attributes,
): void {
  if (slowStartSecondsOf(attributes) > 0) return;
  for (const target of targetsOf(state, targetGroupArn)) {
    const key = targetKey(targetGroupArn, target.id, target.port);
    ctx.timers.cancel(key, 'slowStart');
    continueSlowStart(ctx, state, key, target, 0);
  }
}

function slowStartSecondsOf(attributes: Attributes): number {
  return Number(attributeOf(targetGroupAttributes, attributes, 'slow_start.duration_seconds'));
}

function forget(ctx: Context, state: Elbv2State, key: string): void {
  ctx.timers.drop(key);
  state.targets.delete(key);
}

function configureUsers(ctx: Context, state: Elbv2State, targetGroupArn: string): void {
  for (const loadBalancer of loadBalancersUsing(state, targetGroupArn)) configure(ctx, state, loadBalancer);
}

function scheduleFirstCheck(ctx: Context, key: string): void {
  ctx.timers.set(key, checkTimer, after(ctx.now, REGISTRATION_CHECK_SECONDS));
}

/** The first of the regular moments that is still to come: after a stop of the clock, checks are not made up for. */
function nextCheck(due: Instant, now: Instant, intervalSeconds: number): Instant {
  const missed = Math.floor((now - due) / (intervalSeconds * 1000));
  return after(due, (Math.max(0, missed) + 1) * intervalSeconds);
}

function probeOf(
  key: string,
  { healthCheck, protocolVersion }: TargetGroupRecord,
  target: TargetRecord,
): Probe {
  const port = healthCheck.port === 'traffic-port' ? target.port : Number(healthCheck.port);
  const { path, timeoutSeconds } = healthCheck;
  const { id: ip, registration } = target;
  return {
    target: key,
    registration,
    request: { ip, port, path, timeoutSeconds, ...(protocolVersion && { protocolVersion }) },
  };
}

// Confirmed by docs: reason codes and descriptions.
function eventOf(outcome: ProbeOutcome, matcher: string): TargetEvent {
  switch (outcome.kind) {
    case 'answered':
      if (matchesCode(matcher, outcome.statusCode)) return { kind: 'checkPassed' };
      return {
        kind: 'checkFailed',
        reason: 'Target.ResponseCodeMismatch',
        description: `Health checks failed with these codes: [${outcome.statusCode}]`,
      };
    case 'timedOut':
      return { kind: 'checkFailed', reason: 'Target.Timeout', description: 'Request timed out' };
    case 'failed':
      return {
        kind: 'checkFailed',
        reason: 'Target.FailedHealthChecks',
        description: 'Health checks failed',
      };
  }
}
