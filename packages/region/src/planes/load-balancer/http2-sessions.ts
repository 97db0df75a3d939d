/** Connections of HTTP/2 to one target, shared by its requests: as many as its limit of streams asks for. */
import { type ClientHttp2Session, connect } from 'node:http2';
import type { LocalAddress } from '../address-book.ts';

/** For answers, so that one stream can carry much before the balancer says that it has read it. */
const WINDOW = 1_048_576;

/** A connection with room for a stream. To be given back when the stream is over. */
export interface LentSession {
  readonly session: ClientHttp2Session;
  giveBack(): void;
}

type Borrower = (error: Error | undefined, lent?: LentSession) => void;

interface Known {
  readonly session: ClientHttp2Session;
  streams: number;
  /** Those who wait until the target has said how many streams it takes. Undefined: it has. */
  waiting: Borrower[] | undefined;
  /** It ends with the last of its streams. */
  isRetired: boolean;
}

export class Http2Sessions {
  readonly #known = new Set<Known>();

  /** Calls back at once if there is one, else when one is made, or could not be. */
  lend(address: LocalAddress, borrower: Borrower): void {
    for (const known of this.#known) {
      if (!hasRoom(known)) continue;
      borrower(undefined, lentOf(known));
      return;
    }
    const opening = [...this.#known].find(({ waiting }) => waiting) ?? this.#open(address);
    opening.waiting?.push(borrower);
  }

  /** Streams that are there, or are about to be, end; no other is begun. */
  closeWhenIdle(): void {
    for (const known of this.#known) {
      if (known.waiting) continue;
      known.isRetired = true;
      if (known.streams === 0) known.session.close();
    }
  }

  #open(address: LocalAddress): Known {
    const { host, port } = address;
    const name = host.includes(':') ? `[${host}]` : host;
    const session = connect(`http://${name}:${port}`, {
      settings: { enablePush: false, initialWindowSize: WINDOW },
    });
    const known: Known = { session, streams: 0, waiting: [], isRetired: false };
    this.#known.add(known);
    // Each stream may wait for something of it.
    session.setMaxListeners(0);
    const waited = (): Borrower[] => {
      const { waiting = [] } = known;
      known.waiting = undefined;
      return waiting;
    };
    const lost = (): void => {
      this.#known.delete(known);
      for (const borrower of waited()) borrower(new Error('the target cannot be reached by HTTP/2'));
    };
    session.once('remoteSettings', () => {
      for (const borrower of waited()) this.lend(address, borrower);
    });
    session.on('goaway', lost);
    session.on('error', lost);
    session.on('close', lost);
    return known;
  }
}

function hasRoom({ session, streams, waiting, isRetired }: Known): boolean {
  if (waiting || isRetired || session.closed || session.destroyed) return false;
  return streams < (session.remoteSettings.maxConcurrentStreams ?? Number.POSITIVE_INFINITY);
}

function lentOf(known: Known): LentSession {
  known.streams += 1;
  let isLent = true;
  return {
    session: known.session,
    giveBack: () => {
      if (!isLent) return;
      isLent = false;
      known.streams -= 1;
      if (known.isRetired && known.streams === 0) known.session.close();
    },
  };
}
