import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until it holds; fails with what was waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitSeconds = 60,
): Promise<void> {
  const end = Date.now() + limitSeconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${limitSeconds} s in vain: ${what}`);
    await pause(50);
  }
}
