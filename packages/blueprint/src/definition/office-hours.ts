export type Weekday = 'MON' | 'TUE' | 'WED' | 'THU' | 'FRI' | 'SAT' | 'SUN';

/** Hours of the week during which the service runs; outside of them no task runs. */
export interface Schedule {
  /** 24-hour time 'HH:MM' at which the tasks are started. */
  readonly start: `${number}:${number}`;
  /** 24-hour time 'HH:MM' at which the tasks are stopped, later than `start`. */
  readonly end: `${number}:${number}`;
  /** One day or a range, as cron writes them: 'MON-FRI'. */
  readonly days: Weekday | `${Weekday}-${Weekday}`;
  /** IANA name of the time zone of both times: 'Europe/Berlin', 'UTC'. */
  readonly timezone: string;
}

/**
 * The service runs from `start` to `end` on `days`, and not at all otherwise. Checked with the rest of the definition.
 * @example officeHours('08:00', '18:00', 'MON-FRI', 'Europe/Berlin')
 */
export function officeHours(
  start: Schedule['start'],
  end: Schedule['end'],
  days: Schedule['days'] = 'MON-FRI',
  timezone = 'UTC',
): Schedule {
  return { start, end, days, timezone };
}
