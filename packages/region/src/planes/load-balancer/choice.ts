/** Which target group and which target a request goes to, and the cookies that lead the client there again. */
import type { RuleActionConfiguration } from '../../services/elbv2/ports.ts';
import type { CookieSeal } from './cookie-seal.ts';
import { headerValues } from './header-values.ts';
import type { RequestHead } from './request-head.ts';
import { type CookieMoment, groupCookies, stickyGroup, targetCookies, targetSessions } from './stickiness.ts';
import type { Target, TargetGroup } from './targets.ts';

export type ForwardAction = Extract<RuleActionConfiguration, { kind: 'forward' }>;

export interface Choice {
  readonly group: TargetGroup;
  /** Undefined: 503. */
  readonly target: Target | undefined;
  /** The Set-Cookie lines of the answer, made from its header lines. Absent without stickiness. */
  readonly cookies?: (fields: string) => string;
}

/** What a choice needs of the load balancer. */
export interface Chooser {
  readonly seal: CookieSeal;
  groupOf(targetGroupArn: string): TargetGroup | undefined;
  /** A group by the weights of the action. */
  weighted(action: ForwardAction): TargetGroup | undefined;
}

export function choose(
  chooser: Chooser,
  action: ForwardAction,
  head: RequestHead,
  moment: CookieMoment,
): Choice | undefined {
  if (action.stickinessSeconds === undefined) {
    const group = chooser.weighted(action);
    if (!group) return undefined;
    return group.stickiness
      ? stickyChoice(chooser, group, headerValues(head, 'cookie'), moment)
      : { group, target: group.choose() };
  }
  const cookies = headerValues(head, 'cookie');
  const known = stickyGroup(chooser.seal, cookies, action.targetGroups, moment.nowMs);
  const group = known === undefined ? chooser.weighted(action) : chooser.groupOf(known);
  if (!group) return undefined;
  const { target, cookies: ofTarget } = stickyChoice(chooser, group, cookies, moment);
  const ofGroup = groupCookies(chooser.seal, group.targetGroupArn, action.stickinessSeconds, moment);
  return { group, target, cookies: (fields) => ofGroup + (ofTarget?.(fields) ?? '') };
}

function stickyChoice(
  { seal }: Chooser,
  group: TargetGroup,
  cookies: readonly string[],
  moment: CookieMoment,
): Choice {
  const { stickiness, targetGroupArn } = group;
  if (!stickiness) return { group, target: group.choose() };
  const sessions = targetSessions(seal, cookies, stickiness, targetGroupArn, moment.nowMs);
  const known = sessions.session && group.eligibleTarget(sessions.session.target);
  if (!known) group.counters.add('NonStickyRequestCount');
  const target = known ?? group.choose();
  if (!target) return { group, target };
  const chosen = { targetGroupArn, target: target.key };
  return {
    group,
    target,
    cookies: (fields) => targetCookies(seal, stickiness, sessions, chosen, fields, moment),
  };
}
