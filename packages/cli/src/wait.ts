import { setTimeout as delay } from 'node:timers/promises';
import { Interrupted } from './errors.ts';

/** Waits, unless the user ends the command. @throws Interrupted */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    throw new Interrupted();
  }
}

/** The promise's value within the limit, else undefined; what it does later is of no interest. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const limit = delay(milliseconds, undefined, { signal: controller.signal }).catch(() => undefined);
  try {
    return await Promise.race([promise, limit]);
  } finally {
    controller.abort();
  }
}
