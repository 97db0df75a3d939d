/**
 * How the region's clock goes, as data: a line through one point, from which any moment of the machine's clock gives the
 * region's. Pure; the driver holds it.
 */
import { type Instant, instant } from '../kernel/instant.ts';

export interface ClockSetting {
  /** What the region's clock read, in milliseconds since 1970, */
  readonly region: number;
  /** when the machine's read this. */
  readonly machine: number;
  /** Seconds of the region in one second of the machine. 0: it stands still. */
  readonly rate: number;
}

/** Chosen: what one machine can follow with real processes; the fastest that AWS's shortest waits make sense at. */
export const highestRate = 1000;

/** The machine's own time. */
const machineTime: ClockSetting = { region: 0, machine: 0, rate: 1 };

export function readClock({ region, machine, rate }: ClockSetting, at: number): Instant {
  return instant(Math.floor(region + (at - machine) * rate));
}

/** What goes on from the same reading at another rate. */
export function atRate(setting: ClockSetting, rate: number, at: number): ClockSetting {
  return { region: readClock(setting, at), machine: at, rate };
}

/**
 * The clock of a region that was down. At the machine's pace time went on meanwhile, as it does on AWS; at any other rate
 * the region's time is the time that it ran, and goes on where it was.
 */
function afterDowntime(setting: ClockSetting, at: number): ClockSetting {
  return setting.rate === 1 ? setting : { ...setting, machine: at };
}

/** Whether it is the machine's own time. */
export function isMachineTime({ region, machine, rate }: ClockSetting): boolean {
  return rate === 1 && region === machine;
}

/** A wish that the clock cannot fulfil. */
export class ClockError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ClockError';
  }
}

export function cannotGoBack(now: Instant, to: Instant): ClockError {
  return new ClockError(
    `The region's clock cannot go back: it reads ${clockText(now)}, and ${clockText(to)} was asked for. ` +
      'Only an empty home can begin at any time: plimsoll up --home FOLDER --clock TIME',
  );
}

export const clockText = (at: number): string => new Date(at).toISOString();

/**
 * The clock of a region that starts.
 * @param kept how it went when the region last ran
 * @param isEmpty whether the home holds nothing: then the clock may begin at any time
 * @param at the machine's clock
 * @throws ClockError if it would go back
 */
export function startingClock(
  kept: ClockSetting | undefined,
  isEmpty: boolean,
  wish: { readonly start?: Instant; readonly rate?: number },
  at: number,
): ClockSetting {
  const goesOn = afterDowntime(kept ?? machineTime, at);
  const rate = wish.rate ?? goesOn.rate;
  if (wish.start === undefined) return rate === goesOn.rate ? goesOn : atRate(goesOn, rate, at);
  const now = readClock(goesOn, at);
  if (!isEmpty && wish.start < now) throw cannotGoBack(now, wish.start);
  return { region: wish.start, machine: at, rate };
}
