import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installed, pythonWith, run, succeed } from './testing/command.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const hasCli = (await installed('aws')).length > 0;

describe('alarms, dashboards and images by real clients', () => {
  let region: RegionProcess;
  before(async () => {
    region = await startRegionProcess();
  });
  after(() => region.close());

  const aws = async (...args: readonly string[]): Promise<unknown> => {
    const { stdout } = await succeed(
      'aws',
      ['--endpoint-url', region.endpoint, '--output', 'json', ...args],
      {
        env: region.environment,
        cwd: region.scratch,
      },
    );
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  };

  test('the AWS CLI puts an alarm, waits for it, sets its state and reads its history', async (t) => {
    if (!hasCli) return t.skip('needs the AWS CLI');
    await aws(
      ...'cloudwatch put-metric-alarm --alarm-name cli-cpu --namespace App --metric-name Load --statistic Average'.split(
        ' ',
      ),
      ...'--period 60 --evaluation-periods 3 --datapoints-to-alarm 2 --threshold 60.5'.split(' '),
      ...'--comparison-operator GreaterThanThreshold --treat-missing-data ignore'.split(' '),
      ...'--dimensions Name=Service,Value=web --tags Key=team,Value=ops'.split(' '),
    );
    await aws('cloudwatch', 'wait', 'alarm-exists', '--alarm-names', 'cli-cpu');
    const described = (await aws('cloudwatch', 'describe-alarms', '--alarm-names', 'cli-cpu')) as {
      MetricAlarms: readonly Record<string, unknown>[];
    };
    const [alarm] = described.MetricAlarms;
    assert.deepEqual(
      [alarm?.['StateValue'], alarm?.['Threshold'], alarm?.['DatapointsToAlarm'], alarm?.['Dimensions']],
      ['INSUFFICIENT_DATA', 60.5, 2, [{ Name: 'Service', Value: 'web' }]],
    );
    const set = 'cloudwatch set-alarm-state --alarm-name cli-cpu --state-value ALARM --state-reason drill';
    await aws(...set.split(' '));
    const history = (await aws(
      ...'cloudwatch describe-alarm-history --alarm-name cli-cpu --history-item-type StateUpdate'.split(' '),
    )) as { AlarmHistoryItems: readonly { HistorySummary: string }[] };
    assert.equal(
      history.AlarmHistoryItems[0]?.HistorySummary,
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
    );
    const gone = 'cloudwatch set-alarm-state --alarm-name gone --state-value OK --state-reason x'.split(' ');
    const refused = await run('aws', ['--endpoint-url', region.endpoint, ...gone], {
      env: region.environment,
    });
    assert.match(refused.stderr, /\(ResourceNotFound\).*SetAlarmState operation: Unknown/);
  });

  test('a metric moves an alarm as the clock goes on, and its history tells so', async (t) => {
    if (!hasCli) return t.skip('needs the AWS CLI');
    await aws(
      ...'cloudwatch put-metric-alarm --alarm-name moved --namespace App --metric-name Moved --statistic Maximum'.split(
        ' ',
      ),
      ...'--period 60 --evaluation-periods 2 --datapoints-to-alarm 1 --threshold 50'.split(' '),
      ...'--comparison-operator GreaterThanThreshold'.split(' '),
    );
    await aws(...'cloudwatch put-metric-data --namespace App --metric-name Moved --value 97.5'.split(' '));
    const clock = await fetch(`${region.endpoint}/_plimsoll/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advance: 70 }),
    });
    assert.equal(clock.status, 200);
    const { MetricAlarms } = (await aws(
      ...'cloudwatch describe-alarms --alarm-names moved --state-value ALARM'.split(' '),
    )) as { MetricAlarms: readonly { StateReason: string }[] };
    assert.match(
      MetricAlarms[0]?.StateReason ?? '',
      /^Threshold Crossed: 1 out of the last 2 datapoints \[97\.5 \(.*\)\] was greater than the threshold \(50\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
    );
  });

  test('the AWS CLI puts a composite alarm and waits for it', async (t) => {
    if (!hasCli) return t.skip('needs the AWS CLI');
    const quiet = '--period 60 --evaluation-periods 1 --threshold 1 --comparison-operator LessThanThreshold';
    await aws(
      ...'cloudwatch put-metric-alarm --alarm-name child --namespace App --metric-name Up --statistic Sum'.split(
        ' ',
      ),
      ...quiet.split(' '),
    );
    await aws(
      'cloudwatch',
      'put-composite-alarm',
      '--alarm-name',
      'parent',
      '--alarm-rule',
      'ALARM("child")',
    );
    // Without types AWS gives metric alarms only, and the waiter would wait in vain.
    await aws(
      ...'cloudwatch wait composite-alarm-exists --alarm-names parent --alarm-types CompositeAlarm'.split(
        ' ',
      ),
    );
    const deletion = ['cloudwatch', 'delete-alarms', '--alarm-names', 'child'];
    const refused = await run('aws', ['--endpoint-url', region.endpoint, ...deletion], {
      env: region.environment,
    });
    assert.match(refused.stderr, /ValidationError.*composite alarm\(s\) depending on it/);
  });

  test('the AWS CLI puts a dashboard, which the region shows as a page, and draws an image', async (t) => {
    if (!hasCli) return t.skip('needs the AWS CLI');
    const widget = { metrics: [['App', 'Load']], width: 300, height: 200, region: 'eu-central-1' };
    const DashboardBody = JSON.stringify({ widgets: [{ type: 'metric', properties: widget }] });
    const answer = await aws(
      ...'cloudwatch put-dashboard --dashboard-name web --dashboard-body'.split(' '),
      DashboardBody,
    );
    assert.deepEqual(answer, { DashboardValidationMessages: [] });
    const page = await fetch(`${region.endpoint}/_plimsoll/dashboards/web`);
    assert.match(await page.text(), /<title>web · eu-central-1<\/title>[\s\S]*<svg/);
    assert.deepEqual(await (await fetch(`${region.endpoint}/_plimsoll/dashboards`)).json(), {
      dashboards: ['web'],
    });
    const image = (await aws(
      ...'cloudwatch get-metric-widget-image --metric-widget'.split(' '),
      JSON.stringify(widget),
    )) as { MetricWidgetImage: string };
    assert.equal(Buffer.from(image.MetricWidgetImage, 'base64').subarray(1, 4).toString(), 'PNG');
    const put = [
      'cloudwatch',
      'put-dashboard',
      '--dashboard-name',
      'web',
      '--dashboard-body',
      '{"widgets":1}',
    ];
    const refused = await run('aws', ['--endpoint-url', region.endpoint, ...put], {
      env: region.environment,
    });
    assert.match(
      refused.stderr,
      /\(InvalidParameterInput\).*The dashboard body is invalid, there are 1 valid/,
    );
  });

  test("boto3's paginators, waiters and errors", async (t) => {
    const options = { env: region.environment, cwd: region.scratch };
    const python = await pythonWith('boto3');
    if (!python) return t.skip('needs boto3');
    const { stdout } = await succeed(python, ['-'], { ...options, input: script });
    assert.deepEqual(JSON.parse(stdout), {
      pages: [2, 2, 1],
      history: 5,
      resource: 'boto-3',
      missing: 'ResourceNotFound',
      invalid: 'InvalidParameterInput',
      messages: '/widgets/0/type',
      dashboards: ['boto'],
      png: true,
    });
    const png = await readFile(join(region.scratch, 'image.png'));
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [600, 400]);
  });
});

const script = `
import boto3, json, os
endpoint = os.environ['AWS_ENDPOINT_URL']
client = boto3.client('cloudwatch', endpoint_url=endpoint)
answer = {}
common = dict(Namespace='App', MetricName='Load', Statistic='Sum', Period=60, EvaluationPeriods=1, Threshold=1.0, ComparisonOperator='GreaterThanThreshold')
names = [f'boto-{number}' for number in range(5)]
for name in names: client.put_metric_alarm(AlarmName=name, **common)
client.get_waiter('alarm_exists').wait(AlarmNames=names)
pages = client.get_paginator('describe_alarms').paginate(AlarmNamePrefix='boto-', PaginationConfig={'PageSize': 2})
answer['pages'] = [len(page['MetricAlarms']) for page in pages]
history = client.get_paginator('describe_alarm_history').paginate(HistoryItemType='ConfigurationUpdate', PaginationConfig={'PageSize': 2})
answer['history'] = len([item for page in history for item in page['AlarmHistoryItems'] if item['AlarmName'].startswith('boto-')])
alarm = boto3.resource('cloudwatch', endpoint_url=endpoint).Alarm('boto-3')
answer['resource'] = alarm.alarm_name if alarm.state_value == 'INSUFFICIENT_DATA' else alarm.state_value
try: client.delete_alarms(AlarmNames=['gone'])
except client.exceptions.ResourceNotFound as error: answer['missing'] = error.response['Error']['Code']
try: client.put_dashboard(DashboardName='boto', DashboardBody='{"widgets":[{"type":"pie"}]}')
except client.exceptions.DashboardInvalidInputError as error:
    answer['invalid'] = error.response['Error']['Code']
    answer['messages'] = error.response['dashboardValidationMessages'][0]['DataPath']
client.put_dashboard(DashboardName='boto', DashboardBody='{"widgets":[]}')
listed = client.get_paginator('list_dashboards').paginate(DashboardNamePrefix='boto')
answer['dashboards'] = [entry['DashboardName'] for page in listed for entry in page['DashboardEntries']]
image = client.get_metric_widget_image(MetricWidget=json.dumps({'metrics': [['App', 'Load']]}))['MetricWidgetImage']
open('image.png', 'wb').write(image)
answer['png'] = image[1:4] == b'PNG'
print(json.dumps(answer))
`;
