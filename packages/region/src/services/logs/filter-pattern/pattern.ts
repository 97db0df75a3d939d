export interface FilterPattern {
  /** Whether a message that matches has values to be used: `$.code` or `$code`. */
  readonly isStructured: boolean;
  /** What the pattern itself names, in order. */
  readonly selectors: readonly string[];
  /** How to look up values in a message that matches; undefined if it does not. */
  match(message: string): Lookup | undefined;
}

/** The value of a selector as text; undefined if the message has none. */
export type Lookup = (selector: string) => string | undefined;
