/** Health checks on the region's clock: those that are due together are probed together, each outcome is an event of the table. */
import type { Context } from '../../kernel/context.ts';
import { after, type Instant } from '../../kernel/instant.ts';
import type { Timer } from '../../kernel/timers.ts';
import { attributeOf, targetGroupAttributes } from './attributes.ts';
import {
  checkOnce,
  checkRegularly,
  checksOf,
  continueRound,
  isRound,
  nextMoment,
  PreparedRounds,
  type Probe,
  roundOf,
  stopChecks,
  versionOf,
} from './check-rounds.ts';
import { matchesCode } from './matcher.ts';
import type { ProbeOutcome } from './ports.ts';
import type { ProbeAction, ProbedEvent } from './probes.ts';
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
  stopChecks(ctx, state, key);
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
    else if (target.status.state === 'unavailable') scheduleFirstCheck(ctx, state, key);
  }
}

export function onTargetTimer(ctx: Context, state: Elbv2State, timer: Timer): void {
  if (isRound(timer)) {
    // A step with all that were due has thrown: the fault of one is not to cost the others their turn.
    for (const { key } of checksOf(state, timer.subject)) checkOnce(ctx, state, key, ctx.now);
    return;
  }
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

/** Timers of rounds and of single targets that are due now. */
export function check(
  ctx: Context,
  state: Elbv2State,
  timers: readonly Timer[],
  prepared = new PreparedRounds(state),
): void {
  const due: (readonly Probe[])[] = [];
  for (const timer of timers) {
    if (isRound(timer)) due.push(checkRound(ctx, state, timer, prepared));
    else {
      const probe = checkOf(ctx, state, timer.subject, timer.due);
      if (probe) due.push([probe]);
    }
  }
  const [first = [], ...others] = due;
  const probes = others.length === 0 ? first : due.flat();
  if (probes.length > 0) ctx.perform({ kind: 'probe', probes } satisfies ProbeAction);
}

function checkRound(
  ctx: Context,
  state: Elbv2State,
  timer: Timer,
  prepared: PreparedRounds,
): readonly Probe[] {
  const round = timer.subject;
  const known = prepared.get(round);
  if (known) {
    continueRound(ctx, timer);
    return known;
  }
  const { version } = state.checks;
  const checks = checksOf(state, round);
  if (checks.length === 0) {
    prepared.keep(round, []);
    return [];
  }
  continueRound(ctx, timer);
  const isWhole = checks.every(({ from }) => from <= ctx.now);
  const probes = checks
    .filter(({ from }) => from <= ctx.now)
    .flatMap(({ key }) => checkOf(ctx, state, key, timer.due) ?? []);
  if (isWhole && state.checks.version === version) prepared.keep(round, probes);
  return probes;
}

/** A check of a target, and the time of its next one. */
function checkOf(ctx: Context, state: Elbv2State, key: string, due: Instant): Probe | undefined {
  const target = state.targets.get(key);
  const group = target && state.targetGroups.get(target.targetGroupArn);
  if (!target || !group?.healthCheck.enabled) {
    stopChecks(ctx, state, key);
    if (target) apply(ctx, state, target, { kind: 'checksDisabled' });
    return undefined;
  }
  const { intervalSeconds } = group.healthCheck;
  // Confirmed by docs: the interval does not depend on how long the answer takes.
  if (isRegistering(target, group, ctx.now))
    checkOnce(ctx, state, key, nextMoment(due, ctx.now, REGISTRATION_CHECK_SECONDS));
  else checkEvery(ctx, state, key, { due, intervalSeconds });
  return probeOf(state, key, group, target);
}

/** In the round in which it is, unless the interval has been changed. */
function checkEvery(
  ctx: Context,
  state: Elbv2State,
  key: string,
  { due, intervalSeconds }: { readonly due: Instant; readonly intervalSeconds: number },
): void {
  const from = nextMoment(due, ctx.now, intervalSeconds);
  if (state.checks.get(key)?.round !== roundOf(from, intervalSeconds))
    checkRegularly(ctx, state, key, { from, intervalSeconds });
}

export function onProbed(ctx: Context, state: Elbv2State, { probes, ends }: ProbedEvent): void {
  for (const { index, outcome } of ends) {
    const probe = probes[index];
    // Most checks of most targets find what the one before has found.
    if (probe && !isAsBefore(probe, outcome, versionOf(state))) onOutcome(ctx, state, probe, outcome);
  }
}

function isAsBefore({ steadyMatcher, version }: Probe, outcome: ProbeOutcome, current: number): boolean {
  if (steadyMatcher === undefined || version !== current) return false;
  return outcome.kind === 'answered' && matchesCode(steadyMatcher, outcome.statusCode);
}

function onOutcome(ctx: Context, state: Elbv2State, probe: Probe, outcome: ProbeOutcome): void {
  const { key, registration } = probe;
  const isCurrent = probe.version === versionOf(state);
  const target = isCurrent ? probe.target : state.targets.get(key);
  const group = isCurrent ? probe.group : target && state.targetGroups.get(target.targetGroupArn);
  if (!target || !group || target.registration !== registration) return;
  const { status } = target;
  if (status.state === 'draining' || status.state === 'unused') return;
  if (isRegistering(target, group, ctx.now)) {
    if (outcome.kind === 'failed') return;
    const { intervalSeconds } = group.healthCheck;
    checkRegularly(ctx, state, key, { from: after(ctx.now, intervalSeconds), intervalSeconds });
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
    scheduleFirstCheck(ctx, state, key);
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
  if (isNew && target.status.state === 'unused') scheduleFirstCheck(ctx, state, key);
  if (status.state === 'draining' || status.state === 'unused') stopChecks(ctx, state, key);
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
  stopChecks(ctx, state, key);
  ctx.timers.drop(key);
  state.targets.delete(key);
}

function configureUsers(ctx: Context, state: Elbv2State, targetGroupArn: string): void {
  for (const loadBalancer of loadBalancersUsing(state, targetGroupArn)) configure(ctx, state, loadBalancer);
}

function scheduleFirstCheck(ctx: Context, state: Elbv2State, key: string): void {
  checkOnce(ctx, state, key, after(ctx.now, REGISTRATION_CHECK_SECONDS));
}

function probeOf(state: Elbv2State, key: string, group: TargetGroupRecord, target: TargetRecord): Probe {
  const { healthCheck, protocolVersion } = group;
  const port = healthCheck.port === 'traffic-port' ? target.port : Number(healthCheck.port);
  const { path, timeoutSeconds } = healthCheck;
  const { id: ip, registration } = target;
  const request = { ip, port, path, timeoutSeconds, ...(protocolVersion && { protocolVersion }) };
  const isSteady =
    next(target.status, passed, healthCheck) === target.status && target.status.state === 'healthy';
  const steadyMatcher = isSteady ? healthCheck.matcher : undefined;
  return { key, registration, request, target, group, steadyMatcher, version: versionOf(state) };
}

const passed: TargetEvent = { kind: 'checkPassed' };

// Confirmed by docs: reason codes and descriptions.
function eventOf(outcome: ProbeOutcome, matcher: string): TargetEvent {
  switch (outcome.kind) {
    case 'answered':
      if (matchesCode(matcher, outcome.statusCode)) return passed;
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
