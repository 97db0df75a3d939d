import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
  paginateGetMetricData,
  paginateListMetrics,
} from '@aws-sdk/client-cloudwatch';
import { installed, pythonWith, succeed } from './testing/command.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const minute = 60_000;
/** A whole minute some minutes ago, on the machine's clock, which is the region's. */
const base = Math.floor(Date.now() / minute) * minute - 30 * minute;
const at = (minutes: number): Date => new Date(base + minutes * minute);

describe('metrics of CloudWatch by real clients', () => {
  let region: RegionProcess;
  before(async () => {
    region = await startRegionProcess();
  });
  after(() => region.close());

  test('the SDK puts 1000 metrics at once, compressed, lists them by pages and reads them by pages', async () => {
    const client = new CloudWatchClient(region.client);
    const MetricData = Array.from({ length: 1000 }, (_, i) => ({
      MetricName: 'Requests',
      Dimensions: [{ Name: 'ServiceName', Value: `service-${i}` }],
      Timestamp: at(0),
      Value: i,
      Unit: 'Count' as const,
    }));
    await client.send(new PutMetricDataCommand({ Namespace: 'Sdk', MetricData }));
    let listed = 0;
    for await (const { Metrics = [] } of paginateListMetrics({ client }, { Namespace: 'Sdk' })) {
      listed += Metrics.length;
    }
    assert.equal(listed, 1000);
    const question = {
      StartTime: at(-5),
      EndTime: at(5),
      MaxDatapoints: 300,
      MetricDataQueries: MetricData.slice(0, 500).map(({ Dimensions }, i) => ({
        Id: `m${i}`,
        MetricStat: {
          Metric: { Namespace: 'Sdk', MetricName: 'Requests', Dimensions },
          Period: 60,
          Stat: 'Sum',
        },
      })),
    };
    const values: number[] = [];
    let pages = 0;
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, question)) {
      pages += 1;
      for (const { Values = [] } of MetricDataResults) values.push(...Values);
    }
    assert.deepEqual([pages, values.length, values[499]], [2, 500, 499]);
    client.destroy();
  });

  test('the SDK reads statistics, percentiles and metric math, and AWS errors as its classes', async () => {
    const client = new CloudWatchClient(region.client);
    const put = (MetricName: string, Values: number[], minutes: number) =>
      client.send(
        new PutMetricDataCommand({
          Namespace: 'Math',
          MetricData: [{ MetricName, Values, Timestamp: at(minutes), StorageResolution: 1 }],
        }),
      );
    await put('Errors', [1, 1], 0);
    await put('Requests', [10, 30], 0);
    await put('Requests', [50], 1);
    const metric = (Id: string, MetricName: string) => ({
      Id,
      ReturnData: false,
      MetricStat: { Metric: { Namespace: 'Math', MetricName }, Period: 60, Stat: 'Sum' },
    });
    const { MetricDataResults } = await client.send(
      new GetMetricDataCommand({
        StartTime: at(0),
        EndTime: at(3),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          metric('errors', 'Errors'),
          metric('requests', 'Requests'),
          { Id: 'rate', Expression: '100 * FILL(errors, 0) / requests', Label: 'error rate' },
        ],
      }),
    );
    assert.deepEqual(MetricDataResults, [
      {
        Id: 'rate',
        Label: 'error rate',
        Timestamps: [at(0), at(1)],
        Values: [5, 0],
        StatusCode: 'Complete',
      },
    ]);
    const statistics = {
      Namespace: 'Math',
      MetricName: 'Requests',
      StartTime: at(0),
      EndTime: at(3),
      Period: 300,
    };
    const { Datapoints } = await client.send(
      new GetMetricStatisticsCommand({ ...statistics, ExtendedStatistics: ['p50', 'tm90'] }),
    );
    assert.equal(Datapoints?.[0]?.ExtendedStatistics?.['p50'], 30);
    await assert.rejects(
      client.send(new GetMetricStatisticsCommand({ ...statistics, Period: 61, Statistics: ['Sum'] })),
      {
        name: 'InvalidParameterValueException',
      },
    );
    await assert.rejects(
      client.send(
        new PutMetricDataCommand({ Namespace: 'AWS/ECS', MetricData: [{ MetricName: 'x', Value: 1 }] }),
      ),
      {
        name: 'InvalidParameterValueException',
        message: /The value AWS\/ECS for parameter Namespace is invalid/,
      },
    );
    await client.send(new ListMetricsCommand({ Namespace: 'Math', RecentlyActive: 'PT3H' }));
    client.destroy();
  });

  test('aws cloudwatch put-metric-data, get-metric-statistics, get-metric-data, list-metrics', async (t) => {
    if ((await installed('aws')).length === 0) return t.skip('needs the AWS CLI');
    const aws = async (...args: readonly string[]): Promise<unknown> => {
      const all = ['--endpoint-url', region.endpoint, 'cloudwatch', ...args, '--output', 'json'];
      const { stdout } = await succeed('aws', all, { env: region.environment, cwd: region.scratch });
      return stdout === '' ? undefined : JSON.parse(stdout);
    };
    const when = at(0).toISOString();
    // The documentation's own example (publishingMetrics): statistic sets.
    await aws(
      ...'put-metric-data --metric-name PageViewCount --namespace MyService'.split(' '),
      ...['--statistic-values', 'Sum=11,Minimum=2,Maximum=5,SampleCount=3', '--timestamp', when],
    );
    await aws(
      ...'put-metric-data --metric-name Buffers --namespace MyService --unit Bytes --value 231434333'.split(
        ' ',
      ),
      ...['--dimensions', 'InstanceID=1-23456789,InstanceType=m1.small', '--timestamp', when],
    );
    const times = ['--start-time', when, '--end-time', at(5).toISOString()];
    const statistics = await aws(
      ...'get-metric-statistics --namespace MyService --metric-name PageViewCount --period 60'.split(' '),
      ...['--statistics', 'Sum', 'Maximum', 'Minimum', 'Average', 'SampleCount', ...times],
      ...['--query', '[Label,Datapoints[].[SampleCount,Average,Sum,Minimum,Maximum,Unit]]'],
    );
    assert.deepEqual(statistics, ['PageViewCount', [[3, 11 / 3, 11, 2, 5, 'None']]]);
    const queries = [
      { Id: 'm1', Expression: `SEARCH('{MyService,InstanceID,InstanceType} Buffers', 'Maximum', 60)` },
    ];
    const data = await aws(
      'get-metric-data',
      '--metric-data-queries',
      JSON.stringify(queries),
      ...times,
      '--query',
      'MetricDataResults[].[Id,Label,Values,StatusCode]',
    );
    assert.deepEqual(data, [['m1', 'Buffers', [231434333], 'Complete']]);
    assert.deepEqual(
      await aws('list-metrics', '--namespace', 'MyService', '--query', 'Metrics[].MetricName'),
      ['PageViewCount', 'Buffers'],
    );
  });

  test('boto3 puts, reads and pages metrics', async (t) => {
    const options = { env: region.environment };
    const python = await pythonWith('boto3');
    if (!python) return t.skip('needs boto3');
    const { stdout } = await succeed(python, ['-'], { ...options, input: script });
    assert.deepEqual(JSON.parse(stdout), {
      listed: 600,
      pages: [2, 1],
      statistics: [300, 180300],
      metric: 'InvalidParameterCombination',
      math: [[2, 4, 6]],
    });
  });
});

