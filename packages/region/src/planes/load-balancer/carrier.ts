import type { TlsSession } from './tls-server.ts';

/** What the requests of a client's connection arrived by, when not as plain HTTP. */
export interface Carrier {
  readonly tls: TlsSession;
  /** The connection is one stream of a connection of HTTP/2. */
  readonly stream?: {
    readonly connectionTraceId: string;
    readonly isGrpc: boolean;
    /** The stream is over. */
    forget(): void;
  };
}
