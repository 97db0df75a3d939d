// The database's user and password, from Secrets Manager. Fetched when first needed, kept, and fetched again when the
// database refuses what we have: that is how a rotation reaches a running task without a restart.

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Returns the text of the secret. */
export type FetchSecret = (secretArn: string) => Promise<string>;

export class DatabaseSecret {
  readonly #secretArn: string;
  readonly #fetchSecret: FetchSecret;
  #credentials: Promise<Credentials> | undefined;

  constructor(secretArn: string, fetchSecret: FetchSecret) {
    this.#secretArn = secretArn;
    this.#fetchSecret = fetchSecret;
  }

  /** Many callers at once share one request; a failed one is not kept. */
  credentials(): Promise<Credentials> {
    if (this.#credentials === undefined) {
      const fetching = this.#fetchSecret(this.#secretArn).then((text) =>
        parseCredentials(this.#secretArn, text),
      );
      fetching.catch(() => this.#credentials === fetching && this.forget());
      this.#credentials = fetching;
    }
    return this.#credentials;
  }

  /** The next call of `credentials` asks Secrets Manager again. */
  forget(): void {
    this.#credentials = undefined;
  }
}

/** The error never quotes the text: it may hold the password. */
export function parseCredentials(secretArn: string, text: string): Credentials {
  const secret = parseJson(text);
  if (typeof secret === 'object' && secret !== null && 'username' in secret && 'password' in secret) {
    const { username, password } = secret;
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
  }
  throw new Error(`The secret ${secretArn} does not hold JSON with the strings username and password`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
