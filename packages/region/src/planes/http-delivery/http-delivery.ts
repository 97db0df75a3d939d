/** POSTs messages to subscribed URLs. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type {
  DeliveryOutcome,
  HttpDelivery as HttpDeliveryPort,
  HttpPost,
} from '../../services/sns/ports.ts';

/** Confirmed by docs: an endpoint that has not answered after 15 seconds has failed. */
const timeoutMs = 15_000;

export interface HttpDeliveryOptions {
  /** Whether messages may leave this machine. Default false. */
  readonly reachesAll?: boolean;
  /** In real time. Default 15 seconds. */
  readonly timeoutMs?: number;
}

export class HttpDelivery implements HttpDeliveryPort {
  readonly #options: HttpDeliveryOptions;
  readonly #ended = new AbortController();

  constructor(options: HttpDeliveryOptions = {}) {
    this.#options = options;
  }

  mayReach(url: string): boolean {
    return this.#options.reachesAll === true || isLoopback(new URL(url).hostname);
  }

  /** Redirects are not followed. Never rejects: what happens out there is an outcome. */
  post(post: HttpPost): Promise<DeliveryOutcome> {
    if (!this.mayReach(post.url)) {
      return Promise.resolve(failed('this region sends to endpoints of this machine only', true));
    }
    return new Promise((resolve) => {
      const url = new URL(post.url);
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const limit = this.#options.timeoutMs ?? timeoutMs;
      const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(limit)]);
      const body = Buffer.from(post.body);
      const headers = { ...post.headers, 'content-length': body.length };
      const auth = url.username === '' ? {} : { auth: credentials(url) };
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
