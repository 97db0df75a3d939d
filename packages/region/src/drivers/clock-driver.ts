import type { Instant } from '../kernel/instant.ts';
import { instant } from '../kernel/instant.ts';
import type { Kernel } from '../kernel/kernel.ts';
import {
  atRate,
  ClockError,
  type ClockSetting,
  cannotGoBack,
  clockText,
  isMachineTime,
  readClock,
} from './clock.ts';

export interface ClockDriverOptions {
  readonly setting: ClockSetting;
  /** The machine's clock, in milliseconds since 1970. */
  readonly machine: () => number;
  /** Whether processes or databases are starting or stopping: they do it in the machine's time. */
  readonly isSettling: () => boolean;
}

/** What `advance` leaves planes that are settling: so many seconds of the region in one of the machine. */
const SETTLING_RATE = 20;
/** How long `advance` waits for effects that a deadline started before it goes on at `SETTLING_RATE`. */
const PATIENCE_MS = 250;
/** How late a deadline may be run, in the machine's time: beyond it the machine was asleep or cannot keep up. */
const LATEST_MS = 1_000;

/**
 * Moves the region's clock: with the machine's, at another rate, not at all, or by hand. It sleeps until the next deadline
 * and then runs what is due. The clock never reads past a deadline that has not been run, so a busy machine makes steps
 * late, not wrong. A machine that slept: at its own pace the clock jumps, at any other rate it goes on where it was.
 */
export class ClockDriver {
  readonly #options: ClockDriverOptions;
  #setting: ClockSetting;
  /** The rate that was asked for: while the clock is advanced by hand it stands still. */
  #rate: number;
  #kernel: Kernel | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #deadline: Instant | undefined;
  /** The clock never goes back. */
  #latest: Instant;
  #advancingTo: Instant | undefined;
  #closed = false;

  constructor(options: ClockDriverOptions) {
    this.#options = options;
    this.#setting = options.setting;
    this.#rate = options.setting.rate;
    this.#latest = this.#flow();
  }

  now(): Instant {
    const flow = this.#flow();
    const reading = this.#deadline !== undefined && this.#deadline < flow ? this.#deadline : flow;
    if (reading > this.#latest) this.#latest = reading;
    return this.#latest;
  }

  /** As it stands: for what tells it and for what keeps it over a restart. */
  get setting(): ClockSetting {
    return { region: this.now(), machine: this.#options.machine(), rate: this.#rate };
  }

  /** Whether the region's time is not, or not always, the machine's. */
  get isMoved(): boolean {
    return this.#advancingTo !== undefined || !isMachineTime(this.#setting);
  }

  get advancingTo(): Instant | undefined {
    return this.#advancingTo;
  }

  start(kernel: Kernel): void {
    this.#kernel = kernel;
    this.wake();
  }

  /** The next deadline may have changed. */
  wake(): void {
    clearTimeout(this.#timeout);
    this.#deadline = this.#kernel?.nextDeadline();
    const { rate } = this.#setting;
    if (this.#deadline === undefined || rate === 0 || this.#advancingTo !== undefined || this.#closed) return;
    // setTimeout's limit is 2^31-1 ms; a longer wait is taken in several sleeps.
    const wait = Math.min(Math.max((this.#deadline - this.#flow()) / rate, 0), 2 ** 31 - 1);
    this.#timeout = setTimeout(() => this.#runDue(), wait);
  }

  /** @param rate seconds of the region in one second of the machine; 0 stops the clock */
  setRate(rate: number): void {
    this.#assertFree();
    if (rate === this.#rate) return;
    this.#setting = { ...this.setting, rate };
    this.#rate = rate;
    this.wake();
  }

  /** Jumps: what fell due meanwhile is run once, in its order, late. @throws ClockError into the past */
  set(to: Instant): void {
    this.#assertFree();
    const now = this.now();
    if (to < now) throw cannotGoBack(now, to);
    this.#setting = { ...this.#setting, region: to, machine: this.#options.machine() };
    this.#latest = to;
    this.#kernel?.runDue(to);
    this.wake();
  }

  /**
   * Goes from deadline to deadline, and on only when what each one started has happened. While tasks or databases are
   * starting or stopping, it goes at most 20 times as fast as the machine's clock.
   */
  async advance(to: Instant): Promise<void> {
    this.#assertFree();
    if (to < this.now()) throw cannotGoBack(this.now(), to);
    this.#hold(this.now());
    this.#advancingTo = to;
    clearTimeout(this.#timeout);
    try {
      await this.#stepTo(to);
    } finally {
      this.#advancingTo = undefined;
      this.#setting = atRate(this.#setting, this.#rate, this.#options.machine());
      this.wake();
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timeout);
  }

  async #stepTo(to: Instant): Promise<void> {
    let movedAt = this.#options.machine();
    while (!this.#closed) {
      const isQuiet = await this.#becomesQuiet();
      const deadline = this.#kernel?.nextDeadline();
      const next = deadline !== undefined && deadline < to ? deadline : to;
      const held = this.#setting.region;
      const reach = held + (this.#options.machine() - movedAt) * SETTLING_RATE;
      if (!isQuiet && next > reach) {
        this.#moveTo(reach);
        movedAt = this.#options.machine();
        await new Promise((resolve) => setTimeout(resolve, 10));
        continue;
      }
      this.#moveTo(Math.max(next, held));
      movedAt = this.#options.machine();
      if (deadline === undefined || deadline > to) {
        if (isQuiet) return;
        if (held >= to) return;
        continue;
      }
      this.#kernel?.runDue(instant(this.#setting.region));
    }
  }

  #moveTo(region: number): void {
    this.#hold(instant(Math.floor(region)));
    this.now();
  }

  async #becomesQuiet(): Promise<boolean> {
    let patience: NodeJS.Timeout | undefined;
    const settled = await Promise.race([
      this.#kernel?.settled().then(() => true),
      new Promise<false>((resolve) => {
        patience = setTimeout(() => resolve(false), PATIENCE_MS);
      }),
    ]);
    clearTimeout(patience);
    return settled === true && !this.#options.isSettling();
  }

  #runDue(): void {
    const lateBy = this.#deadline === undefined ? 0 : this.#flow() - this.#deadline;
    const { rate } = this.#setting;
    if (lateBy > LATEST_MS * rate) this.#catchUp(lateBy);
    for (let due = this.#deadline; due !== undefined && due <= this.#flow(); due = this.#deadline) {
      if (due > this.#latest) this.#latest = due;
      this.#kernel?.runDue(this.#latest);
      this.#deadline = this.#kernel?.nextDeadline();
    }
    this.wake();
  }

  #catchUp(lateBy: number): void {
    const { rate, region } = this.#setting;
    if (rate === 1) this.#latest = this.#flow();
    else this.#setting = { ...this.#setting, region: region - (lateBy - LATEST_MS * rate) };
  }

  #flow(): Instant {
    return readClock(this.#setting, this.#options.machine());
  }

  #hold(at: Instant): void {
    this.#setting = { region: at, machine: this.#options.machine(), rate: 0 };
  }

  #assertFree(): void {
    if (this.#advancingTo === undefined) return;
    throw new ClockError(
      `The region's clock is being advanced to ${clockText(this.#advancingTo)}; try again then.`,
    );
  }
}
