/** POSTs messages to subscribed URLs. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type {
  DeliveryOutcome,
  HttpDelivery as HttpDeliveryPort,
  HttpPost,
} from '../../services/sns/ports.ts';
import { Turns } from '../turns.ts';

/** Chosen: so many connections at once; more would take the files that the region itself needs. */
const maximumAtOnce = 50;

/** Confirmed by docs: an endpoint that has not answered after 15 seconds has failed. */
const timeoutMs = 15_000;

interface Located {
  /** Absent while nothing listens there. */
  readonly url?: string;
}

export interface HttpDeliveryOptions {
  /** Whether messages may leave this machine. Default false. */
  readonly reachesAll?: boolean;
  /** Where on this machine a URL of the region answers, such as that of a load balancer. Undefined: it is none of them. */
  readonly locate?: (url: URL) => Located | undefined;
  /** In real time. Default 15 seconds. */
  readonly timeoutMs?: number;
}

export class HttpDelivery implements HttpDeliveryPort {
  readonly #options: HttpDeliveryOptions;
  readonly #ended = new AbortController();
  readonly #turns = new Turns(maximumAtOnce);

  constructor(options: HttpDeliveryOptions = {}) {
    this.#options = options;
  }

  mayReach(url: string): boolean {
    const parsed = new URL(url);
    return (
      this.#options.reachesAll === true ||
      isLoopback(parsed.hostname) ||
      this.#options.locate?.(parsed) !== undefined
    );
  }

  /** Redirects are not followed. Never rejects: what happens out there is an outcome. */
  post(post: HttpPost): Promise<DeliveryOutcome> {
    if (!this.mayReach(post.url)) {
      return Promise.resolve(failed('this region sends to endpoints of this machine only', true));
    }
    const asked = new URL(post.url);
    const located = this.#options.locate?.(asked);
    if (located && located.url === undefined) {
      return Promise.resolve(failed('its load balancer does not listen', false));
    }
    const url = located?.url === undefined ? asked : new URL(asked.pathname + asked.search, located.url);
    return this.#turns.take(() => this.#post(post, asked, url));
  }

  #post(post: HttpPost, asked: URL, url: URL): Promise<DeliveryOutcome> {
    return new Promise((resolve) => {
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const limit = this.#options.timeoutMs ?? timeoutMs;
      const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(limit)]);
      const body = Buffer.from(post.body);
      const headers = { ...post.headers, host: asked.host, 'content-length': body.length };
      const auth = asked.username === '' ? {} : { auth: credentials(asked) };
      const request = send(url, { method: 'POST', headers, signal, agent: false, ...auth }, (response) => {
        response.resume();
        response.on('error', () => {});
        resolve(judged(response.statusCode ?? 0));
      });
      request.on('error', (error) => resolve(failed(signal.aborted ? aborted(limit) : error.message, false)));
      request.end(body);
    });
  }

  /** Ends what is being sent; it counts as failed. */
  close(): void {
    this.#ended.abort();
  }
}

function credentials({ username, password }: URL): string {
  return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

/** Names that mean this machine by definition: nothing that a name server could answer differently. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Confirmed by docs: 200 to 4xx is no failure to SNS, so a 4xx is not tried again; here it is told, AWS says nothing of it. */
function judged(status: number): DeliveryOutcome {
  if (status >= 200 && status < 400) return { kind: 'delivered' };
  return failed(`the endpoint answered ${status}`, status >= 400 && status < 500);
}

function failed(reason: string, isPermanent: boolean): DeliveryOutcome {
  return { kind: 'failed', reason, isPermanent };
}

function aborted(limit: number): string {
  return `the endpoint did not answer within ${limit / 1000} s`;
}
