import type { ConfigureOutcome, ProbeOutcome } from '../../services/elbv2/ports.ts';
import { BalancerThread, type BalancerThreadOptions } from './balancer-thread.ts';
import { BoundPorts, combined, joined } from './bound-ports.ts';
import { addedUp } from './counters.ts';
import type { ResolvedConfiguration, ResolvedProbe } from './messages.ts';

export interface BalancerNodesOptions extends Omit<BalancerThreadOptions, 'isOneOfSeveral'> {
  /** Two or more. */
  readonly workers: number;
}

const REPORT_MS = 1000;

/**
 * Several threads that accept on the same ports, each a balancer node as AWS has them: it knows every listener, rule and
 * target, chooses targets by itself, and keeps its own connections to them. They are told one thing after the other, and
 * what was told is done when all of them have done it.
 */
export class BalancerNodes {
  readonly #options: BalancerNodesOptions;
  readonly #threads: readonly BalancerThread[];
  readonly #ports = new BoundPorts();
  #turn: Promise<unknown> = Promise.resolve();
  #nextProbe = 0;
  #reporting: NodeJS.Timeout | undefined;
  #isTaking = false;

  constructor(options: BalancerNodesOptions) {
    this.#options = options;
    this.#threads = Array.from(
      { length: options.workers },
      (_, thread) =>
        new BalancerThread({
          ...options,
          isOneOfSeveral: true,
          onFailure: (error) => {
            this.#ports.lose(thread);
            options.onFailure(error);
          },
        }),
    );
  }

  configure(configuration: ResolvedConfiguration): Promise<ConfigureOutcome> {
    this.#reporting ??= setInterval(() => void this.#report(), REPORT_MS).unref();
    return this.#inTurn(() => this.#configure(configuration));
  }

  /** Nothing that is told later finds one of its ports in use; what is in flight ends meanwhile. */
  async remove(loadBalancerArn: string): Promise<void> {
    await this.#inTurn(async () => {
      await Promise.allSettled(this.#usable().map((thread) => thread.stopListening(loadBalancerArn)));
      this.#ports.forget(loadBalancerArn);
    });
    await Promise.all(this.#usable().map((thread) => thread.remove(loadBalancerArn)));
  }

  /** Each target is checked once; the threads take turns. */
  probe(probe: ResolvedProbe): Promise<ProbeOutcome> {
    const threads = this.#usable();
    this.#nextProbe = (this.#nextProbe + 1) % threads.length;
    return (threads[this.#nextProbe] as BalancerThread).probe(probe);
  }

  async close(): Promise<void> {
    clearInterval(this.#reporting);
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  async #configure(configuration: ResolvedConfiguration): Promise<ConfigureOutcome> {
    const shared = this.#ports.shared(configuration);
    const [first] = this.#usable();
    const tell = async (thread: BalancerThread, told: ResolvedConfiguration): Promise<ConfigureOutcome> => {
      const outcome = await thread.configure(told);
      this.#ports.note(this.#threads.indexOf(thread), told, outcome);
      return outcome;
    };
    const told = tell(first as BalancerThread, shared);
    const needsPort = shared.listeners.some(({ sharing }) => sharing === 'claim');
    const toJoin = needsPort ? joined(configuration, await told) : shared;
    const others = this.#usable().filter((thread) => thread !== first);
    // All are waited for, whatever becomes of one: the next turn finds none at work.
    const outcomes = await Promise.allSettled([told, ...others.map((thread) => tell(thread, toJoin))]);
    const [ofFirst, ...ofOthers] = outcomes.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason;
      return outcome.value;
    });
    return combined(ofFirst as ConfigureOutcome, ofOthers);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** One that died as soon as it was started is done without. When all did, they never answer, as one alone does not. */
  #usable(): readonly BalancerThread[] {
    const usable = this.#threads.filter((thread) => !thread.isClosed);
    return usable.length > 0 ? usable : this.#threads;
  }

  /** A thread that is slow to answer delays this report; what was counted meanwhile is in the next one. */
  async #report(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    const running = this.#threads.filter((thread) => thread.isRunning);
    const taken = await Promise.allSettled(running.map((thread) => thread.takeCounters()));
    this.#isTaking = false;
    const reports = addedUp(taken.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])));
    if (reports.length > 0) this.#options.onCounters(reports);
  }
}
