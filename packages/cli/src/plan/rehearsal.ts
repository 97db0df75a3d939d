/** The proof that a plan was rehearsed: a report beside its file, which `plimsoll rehearse` writes. */
import { readFile } from 'node:fs/promises';
import { PlanRefusal } from './plan-document.ts';

/** What of the report decides here. */
interface RehearsalReport {
  /** The plan's own hash. */
  readonly planHash: string;
  readonly passed: boolean;
}

export function rehearsalFile(planFile: string): string {
  return `${planFile}.rehearsal.json`;
}

/** @throws PlanRefusal unless this very plan passed */
export async function assertRehearsed(planFile: string, hash: string): Promise<void> {
  const file = rehearsalFile(planFile);
  const again = `Rehearse it: plimsoll rehearse ${planFile}`;
  const report = await readFile(file, 'utf8').then(parsed, () => undefined);
  if (report === undefined) throw new PlanRefusal(`There is no report of a rehearsal, ${file}. ${again}`);
  const { planHash, passed } = report;
  if (planHash !== hash) {
    throw new PlanRefusal(
      `${file} is of another plan (${String(planHash).slice(0, 12)}…, this one is ${hash.slice(0, 12)}…). ${again}`,
    );
  }
  if (passed !== true) throw new PlanRefusal(`The rehearsal of this plan did not pass: see ${file}`);
}

function parsed(text: string): Partial<RehearsalReport> {
  try {
    return (JSON.parse(text) ?? {}) as Partial<RehearsalReport>;
  } catch {
    return {};
  }
}