const script = `
import boto3, json, os, datetime
from botocore.exceptions import ClientError
endpoint = os.environ['AWS_ENDPOINT_URL']
client = boto3.client('cloudwatch', endpoint_url=endpoint)
answer = {}
start = datetime.datetime.fromtimestamp(${base / 1000}, datetime.timezone.utc)
at = lambda minutes: start + datetime.timedelta(minutes=minutes)
# Over 10 KiB: compressed by botocore.
client.put_metric_data(Namespace='Boto', MetricData=[
    {'MetricName': 'Depth', 'Dimensions': [{'Name': 'Queue', 'Value': str(n)}], 'Timestamp': at(0), 'Value': n}
    for n in range(600)])
pages = client.get_paginator('list_metrics').paginate(Namespace='Boto', MetricName='Depth')
answer['listed'] = sum(len(page['Metrics']) for page in pages)
client.put_metric_data(Namespace='Boto', MetricData=[
    {'MetricName': 'Load', 'Timestamp': at(minute), 'Value': minute + 1} for minute in range(3)])
query = lambda expression: [
    {'Id': 'm1', 'MetricStat': {'Metric': {'Namespace': 'Boto', 'MetricName': 'Load'}, 'Period': 60, 'Stat': 'Average'},
     'ReturnData': expression is None}] + ([] if expression is None else [{'Id': 'e1', 'Expression': expression}])
times = {'StartTime': at(0), 'EndTime': at(10), 'ScanBy': 'TimestampAscending'}
pages = client.get_paginator('get_metric_data').paginate(
    MetricDataQueries=query(None), **times, PaginationConfig={'PageSize': 2})
answer['pages'] = [len(page['MetricDataResults'][0]['Values']) for page in pages]
client.put_metric_data(Namespace='Boto', MetricData=[
    {'MetricName': 'Sizes', 'Timestamp': at(0), 'Values': [float(n) for n in range(1, 151)], 'Counts': [8.0] * 150},
    {'MetricName': 'Sizes', 'Timestamp': at(1), 'StatisticValues': {'SampleCount': 1200, 'Sum': 89700, 'Minimum': 1, 'Maximum': 300}}])
metric = boto3.resource('cloudwatch', endpoint_url=endpoint).Metric('Boto', 'Sizes')
points = metric.get_statistics(StartTime=at(0), EndTime=at(10), Period=600, Statistics=['Sum', 'Maximum'])['Datapoints']
answer['statistics'] = [points[0]['Maximum'], points[0]['Sum']]
try:
    metric.get_statistics(StartTime=at(0), EndTime=at(10), Period=600)
except ClientError as error:
    answer['metric'] = error.response['Error']['Code']
answer['math'] = [r['Values'] for r in client.get_metric_data(MetricDataQueries=query('m1 * 2'), **times)['MetricDataResults']]
print(json.dumps(answer))
`;
