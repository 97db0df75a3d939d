/** A mail as it goes out. `planes/mail` writes it as a message of RFC 5322. */
export interface Mail {
  /** Counts the mails of the region from 1; names its file. */
  readonly number: number;
  readonly messageId: string;
  readonly senderName: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Milliseconds since 1970, of the region's clock. */
  readonly date: number;
}

export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** Permanent: the other side will never take it, so that it is not tried again. */
  | { readonly kind: 'failed'; readonly reason: string; readonly isPermanent: boolean };

/** Where mails go. */
export interface MailDelivery {
  /** Whether mails also go to a real mail server. */
  readonly hasRelay: boolean;
  /** Keeps the mail in the home; it is on the disk when this resolves. The same number again replaces it. */
  keep(mail: Mail): Promise<DeliveryOutcome>;
  /** Hands the mail to the relay. */
  relay(mail: Mail): Promise<DeliveryOutcome>;
}

export interface HttpPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** POSTs to subscribed URLs. */
export interface HttpDelivery {
  /** Whether this region may send to that host at all. */
  mayReach(url: string): boolean;
  post(request: HttpPost): Promise<DeliveryOutcome>;
}

/** Signs what leaves the region, by a key that the region keeps. */
export interface MessageSigner {
  /** Base64 of an RSA signature of the text: by SHA-1 in version 1, by SHA-256 in version 2. */
  sign(text: string, version: '1' | '2'): Promise<Signature>;
}

export interface Signature {
  readonly signature: string;
  /** Where the certificate is served. */
  readonly certificateUrl: string;
}
