import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ElbRegion, elbRegion, SUBNETS } from '../testing/elb-region.ts';

const template = {
  Resources: {
    LoadBalancer: {
      Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
      Properties: {
        LoadBalancerAttributes: [
          { Key: 'deletion_protection.enabled', Value: 'false' },
          { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        ],
        Scheme: 'internet-facing',
        SecurityGroups: ['sg-1'],
        Subnets: SUBNETS,
        Type: 'application',
      },
    },
    Tasks: {
      Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
      Properties: {
        HealthCheckIntervalSeconds: 5,
        HealthCheckPath: '/health',
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        Matcher: { HttpCode: '200' },
        Port: 3000,
        Protocol: 'HTTP',
        TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }],
        TargetType: 'ip',
        UnhealthyThresholdCount: 2,
        VpcId: 'vpc-1',
      },
    },
    Http: {
      Type: 'AWS::ElasticLoadBalancingV2::Listener',
      Properties: {
        DefaultActions: [{ TargetGroupArn: { Ref: 'Tasks' }, Type: 'forward' }],
        LoadBalancerArn: { Ref: 'LoadBalancer' },
        Port: 80,
        Protocol: 'HTTP',
      },
    },
    Old: {
      Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
      Properties: {
        ListenerArn: { Ref: 'Http' },
        Priority: 10,
        Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/old/*'] } }],
        Actions: [{ Type: 'redirect', RedirectConfig: { Path: '/new', StatusCode: 'HTTP_301' } }],
      },
    },
  },
  Outputs: {
    Url: { Value: { 'Fn::GetAtt': ['LoadBalancer', 'DNSName'] } },
    FullName: { Value: { 'Fn::GetAtt': ['LoadBalancer', 'LoadBalancerFullName'] } },
    Group: { Value: { 'Fn::GetAtt': ['Tasks', 'TargetGroupFullName'] } },
  },
};

const StackName = 'web';

test('a stack with load balancer, target group, listener and rule is created, changed in place and deleted', async () => {
  const region = elbRegion();
  await region.call('cloudformation', 'createStack', { StackName, TemplateBody: JSON.stringify(template) });
  await region.advance(5);
  assert.equal(await status(region), 'CREATE_COMPLETE');
  const outputs = await outputsOf(region);
  assert.match(outputs['Url'] ?? '', /\.eu-central-1\.elb\.amazonaws\.com$/);
  assert.match(outputs['FullName'] ?? '', /^app\/web-LoadB[^/]+\/[0-9a-f]{16}$/);
  assert.match(outputs['Group'] ?? '', /^targetgroup\/web-Tasks[^/]+\/[0-9a-f]{16}$/);
  const changed = structuredClone(template);
  changed.Resources.Tasks.Properties.HealthCheckPath = '/up';
  changed.Resources.Old.Properties.Priority = 20;
  await region.call('cloudformation', 'updateStack', { StackName, TemplateBody: JSON.stringify(changed) });
  await region.advance(5);
  assert.equal(await status(region), 'UPDATE_COMPLETE');
  assert.deepEqual(await outputsOf(region), outputs);
  const [configuration] = region.plane.configurations.values();
  assert.deepEqual(
    configuration?.listeners[0]?.rules.map(({ priority }) => priority),
    [20, 0],
  );
  await region.call('cloudformation', 'deleteStack', { StackName });
  await region.advance(5);
  assert.equal(region.plane.configurations.size, 0);
  assert.deepEqual((await region.call('elbv2', 'describeTargetGroups', {})).TargetGroups, []);
});

test('stickiness, slow start, health thresholds and transforms come from a template, and a transform that left it is gone', async () => {
  const region = elbRegion();
  const { Tasks, Old } = template.Resources;
  const attribute = (Key: string, Value: string) => ({ Key, Value });
  const full = structuredClone({
    Resources: {
      ...template.Resources,
      Tasks: {
        ...Tasks,
        Properties: {
          ...Tasks.Properties,
          TargetGroupAttributes: [
            attribute('stickiness.enabled', 'true'),
            attribute('stickiness.type', 'lb_cookie'),
            attribute('stickiness.lb_cookie.duration_seconds', '60'),
            attribute('slow_start.duration_seconds', '30'),
            attribute('target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage', '50'),
          ],
        },
      },
      Old: {
        ...Old,
        Properties: {
          ...Old.Properties,
          Actions: [
            {
              Type: 'forward',
              ForwardConfig: {
                TargetGroups: [{ TargetGroupArn: { Ref: 'Tasks' }, Weight: 1 }],
                TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 120 },
              },
            },
          ],
          Transforms: [
            { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/old', Replace: '/new' }] } },
          ],
        },
      },
    },
  });
  await region.call('cloudformation', 'createStack', { StackName, TemplateBody: JSON.stringify(full) });
  await region.advance(5);
  assert.equal(await status(region), 'CREATE_COMPLETE');
  const told = () => [...region.plane.configurations.values()][0];
  const group = told()?.targetGroups[0];
  assert.deepEqual(group?.stickiness, { type: 'lb_cookie', durationSeconds: 60 });
  assert.deepEqual(group?.minimumHealthyTargets, { count: 1, percentage: 50 });
  const rule = told()?.listeners[0]?.rules[0];
  assert.equal(rule?.action.kind === 'forward' && rule.action.stickinessSeconds, 120);
  assert.deepEqual(rule?.transforms, [{ type: 'url-rewrite', regex: '^/old', replace: '/new' }]);
  full.Resources.Old.Properties.Transforms = undefined as never;
  await region.call('cloudformation', 'updateStack', { StackName, TemplateBody: JSON.stringify(full) });
  await region.advance(5);
  assert.equal(await status(region), 'UPDATE_COMPLETE');
  assert.equal(told()?.listeners[0]?.rules[0]?.transforms, undefined);
});

test('a port that is busy fails the listener with a text that says so, and the stack rolls back', async () => {
  const region = elbRegion();
  region.plane.busy.add(80);
  await region.call('cloudformation', 'createStack', { StackName, TemplateBody: JSON.stringify(template) });
  await region.advance(30);
  assert.equal(await status(region), 'ROLLBACK_COMPLETE');
  const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', { StackName });
  const failed = StackEvents.find(
    ({ LogicalResourceId, ResourceStatus }) =>
      LogicalResourceId === 'Http' && ResourceStatus === 'CREATE_FAILED',
  );
  assert.match(failed?.ResourceStatusReason ?? '', /Listener on port 80: in use/);
  assert.deepEqual((await region.call('elbv2', 'describeLoadBalancers', {})).LoadBalancers, []);
});

test('a property that is not modelled is refused before anything is made', async () => {
  const region = elbRegion();
  const secure = structuredClone(template) as { Resources: { Http: { Properties: object } } };
  secure.Resources.Http.Properties = { ...secure.Resources.Http.Properties, SslPolicy: 'x' };
  await region
    .call('cloudformation', 'createStack', { StackName, TemplateBody: JSON.stringify(secure) })
    .catch(() => {});
  await region.advance(5);
  assert.deepEqual((await region.call('elbv2', 'describeLoadBalancers', {})).LoadBalancers, []);
});

async function status({ call }: ElbRegion): Promise<string | undefined> {
  return (await call('cloudformation', 'describeStacks', { StackName })).Stacks?.[0]?.StackStatus;
}

async function outputsOf({ call }: ElbRegion): Promise<Record<string, string>> {
  const { Stacks } = await call('cloudformation', 'describeStacks', { StackName });
  return Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
  );
}
