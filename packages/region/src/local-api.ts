import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClockApi } from './clock-api.ts';
import type { RegionMessage } from './kernel/message.ts';
import type { Tables } from './kernel/table.ts';
import { LocalRefusal } from './local-refusal.ts';
import type { Traffic } from './planes/load-balancer/traffic.ts';
import { localLoadBalancers } from './services/elbv2/views.ts';
import { localDatabases } from './services/rds/views.ts';
import { troubledDeliveries } from './services/sns/views.ts';

export interface LocalApiOptions {
  readonly tables: Tables;
  readonly accountId: string;
  readonly region: string;
  readonly endpoint: () => string;
  readonly clock: ClockApi;
  readonly traffic: Pick<Traffic, 'of'>;
  readonly messages: () => readonly RegionMessage[];
}

/**
 * What AWS has no API for, under `/_plimsoll/`: where load balancers and databases really are on this machine, and what
 * the region told; and its clock, which may be moved. It gives no secrets, so it is not signed.
 */
export class LocalApi {
  readonly #options: LocalApiOptions;

  constructor(options: LocalApiOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await this.#answer(request).catch((error: unknown) => {
      if (error instanceof LocalRefusal) return { status: error.status, body: { message: error.message } };
      throw error;
    });
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(`${JSON.stringify(answer.body)}\n`);
  }

  async #answer(request: IncomingMessage): Promise<{ readonly status: number; readonly body: object }> {
    const path = (request.url ?? '').replace(/\?.*$/, '');
    switch (`${request.method} ${path}`) {
      case 'GET /_plimsoll/status':
        return { status: 200, body: this.#status() };
      case 'GET /_plimsoll/clock':
        return { status: 200, body: this.#options.clock.read() };
      case 'POST /_plimsoll/clock':
        return { status: 200, body: await this.#options.clock.change(await jsonBody(request)) };
      default:
        return { status: 404, body: { message: `${request.method} ${path} is not known` } };
    }
  }

  #status(): object {
    const { tables, accountId, region, endpoint, clock, traffic, messages } = this.#options;
    return {
      region,
      accountId,
      endpoint: endpoint(),
      clock: clock.read(),
      loadBalancers: localLoadBalancers(tables).map((one) => ({
        ...one,
        traffic: traffic.of(one.loadBalancerArn),
      })),
      databases: localDatabases(tables),
      deliveries: troubledDeliveries(tables),
      messages: messages()
        .filter(({ level }) => level !== 'info')
        .slice(-100),
    };
  }
}

const longestBody = 10_000;

/**
 * Only what is sent as JSON: a page in the user's browser cannot send that to another origin without being asked for it
 * first, and nothing here says yes.
 */
async function jsonBody(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type']?.split(';')[0] !== 'application/json') {
    throw new LocalRefusal(415, 'Content-Type: application/json was expected.');
  }
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > longestBody) throw new LocalRefusal(413, `At most ${longestBody} characters are read.`);
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new LocalRefusal(400, `JSON was expected, ${JSON.stringify(text.slice(0, 100))} was given.`);
  }
}
