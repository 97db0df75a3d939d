/**
 * The data path's coarse clock: time is read a few times a second, not for every byte. Idle timeouts are judged by it, so
 * they are late by at most two ticks.
 */
export const TICK_MS = 250;

export const ticks = {
  /** Milliseconds since the epoch, at the last tick. */
  now: Date.now(),
};

export function tick(): void {
  ticks.now = Date.now();
}
