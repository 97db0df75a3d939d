/** Something the user can act on: shown as text, never with a stack. */
export class UserError extends Error {
  /** 1: it did not work; 2: it was called wrongly. */
  readonly exitCode: number;

  /** @param lines what went wrong, what was found, what to do next */
  constructor(lines: string | readonly string[], exitCode = 1) {
    super(typeof lines === 'string' ? lines : lines.join('\n'));
    this.name = 'UserError';
    this.exitCode = exitCode;
  }
}

/** The user ended it (SIGINT, SIGTERM, SIGHUP). `text` says what goes on without us, if something does. */
export class Interrupted extends Error {
  constructor(text = 'Interrupted.') {
    super(text);
    this.name = 'Interrupted';
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Node's code of a system error, such as `EADDRINUSE`. */
export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
