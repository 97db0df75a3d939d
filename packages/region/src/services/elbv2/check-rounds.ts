/**
 * When health checks are due. A target that has answered once is checked every so many seconds: all targets with the same
 * interval whose moments are the same are one round, which has one timer. A round knows its probes until a target, a target
 * group or the round itself is written; before a target's first answer it has a timer of its own.
 */
import type { Context } from '../../kernel/context.ts';
import { after, type Instant } from '../../kernel/instant.ts';
import type { Timer } from '../../kernel/timers.ts';
import type { ProbeRequest } from './ports.ts';
import type { CheckRecord, Elbv2State, TargetGroupRecord, TargetRecord } from './state.ts';

/** The timer of a round, or of a target's next check. It is not stored: `restartChecks` sets it. */
export const checkTimer = 'healthCheck';

/** Has one check made of a target, outside of all rounds. */
export function checkOnce(ctx: Context, state: Elbv2State, key: string, due: Instant): void {
  state.checks.delete(key);
  ctx.timers.set(key, checkTimer, due);
}

/** Has a target checked at the regular moments of which `from` is the first. */
export function checkRegularly(
  ctx: Context,
  state: Elbv2State,
  key: string,
  { from, intervalSeconds }: { readonly from: Instant; readonly intervalSeconds: number },
): void {
  ctx.timers.cancel(key, checkTimer);
  const round = roundOf(from, intervalSeconds);
  state.checkIndex.note(key, round);
  state.checks.put(key, { key, round, from });
  if (ctx.timers.due(round, checkTimer) === undefined) ctx.timers.set(round, checkTimer, from);
}

export function stopChecks(ctx: Context, state: Elbv2State, key: string): void {
  state.checks.delete(key);
  ctx.timers.cancel(key, checkTimer);
}

const roundPrefix = 'round ';

export function roundOf(from: Instant, intervalSeconds: number): string {
  return `${roundPrefix}${intervalSeconds} ${from % (intervalSeconds * 1000)}`;
}

export function isRound({ subject }: Pick<Timer, 'subject'>): boolean {
  return subject.startsWith(roundPrefix);
}

/** Sets the round's next moment. */
export function continueRound(ctx: Context, { subject, due }: Timer): void {
  const [seconds] = subject.slice(roundPrefix.length).split(' ');
  ctx.timers.set(subject, checkTimer, nextMoment(due, ctx.now, Number(seconds)));
}

/** The first of the regular moments that is still to come: after a stop of the clock, checks are not made up for. */
export function nextMoment(due: Instant, now: Instant, intervalSeconds: number): Instant {
  const missed = Math.floor((now - due) / (intervalSeconds * 1000));
  return after(due, (Math.max(0, missed) + 1) * intervalSeconds);
}

/** One check. What it says of the target holds while `version` does. */
export interface Probe {
  readonly key: string;
  readonly registration: string;
  readonly request: ProbeRequest;
  readonly target: TargetRecord;
  readonly group: TargetGroupRecord;
  /** The codes that change nothing of it; undefined: another outcome than before may. */
  readonly steadyMatcher: string | undefined;
  readonly version: number;
}

/** Changes with every write of a target or a target group. */
export function versionOf({ targets, targetGroups }: Elbv2State): number {
  return targets.version + targetGroups.version;
}

interface Prepared {
  readonly version: number;
  /** Of the table of checks. */
  readonly checksVersion: number;
  readonly probes: readonly Probe[];
}

/** What the rounds are made of, as long as nothing of it is written. */
export class PreparedRounds {
  readonly #state: Elbv2State;
  readonly #rounds = new Map<string, Prepared>();

  constructor(state: Elbv2State) {
    this.#state = state;
  }

  /** The probes of a round that is due now, where nothing is written and each is one as the last time. */
  get(round: string): readonly Probe[] | undefined {
    const known = this.#rounds.get(round);
    const { checks } = this.#state;
    const isCurrent = known?.checksVersion === checks.version && known.version === versionOf(this.#state);
    return isCurrent ? known.probes : undefined;
  }

  /** @param probes all of the round, of which none has to wait for its first moment */
  keep(round: string, probes: readonly Probe[]): void {
    if (probes.length === 0) this.#rounds.delete(round);
    else
      this.#rounds.set(round, {
        version: versionOf(this.#state),
        checksVersion: this.#state.checks.version,
        probes,
      });
  }
}

/** The targets of a round, in the order in which they joined it. */
export function checksOf(state: Elbv2State, round: string): readonly CheckRecord[] {
  return state.checkIndex.of(round);
}
