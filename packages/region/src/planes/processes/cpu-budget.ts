/**
 * How a task is held to its share of the CPU, pure: it earns its share as time passes and spends what it uses. When all is
 * spent it stands still until it has earned enough for a turn. What it does not use it keeps for one second, so that a
 * request now and then is answered at once; on Fargate a tenth of a second is the most.
 */
export interface CpuBudget {
  /** Cores: 0.25 for 256 CPU units. */
  readonly share: number;
  /** What it may use before it has to stand still, in milliseconds of CPU. Below zero: what it overdrew. */
  readonly balanceMs: number;
  readonly isStopped: boolean;
}

/**
 * Chosen: savings of one second, and debts of a fifth, which arise when an idle task wakes up between two looks or starts a
 * process unseen: nothing stands still for longer than 0.3 s. A turn is what Linux gives a container in its period of 100 ms.
 */
const savingsMs = 1000;
const debtMs = 200;
const turnMs = 100;
/** Chosen: looks reckon with a task that uses twice its share from now on, and a whole core at least. */
const fastestUse = (share: number): number => Math.max(1, 2 * share);
const shortestWaitMs = 10;

export function newBudget(share: number): CpuBudget {
  return { share, balanceMs: share * savingsMs, isStopped: false };
}

/** After it used `usedMs` of CPU in `elapsedMs`. */
export function charged(budget: CpuBudget, usedMs: number, elapsedMs: number): CpuBudget {
  const { share, isStopped } = budget;
  const earned = Math.min(share * savingsMs, budget.balanceMs + share * elapsedMs);
  const balanceMs = Math.max(earned - usedMs, -share * debtMs);
  return { share, balanceMs, isStopped: isStopped ? balanceMs < share * turnMs : balanceMs <= 0 };
}

/** When to look again: before the balance can be spent, or when a turn is earned. */
export function nextLookMs({ share, balanceMs, isStopped }: CpuBudget): number {
  const wait = isStopped ? (share * turnMs - balanceMs) / share : balanceMs / (fastestUse(share) - share);
  return Math.max(shortestWaitMs, wait);
}

/** Whether a task of this share can use more than it on this machine. */
export function needsLimit(share: number, cores: number): boolean {
  return share < cores;
}
