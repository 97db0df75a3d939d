import { Interrupted, messageOf, UserError } from '../errors.ts';
import { pause } from '../wait.ts';

/** The stack is complete by then: only the way through the load balancer is left. */
const limitMs = 60_000;

export interface Readiness {
  /** Without a slash at the end. */
  readonly url: string;
  /** No task is wanted, so that nothing is to answer. */
  readonly isAtZero: boolean;
}

/**
 * Waits until the service answers 200, or is found to have no task on purpose.
 * @param options.url tells where it is, as far as that is known yet
 * @throws UserError with what it answered last
 */
export async function whenHealthy(options: {
  readonly url: () => Promise<string>;
  readonly isAtZero: () => Promise<boolean>;
  readonly path: string;
  readonly signal: AbortSignal;
}): Promise<Readiness> {
  const end = performance.now() + limitMs;
  for (let look = performance.now(); ; ) {
    const url = (await options.url()).replace(/\/$/, '');
    const answer = await ask(`${url}${options.path}`, options.signal);
    if (answer === 200) return { url, isAtZero: false };
    if (performance.now() >= look) {
      if (await options.isAtZero()) return { url, isAtZero: true };
      look = performance.now() + 1_000;
    }
    if (performance.now() > end) {
      throw new UserError([
        `${url}${options.path} does not answer 200 after a minute; last: ${answer}.`,
        'See what the tasks say: plimsoll status, plimsoll logs',
      ]);
    }
    await pause(50, options.signal);
  }
}

async function ask(url: string, signal: AbortSignal): Promise<number | string> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(3_000)]);
    const response = await fetch(url, { redirect: 'manual', signal: limit });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    const { cause } = error as { cause?: unknown };
    return messageOf(cause ?? error);
  }
}
