import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import { performActions } from './actions.ts';
import { writeJson } from './json.ts';
import { childrenOf, holds, parseRule, type Rule } from './rule.ts';
import {
  type AlarmsState,
  type CompositeAlarmConfiguration,
  type CompositeAlarmRecord,
  isCompositeAlarm,
  type Suppression,
} from './state.ts';
import { awsTime, longTime } from './times.ts';
import { enterState, type NewState } from './transition.ts';

interface ParsedRule {
  readonly rule: Rule;
  readonly children: readonly string[];
}

const parsed = new WeakMap<CompositeAlarmConfiguration, ParsedRule>();

export function ruleOf(configuration: CompositeAlarmConfiguration): ParsedRule {
  const known = parsed.get(configuration);
  if (known) return known;
  const rule = parseRule(configuration.rule);
  const made = { rule, children: childrenOf(rule) };
  parsed.set(configuration, made);
  return made;
}

/** Brings composite alarms up to what their children have become, inner ones first. */
export function settleComposites(ctx: Context, state: AlarmsState, moved: ReadonlySet<string>): void {
  if (moved.size === 0) return;
  const changed = new Set(moved);
  for (const name of compositesInnerFirst(state)) {
    const alarm = compositeNamed(state, name);
    const trigger = ruleOf(alarm.configuration).children.find((child) => changed.has(child));
    if (trigger !== undefined && evaluateComposite(ctx, state, alarm, { kind: 'child', name: trigger }))
      changed.add(name);
    const suppressor = alarm.configuration.suppressor?.alarm;
    if (suppressor !== undefined && changed.has(suppressor)) followSuppressor(ctx, state, name);
  }
}

type Cause = { readonly kind: 'child'; readonly name: string } | { readonly kind: 'created' | 'updated' };

/** @returns whether the state changed */
export function evaluateComposite(
  ctx: Context,
  state: AlarmsState,
  alarm: CompositeAlarmRecord,
  cause: Cause,
): boolean {
  if (isInCycle(state, alarm)) return false;
  const { rule, children } = ruleOf(alarm.configuration);
  const value = holds(rule, (child) => state.alarms.get(child)?.state.value) ? 'ALARM' : 'OK';
  if (value === alarm.state.value) return false;
  move(ctx, state, alarm, {
    value,
    reason: reasonOf(state, alarm, value, cause),
    reasonData: triggeringAlarms(state, children, value),
  });
  return true;
}

/** Confirmed by docs (EventBridge events of composite alarms). */
function reasonOf(state: AlarmsState, alarm: CompositeAlarmRecord, value: string, cause: Cause): string {
  if (cause.kind !== 'child')
    return `${alarm.arn} was ${cause.kind} and its alarm rule evaluates to ${value}`;
  const child = state.alarms.get(cause.name);
  if (!child) return `${cause.name} was deleted`;
  return `${child.arn} transitioned to ${child.state.value} at ${longTime(child.state.transitioned)}`;
}

/** Known: the children that are in the state which the composite entered; all of them if none is. */
function triggeringAlarms(state: AlarmsState, children: readonly string[], value: string): string {
  const all = children.flatMap((child) => state.alarms.get(child) ?? []);
  const same = all.filter((child) => child.state.value === value);
  return writeJson({
    triggeringAlarms: (same.length > 0 ? same : all).map((child) => ({
      arn: child.arn,
      state: { value: child.state.value, timestamp: awsTime(child.state.transitioned) },
    })),
  });
}

/** Into another state, with its actions now, later or not at all. */
export function move(ctx: Context, state: AlarmsState, alarm: CompositeAlarmRecord, to: NewState): void {
  const moved = enterState(ctx, state, alarm, to);
  const held = suppressionAfter(state, alarm, to);
  if (held === undefined) {
    suppress(ctx, state, moved, undefined);
    // A wait that ends where it began has nothing to tell.
    if (alarm.suppression?.acted.value !== to.value) performActions(ctx, state, moved, alarm.state);
    return;
  }
  suppress(ctx, state, moved, held);
  if (held.by === 'WaitPeriod' && alarm.suppression === undefined) {
    const { waitPeriodSeconds = 0 } = alarm.configuration.suppressor ?? {};
    ctx.timers.set(timerSubject(alarm.name), suppressionTimer, after(ctx.now, waitPeriodSeconds));
  }
}

/**
 * Confirmed by docs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm_Suppression.html
 * Chosen: only an entry into ALARM waits for the suppressor, and a return while it waits calls the wait off.
 */
