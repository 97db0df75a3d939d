import type { Report } from '../deploy/progress.ts';
import { ProgressView } from './progress-view.ts';
import type { Terminal } from './terminal.ts';

/** Shows what happens: as lines of JSON, or for people. */
export function reporter(
  terminal: Terminal,
  { json }: { readonly json: boolean },
): { readonly report: Report; close(): void } {
  if (json) return { report: (progress) => terminal.print(JSON.stringify(progress)), close: () => {} };
  const view = new ProgressView(terminal);
  return { report: view.report, close: () => view.close() };
}
