/**
 * Hands mails to a real mail server: `smtp://user:password@host:587`, or `smtps://` for TLS from the first byte. Query
 * parameters are nodemailer's options (`?tls.rejectUnauthorized=false`), and `from=alerts@example.com` for servers that take
 * no mail in AWS's name.
 */
import type { DeliveryOutcome, Mail } from '../../services/sns/ports.ts';
import { Turns } from '../turns.ts';
import { compose } from './compose.ts';

/** Socket limits are in real time: they say what a dead server is. Waits between attempts are SNS's and follow the clock. */
const limits = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
  dnsTimeout: 10_000,
};

/** Chosen: so many mails at once; servers refuse those that open more. */
const maximumAtOnce = 3;

export class Relay {
  readonly #url: string;
  readonly #from: string | undefined;
  readonly #limits: typeof limits;
  readonly #ended = new AbortController();
  readonly #turns = new Turns(maximumAtOnce);

  /** @throws with a text for the user, without the password, when the URL cannot be used */
  constructor(url: string, timeouts: Partial<typeof limits> = {}) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (!parsed || !['smtp:', 'smtps:'].includes(parsed.protocol) || parsed.hostname === '') {
      throw new Error('The URL of the mail server has to be smtp://user:password@host:port or smtps://…');
    }
    this.#from = parsed.searchParams.get('from') ?? undefined;
    parsed.searchParams.delete('from');
    this.#url = parsed.href;
    this.#limits = { ...limits, ...timeouts };
  }

  /** Never rejects: what a server says is an outcome. */
  send(mail: Mail): Promise<DeliveryOutcome> {
    return this.#turns.take(() => this.#send(mail)).catch((error: SmtpError) => failure(error));
  }

  close(): void {
    this.#ended.abort();
  }

  async #send(mail: Mail): Promise<DeliveryOutcome> {
    const { createTransport } = await import('nodemailer');
    const transport = createTransport({ url: this.#url, ...this.#limits });
    await transport.sendMail({
      envelope: { from: this.#from ?? 'no-reply@sns.amazonaws.com', to: [mail.to] },
      raw: await compose(mail, this.#from),
      signal: this.#ended.signal,
    });
    return { kind: 'delivered' };
  }
}

interface SmtpError extends Error {
  /** Nodemailer's own: EENVELOPE when an address is refused, EMESSAGE the text, EAUTH the login. */
  readonly code?: string;
  readonly responseCode?: number;
}

/**
 * A server that refuses this address or this text for good says 5yz to it. All else may mend: a server that is down or
 * busy, and a wrong password, which its owner can correct while mails wait.
 */
function failure(error: SmtpError): DeliveryOutcome {
  const { code, responseCode = 0 } = error;
  const isPermanent = (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode >= 500;
  return { kind: 'failed', reason: error.message.replace(/\s+/g, ' ').trim(), isPermanent };
}
