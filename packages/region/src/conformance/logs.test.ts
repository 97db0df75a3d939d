/** Metric filters and Insights queries of CloudWatch Logs by their real clients. Unconfirmed against AWS itself. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  GetQueryResultsCommand,
  MalformedQueryException,
  PutLogEventsCommand,
  PutMetricFilterCommand,
  paginateDescribeMetricFilters,
  paginateFilterLogEvents,
  StartQueryCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { installed, run, succeed } from './testing/command.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const group = { logGroupName: '/conformance' };
const hasCli = (await installed('aws')).length > 0;
const minute = 60_000;

describe('CloudWatch Logs', () => {
  let region: RegionProcess;
  const now = Math.floor(Date.now() / minute) * minute;
  before(async () => {
    region = await startRegionProcess();
    const client = new CloudWatchLogsClient(region.client);
    await client.send(new CreateLogGroupCommand(group));
    await client.send(new CreateLogStreamCommand({ ...group, logStreamName: 's' }));
    await client.send(
      new PutMetricFilterCommand({
        ...group,
        filterName: 'slow',
        filterPattern: '{ $.ms > 100 }',
        metricTransformations: [
          { metricName: 'Slow', metricNamespace: 'Shop', metricValue: '$.ms', unit: 'Milliseconds' },
        ],
      }),
    );
    const logEvents = [30, 200, 400].map((ms) => ({
      timestamp: now,
      message: JSON.stringify({ ms, path: ms > 300 ? '/pay' : '/' }),
    }));
    await client.send(new PutLogEventsCommand({ ...group, logStreamName: 's', logEvents }));
  });
  after(() => region.close());

  test('the AWS SDK for JavaScript: filters, their metrics, pages, queries and errors', async () => {
    const client = new CloudWatchLogsClient(region.client);
    const { Datapoints } = await new CloudWatchClient(region.client).send(
      new GetMetricStatisticsCommand({
        Namespace: 'Shop',
        MetricName: 'Slow',
        StartTime: new Date(now),
        EndTime: new Date(now + minute),
        Period: 60,
        Statistics: ['Sum', 'SampleCount'],
      }),
    );
    assert.deepEqual(
      Datapoints?.map(({ Sum, SampleCount, Unit }) => [Sum, SampleCount, Unit]),
      [[600, 2, 'Milliseconds']],
    );
    for (let i = 0; i < 5; i += 1) {
      const transformation = { metricName: `M${i}`, metricNamespace: 'Pages', metricValue: '1' };
      await client.send(
        new PutMetricFilterCommand({
          ...group,
          filterName: `page-${i}`,
          filterPattern: '[w1 = ERROR, ...]',
          metricTransformations: [transformation],
        }),
      );
    }
    const names: (string | undefined)[] = [];
    const filters = { ...group, filterNamePrefix: 'page' };
    for await (const page of paginateDescribeMetricFilters({ client, pageSize: 2 }, filters))
      names.push(...(page.metricFilters ?? []).map(({ filterName }) => filterName));
    assert.deepEqual(names, ['page-0', 'page-1', 'page-2', 'page-3', 'page-4']);
    const found: (string | undefined)[] = [];
    const events = { ...group, filterPattern: '{ $.path = "/p*" }' };
    for await (const page of paginateFilterLogEvents({ client, pageSize: 1 }, events))
      found.push(...(page.events ?? []).map(({ message }) => message));
    assert.deepEqual(found, ['{"ms":400,"path":"/pay"}']);
    assert.deepEqual(await queried(client, now), [
      { path: '/', n: '2', most: '200' },
      { path: '/pay', n: '1', most: '400' },
    ]);
    const wrong = { ...group, startTime: 0, endTime: 1, queryString: 'fields @message | patern x' };
    await assert.rejects(
      client.send(new StartQueryCommand(wrong)),
      (error) =>
        error instanceof MalformedQueryException && error.queryCompileError?.location?.startCharOffset === 18,
    );
  });

  test('the AWS CLI: test-metric-filter, describe-metric-filters, start-query', {
    skip: !hasCli,
  }, async () => {
    const aws = async (...args: readonly string[]) =>
      JSON.parse(
        (await succeed('aws', ['logs', ...args, '--output', 'json'], { env: region.environment })).stdout,
      );
    const { matches } = await aws(
      'test-metric-filter',
      '--filter-pattern',
      '[ip, status = 5*]',
      '--log-event-messages',
      '1.1.1.1 200',
      '2.2.2.2 503',
    );
    assert.deepEqual(matches, [
      { eventNumber: 2, eventMessage: '2.2.2.2 503', extractedValues: { $ip: '2.2.2.2', $status: '503' } },
    ]);
    const { metricFilters } = await aws('describe-metric-filters', '--filter-name-prefix', 'slow');
    assert.equal(metricFilters[0].metricTransformations[0].metricValue, '$.ms');
    const { queryId } = await aws(
      'start-query',
      ...['--log-group-name', group.logGroupName, '--start-time', String(now / 1000)],
      ...['--end-time', String(now / 1000 + 60), '--query-string', 'filter ms = 30 | fields path'],
    );
    let answer = await aws('get-query-results', '--query-id', queryId);
    while (answer.status === 'Running') answer = await aws('get-query-results', '--query-id', queryId);
    assert.deepEqual(answer.results[0][0], { field: 'path', value: '/' });
  });

  test('boto3: metric filters, queries and their errors', async (t) => {
    const python = await pythonWithBoto();
    if (python === undefined) return t.skip('boto3 is not installed');
    const said = await succeed(python, ['-c', script], { env: region.environment });
    assert.equal(
      said.stdout,
      "Complete [[{'field': 'count(*)', 'value': '0'}]]\nMalformedQueryException 0\n",
    );
  });
});

const script = `
import boto3
logs = boto3.client('logs')
logs.create_log_group(logGroupName='/boto')
logs.put_metric_filter(logGroupName='/boto', filterName='f', filterPattern='ERROR', metricTransformations=[
  {'metricName': 'E', 'metricNamespace': 'Boto', 'metricValue': '1', 'defaultValue': 0}])
assert len(list(logs.get_paginator('describe_metric_filters').paginate(logGroupName='/boto'))) == 1
logs.delete_metric_filter(logGroupName='/boto', filterName='f')
query = logs.start_query(logGroupName='/boto', startTime=0, endTime=1, queryString='stats count(*)')['queryId']
answer = logs.get_query_results(queryId=query)
while answer['status'] == 'Running': answer = logs.get_query_results(queryId=query)
print(answer['status'], answer['results'])
try: logs.start_query(logGroupName='/boto', startTime=0, endTime=1, queryString='pattern @message')
except logs.exceptions.MalformedQueryException as error:
  print('MalformedQueryException', error.response['queryCompileError']['location']['startCharOffset'])
`;

async function queried(client: CloudWatchLogsClient, now: number): Promise<readonly object[]> {
  const { queryId } = await client.send(
    new StartQueryCommand({
      ...group,
      startTime: now / 1000,
      endTime: now / 1000 + 60,
      queryString: 'stats count(*) as n, max(ms) as most by path | sort path',
    }),
  );
  let answer = await client.send(new GetQueryResultsCommand({ queryId }));
  while (answer.status === 'Running') answer = await client.send(new GetQueryResultsCommand({ queryId }));
  return (answer.results ?? []).map((row) =>
    Object.fromEntries(row.map(({ field = '', value }) => [field, value])),
  );
}

async function pythonWithBoto(): Promise<string | undefined> {
  for (const python of await installed('python3')) {
    const { status } = await run(python, ['-c', 'import boto3'], { env: process.env });
    if (status === 0) return python;
  }
  return undefined;
}
