import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Host } from '../command.ts';
import { codeOf, UserError } from '../errors.ts';
import { planLines, planMarkdown } from './picture-text.ts';
import { type PlanFile, PlanRefusal, readPlan } from './plan-document.ts';

/** @returns the exit code */
export async function runShow(
  host: Host,
  flags: { readonly json: boolean; readonly markdown: boolean },
  file?: string,
): Promise<number> {
  const plan = await openPlan(host, file);
  const { terminal } = host;
  if (flags.json) terminal.print(JSON.stringify(plan, undefined, 2));
  else if (flags.markdown) terminal.print(planMarkdown(plan));
  else
    for (const line of planLines(plan, (colour, text) => terminal.paint(colour, text))) terminal.print(line);
  return 0;
}

/** @throws UserError if there is none, or it was edited */
export async function openPlan({ cwd }: Host, file: string | undefined): Promise<PlanFile> {
  if (file === undefined) throw new UserError('Which plan? plimsoll plan --out FILE makes one.', 2);
  const text = await readFile(resolve(cwd, file), 'utf8').catch((error: unknown) => {
    throw new UserError(
      codeOf(error) === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read: ${String(error)}`,
    );
  });
  try {
    return readPlan(text, file);
  } catch (error) {
    if (error instanceof PlanRefusal) throw new UserError(error.message);
    throw error;
  }
}
