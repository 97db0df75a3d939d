/** Where the mails of a region go: the mailbox in its home, and a real mail server where one is configured. */
import type { DeliveryOutcome, Mail, MailDelivery } from '../../services/sns/ports.ts';
import { Mailbox } from './mailbox.ts';
import { Relay } from './relay.ts';

export interface MailPlaneOptions {
  /** Absolute path of the folder of the mailbox. */
  readonly mailbox: string;
  /** `smtp://user:password@host:port`; see `relay.ts`. Absent: mails stay in the mailbox. */
  readonly smtpUrl?: string;
}

export class MailPlane implements MailDelivery {
  readonly #mailbox: Mailbox;
  readonly #relay: Relay | undefined;

  /** @throws with a text for the user when the URL of the mail server cannot be used */
  constructor({ mailbox, smtpUrl }: MailPlaneOptions) {
    this.#mailbox = new Mailbox(mailbox);
    this.#relay = smtpUrl === undefined ? undefined : new Relay(smtpUrl);
  }

  get hasRelay(): boolean {
    return this.#relay !== undefined;
  }

  keep(mail: Mail): Promise<DeliveryOutcome> {
    return this.#mailbox.keep(mail);
  }

  async relay(mail: Mail): Promise<DeliveryOutcome> {
    if (this.#relay) return this.#relay.send(mail);
    return { kind: 'failed', reason: 'no mail relay is configured any more', isPermanent: false };
  }

  /** Ends what is being sent; it counts as failed. */
  close(): void {
    this.#relay?.close();
  }
}
