/**
 * Alarms that watch a deployment: while one of them is in ALARM, the deployment has failed. Pure but for the states that
 * are handed in.
 *
 * Confirmed by docs: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
import type { DeploymentAlarms } from '@aws-sdk/client-ecs';
import { after, type Instant } from '../../kernel/instant.ts';
import type { Written } from '../../kernel/table.ts';
import type { WatchedAlarm } from '../cloudwatch/views.ts';

/** How the alarms of one deployment stand. */
export interface AlarmWatch {
  /** `off`: one was in ALARM when the deployment began, so that it tells nothing of it. */
  readonly status: 'on' | 'off';
  /** All is healthy and the old tasks are gone; watched until then. */
  readonly bakesUntil?: Instant;
}

export type FindAlarm = (name: string) => WatchedAlarm | undefined;

/** Known: under 5 minutes by default; AWS computes it from the alarms and publishes no formula. */
const longestBakeSeconds = 300;

/**
 * Chosen: a service's first deployment is not watched, since it has nothing to be compared with and nowhere to go back to.
 * @returns undefined where no alarms are configured
 */
export function beginWatch(
  configured: DeploymentAlarms | undefined,
  isFirst: boolean,
  find: FindAlarm,
): AlarmWatch | undefined {
  if (configured?.enable !== true || isFirst) return undefined;
  return { status: triggered(configured, find).length > 0 ? 'off' : 'on' };
}

/** The names of those that are in ALARM. */
export function triggered(configured: DeploymentAlarms | undefined, find: FindAlarm): string[] {
  return (configured?.alarmNames ?? []).filter((name) => find(name)?.state === 'ALARM');
}

/** Periods begin with the clock's minutes, not with a deployment, and are known some seconds after their end. */
const alignmentSeconds = 70;

/** Chosen: as long as the slowest of the alarms needs to see what begins now, at most five minutes. */
export function bakeUntil(configured: DeploymentAlarms | undefined, find: FindAlarm, now: Instant): Instant {
  const windows = (configured?.alarmNames ?? []).map((name) => find(name)?.windowSeconds ?? 0);
  const longest = Math.max(0, ...windows);
  return after(now, longest === 0 ? 0 : Math.min(longestBakeSeconds, longest + alignmentSeconds));
}

/** The alarms that a step wrote. */
export function writtenAlarms(written: readonly Written[], alarmsTable: string): ReadonlySet<string> {
  return new Set(written.filter(({ table }) => table === alarmsTable).map(({ key }) => key));
}
