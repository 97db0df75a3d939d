/**
 * Several workers on the same ports. The kernel spreads connections by their addresses, so that of this many on two workers
 * each has some: all on one is as likely as 47 times heads. What holds for every connection holds on both workers.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { after, describe, test } from 'node:test';
import type { ConfigureOutcome, RuleConfiguration } from '../../services/elbv2/ports.ts';
import { LoadBalancerPlane, type LoadBalancerPlaneOptions } from './load-balancer-plane.ts';
import { listenersOn, untilListening, withoutSharing } from './testing/sharing.ts';
import { configuration, testPlane } from './testing/test-plane.ts';

const CONNECTIONS = 48;
const WORKERS = 2;

describe('several workers', { skip: withoutSharing }, () => {
  const { book, plane, counted, logged, reported, httpTarget, tcpTarget, balanced, configured, close } =
    testPlane({ workers: WORKERS });
  const agents: Agent[] = [];
  after(close);
  after(() => {
    for (const agent of agents) agent.destroy();
  });

  /** Another region's. */
  function anotherPlane(options: Partial<LoadBalancerPlaneOptions>): LoadBalancerPlane {
    const other = new LoadBalancerPlane({ addresses: book, workers: WORKERS, ...options });
    after(() => other.close());
    return other;
  }

  /** Each of them one keep-alive connection. */
  function clientsOf(port: number): readonly Ask[] {
    return Array.from({ length: CONNECTIONS }, () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      agents.push(agent);
      return (options = {}) => ask(agent, port, options);
    });
  }

  test('all of them listen; a rule that was changed is changed on each', async () => {
    const { name, port } = await balanced([], {}, [fixed('one')]);
    assert.equal(listenersOn(port), WORKERS);
    const clients = clientsOf(port);
    assert.deepEqual(await textsOf(clients), new Set(['one']));
    await plane.configure(configuration(name, [], {}, [fixed('two')]));
    assert.deepEqual(await textsOf(clients), new Set(['two']));
  });

  test('a registered target gets requests of each, a deregistered one of none', async () => {
    const [a, b] = [await httpTarget(answering('a')), await httpTarget(answering('b'))];
    const { port, retarget } = await balanced([a]);
    const clients = clientsOf(port);
    assert.deepEqual(await textsOf(clients), new Set(['a']));
    await retarget([{ ...a, status: 'draining' }, b]);
    assert.deepEqual(await textsOf(clients), new Set(['b']));
    await retarget([
      { ...a, status: 'unhealthy' },
      { ...b, status: 'unhealthy' },
    ]);
    // Fail-open: both get requests, on each worker.
    assert.deepEqual(await textsOf(clients), new Set(['a', 'b']));
    await retarget([]);
    assert.deepEqual(await statusesOf(clients), new Set([503]));
  });

  test('what is in flight ends while its target drains, and with 502 when the delay is over, on each', async () => {
    const held: ServerResponse[] = [];
    const arrived = new EventTarget();
    const target = await httpTarget((_request, response) => {
      held.push(response);
      arrived.dispatchEvent(new Event('request'));
    });
    const { port, retarget } = await balanced([target]);
    const asked = clientsOf(port).map((client) => client());
    while (held.length < CONNECTIONS) await once(arrived, 'request', { signal: AbortSignal.timeout(10_000) });
    await retarget([{ ...target, status: 'draining' }]);
    for (const response of held.slice(0, CONNECTIONS / 2)) response.end('in time');
    const inTime = await firstOf(asked, CONNECTIONS / 2);
    assert.deepEqual(
      new Set(inTime.map(({ status, text }) => `${status} ${text}`)),
      new Set(['200 in time']),
    );
    await retarget([]);
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 502).length, CONNECTIONS / 2);
  });

  test('a sticky session leads to its target from each: they seal cookies with one key', async () => {
    const targets = await Promise.all(['a', 'b', 'c'].map((name) => httpTarget(answering(name))));
    const stickiness = { type: 'lb_cookie', durationSeconds: 60 } as const;
    const { port } = await balanced(targets, {}, [], { stickiness });
    const clients = clientsOf(port);
    const first = await clients[0]?.();
    const cookie = first?.cookies.map((line) => line.split(';', 1)[0]).join('; ') ?? '';
    assert.match(cookie, /AWSALB=/);
    assert.deepEqual(await textsOf(clients, { headers: { cookie } }), new Set([first?.text]));
  });

  test('what they count is added up: no request is lost or counted twice', async () => {
    const target = await httpTarget(answering('ok'));
    const { name, port } = await balanced([target]);
    const clients = clientsOf(port);
    const rounds = 20;
    const own = () => counted.filter(({ loadBalancerArn }) => loadBalancerArn === name);
    const sum = (member: string) =>
      own()
        .flatMap(({ counters, targetGroups }) => [counters, ...targetGroups.map((group) => group.counters)])
        .reduce((total, counters) => total + (counters[member] ?? 0), 0);
    for (let round = 0; round < rounds; round += 1) await textsOf(clients);
    while (sum('RequestCount') < rounds * CONNECTIONS)
      await once(reported, 'report', { signal: AbortSignal.timeout(10_000) });
    // One more report, which would tell what was told twice.
    const reports = own().length;
    while (own().length === reports) await once(reported, 'report', { signal: AbortSignal.timeout(10_000) });
    assert.equal(sum('RequestCount'), rounds * CONNECTIONS);
    assert.equal(sum('HTTPCode_Target_2XX_Count'), rounds * CONNECTIONS);
    assert.equal(sum('NewConnectionCount'), CONNECTIONS);
    assert.equal(own().at(-1)?.counters['ActiveConnectionCount'], CONNECTIONS);
    const samples = own().flatMap(({ targetGroups }) =>
      targetGroups.map(({ targetResponseTime }) => targetResponseTime?.sampleCount ?? 0),
    );
    assert.equal(
      samples.reduce((a, b) => a + b, 0),
      rounds * CONNECTIONS,
    );
  });

  test('the access log has the lines of all', async () => {
    const arn = 'arn:aws:elasticloadbalancing:eu-central-1:0:loadbalancer/app/logged/0123456789abcdef';
    const target = await httpTarget(answering('ok'));
    const { port } = await configured({ ...configuration(arn, [target], {}, []), logsRequests: true });
    const clients = clientsOf(port);
    await Promise.all(clients.map((client, i) => client({ path: `/${i}` })));
    const paths = () =>
      logged.flatMap(({ middle }) => /app\/logged\/.*"GET \S+:80\/(\d+) /.exec(middle)?.[1] ?? []);
    while (paths().length < CONNECTIONS)
      await once(reported, 'logged', { signal: AbortSignal.timeout(10_000) });
    assert.deepEqual(
      paths()
        .map(Number)
        .sort((a, b) => a - b),
      Array.from({ length: CONNECTIONS }, (_, i) => i),
    );
  });

  test('a removed load balancer ends what is in flight and accepts nothing on any', async () => {
    const held: ServerResponse[] = [];
    const arrived = new EventTarget();
    const target = await httpTarget((_request, response) => {
      held.push(response);
      arrived.dispatchEvent(new Event('request'));
    });
    const balancer = await balanced([target]);
    const asked = clientsOf(balancer.port).map((client) => client());
    while (held.length < CONNECTIONS) await once(arrived, 'request', { signal: AbortSignal.timeout(10_000) });
    const removed = balancer.remove();
    // The next load balancer is told of after the ports are free.
    await balanced([]);
    assert.equal(listenersOn(balancer.port), 0);
    await assert.rejects(balancer.connect(), /ECONNREFUSED/);
    for (const response of held) response.end('done');
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ text }) => text)), new Set(['done']));
    await removed;
  });

  test('when the load balancer of the HTTP port is gone, the next one on port 80 takes it, with all workers', async () => {
    const free = await freePort();
    const other = anotherPlane({ httpPort: free });
    await other.configure(configuration('old', [], {}, [fixed('old')]));
    assert.notEqual(portOf(await other.configure(configuration('new', [], {}, [fixed('new')]))), free);
    const moved = new Promise<ConfigureOutcome>((resolve) => other.watch(resolve));
    await other.remove('old');
    assert.equal(portOf(await moved), free);
    assert.equal(listenersOn(free), WORKERS);
    assert.deepEqual(await textsOf(clientsOf(free)), new Set(['new']));
  });

  test('a port that another program has is busy, shared by it or not', async () => {
    for (const reusePort of [false, true]) {
      const blocker = createServer();
      const options = { host: '127.0.0.1', port: 0, reusePort };
      blocker.listen(options);
      await once(blocker, 'listening');
      const address = blocker.address();
      const httpPort = address !== null && typeof address === 'object' ? address.port : 0;
      const other = anotherPlane({ httpPort });
      const { listeners } = await other.configure(configuration('busy', [], {}, []));
      assert.match(
        listeners[0]?.kind === 'failed' ? listeners[0].reason : '',
        /port \d+ of 127\.0\.0\.1 is in use.*--http-port/,
      );
      assert.equal(listenersOn(httpPort), 1);
      blocker.close();
      // It is tried again, as the service does.
      assert.equal(portOf(await other.configure(configuration('busy', [], {}, []))), httpPort);
      assert.equal(listenersOn(httpPort), WORKERS);
      await other.close();
    }
  });

  test('of regions that want one port at the same moment one gets it, and none has a part of it', async () => {
    const httpPort = await freePort();
    const regions = [1, 2, 3, 2].map((workers) => anotherPlane({ httpPort, workers }));
    const outcomes = await Promise.all(
      regions.map((region, i) => region.configure(configuration(`region-${i}`, [], {}, [fixed(`${i}`)]))),
    );
    const winners = outcomes.flatMap((outcome, i) => (portOf(outcome) === httpPort ? [i] : []));
    assert.equal(winners.length, 1);
    assert.deepEqual(await textsOf(clientsOf(httpPort)), new Set([String(winners[0])]));
    await Promise.all(regions.map((region) => region.close()));
    assert.equal(listenersOn(httpPort), 0);
  });

  test('a worker that dies takes its connections with it; the others go on, and it comes back to its ports', async () => {
    const failures: Error[] = [];
    const httpPort = await freePort();
    const other = anotherPlane({ httpPort, minLifeMs: 0, onFailure: (error) => failures.push(error) });
    const told = configuration('dying', [], {}, [fixed('up')]);
    await other.configure(told);
    for (let death = 1; death <= WORKERS; death += 1) {
      const clients = clientsOf(httpPort);
      assert.deepEqual(await textsOf(clients), new Set(['up']));
      // The thread is asked for what cannot be: there is no such port.
      book.register('10.9.9.9', 1, { host: '127.0.0.1', port: 65_536 });
      await assert.rejects(other.probe({ ip: '10.9.9.9', port: 1, path: '/', timeoutSeconds: 1 }));
      assert.equal(failures.length, death);
      await other.configure(told);
      await untilListening(httpPort, WORKERS);
      const after = await Promise.allSettled(clients.map((client) => client()));
      assert.ok(after.some(({ status }) => status === 'fulfilled'));
      assert.deepEqual(await textsOf(clientsOf(httpPort)), new Set(['up']));
    }
  });

  test('a worker that dies as soon as it is started is done without', async () => {
    const failures: Error[] = [];
    const httpPort = await freePort();
    const onFailure = (error: Error) => failures.push(error);
    const other = anotherPlane({ httpPort, minLifeMs: 60_000, onFailure });
    await other.configure(configuration('dying', [], {}, [fixed('one')]));
    book.register('10.9.9.9', 1, { host: '127.0.0.1', port: 65_536 });
    await assert.rejects(other.probe({ ip: '10.9.9.9', port: 1, path: '/', timeoutSeconds: 1 }));
    await other.configure(configuration('dying', [], {}, [fixed('two')]));
    assert.equal(failures.length, 1);
    await untilListening(httpPort, WORKERS - 1);
    assert.deepEqual(await textsOf(clientsOf(httpPort)), new Set(['two']));
  });

  test('one that dies so while another still waits for the port is not waited for', async () => {
    const httpPort = await freePort();
    const other = anotherPlane({ httpPort, minLifeMs: 60_000 });
    const lock = createServer().listen({ path: `\0plimsoll-listener-${httpPort}` });
    await once(lock, 'listening');
    const told = other.configure(configuration('waiting', [], {}, [fixed('up')]));
    book.register('10.9.9.9', 1, { host: '127.0.0.1', port: 65_536 });
    await assert.rejects(other.probe({ ip: '10.9.9.9', port: 1, path: '/', timeoutSeconds: 1 }));
    lock.close();
    assert.equal(portOf(await told), httpPort);
    assert.deepEqual(await textsOf(clientsOf(httpPort)), new Set(['up']));
    await other.remove('waiting');
    assert.equal(listenersOn(httpPort), 0);
  });

  test('a probe is made by one of them', async () => {
    let probes = 0;
    const target = await httpTarget((_request, response) => {
      probes += 1;
      response.end();
    });
    const asked = { ip: target.ip, port: target.port, path: '/', timeoutSeconds: 5 };
    for (let i = 0; i < 4; i += 1) await plane.probe(asked);
    assert.equal(probes, 4);
  });

  test('the port of a listener stays when its rules change, and is free at once when the plane is closed', async () => {
    const other = anotherPlane({ httpPort: 0 });
    const port = portOf(await other.configure(configuration('stays', [], {}, [fixed('one')])));
    assert.equal(portOf(await other.configure(configuration('stays', [], {}, [fixed('two')]))), port);
    const idle = await Promise.all(clientsOf(port).map((client) => client()));
    assert.equal(idle.length, CONNECTIONS);
    await other.close();
    assert.equal(listenersOn(port), 0);
    const blocker = await tcpTarget(() => {});
    assert.notEqual(blocker.local, 0);
  });

  async function freePort(): Promise<number> {
    const { server, local } = await tcpTarget(() => {});
    server.close();
    await once(server, 'close');
    return local;
  }
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookies: readonly string[];
}

