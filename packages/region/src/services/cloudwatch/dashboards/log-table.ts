import { escapeHtml } from '../widgets/svg.ts';

/** Runs the query of a log widget: rows of fields with their values as text. Rejects with an `AwsError`. */
export type QueryLogs = (
  query: string,
  range: { readonly start: number; readonly end: number },
) => Promise<readonly (readonly { readonly field: string; readonly value: string }[])[]>;

/** The columns are the fields of all rows, in the order in which they come up. */
export function logTable(rows: Awaited<ReturnType<QueryLogs>>): string {
  const shown = rows.map((row) => row.filter(({ field }) => field !== '@ptr'));
  const fields = [...new Set(shown.flatMap((row) => row.map(({ field }) => field)))];
  const head = fields.map((field) => `<th>${escapeHtml(field)}</th>`).join('');
  const body = shown.map((row) => {
    const cells = fields.map((name) => {
      const value = row.find(({ field }) => field === name)?.value ?? '';
      return `<td>${escapeHtml(value)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}
