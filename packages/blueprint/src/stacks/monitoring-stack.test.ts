import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { officeHours } from '../definition/office-hours.ts';
import type { EnvironmentOptions } from '../definition/service-definition.ts';
import { type ExampleOptions, exampleApp } from '../testing/example-app.ts';
import { MonitoringStack } from './monitoring-stack.ts';

function monitoring(overrides: EnvironmentOptions = {}, options: ExampleOptions = {}): Template {
  const stack = exampleApp(overrides, options).stacks.find((one) => one instanceof MonitoringStack);
  assert.ok(stack);
  return Template.fromStack(stack);
}

function alarmNames(template: Template): readonly string[] {
  return Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties.AlarmName,
  );
}

const template = monitoring({ alarms: { email: ['a@example.com', 'b@example.com'] } });

test('alarms watch what users meet, the tasks and the database', () => {
  assert.deepEqual(alarmNames(template), [
    'devops-app-prod-load-balancer-errors',
    'devops-app-prod-target-errors',
    'devops-app-prod-latency',
    'devops-app-prod-unhealthy-targets',
    'devops-app-prod-cpu',
    'devops-app-prod-memory',
    'devops-app-prod-database-cpu',
    'devops-app-prod-database-connections',
    'devops-app-prod-database-free-storage',
  ]);
});

test('a service without a database has no alarms on one', () => {
  assert.equal(alarmNames(monitoring({}, { database: false })).length, 6);
});

test('every alarm tells the topic when it comes and when it goes, and takes missing data for quiet', () => {
  const topic = [{ Ref: Match.stringLikeRegexp('^AlarmTopic') }];
  template.allResourcesProperties('AWS::CloudWatch::Alarm', {
    AlarmActions: topic,
    OKActions: topic,
    TreatMissingData: 'notBreaching',
    AlarmDescription: Match.stringLikeRegexp('devops-app'),
  });
});

test('each address is subscribed to the topic', () => {
  for (const Endpoint of ['a@example.com', 'b@example.com']) {
    template.hasResourceProperties('AWS::SNS::Subscription', { Protocol: 'email', Endpoint });
  }
  monitoring().resourceCountIs('AWS::SNS::Subscription', 0);
});

test('only alarms of the account may publish, and only encrypted', () => {
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: [
        Match.objectLike({
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        }),
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ],
    },
  });
});

test('thresholds are those of the definition', () => {
  const set = monitoring({
    alarms: { latencySeconds: 0.25, unhealthyTargets: 2, databaseFreeStoragePercent: 50 },
  });
  for (const [AlarmName, Threshold] of [
    ['devops-app-prod-latency', 0.25],
    ['devops-app-prod-unhealthy-targets', 2],
    ['devops-app-prod-database-free-storage', 10 * 1024 ** 3],
    ['devops-app-prod-target-errors', 5],
  ] as const) {
    set.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmName, Threshold });
  }
});

test('the load balancer of a service that a schedule stops is not blamed for having no task', () => {
  const expression = (one: Template): string =>
    JSON.stringify(
      one.findResources('AWS::CloudWatch::Alarm', {
        Properties: { AlarmName: 'devops-app-prod-load-balancer-errors' },
      }),
    );
  const rate = '100 \\* FILL\\(balancerErrors, 0\\) / \\(FILL\\(requests, 0\\) \\+ FILL\\(rejected, 0\\)\\)';
  assert.match(expression(template), new RegExp(`"Expression":"${rate}"`));
  const withHours = monitoring({ scaling: { schedule: officeHours('08:00', '18:00') } });
  assert.match(
    expression(withHours),
    new RegExp(`"Expression":"IF\\(healthy \\+ unhealthy > 0, ${rate}\\)"`),
  );
});

test('the dashboard has rows for alarms, requests, tasks, database and log', () => {
  const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
  const body: readonly unknown[] = dashboard?.['Properties'].DashboardBody['Fn::Join'][1];
  const text = body.filter((part) => typeof part === 'string').join('…');
  const titles = [...text.matchAll(/"title":"([^"]+)"/g)].map(([, title]) => title);
  assert.deepEqual(titles, [
    'Alarms',
    'Requests a minute',
    'Errors, % of the requests',
    'Response time, s',
    'Tasks',
    'Targets',
    'CPU and memory of the tasks, %',
    'Database: CPU, %, and connections',
    'Database: latency of reads and writes, s',
    'Database: free storage, bytes',
    'Last errors in the log',
  ]);
});
