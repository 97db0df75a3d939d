/** kill -9 of the region: what was acknowledged is there, stacks come to rest by themselves, and nothing else runs on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { FaultyRegion } from './testing/faulty-region.ts';
import { Ledger } from './testing/ledger.ts';
import { hasProcessTable, stillRunning } from './testing/process-table.ts';
import { until } from './testing/until.ts';

const options = { skip: hasProcessTable ? false : 'needs /proc', timeout: 180_000 };

test(
  'a region that is killed again and again loses nothing that it acknowledged and leaves no process',
  options,
  async (t) => {
    const region = await FaultyRegion.create(t);
    const ledger = new Ledger(region);
    await region.start();
    await ledger.pushImage();

    await t.test('while the network of a stack is created', async () => {
      await ledger.create();
      await ledger.untilEvent('Vpc', 'CREATE_COMPLETE');
      await killAndStart(region);
    });
    await t.test('while the database of a stack is created', async () => {
      await ledger.untilEvent('Database', 'CREATE_IN_PROGRESS');
      await killAndStart(region);
      assert.equal(await ledger.settled(), 'CREATE_COMPLETE');
    });
    const acknowledged = new Acknowledged(region);
    await t.test('while rows and parameters are written', async () => {
      await region.untilAnswered('/first', 'unknown');
      await acknowledged.whileWriting(50, () => killAndStart(region));
      await acknowledged.assertThere();
    });
    await t.test('while a service is updated', async () => {
      await ledger.update({ version: '2' });
      await ledger.untilEvent('Service', 'UPDATE_IN_PROGRESS');
      await killAndStart(region);
      assert.equal(await ledger.settled(), 'UPDATE_COMPLETE');
      await region.untilAnswered('/version', '2');
      await acknowledged.assertThere();
    });
    await t.test('while a stack is deleted', async () => {
      await ledger.delete();
      await ledger.untilEvent('Service', 'DELETE_IN_PROGRESS');
      await killAndStart(region);
      assert.equal(await ledger.settled(), 'GONE');
    });
    const { code, left } = await region.stop();
    assert.deepEqual({ code, left }, { code: 0, left: [] });
    assert.deepEqual(region.errors, []);
  },
);

async function killAndStart(region: FaultyRegion): Promise<void> {
  const children = await region.kill();
  await region.start();
  await until('what the killed region had started has ended', () => stillRunning(children).length === 0);
}

/** Writes through the API and through the load balancer, and remembers what was answered. */
class Acknowledged {
  readonly #region: FaultyRegion;
  readonly #parameters: string[] = [];
  readonly #rows: string[] = [];
  #next = 0;
  #isWriting = false;

  constructor(region: FaultyRegion) {
    this.#region = region;
  }

  async whileWriting(count: number, run: () => Promise<void>): Promise<void> {
    this.#isWriting = true;
    const writers = [this.#writeParameters(), this.#writeRows(), this.#writeRows()];
    const isEnough = () => this.#parameters.length >= count && this.#rows.length >= count;
    await until(`${count} writes are acknowledged`, isEnough);
    await run();
    this.#isWriting = false;
    await Promise.all(writers);
  }

  async assertThere(): Promise<void> {
    const client = new SSMClient(this.#region.client);
    for (const Name of this.#parameters) {
      const { Parameter } = await client.send(new GetParameterCommand({ Name }));
      assert.equal(Parameter?.Value, Name);
    }
    await until('the load balancer answers', async () => (await this.#region.get('/none'))?.status === 404);
    for (const path of this.#rows)
      assert.deepEqual(await this.#region.get(path), { status: 200, text: path });
  }

  async #writeParameters(): Promise<void> {
    const client = new SSMClient(this.#region.client);
    while (this.#isWriting) {
      const Name = `/n${this.#next++}`;
      const isStored = await client.send(new PutParameterCommand({ Name, Value: Name, Type: 'String' })).then(
        () => true,
        () => false,
      );
      if (isStored) this.#parameters.push(Name);
    }
  }

  async #writeRows(): Promise<void> {
    while (this.#isWriting) {
      const path = `/n${this.#next++}`;
      const answer = await this.#region.get(path, { method: 'PUT' });
      if (answer?.status === 201) this.#rows.push(path);
    }
  }
}
