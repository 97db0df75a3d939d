import { type Instant, instant } from '../../../kernel/instant.ts';
import { invalidParameterValue } from '../errors.ts';

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** When a weekly window such as `sun:03:00-sun:03:30` (UTC) opens next. */
export function nextWindow(window: string, now: Instant): Instant {
  const found = /^(\w{3}):(\d\d):(\d\d)-\w{3}:\d\d:\d\d$/.exec(window.toLowerCase());
  const day = days.indexOf(found?.[1] ?? '');
  if (!found || day < 0) throw invalidParameterValue(`Invalid maintenance window format: ${window}`);
  const inDay = (Number(found[2]) * 60 + Number(found[3])) * minuteMs;
  // 1970-01-04 was a Sunday.
  const firstOpening = (3 + day) * dayMs + inDay;
  const weekMs = 7 * dayMs;
  const weeks = Math.floor((now - firstOpening) / weekMs) + 1;
  return instant(firstOpening + weeks * weekMs);
}
