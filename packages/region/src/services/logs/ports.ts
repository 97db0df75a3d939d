/** Where log events are read. They are written with the step's transaction (`Tables.cold`). */
export interface LogEventStore {
  /** Events with `from` ≤ key < `to`, in order of their keys or the other way round. */
  read(range: EventRange): AsyncIterable<{ readonly key: string; readonly event: StoredEvent }>;
  clear(range: EventRange): Promise<void>;
}

export interface EventRange {
  readonly from: string;
  readonly to: string;
  readonly newestFirst?: boolean;
}

export interface StoredEvent {
  /** The stream's own id, which no later stream of the same name has. */
  readonly streamId: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}
