import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../kernel/table.ts';
import { testRegion } from '../../testing/test-region.ts';
import { logs } from './service.ts';
import { memoryStore } from './testing/memory-store.ts';

async function region() {
  let commits: readonly (readonly Change[])[] = [];
  const made = testRegion((tables) => [logs({ tables, store: memoryStore(() => commits) })]);
  commits = made.commits;
  const group = { logGroupName: '/app' };
  await made.call('logs', 'createLogGroup', group);
  await made.call('logs', 'createLogStream', { ...group, logStreamName: 's' });
  const put = (...messages: string[]) =>
    made.call('logs', 'putLogEvents', {
      ...group,
      logStreamName: 's',
      logEvents: messages.map((message) => ({ timestamp: made.now(), message })),
    });
  return { ...made, group, put };
}

test('events of the same millisecond come back in the order in which they were put', async () => {
  const { call, put, group } = await region();
  await put('one', 'two');
  await put('three');
  const { events } = await call('logs', 'getLogEvents', {
    ...group,
    logStreamName: 's',
    startFromHead: true,
  });
  assert.deepEqual(
    events?.map((event) => event.message),
    ['one', 'two', 'three'],
  );
});

test('following forward tokens gives new events, and the same token at the end', async () => {
  const { call, put, group, advance } = await region();
  const stream = { ...group, logStreamName: 's', startFromHead: true };
  await put('one');
  const first = await call('logs', 'getLogEvents', stream);
  const end = await call('logs', 'getLogEvents', { ...stream, nextToken: first.nextForwardToken });
  assert.deepEqual([end.events, end.nextForwardToken], [[], first.nextForwardToken]);
  await advance(1);
  await put('two');
  const more = await call('logs', 'getLogEvents', { ...stream, nextToken: end.nextForwardToken });
  assert.deepEqual(
    more.events?.map((event) => event.message),
    ['two'],
  );
});

test('FilterLogEvents gives pages over all streams, in order of time', async () => {
  const { call, put, group, advance } = await region();
  await call('logs', 'createLogStream', { ...group, logStreamName: 't' });
  await put('ERROR a');
  await advance(1);
  await put('fine', 'ERROR b');
  const first = await call('logs', 'filterLogEvents', { ...group, filterPattern: 'ERROR', limit: 1 });
  assert.deepEqual(
    first.events?.map((event) => event.message),
    ['ERROR a'],
  );
  const second = await call('logs', 'filterLogEvents', {
    ...group,
    filterPattern: 'ERROR',
    nextToken: first.nextToken,
  });
  assert.deepEqual(
    second.events?.map((event) => event.message),
    ['ERROR b'],
  );
});

test('events too old, expired or too new are rejected singly, the rest is kept', async () => {
  const { call, now, group } = await region();
  const hour = 3_600_000;
  await call('logs', 'putRetentionPolicy', { ...group, retentionInDays: 1 });
  const answer = await call('logs', 'putLogEvents', {
    ...group,
    logStreamName: 's',
    logEvents: [
      { timestamp: now() - 25 * hour + 4 * hour, message: 'kept' },
      { timestamp: now() + 3 * hour - 1, message: 'too new' },
    ],
  });
  assert.deepEqual(answer.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 });
});

test('events past their retention are not given', async () => {
  const { call, put, group, advance } = await region();
  await call('logs', 'putRetentionPolicy', { ...group, retentionInDays: 1 });
  await put('old');
  await advance(86_400 + 1);
  const { events } = await call('logs', 'filterLogEvents', group);
  assert.deepEqual(events, []);
});

test('a batch out of order is refused whole', async () => {
  const { call, now, group } = await region();
  const logEvents = [
    { timestamp: now(), message: 'b' },
    { timestamp: now() - 1, message: 'a' },
  ];
  await assert.rejects(
    call('logs', 'putLogEvents', { ...group, logStreamName: 's', logEvents }),
    /chronological order/,
  );
});

test('a limit that is out of bounds is refused, not cut', async () => {
  const { call, group } = await region();
  const tooMany = /'51' at 'limit' failed to satisfy constraint: .* less than or equal to 50/;
  await assert.rejects(call('logs', 'describeLogGroups', { limit: 51 }), tooMany);
  await assert.rejects(call('logs', 'describeLogStreams', { ...group, limit: 51 }), tooMany);
  await assert.rejects(call('logs', 'describeMetricFilters', { limit: 51 }), tooMany);
  await assert.rejects(call('logs', 'filterLogEvents', { ...group, limit: 10_001 }), /equal to 10000/);
  await assert.rejects(call('logs', 'filterLogEvents', { ...group, limit: 0 }), /greater than or equal to 1/);
});

test('a group of the standard class is made, another class is refused by its name', async () => {
  const { call } = await region();
  const standard = { logGroupClass: 'STANDARD', deletionProtectionEnabled: false } as const;
  await call('logs', 'createLogGroup', { logGroupName: '/standard', ...standard });
  const { logGroups } = await call('logs', 'describeLogGroups', { logGroupNamePrefix: '/standard' });
  assert.deepEqual(
    logGroups?.map(({ logGroupClass }) => logGroupClass),
    ['STANDARD'],
  );
  await assert.rejects(
    call('logs', 'createLogGroup', { logGroupName: '/rare', logGroupClass: 'INFREQUENT_ACCESS' }),
    /logGroupClass INFREQUENT_ACCESS is not modelled/,
  );
  await assert.rejects(
    call('logs', 'createLogGroup', { logGroupName: '/kept', deletionProtectionEnabled: true }),
    /deletionProtectionEnabled is not modelled/,
  );
});
