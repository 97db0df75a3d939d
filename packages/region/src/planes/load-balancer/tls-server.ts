/**
 * The TLS side of a listener: takes accepted sockets, gives back sockets in clear. Certificates and policy change while it runs;
 * connections that are there keep what they were made with.
 *
 * The certificate is chosen before the handshake, from what the client says first (`client-hello.ts`): one `tls.Server` per
 * certificate does the rest. Node's SNICallback would leave the default certificate in place beside the one that is chosen,
 * where their keys are of different kinds, and clients would get the wrong one.
 */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { TlsCertificate, TlsConfiguration } from '../../services/elbv2/ports.ts';
import { certificateFor } from './certificate-choice.ts';
import { type ClientHello, readClientHello } from './client-hello.ts';

/** What was agreed on with a client. */
export interface TlsSession {
  /** By its name in OpenSSL. */
  readonly cipher: string;
  readonly version: string;
  /** Undefined: the client named none. */
  readonly serverName: string | undefined;
  readonly certificateArn: string;
}

export interface TlsServerOwner {
  /** Whether HTTP/2 is offered to clients that know it. */
  readonly offersHttp2: boolean;
  secured(socket: TLSSocket, session: TlsSession): void;
  /** A handshake that a client began did not succeed. */
  handshakeFailed(): void;
}

/** Chosen: AWS publishes no figure for clients. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

export class TlsServer {
  readonly #owner: TlsServerOwner;
  /** Those below the sockets in clear. */
  readonly #accepted = new Set<Socket>();
  /** By the ARN of their certificate; made at their first client. */
  readonly #servers = new Map<string, Server>();
  #configuration: TlsConfiguration;

  constructor(owner: TlsServerOwner, configuration: TlsConfiguration) {
    this.#owner = owner;
    this.#configuration = configuration;
  }

  update(configuration: TlsConfiguration): void {
    if (JSON.stringify(configuration) === JSON.stringify(this.#configuration)) return;
    this.#configuration = configuration;
    this.#servers.clear();
  }

  accept(socket: Socket): void {
    this.#accepted.add(socket);
    socket.once('close', () => this.#accepted.delete(socket));
    let said: Buffer = Buffer.alloc(0);
    const stop = (): void => {
      socket.off('readable', onReadable).off('timeout', onTimeout).off('error', onError).off('end', onEnd);
      socket.setTimeout(0);
    };
    const onError = (): void => {};
    const onEnd = (): void => void socket.destroy();
    const onTimeout = (): void => {
      this.#owner.handshakeFailed();
      socket.destroy();
    };
    const onReadable = (): void => {
      const bytes = socket.read() as Buffer | null;
      if (bytes === null) return;
      said = said.length === 0 ? bytes : Buffer.concat([said, bytes]);
      const hello = readClientHello(said);
      if (hello === 'incomplete') return;
      stop();
      // The handshake reads it again.
      socket.unshift(said);
      this.#handshake(socket, hello === 'unreadable' ? undefined : hello);
    };
    socket.on('readable', onReadable).on('timeout', onTimeout).on('error', onError).on('end', onEnd);
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS);
  }

  /** Cuts what is left, handshakes under way as well. */
  close(): void {
    for (const socket of this.#accepted) socket.destroy();
  }

  #handshake(socket: Socket, hello: ClientHello | undefined): void {
    const certificate = certificateFor(this.#configuration, hello);
    let server = this.#servers.get(certificate.certificateArn);
    if (!server) {
      server = this.#serverOf(certificate);
      this.#servers.set(certificate.certificateArn, server);
    }
    // A client that goes within its handshake is not waited for.
    socket.allowHalfOpen = false;
    server.emit('connection', socket);
  }

  #serverOf({ certificateArn, certificate, privateKey }: TlsCertificate): Server {
    const { ciphers, minVersion, maxVersion } = this.#configuration;
    const server = createServer({
      cert: certificate,
      key: privateKey,
      minVersion,
      maxVersion,
      // OpenSSL 3 does TLS 1.0 and 1.1, and the SHA-1 in them, at level 0 only; the policy's list is what counts here.
      ciphers: `${ciphers.join(':')}:@SECLEVEL=0`,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      ALPNCallback: ({ protocols }) => this.#protocolOf(protocols),
    });
    server.on('secureConnection', (socket) => this.#owner.secured(socket, sessionOf(socket, certificateArn)));
    server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
      // A client that goes without a word did not fail at TLS.
      if (error.code !== 'ECONNRESET') this.#owner.handshakeFailed();
    });
    return server;
  }

  /** Undefined, the end of the handshake: the client knows neither. A client that offers no protocol is not asked. */
  #protocolOf(offered: readonly string[]): string | undefined {
    if (this.#owner.offersHttp2 && offered.includes('h2')) return 'h2';
    return offered.includes('http/1.1') ? 'http/1.1' : undefined;
  }
}

function sessionOf(socket: TLSSocket, certificateArn: string): TlsSession {
  const { servername } = socket as unknown as { readonly servername?: string | false };
  return {
    cipher: socket.getCipher().name,
    version: socket.getProtocol() ?? '-',
    serverName: servername || undefined,
    certificateArn,
  };
}
