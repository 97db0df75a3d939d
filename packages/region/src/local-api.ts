import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instant } from './kernel/instant.ts';
import type { RegionMessage } from './kernel/message.ts';
import type { Tables } from './kernel/table.ts';
import { localLoadBalancers } from './services/elbv2/views.ts';
import { localDatabases } from './services/rds/views.ts';

export interface LocalApiOptions {
  readonly tables: Tables;
  readonly accountId: string;
  readonly region: string;
  readonly endpoint: () => string;
  readonly now: () => Instant;
  readonly messages: () => readonly RegionMessage[];
}

/**
 * What AWS has no API for, under `/_plimsoll/`: where load balancers and databases really are on this machine, and what
 * the region told. It gives no secrets and changes nothing, so it is not signed.
 */
export class LocalApi {
  readonly #options: LocalApiOptions;

  constructor(options: LocalApiOptions) {
    this.#options = options;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').replace(/\?.*$/, '');
    const answer = request.method === 'GET' && path === '/_plimsoll/status' ? this.#status() : undefined;
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json; charset=utf-8' });
    response.end(`${JSON.stringify(answer ?? { message: `${request.method} ${path} is not known` })}\n`);
  }

  #status(): object {
    const { tables, accountId, region, endpoint, now, messages } = this.#options;
    return {
      region,
      accountId,
      endpoint: endpoint(),
      clock: new Date(now()).toISOString(),
      loadBalancers: localLoadBalancers(tables),
      databases: localDatabases(tables),
      messages: messages()
        .filter(({ level }) => level !== 'info')
        .slice(-100),
    };
  }
}
