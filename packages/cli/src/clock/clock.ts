import { type ClockReading, type RegionClock, regionClock } from '@plimsoll/region/clock-client.js';
import type { Host } from '../command.ts';
import { durationOf } from '../duration.ts';
import { Interrupted, UserError } from '../errors.ts';
import { type LocalFlags, localSession } from '../session.ts';
import { clockText } from './clock-text.ts';

type Move = (clock: RegionClock) => Promise<ClockReading>;

/** @returns the exit code */
export async function runClock(
  host: Host,
  flags: LocalFlags & { readonly json: boolean },
  action?: string,
  value?: string,
): Promise<number> {
  const move = moveOf(action, value);
  const { record } = await localSession(host, flags);
  const reading = await Promise.race([move(regionClock(record.endpoint)), interruption(host.signal)]).catch(
    (error: unknown) => {
      if (error instanceof Interrupted) throw error;
      throw new UserError(error instanceof Error ? error.message : String(error));
    },
  );
  host.terminal.print(flags.json ? JSON.stringify(reading, undefined, 2) : clockText(reading));
  return 0;
}

function moveOf(action: string | undefined, value: string | undefined): Move {
  if (action !== undefined && ['read', 'pause', 'resume'].includes(action) && value !== undefined) {
    throw new UserError(`plimsoll clock ${action}: unexpected argument '${value}'`, 2);
  }
  switch (action) {
    case undefined:
    case 'read':
      return (clock) => clock.read();
    case 'pause':
      return (clock) => clock.setRate(0);
    case 'resume':
      return (clock) => clock.setRate(1);
    case 'set':
      return (clock) => clock.set(needed('set', value, 'a time such as 2026-11-30T08:00:00Z'));
    case 'advance': {
      const text = needed('advance', value, 'how far: 90s, 3m, 1h30m, 2d');
      const seconds = durationOf(text);
      if (seconds === undefined) throw wrong('advance', text, '90s, 3m, 1h30m, 2d');
      return (clock) => clock.advance(seconds);
    }
    case 'rate': {
      const text = needed('rate', value, 'a number from 0 (it stands still) to 1000');
      const rate = Number(text);
      if (!/^\d+(\.\d+)?$/.test(text)) throw wrong('rate', text, '0 (it stands still) to 1000');
      return (clock) => clock.setRate(rate);
    }
    default:
      throw new UserError(
        [`plimsoll clock: unknown action '${action}'`, 'Actions: read, advance, set, rate, pause, resume'],
        2,
      );
  }
}

function needed(action: string, value: string | undefined, what: string): string {
  if (value !== undefined) return value;
  throw new UserError(`plimsoll clock ${action}: needs ${what}`, 2);
}

function wrong(action: string, given: string, allowed: string): UserError {
  return new UserError(`plimsoll clock ${action}: given '${given}'; allowed: ${allowed}`, 2);
}

/** Ctrl-C ends the waiting; the region goes on to where it was sent. */
function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(new Interrupted());
    signal.addEventListener('abort', () => reject(new Interrupted()), { once: true });
  });
}
