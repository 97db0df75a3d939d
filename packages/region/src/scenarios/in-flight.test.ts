/** Held to 2 of the issue of releases: what is in flight at a switch ends normally within the deregistration delay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../faults/testing/until.ts';
import { longRequests } from './testing/long-requests.ts';
import { scenarioPlanes } from './testing/planes.ts';
import { ReleasedService } from './testing/released-service.ts';
import { Visitors } from './testing/visitors.ts';

for (const { name, skip, start } of await scenarioPlanes({ severalWorkers: true })) {
  test(`slow answers, uploads, downloads and WebSockets in flight at a switch end normally, ${name} plane`, {
    skip,
    timeout: 300_000,
  }, async (t) => {
    const region = await start(t);
    const service = await ReleasedService.create(region, { version: 'one' });
    const { httpPort } = region;
    const visitors = new Visitors({
      url: `http://127.0.0.1:${httpPort}/`,
      perSecond: 50,
      connections: 64,
      keepAlive: true,
    });
    const steady = new Steady(httpPort);
    for (const version of ['two', 'one']) {
      const before = visitors.answersOf(version);
      await service.release(await service.push({ version }));
      await until(`${version} serves`, () => visitors.answersOf(version) > before);
      assert.equal(await service.settled(), 'UPDATE_COMPLETE');
    }
    const ended = await steady.stop();
    assert.deepEqual((await visitors.stop()).failures, []);
    for (const [kind, outcomes] of Object.entries(ended)) {
      assert.deepEqual(
        outcomes.filter((outcome) => outcome !== 'one' && outcome !== 'two'),
        [],
        kind,
      );
      assert.deepEqual(new Set(outcomes), new Set(['one', 'two']), kind);
    }
    assert.deepEqual(region.errors, []);
  });
}

/** Begins one long request of each kind every half second, so that some of each are in flight whenever a switch comes. */
class Steady {
  readonly #port: number;
  readonly #timer: NodeJS.Timeout;
  readonly #begun: Record<string, Promise<string>[]> = {};

  constructor(port: number) {
    this.#port = port;
    this.#timer = setInterval(() => this.#begin(), 500).unref();
  }

  /** Waits for all of them; gives the version that answered, or how it failed. */
  async stop(): Promise<Readonly<Record<string, readonly string[]>>> {
    clearInterval(this.#timer);
    const ended = Object.entries(this.#begun).map(
      async ([kind, requests]) => [kind, await Promise.all(requests)] as const,
    );
    return Object.fromEntries(await Promise.all(ended));
  }

  #begin(): void {
    for (const [kind, send] of Object.entries(longRequests)) {
      const outcome = send(this.#port).catch((error: unknown) => String(error));
      this.#begun[kind] = [...(this.#begun[kind] ?? []), outcome];
    }
  }
}
