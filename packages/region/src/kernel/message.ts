/** What the region tells its host. The region prints nothing: the CLI renders these, `--json` prints them. */
export interface RegionMessage {
  /** Stable, for programs: `not-modelled`, `listener-bound`, `internal-failure`. */
  readonly code: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly service?: string;
}
