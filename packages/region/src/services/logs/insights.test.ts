import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../kernel/table.ts';
import { testRegion } from '../../testing/test-region.ts';
import { queryOfWidget } from './log-widget.ts';
import { logs } from './service.ts';
import { memoryStore } from './testing/memory-store.ts';

const start = Date.parse('2026-11-22T12:00:00Z');

/** Oldest first. */
const messages = [
  '{"level":"info","path":"/","ms":12,"user":{"id":"u1"}}',
  '{"level":"error","path":"/pay","ms":900,"user":{"id":"u2"},"tags":["slow","db"]}',
  'plain Error: user=anna, method:get, took 35 ms',
  '{"level":"info","path":"/","ms":"30"}',
  '{"level":"error","path":"/pay","ms":1500}',
];

async function region() {
  let commits: readonly (readonly Change[])[] = [];
  const made = testRegion((tables) => [logs({ tables, store: memoryStore(() => commits) })]);
  commits = made.commits;
  const group = { logGroupName: '/app' };
  await made.call('logs', 'createLogGroup', group);
  await made.call('logs', 'createLogStream', { ...group, logStreamName: 'web/1' });
  for (const message of messages) {
    await made.call('logs', 'putLogEvents', {
      ...group,
      logStreamName: 'web/1',
      logEvents: [{ timestamp: made.now(), message }],
    });
    await made.advance(60);
  }
  const startQuery = async (queryString: string) =>
    made.call('logs', 'startQuery', {
      ...group,
      startTime: start / 1000,
      endTime: start / 1000 + 3600,
      queryString,
    });
  const query = async (queryString: string) => {
    const { queryId } = await startQuery(queryString);
    await made.advance(0);
    const { status, results = [] } = await made.call('logs', 'getQueryResults', { queryId });
    assert.equal(status, 'Complete');
    return results.map((row) =>
      Object.fromEntries(
        row.filter(({ field }) => field !== '@ptr').map(({ field, value }) => [field, value]),
      ),
    );
  };
  const store = memoryStore(() => commits);
  const widget = (queryString: string) =>
    queryOfWidget({ tables: made.tables, store, accountId: '000000000000', now: made.now() }, queryString, {
      start,
      end: made.now(),
    });
  return { ...made, group, startQuery, query, widget };
}

/** Queries and their results. */
const rows: readonly (readonly [query: string, results: readonly object[]])[] = [
  ['fields ms | filter level = "error" | sort ms asc', [{ ms: '900' }, { ms: '1500' }]],
  [
    'fields @timestamp, @logStream, @log | sort @timestamp asc | limit 1',
    [{ '@timestamp': '2026-11-22 12:00:00.000', '@logStream': 'web/1', '@log': '000000000000:/app' }],
  ],
  [
    'filter @message like /(?i)error/ and not ispresent(level) | display @message',
    [{ '@message': messages[2] }],
  ],
  ['filter @message like "Error:" | fields strlen(@message) as length', [{ length: '46' }]],
  ['filter @message =~ /took \\d+ ms/ | display @message', [{ '@message': messages[2] }]],
  ['filter ms > 10 and ms <= 30 | fields ms', [{ ms: '30' }, { ms: '12' }]],
  ['filter level >= 1 or level < 1 | stats count(*) as n', [{ n: '0' }]],
  ['filter ms >= 900 or user.id = "u1" | stats count(*) as n', [{ n: '3' }]],
  ['filter path in ["/pay", "/x"] | stats count(*)', [{ 'count(*)': '2' }]],
  ['filter path not in ["/pay"] | stats count(*) as n', [{ n: '2' }]],
  ['filter level not like /err/ | stats count(*) as n', [{ n: '2' }]],
  ['filter tags.1 = "db" | fields user.id', [{ 'user.id': 'u2' }]],
  ['filter ms / 2 + 50 = 500 | fields ms * 2 as twice', [{ twice: '1800' }]],
  [
    'parse @message "user=*, method:*, took * ms" as name, verb, took | filter ispresent(name) | display name, verb, took',
    [{ name: 'anna', verb: 'get', took: '35' }],
  ],
  ['parse @message /user=(?<name>\\w+)/ | filter name = "anna" | display name', [{ name: 'anna' }]],
  [
    'stats count(*) as n, sum(ms) as sum, avg(ms) as mean, min(ms) as least, max(ms) as most, pct(ms, 50) as p50 by level | filter ispresent(level) | sort level',
    [
      { level: 'error', n: '2', sum: '2400', mean: '1200', least: '900', most: '1500', p50: '900' },
      { level: 'info', n: '2', sum: '42', mean: '21', least: '12', most: '30', p50: '12' },
    ],
  ],
  [
    'stats count(*) by bin(2m) as at | sort at',
    [
      { at: '2026-11-22 12:00:00.000', 'count(*)': '2' },
      { at: '2026-11-22 12:02:00.000', 'count(*)': '2' },
      { at: '2026-11-22 12:04:00.000', 'count(*)': '1' },
    ],
  ],
  // The slowest, though most events have no such field.
  ['sort ms desc | limit 2 | display ms', [{ ms: '1500' }, { ms: '900' }]],
  ['stats count_distinct(level) as levels', [{ levels: '2' }]],
  ['filter level = "none" | stats count(*) as n, avg(ms) as mean', [{ n: '0' }]],
  [
    'filter ispresent(level) | sort ms desc | display level, ms | dedup level | limit 5',
    [
      { level: 'error', ms: '1500' },
      { level: 'info', ms: '30' },
    ],
  ],
  ['# a comment\nfields toupper(level) as l # another\n| filter l = "INFO" | limit 1', [{ l: 'INFO' }]],
  ['fields concat(level, " ", path) as what | filter ms = 1500', [{ what: 'error /pay' }]],
];

