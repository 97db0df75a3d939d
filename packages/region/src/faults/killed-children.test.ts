/** kill -9 of what the region runs: a task, a database, a watchdog. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { DescribeDBInstancesCommand, DescribeEventsCommand, RDSClient } from '@aws-sdk/client-rds';
import { FaultyRegion } from './testing/faulty-region.ts';
import { Ledger } from './testing/ledger.ts';
import { descendantsOf, hasProcessTable, type Seen, stillRunning } from './testing/process-table.ts';
import { until } from './testing/until.ts';

const options = { skip: hasProcessTable ? false : 'needs /proc', timeout: 180_000 };

test('what the region runs is replaced when it is killed, and the region tells so', options, async (t) => {
  const region = await FaultyRegion.create(t);
  const ledger = new Ledger(region);
  await region.start();
  await ledger.pushImage();
  await ledger.create();
  assert.equal(await ledger.settled(), 'CREATE_COMPLETE');
  await region.untilAnswered('/first', 'unknown');
  await region.get('/kept', { method: 'PUT' });
  const child = (part: string): Seen => {
    const found = descendantsOf(region.pid).find(({ command }) => command.includes(part));
    assert.ok(found, `${part} runs`);
    return found;
  };

  await t.test('a watchdog that is killed takes nothing with it', async () => {
    const watchdog = child('plimsoll-watchdog');
    process.kill(watchdog.pid, 'SIGKILL');
    await until('the watchdog has ended', () => stillRunning([watchdog]).length === 0);
    assert.equal((await region.get('/kept'))?.text, '/kept');
  });

  await t.test('a task that is killed is STOPPED with exit code 137 and replaced', async () => {
    const cluster = await ledger.physicalId('Cluster');
    const ecs = new ECSClient(region.client);
    process.kill(child('main.mjs').pid, 'SIGKILL');
    await until('the load balancer has no target', async () =>
      [502, 503].includes((await region.get('/'))?.status ?? 0),
    );
    await region.untilAnswered('/kept', '/kept');
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, desiredStatus: 'STOPPED' }));
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    assert.deepEqual(
      tasks.map(({ stopCode, stoppedReason, containers }) => [
        stopCode,
        stoppedReason,
        containers?.[0]?.exitCode,
      ]),
      [['EssentialContainerExited', 'Essential container in task exited', 137]],
    );
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: ['ledger'] }));
    const starts = (services[0]?.events ?? []).filter(({ message }) =>
      message?.includes('has started 1 tasks'),
    );
    assert.equal(starts.length, 2);
  });

  await t.test(
    'a database whose server is killed starts again with its rows, and an event says so',
    async () => {
      process.kill(child('/bin/postgres').pid, 'SIGKILL');
      const rds = new RDSClient(region.client);
      await until(
        'the database is available with its rows',
        async () => (await region.get('/kept'))?.text === '/kept',
      );
      await until('the database is available', async () => {
        const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({}));
        return DBInstances[0]?.DBInstanceStatus === 'available';
      });
      const { Events = [] } = await rds.send(new DescribeEventsCommand({ Duration: 60 }));
      assert.match(Events.map(({ Message }) => Message).join('\n'), /restart|recover|ended/i);
    },
  );
  assert.deepEqual(region.errors, []);
});
