import { ClockError, clockText, highestRate } from './drivers/clock.ts';
import type { ClockDriver } from './drivers/clock-driver.ts';
import { after, type Instant, instant } from './kernel/instant.ts';
import { LocalRefusal } from './local-refusal.ts';

/** What `GET /_plimsoll/clock` answers. */
export interface ClockReading {
  /** The region's time, ISO 8601. */
  readonly now: string;
  /** Seconds of the region in one second of the machine; 0: it stands still. */
  readonly rate: number;
  /** The machine's time, ISO 8601. */
  readonly machine: string;
  /** Where it is being advanced to, if it is. */
  readonly advancingTo?: string;
}

/** What `POST /_plimsoll/clock` takes: exactly one of these. */
export interface ClockChange {
  /** Jump to this time, ISO 8601. What fell due meanwhile is run once, late. */
  readonly set?: string;
  /** Go on by so many seconds, from deadline to deadline; answered when it is there. */
  readonly advance?: number;
  /** Seconds of the region in one second of the machine, 0 to 1000. */
  readonly rate?: number;
}

/** The region's clock as a user moves it. `keep` stores how it goes, before a change is answered. */
export class ClockApi {
  readonly #driver: ClockDriver;
  readonly #keep: () => Promise<void>;

  constructor(driver: ClockDriver, keep: () => Promise<void>) {
    this.#driver = driver;
    this.#keep = keep;
  }

  read(): ClockReading {
    const { region, machine, rate } = this.#driver.setting;
    const { advancingTo } = this.#driver;
    return {
      now: clockText(region),
      rate,
      machine: clockText(machine),
      ...(advancingTo !== undefined && { advancingTo: clockText(advancingTo) }),
    };
  }

  /** @throws LocalRefusal saying what was given and what is allowed */
  async change(body: unknown): Promise<ClockReading> {
    const move = this.#moveOf(body);
    try {
      await move();
    } catch (error) {
      if (error instanceof ClockError) throw new LocalRefusal(409, error.message);
      throw error;
    }
    await this.#keep();
    return this.read();
  }

  #moveOf(body: unknown): () => void | Promise<void> {
    const given = typeof body === 'object' && body !== null ? Object.entries(body) : [];
    const [name, value] = given[0] ?? [];
    if (given.length === 1 && name === 'set') {
      const to = instantOf(value);
      return () => this.#driver.set(to);
    }
    if (given.length === 1 && name === 'advance') {
      const seconds = numberOf('advance', value, { from: 0, to: 366 * 86_400, unit: 'seconds' });
      return () => this.#driver.advance(after(this.#driver.now(), seconds));
    }
    if (given.length === 1 && name === 'rate') {
      const rate = numberOf('rate', value, {
        from: 0,
        to: highestRate,
        unit: 'seconds of the region a second',
      });
      return () => this.#driver.setRate(rate);
    }
    throw new LocalRefusal(
      400,
      `One of {"set": time}, {"advance": seconds}, {"rate": number} was expected, ${JSON.stringify(body) ?? 'nothing'} was given.`,
    );
  }
}

const ISO = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Chosen: since the clock never goes back, a slip of the year would spoil a home for good. */
const latestYear = 2100;

/** @throws LocalRefusal */
export function instantOf(value: unknown): Instant {
  const [, day = ''] = (typeof value === 'string' && ISO.exec(value)) || [];
  const at = typeof value === 'string' && isDay(day) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new LocalRefusal(
      400,
      `A time such as 2026-11-27T17:58:00Z or 2026-11-27T17:58+01:00 was expected, ${JSON.stringify(value)} was given.`,
    );
  }
  if (at < Date.UTC(1970, 0) || at >= Date.UTC(latestYear, 0)) {
    throw new LocalRefusal(
      400,
      `A time from 1970 to ${latestYear - 1} was expected, ${JSON.stringify(value)} was given.`,
    );
  }
  return instant(at);
}

/** The 30th of February parses as the 2nd of March. */
function isDay(day: string): boolean {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}

function numberOf(
  name: string,
  value: unknown,
  { from, to, unit }: { readonly from: number; readonly to: number; readonly unit: string },
): number {
  if (typeof value === 'number' && value >= from && value <= to) return value;
  throw new LocalRefusal(
    400,
    `${name} must be ${from} to ${to} ${unit}, ${JSON.stringify(value)} was given.`,
  );
}