for (const [queryString, results] of rows) {
  test(`Insights: ${queryString}`, async () => {
    const { query } = await region();
    assert.deepEqual(await query(queryString), results);
  });
}

/** Queries that cannot be run, what is said, and where. */
const wrong: readonly (readonly [query: string, message: RegExp, start: number])[] = [
  ['fieldz @message', /^unexpected symbol found fieldz at line 1 and position 1$/, 0],
  ['fields @message |', /^unexpected end of the query at line 1 and position 18$/, 17],
  ['fields @message\n| filter a >', /unexpected end of the query at line 2 and position 13/, 28],
  ['pattern @message', /^The command pattern is not modelled by this local region. Modelled are fields,/, 0],
  ['stats stddev(ms)', /^The statistic stddev is not modelled/, 6],
  ['fields jsonParse(@message)', /^The function jsonParse is not modelled/, 7],
  ['fields strlen(a, b)', /^strlen takes 1 arguments/, 7],
  ['parse @message "a * b *" as one', /the pattern has 2 \*, and 1 names follow/, 15],
  ['filter @message like /(/', /is not a regular expression/, 21],
  ['dedup level | display level', /^The command display may not follow dedup/, 14],
  ['limit ten', /unexpected symbol found ten at line 1 and position 7, expecting number/, 6],
];

for (const [queryString, message, startCharOffset] of wrong) {
  test(`Insights refuses ${JSON.stringify(queryString)} and says where`, async () => {
    const { startQuery } = await region();
    await assert.rejects(startQuery(queryString), (error: unknown) => {
      const { code, message: said, fields } = error as { code: string; message: string; fields: Fields };
      assert.equal(code, 'MalformedQueryException');
      assert.match(said, message);
      assert.equal(fields.queryCompileError.location.startCharOffset, startCharOffset);
      return true;
    });
  });
}

interface Fields {
  readonly queryCompileError: { readonly location: { readonly startCharOffset: number } };
}

test('a query is running, then complete, is listed, and is forgotten after a week', async () => {
  const { call, startQuery, advance, group } = await region();
  const { queryId } = await startQuery('fields @message | limit 2');
  await advance(0);
  const { results = [], statistics } = await call('logs', 'getQueryResults', { queryId });
  assert.deepEqual(
    results[0]?.map(({ field }) => field),
    ['@message', '@ptr'],
  );
  assert.deepEqual([statistics?.recordsMatched, statistics?.recordsScanned], [5, 5]);
  const { queries } = await call('logs', 'describeQueries', group);
  assert.deepEqual(
    queries?.map(({ status }) => status),
    ['Complete'],
  );
  await assert.rejects(call('logs', 'stopQuery', { queryId }), /is not running/);
  await advance(7 * 86_400 + 1);
  await assert.rejects(call('logs', 'getQueryResults', { queryId }), { code: 'ResourceNotFoundException' });
});

test('events before the start, after the end and past their retention are not read', async () => {
  const { call, group, advance } = await region();
  const count = async (from: number, to: number): Promise<number | undefined> => {
    const { queryId } = await call('logs', 'startQuery', {
      ...group,
      startTime: start / 1000 + from,
      endTime: start / 1000 + to,
      queryString: 'fields @message',
    });
    await advance(0);
    return (await call('logs', 'getQueryResults', { queryId })).results?.length;
  };
  assert.equal(await count(60, 180), 3);
  await call('logs', 'putRetentionPolicy', { ...group, retentionInDays: 1 });
  await advance(86_400 - 90);
  assert.equal(await count(0, 3600), 1);
});

test("a dashboard's log widget names its groups itself", async () => {
  const { widget } = await region();
  const rows = await widget("SOURCE '/app' | fields ms | filter ms > 1000");
  assert.deepEqual(rows[0]?.[0], { field: 'ms', value: '1500' });
  await assert.rejects(widget("SOURCE '/gone' | fields ms"), { code: 'ResourceNotFoundException' });
  await assert.rejects(widget("SOURCE '/app' | fieldz ms"), { code: 'MalformedQueryException' });
});
