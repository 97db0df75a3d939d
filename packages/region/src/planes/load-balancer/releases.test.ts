/** What a release does to the balancer, again and again, under load: no request fails. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import { test } from 'node:test';
import type { LoadBalancerConfiguration, TargetConfiguration } from '../../services/elbv2/ports.ts';
import { AddressBook } from '../address-book.ts';
import { LoadBalancerPlane } from './load-balancer-plane.ts';
import { withoutSharing } from './testing/sharing.ts';

const RELEASES = 6;
const CLIENTS = 12;

interface ReleasedTarget extends TargetConfiguration {
  readonly server: Server;
}

for (const workers of [1, 2]) {
  const skip = workers > 1 && withoutSharing;
  test(`targets are replaced under load, with and without keep-alive, with and without bodies, ${workers === 1 ? 'one worker' : 'two workers'}: every request is answered`, {
    skip,
  }, async () => {
    const book = new AddressBook();
    const plane = new LoadBalancerPlane({ addresses: book, httpPort: 0, workers });
    const started: ReleasedTarget[] = [];
    const start = async (): Promise<ReleasedTarget> => {
      const target = await startTarget(book, `10.0.0.${started.length + 1}`);
      started.push(target);
      return target;
    };
    let current = [await start(), await start()];
    const { listeners } = await plane.configure(configuration(current));
    const [listener] = listeners;
    const port = listener?.kind === 'listening' ? listener.port : 0;
    const load = new Load(port);
    for (let release = 1; release <= RELEASES; release += 1) {
      await load.everyClientWasAnswered(3);
      // Fail-open: the checks of all fail, and all are asked.
      await plane.configure(configuration(all(current, 'unhealthy')));
      await load.everyClientWasAnswered(2);
      const next = [await start(), await start()];
      await plane.configure(configuration([...current, ...next]));
      await plane.configure(configuration([...all(current, 'draining'), ...next]));
      // What went to a target before it drained has ended when every client has its next answer but one: the delay is over.
      await load.everyClientWasAnswered(2);
      for (const target of current) await stopTarget(target);
      await plane.configure(configuration(next));
      current = next;
    }
    await load.stop();
    await plane.close();
    for (const target of current) target.server.close();
    assert.deepEqual(load.failures, []);
  });
}

function all(targets: readonly ReleasedTarget[], status: TargetConfiguration['status']) {
  return targets.map((target) => ({ ...target, status }));
}

/** Clients that ask one request after the other, until stopped. */
class Load {
  readonly failures: string[] = [];
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #clients: Promise<void>[];
  readonly #changed = new EventTarget();
  readonly #answers: number[] = Array.from({ length: CLIENTS }, () => 0);
  #isStopped = false;

  constructor(port: number) {
    this.#port = port;
    this.#clients = Array.from({ length: CLIENTS }, (_, i) => this.#ask(i));
  }

  /** Resolves when every client has had so many answers from now on. */
  async everyClientWasAnswered(times: number): Promise<void> {
    const wanted = this.#answers.map((answers) => answers + times);
    while (this.#answers.some((answers, client) => answers < (wanted[client] ?? 0))) {
      await once(this.#changed, 'answer', { signal: AbortSignal.timeout(20_000) });
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
  }

  async #ask(client: number): Promise<void> {
    const body = client % 3 === 0 ? 'x'.repeat(70_000) : '';
    while (!this.#isStopped) {
      const answer = await this.#one(client % 2 === 0, body);
      if (answer !== `200 ${body.length}`) this.failures.push(answer);
      this.#answers[client] = (this.#answers[client] ?? 0) + 1;
      this.#changed.dispatchEvent(new Event('answer'));
    }
  }

  #one(keepsAlive: boolean, body: string): Promise<string> {
    return new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: this.#port, method: body === '' ? 'GET' : 'POST' };
      const asked = request(
        { ...options, ...(keepsAlive ? { agent: this.#agent } : { agent: false }) },
        (answer) => {
          let text = '';
          answer.on('data', (bytes) => {
            text += bytes;
          });
          answer.on('end', () => resolve(`${answer.statusCode} ${text}`));
          answer.on('error', (error) => resolve(error.message));
        },
      );
      asked.on('error', (error) => resolve(error.message));
      asked.end(body);
    });
  }
}

/** Answers with the length of the body, once it has it. */
async function startTarget(book: AddressBook, ip: string): Promise<ReleasedTarget> {
  const server = createServer((incoming, outgoing) => {
    let length = 0;
    incoming.on('data', (bytes) => {
      length += bytes.length;
    });
    incoming.on('end', () => setImmediate(() => outgoing.end(String(length))));
  });
  server.keepAliveTimeout = 75_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  book.register(ip, 80, {
    host: '127.0.0.1',
    port: address !== null && typeof address === 'object' ? address.port : 0,
  });
  return { server, ip, port: 80, status: 'healthy' };
}

/** As a task does at SIGTERM: ends what is in flight, closes idle connections, exits. */
async function stopTarget({ server }: ReleasedTarget): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
}

function configuration(targets: readonly TargetConfiguration[]): LoadBalancerConfiguration {
  return {
    loadBalancerArn: 'releases',
    dnsName: 'releases.elb.amazonaws.com',
    cookieKey: '00112233445566778899aabbccddeeff',
    attributes: {
      idleTimeoutSeconds: 60,
      clientKeepAliveSeconds: 3600,
      desyncMitigationMode: 'defensive',
      dropInvalidHeaderFields: false,
      preserveHostHeader: false,
      xffHeaderProcessing: 'append',
      xffClientPort: false,
      http2: true,
      tlsHeaders: false,
    },
    listeners: [
      {
        listenerArn: 'releases/80',
        port: 80,
        serverHeader: true,
        rules: [
          {
            priority: 0,
            conditions: [],
            action: { kind: 'forward', targetGroups: [{ targetGroupArn: 'tg', weight: 1 }] },
          },
        ],
      },
    ],
    targetGroups: [
      {
        targetGroupArn: 'tg',
        algorithm: 'round_robin',
        targets: targets.map(({ ip, port, status }) => ({ ip, port, status })),
      },
    ],
  };
}