function suppressionAfter(
  state: AlarmsState,
  alarm: CompositeAlarmRecord,
  to: NewState,
): Suppression | undefined {
  const { suppressor } = alarm.configuration;
  if (!suppressor) return undefined;
  const acted = alarm.suppression?.acted ?? alarm.state;
  if (state.alarms.get(suppressor.alarm)?.state.value === 'ALARM') return { by: 'Alarm', acted };
  if (alarm.suppression) {
    const isCalledOff = alarm.suppression.by === 'WaitPeriod' && acted.value === to.value;
    return isCalledOff ? undefined : alarm.suppression;
  }
  return to.value === 'ALARM' && suppressor.waitPeriodSeconds > 0 ? { by: 'WaitPeriod', acted } : undefined;
}

/** The suppressor has entered or left ALARM, or become another alarm. */
export function followSuppressor(ctx: Context, state: AlarmsState, name: string): void {
  const alarm = compositeNamed(state, name);
  const { suppressor } = alarm.configuration;
  const isSuppressing =
    suppressor !== undefined && state.alarms.get(suppressor.alarm)?.state.value === 'ALARM';
  if (isSuppressing) {
    suppress(ctx, state, alarm, { by: 'Alarm', acted: alarm.suppression?.acted ?? alarm.state });
  } else if (alarm.suppression?.by === 'Alarm') {
    const extension = suppressor?.extensionPeriodSeconds ?? 0;
    if (extension === 0) return endSuppression(ctx, state, name);
    suppress(ctx, state, alarm, { ...alarm.suppression, by: 'ExtensionPeriod' });
    ctx.timers.set(timerSubject(name), suppressionTimer, after(ctx.now, extension));
  }
}

const suppressionTimer = 'suppression';
const subjectPrefix = 'alarm:';

/** Alarms have any names, so they are told from other subjects of timers. */
export function timerSubject(alarmName: string): string {
  return `${subjectPrefix}${alarmName}`;
}

export function suppressedBy(timer: { readonly subject: string; readonly name: string }): string | undefined {
  return timer.name === suppressionTimer ? timer.subject.slice(subjectPrefix.length) : undefined;
}

/** The wait or the extension is over: the actions of the state that the alarm is in by now, unless they were performed. */
export function endSuppression(ctx: Context, state: AlarmsState, name: string): void {
  const alarm = state.alarms.get(name);
  if (!isCompositeAlarm(alarm) || !alarm.suppression) return;
  const { acted } = alarm.suppression;
  const free = suppress(ctx, state, alarm, undefined);
  if (free.state.value !== acted.value) performActions(ctx, state, free, acted);
}

/** Writes what holds the actions back, and ends a wait that is not for it. */
function suppress(
  ctx: Context,
  state: AlarmsState,
  alarm: CompositeAlarmRecord,
  suppression: Suppression | undefined,
): CompositeAlarmRecord {
  if (suppression?.by !== alarm.suppression?.by)
    ctx.timers.cancel(timerSubject(alarm.name), suppressionTimer);
  const { suppression: _before, ...free } = alarm;
  const written = suppression === undefined ? free : { ...free, suppression };
  if (suppression !== alarm.suppression) state.alarms.put(alarm.name, written);
  return written;
}

function compositeNamed(state: AlarmsState, name: string): CompositeAlarmRecord {
  const alarm = state.alarms.get(name);
  if (!isCompositeAlarm(alarm)) throw new Error(`${name} is no composite alarm`);
  return alarm;
}

/** Confirmed by API text: CloudWatch stops to evaluate alarms that depend on themselves. */
function isInCycle(state: AlarmsState, { name, configuration }: CompositeAlarmRecord): boolean {
  const seen = new Set<string>();
  const reaches = (children: readonly string[]): boolean =>
    children.some((child) => {
      if (child === name) return true;
      const alarm = state.alarms.get(child);
      if (!isCompositeAlarm(alarm) || seen.has(child)) return false;
      seen.add(child);
      return reaches(ruleOf(alarm.configuration).children);
    });
  return reaches(ruleOf(configuration).children);
}

/** Names of all composite alarms, each after those in its rule and its suppressor. A cycle is cut where it closes. */
function compositesInnerFirst(state: AlarmsState): readonly string[] {
  const ordered = new Set<string>();
  const entered = new Set<string>();
  const visit = (name: string): void => {
    const alarm = state.alarms.get(name);
    if (!isCompositeAlarm(alarm) || entered.has(name)) return;
    entered.add(name);
    for (const child of ruleOf(alarm.configuration).children) visit(child);
    if (alarm.configuration.suppressor) visit(alarm.configuration.suppressor.alarm);
    ordered.add(name);
  };
  for (const name of [...state.alarms.values()].filter(isCompositeAlarm).map((alarm) => alarm.name))
    visit(name);
  return [...ordered];
}
