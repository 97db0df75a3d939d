/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** One value per run, in the order of the runs. */
  readonly values: readonly number[];
  /** What the project holds itself to. */
  readonly atMost?: number;
  /** A peer's figure of the same run, to make a ratio with. */
  readonly against?: { readonly peer: string; readonly value: number };
  /** Why there is no value. */
  readonly missing?: string;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function table(figures: readonly Figure[]): string {
  const head = ['figure', 'median', 'min … max', 'runs', 'target', 'ratio to a peer'];
  const rows = [head, ...figures.map(row)];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function row({ name, unit, values, atMost, against, missing }: Figure): string[] {
  if (missing !== undefined) return [name, missing, '', '', '', ''];
  const middle = median(values);
  const target = atMost === undefined ? '' : `≤ ${atMost} ${unit} ${middle <= atMost ? '✔' : '✖'}`;
  const ratio = against ? `${(middle / against.value).toFixed(2)} × ${against.peer}` : '';
  const range = `${short(Math.min(...values))} … ${short(Math.max(...values))}`;
  return [name, `${short(middle)} ${unit}`, range, String(values.length), target, ratio];
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
