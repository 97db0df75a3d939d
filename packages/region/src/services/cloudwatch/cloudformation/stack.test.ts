import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../../testing/test-region.ts';
import { cloudformation } from '../../cloudformation/service.ts';
import { cloudwatch } from '../service.ts';

const StackName = 'monitoring';

const template = {
  Resources: {
    Cpu: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: 'cpu',
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 3,
        Metrics: [
          {
            Id: 'ratio',
            Expression: '100 * used / reserved',
            Label: 'CPU',
            ReturnData: true,
          },
          ...['used', 'reserved'].map((Id) => ({
            Id,
            MetricStat: {
              Metric: {
                Namespace: 'App',
                MetricName: Id,
                Dimensions: [{ Name: 'Service', Value: 'web' }],
              },
              Period: 60,
              Stat: 'Sum',
            },
            ReturnData: false,
          })),
        ],
        Threshold: 60.5,
        TreatMissingData: 'notBreaching',
        Tags: [{ Key: 'team', Value: 'ops' }],
      },
    },
    Errors: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        EvaluationPeriods: 1,
        MetricName: 'HTTPCode_Target_5XX_Count',
        Namespace: 'AWS/ApplicationELB',
        Period: 60,
        Statistic: 'Sum',
        Threshold: 1,
      },
    },
    Service: {
      Type: 'AWS::CloudWatch::CompositeAlarm',
      Properties: {
        AlarmRule: { 'Fn::Sub': 'ALARM("${Cpu.Arn}") OR ALARM("${Errors}")' },
        AlarmDescription: 'first',
      },
    },
    Overview: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: 'web',
        DashboardBody: {
          'Fn::Sub':
            '{"widgets":[{"type":"alarm","x":0,"y":0,"width":6,"height":6,"properties":{"alarms":["${Cpu.Arn}"]}}]}',
        },
      },
    },
  },
  Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Service', 'Arn'] } }, Name: { Value: { Ref: 'Errors' } } },
};

function region() {
  const made = testRegion((tables) => {
    const service = cloudwatch({ tables });
    const types = new Map((service.resourceTypes ?? []).map((type) => [type.name, type]));
    return [service, cloudformation({ tables, resourceTypes: () => types })];
  });
  const deploy = async (operation: 'createStack' | 'updateStack', body: object) => {
    await made.call('cloudformation', operation, { StackName, TemplateBody: JSON.stringify(body) });
    await made.advance(30);
    const { Stacks } = await made.call('cloudformation', 'describeStacks', { StackName });
    return Stacks?.[0];
  };
  const alarms = async () => {
    const { MetricAlarms = [], CompositeAlarms = [] } = await made.call('cloudwatch', 'describeAlarms', {
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    });
    return [...MetricAlarms, ...CompositeAlarms];
  };
  return { ...made, deploy, alarms };
}

test('a stack makes alarms, a composite of them and a dashboard, changes them in place and takes them away', async () => {
  const { deploy, alarms, call, advance } = region();
  const stack = await deploy('createStack', template);
  assert.equal(stack?.StackStatus, 'CREATE_COMPLETE', stack?.StackStatusReason);
  const outputs = new Map(
    (stack?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  );
  assert.match(
    outputs.get('Arn') ?? '',
    /^arn:aws:cloudwatch:eu-central-1:000000000000:alarm:monitoring-Service-/,
  );
  assert.match(outputs.get('Name') ?? '', /^monitoring-Errors-/);
  const [cpu] = await alarms();
  assert.deepEqual([cpu?.AlarmName, cpu && 'Threshold' in cpu && cpu.Threshold], ['cpu', 60.5]);

  const changed = structuredClone(template);
  changed.Resources.Cpu.Properties.Threshold = 70;
  changed.Resources.Cpu.Properties.Tags = [{ Key: 'team', Value: 'web' }];
  changed.Resources.Service.Properties.AlarmDescription = 'second';
  assert.equal((await deploy('updateStack', changed))?.StackStatus, 'UPDATE_COMPLETE');
  const [updated, , service] = await alarms();
  assert.deepEqual(
    [updated && 'Threshold' in updated && updated.Threshold, service?.AlarmDescription],
    [70, 'second'],
  );
  const { Tags = [] } = await call('cloudwatch', 'listTagsForResource', { ResourceARN: cpu?.AlarmArn });
  assert.equal(Tags.find(({ Key }) => Key === 'team')?.Value, 'web');
  assert.ok(Tags.some(({ Key }) => Key === 'aws:cloudformation:stack-name'));

  await call('cloudformation', 'deleteStack', { StackName });
  await advance(30);
  assert.deepEqual(await alarms(), []);
  assert.deepEqual((await call('cloudwatch', 'listDashboards', {})).DashboardEntries, []);
});

test('another name replaces an alarm', async () => {
  const { deploy, alarms } = region();
  await deploy('createStack', { Resources: { Errors: template.Resources.Errors } });
  const [before] = await alarms();
  const named = structuredClone(template.Resources.Errors);
  const properties = { ...named.Properties, AlarmName: 'errors' };
  await deploy('updateStack', { Resources: { Errors: { ...named, Properties: properties } } });
  const after = await alarms();
  assert.notEqual(before?.AlarmName, 'errors');
  assert.deepEqual(
    after.map(({ AlarmName }) => AlarmName),
    ['errors'],
  );
});

test('an anomaly detector is refused by name before anything is made', async () => {
  const { call } = region();
  const TemplateBody = JSON.stringify({
    Resources: { Band: { Type: 'AWS::CloudWatch::AnomalyDetector', Properties: {} } },
  });
  await assert.rejects(
    call('cloudformation', 'createStack', { StackName, TemplateBody }),
    /AWS::CloudWatch::AnomalyDetector/,
  );
});

test('a dashboard that AWS would refuse fails its stack with the reason', async () => {
  const { deploy, call } = region();
  const Properties = { DashboardBody: '{"widgets":[{"type":"pie"}]}' };
  const stack = await deploy('createStack', {
    Resources: { Overview: { Type: 'AWS::CloudWatch::Dashboard', Properties } },
  });
  assert.equal(stack?.StackStatus, 'ROLLBACK_COMPLETE');
  const { StackEvents = [] } = await call('cloudformation', 'describeStackEvents', { StackName });
  assert.ok(
    StackEvents.some(({ ResourceStatusReason = '' }) =>
      /The dashboard body is invalid/.test(ResourceStatusReason),
    ),
  );
});
