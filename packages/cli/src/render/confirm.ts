import { createInterface } from 'node:readline/promises';
import type { Host } from '../command.ts';
import { Interrupted, UserError } from '../errors.ts';

/**
 * Asks; anything but yes ends the command.
 * @throws UserError where nobody can be asked
 */
export async function confirm(host: Host, question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new UserError(`${question} There is no terminal to ask on: pass --yes.`, 2);
  const reader = createInterface({ input: process.stdin, output: process.stdout });
  // In raw mode Ctrl-C comes as a key: it is handed on as the signal that it would have been.
  reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: host.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch {
    throw new Interrupted();
  } finally {
    reader.close();
  }
  throw new UserError('Nothing was changed.');
}
