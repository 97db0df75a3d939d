import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../testing/test-region.ts';
import { AwsError } from './aws-error.ts';
import type { Context } from './context.ts';
import { after } from './instant.ts';
import { operation, type ServiceModule } from './service.ts';
import type { Table, Tables } from './table.ts';
import type { Timer } from './timers.ts';

interface Toy {
  readonly module: ServiceModule;
  readonly parameters: Table<string>;
  readonly log: string[];
}

/** A service of a few lines under the name of ssm, to see the kernel by. */
function toy(tables: Tables): Toy {
  const parameters = tables.table<string>('ssm.parameters');
  const log: string[] = [];
  const module: ServiceModule = {
    name: 'ssm',
    operations: {
      PutParameter: operation<{ Name?: string; Value?: string; Tier?: string }, object>({
        accepts: ['Name', 'Value'],
        ignores: { Tier: 'there is one tier' },
        handler: (ctx, { Name = '', Value = '' }) => put(ctx, Name, Value),
      }),
    },
    onTimer: (ctx, timer: Timer) => {
      log.push(`${timer.name} ${timer.subject} at ${ctx.now - start}`);
      if (timer.subject === 'broken') throw new Error('a bug');
      parameters.put(timer.subject, 'expired');
    },
    onEvent: (_ctx, event: { readonly kind: string }) => log.push(event.kind),
    perform: async (action: { readonly kind: string }) => ({ kind: `${action.kind} done` }),
  };
  const put = (ctx: Context, name: string, value: string): object => {
    parameters.put(name, value);
    ctx.timers.set(name, 'expiry', after(ctx.now, 30));
    ctx.perform({ kind: `announce ${name}` });
    if (value === 'refused') throw new AwsError('ValidationException', 'refused');
    if (value === 'nested') {
      assert.throws(() => ctx.call('ssm', 'putParameter', { Name: 'inner', Value: 'refused' }));
    }
    return { Version: 1 };
  };
  return { module, parameters, log };
}

const start = Date.parse('2026-11-22T12:00:00Z');

function region() {
  let made: Toy | undefined;
  const test = testRegion((tables) => {
    made = toy(tables);
    return [made.module];
  });
  assert.ok(made);
  return { ...test, ...made };
}

test('a refused request leaves no record, no timer and no effect behind', async () => {
  const { call, parameters, kernel, log } = region();
  await assert.rejects(call('ssm', 'putParameter', { Name: 'a', Value: 'refused' }), /refused/);
  await kernel.settled();
  assert.equal(parameters.size, 0);
  assert.deepEqual(kernel.listTimers(), []);
  assert.deepEqual(log, []);
});

test("a nested call's refusal undoes the nested writes only", async () => {
  const { call, parameters, kernel, log } = region();
  await call('ssm', 'putParameter', { Name: 'outer', Value: 'nested' });
  await kernel.settled();
  assert.deepEqual([...parameters.entries()], [['outer', 'nested']]);
  assert.deepEqual(log, ['announce outer done']);
});

test('a request is answered after its writes are stored', async () => {
  const { call, commits } = region();
  await call('ssm', 'putParameter', { Name: 'a', Value: '1' });
  assert.deepEqual(
    commits.flat().map((change) => `${change.table} ${change.key.replaceAll('\0', '/')}`),
    ['ssm.parameters a', 'kernel.timers ssm/a/expiry'],
  );
});

test('timers fire in order of their deadlines, each at its own instant', async () => {
  const { call, advance, log } = region();
  await call('ssm', 'putParameter', { Name: 'first', Value: '1' });
  await advance(10);
  await call('ssm', 'putParameter', { Name: 'second', Value: '1' });
  await advance(100);
  assert.deepEqual(
    log.filter((line) => line.startsWith('expiry')),
    ['expiry first at 30000', 'expiry second at 40000'],
  );
});

test('a timer whose handler fails is told to the host and not tried again', async () => {
  const { call, advance, log, messages, parameters } = region();
  await call('ssm', 'putParameter', { Name: 'broken', Value: '1' });
  await advance(100);
  assert.equal(log.filter((line) => line.startsWith('expiry broken')).length, 1);
  assert.equal(parameters.get('broken'), '1');
  assert.equal(messages.filter((message) => message.code === 'internal-failure').length, 1);
});

test('an unknown member is refused by name, an ignored one is announced once', async () => {
  const { call, messages } = region();
  await assert.rejects(
    call('ssm', 'putParameter', { Name: 'a', Value: '1', Policies: 'x' }),
    /ssm PutParameter: member Policies is not modelled/,
  );
  await call('ssm', 'putParameter', { Name: 'a', Value: '1', Tier: 'Standard' });
  await call('ssm', 'putParameter', { Name: 'b', Value: '1', Tier: 'Standard' });
  assert.deepEqual(
    messages.map((message) => message.text),
    ['ssm PutParameter: Tier is accepted but ignored: there is one tier'],
  );
});

test('a region cut off after any commit comes back with its timers', async () => {
  const { call, commits } = region();
  await call('ssm', 'putParameter', { Name: 'a', Value: '1' });
  let again: Toy | undefined;
  const resumed = testRegion(
    (tables) => {
      again = toy(tables);
      return [again.module];
    },
    { commits },
  );
  await resumed.advance(31);
  assert.equal(again?.parameters.get('a'), 'expired');
});