interface Asked {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Ask = (asked?: Asked) => Promise<Answer>;

async function ask(agent: Agent, port: number, asked: Asked): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, agent, ...asked });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const bytes of answer) text += bytes;
  return { status: answer.statusCode ?? 0, text, cookies: answer.headers['set-cookie'] ?? [] };
}

async function textsOf(clients: readonly Ask[], asked: Asked = {}): Promise<ReadonlySet<string>> {
  return new Set((await Promise.all(clients.map((client) => client(asked)))).map(({ text }) => text));
}

async function statusesOf(clients: readonly Ask[]): Promise<ReadonlySet<number>> {
  return new Set((await Promise.all(clients.map((client) => client()))).map(({ status }) => status));
}

/** The first answers that come, so many of them. */
function firstOf(asked: readonly Promise<Answer>[], wanted: number): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  return new Promise((resolve, reject) => {
    for (const each of asked)
      each.then((answer) => {
        answers.push(answer);
        if (answers.length === wanted) resolve([...answers]);
      }, reject);
  });
}

function answering(text: string) {
  return (_request: IncomingMessage, response: ServerResponse): void => void response.end(text);
}

function fixed(messageBody: string): RuleConfiguration {
  return {
    priority: 1,
    conditions: [],
    action: { kind: 'fixed-response', statusCode: 200, contentType: 'text/plain', messageBody },
  };
}

function portOf({ listeners: [listener] }: ConfigureOutcome): number {
  return listener?.kind === 'listening' ? listener.port : 0;
}
