import type { Flags, FlagValues } from './flags.ts';
import type { Terminal } from './render/terminal.ts';

/** What every command gets besides its flags. */
export interface Host {
  readonly terminal: Terminal;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Aborted by the second one; of a command that is not patient, never: it is ended by force then. */
  readonly insisted: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` says below the summary. */
  readonly details?: readonly string[];
  /** What may follow the command besides flags, in this order. */
  readonly arguments?: readonly { readonly name: string; readonly text: string }[];
  /** Ends a while after the first signal, since it has something to bring to its end. */
  readonly isPatient?: boolean;
  readonly flags: F;
  /** @returns the exit code */
  run(host: Host, flags: FlagValues<F>, ...given: readonly string[]): Promise<number>;
}

/** Keeps the flags' types inside the command; outside, every command is alike. */
export function defineCommand<F extends Flags>(command: Command<F>): Command {
  return command as unknown as Command;
}
