/** A request to `/_plimsoll/` that is refused: the message says what was given and what is allowed. */
export class LocalRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'LocalRefusal';
    this.status = status;
  }
}
