/** Where data points that are not in memory any more are read. They are written with the step's transaction (`Tables.cold`). */
export interface ColdRecords {
  /** Records with `from` ≤ key < `to`, in order of their keys. */
  readCold(
    table: string,
    range: ColdRange,
  ): AsyncIterable<{ readonly key: string; readonly record: unknown }>;
  clearCold(table: string, range: ColdRange): Promise<void>;
}

export interface ColdRange {
  readonly from: string;
  readonly to: string;
}
