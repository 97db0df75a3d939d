import { Interrupted, messageOf } from '../errors.ts';
import type { Terminal } from '../render/terminal.ts';
import type { BackgroundLoad } from './background-load.ts';
import type { OwnRegion } from './own-region.ts';
import type { RehearsalStep } from './rehearsal.ts';
import { stepLine } from './rehearsal-text.ts';

/** Chosen: the longest step of a service with a database takes a tenth of it. */
const limitMs = 5 * 60_000;
/** What takes longer waits for policy, such as grace periods. From then on the region's clock goes faster. */
const patienceMs = 20_000;
const hurriedRate = 5;
const lookMs = 1_000;

export interface StepOptions {
  /** Seconds of the region's clock in one of the machine, from the start. Default: 1, and more for what takes long. */
  readonly rate?: number;
  readonly region?: OwnRegion;
}

/** Takes the steps of a rehearsal one after the other, and keeps what was seen. */
export class Steps {
  readonly #signal: AbortSignal;
  readonly #load: BackgroundLoad;
  readonly #terminal: Terminal | undefined;
  readonly #taken: RehearsalStep[] = [];

  constructor(parts: {
    readonly signal: AbortSignal;
    readonly load: BackgroundLoad;
    /** Where the steps are told; absent: nowhere. */
    readonly terminal: Terminal | undefined;
  }) {
    this.#signal = parts.signal;
    this.#load = parts.load;
    this.#terminal = parts.terminal;
  }

  get taken(): readonly RehearsalStep[] {
    return this.#taken;
  }

  /** Whether all went well. */
  get isPassed(): boolean {
    return this.#taken.every(({ ok }) => ok);
  }

  /**
   * @param work gets a signal that ends it when it takes too long, and answers what was seen
   * @returns whether it went well
   * @throws Interrupted
   */
  async take(
    name: string,
    work: (signal: AbortSignal) => Promise<string>,
    { region, rate = 1 }: StepOptions = {},
  ): Promise<boolean> {
    const began = performance.now();
    const failedBefore = this.#load.failed;
    const limit = AbortSignal.timeout(limitMs);
    await region?.setRate(rate);
    const patience = region && hurry(region, rate);
    let ok = true;
    const text = await work(AbortSignal.any([this.#signal, limit]))
      .catch((error: unknown) => {
        ok = false;
        if (this.#signal.aborted) throw error instanceof Interrupted ? error : new Interrupted();
        return limit.aborted ? `It has not ended after ${limitMs / 60_000} minutes.` : messageOf(error);
      })
      .finally(() => patience?.end());
    const failed = this.#load.failed - failedBefore;
    this.#end({
      name,
      seconds: Math.round((performance.now() - began) / 100) / 10,
      ok: ok && failed === 0,
      text: failed === 0 ? text : `${text}\n${failed} requests failed meanwhile.`,
    });
    return ok;
  }

  #end(step: RehearsalStep): void {
    this.#taken.push(step);
    this.#terminal?.print(this.#terminal.paint(step.ok ? 'green' : 'red', stepLine(step)));
  }
}

/** Has the region's clock go faster where only policy is waited for. */
function hurry(region: OwnRegion, rate: number): { end(): void } {
  let current = rate;
  let isOver = false;
  const atLeast = (faster: number): void => {
    if (isOver || faster <= current) return;
    current = faster;
    void region.setRate(faster).catch(() => {});
  };
  const late = setTimeout(() => atLeast(hurriedRate), patienceMs);
  const look = setInterval(() => {
    region.isBaking().then(
      (isBaking) => isBaking && atLeast(region.fastRate),
      () => {},
    );
  }, lookMs);
  return {
    end() {
      isOver = true;
      clearTimeout(late);
      clearInterval(look);
    },
  };
}
