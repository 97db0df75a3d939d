import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  balanced,
  elbRegion,
  forward,
  newLoadBalancer,
  newTargetGroup,
  SUBNETS,
} from './testing/elb-region.ts';
import { localAddress, localLoadBalancers } from './views.ts';

test('a load balancer has AWS-like names, is provisioning, then active', async () => {
  const region = elbRegion();
  const { LoadBalancers = [] } = await region.call('elbv2', 'createLoadBalancer', {
    Name: 'web',
    Subnets: SUBNETS,
  });
  const [created] = LoadBalancers;
  assert.match(
    created?.LoadBalancerArn ?? '',
    /^arn:aws:elasticloadbalancing:eu-central-1:000000000000:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
  );
  assert.match(created?.DNSName ?? '', /^web-\d+\.eu-central-1\.elb\.amazonaws\.com$/);
  assert.equal(created?.CanonicalHostedZoneId, 'Z215JYRZR1TBD5');
  assert.equal(created?.State?.Code, 'provisioning');
  assert.deepEqual(created?.SecurityGroups, ['sg-default']);
  assert.deepEqual(
    created?.AvailabilityZones?.map(({ ZoneName }) => ZoneName),
    ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
  );
  await region.advance(1);
  const described = await region.call('elbv2', 'describeLoadBalancers', { Names: ['web'] });
  assert.equal(described.LoadBalancers?.[0]?.State?.Code, 'active');
});

test('an internal load balancer has a name that says so', async () => {
  const { call } = elbRegion();
  const { LoadBalancers } = await call('elbv2', 'createLoadBalancer', {
    Name: 'web',
    Subnets: SUBNETS,
    Scheme: 'internal',
  });
  assert.match(LoadBalancers?.[0]?.DNSName ?? '', /^internal-web-\d+\./);
});

test('creating the same again answers what is there; with other settings it is refused', async () => {
  const { call } = elbRegion();
  const first = await call('elbv2', 'createLoadBalancer', { Name: 'web', Subnets: SUBNETS });
  const second = await call('elbv2', 'createLoadBalancer', { Name: 'web', Subnets: SUBNETS });
  assert.equal(first.LoadBalancers?.[0]?.LoadBalancerArn, second.LoadBalancers?.[0]?.LoadBalancerArn);
  await assert.rejects(
    call('elbv2', 'createLoadBalancer', { Name: 'web', Subnets: SUBNETS, Scheme: 'internal' }),
    {
      code: 'DuplicateLoadBalancerName',
      message: "A load balancer with the same name 'web' exists, but with different settings",
    },
  );
});

for (const [name, input, code, message] of [
  [
    'one zone only',
    { Name: 'x', Subnets: ['subnet-a'] },
    'ValidationError',
    /At least two subnets in two different Availability Zones must be specified/,
  ],
  [
    'a subnet that is not there',
    { Name: 'x', Subnets: ['subnet-a', 'subnet-z'] },
    'SubnetNotFound',
    /subnet-z/,
  ],
  [
    'a name with a bad character',
    { Name: 'a_b', Subnets: SUBNETS },
    'ValidationError',
    /can only contain characters that are alphanumeric/,
  ],
  [
    'a name over 32 characters',
    { Name: 'a'.repeat(33), Subnets: SUBNETS },
    'ValidationError',
    /cannot be longer than '32' characters/,
  ],
  [
    'a name beginning with internal-',
    { Name: 'internal-a', Subnets: SUBNETS },
    'ValidationError',
    /cannot begin with 'internal-'/,
  ],
  [
    'a network load balancer',
    { Name: 'x', Subnets: SUBNETS, Type: 'network' },
    'NotModelled',
    /type network/,
  ],
  ['IPv6', { Name: 'x', Subnets: SUBNETS, IpAddressType: 'dualstack' }, 'NotModelled', /dualstack/],
] as const) {
  test(`CreateLoadBalancer refuses ${name}`, async () => {
    const { call } = elbRegion();
    await assert.rejects(call('elbv2', 'createLoadBalancer', input as never), { code, message });
  });
}

for (const [name, change, code, message] of [
  [
    'a timeout not below the interval',
    { HealthCheckTimeoutSeconds: 10, HealthCheckIntervalSeconds: 10 },
    'ValidationError',
    /must be smaller than the interval/,
  ],
  [
    'an interval below 5 s',
    { HealthCheckIntervalSeconds: 4, HealthCheckTimeoutSeconds: 2 },
    'ValidationError',
    /between 5 and 300/,
  ],
  ['a threshold of one', { HealthyThresholdCount: 1 }, 'ValidationError', /between 2 and 10/],
  [
    'a matcher outside 200-499',
    { Matcher: { HttpCode: '500' } },
    'ValidationError',
    /within '200-499' inclusive/,
  ],
  ['a path with a line break', { HealthCheckPath: '/a\r\nX: y' }, 'ValidationError', /Health check path/],
  ['instances as targets', { TargetType: 'instance' }, 'NotModelled', /TargetType instance/],
  ['QUIC', { ProtocolVersion: 'HTTP3' }, 'NotModelled', /ProtocolVersion HTTP3/],
  ['a member that is not modelled', { TargetControlPort: 1 }, 'NotModelled', /TargetControlPort/],
] as const) {
  test(`CreateTargetGroup refuses ${name}`, async () => {
    const { call } = elbRegion();
    const input = { Name: 'x', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', TargetType: 'ip', ...change };
    await assert.rejects(call('elbv2', 'createTargetGroup', input as never), { code, message });
  });
}

test('target group defaults are those of the documentation', async () => {
  const { call } = elbRegion();
  const { TargetGroups } = await call('elbv2', 'createTargetGroup', {
    Name: 'x',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-1',
    TargetType: 'ip',
  });
  const [group] = TargetGroups ?? [];
  assert.match(group?.TargetGroupArn ?? '', /:targetgroup\/x\/[0-9a-f]{16}$/);
  const {
    HealthCheckPath,
    HealthCheckPort,
    HealthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds,
    HealthyThresholdCount,
    UnhealthyThresholdCount,
    Matcher,
  } = group ?? {};
  assert.deepEqual(
    [
      HealthCheckPath,
      HealthCheckPort,
      HealthCheckIntervalSeconds,
      HealthCheckTimeoutSeconds,
      HealthyThresholdCount,
      UnhealthyThresholdCount,
      Matcher?.HttpCode,
    ],
    ['/', 'traffic-port', 30, 5, 5, 2, '200'],
  );
  const { Attributes = [] } = await call('elbv2', 'describeTargetGroupAttributes', {
    TargetGroupArn: group?.TargetGroupArn,
  });
  assert.equal(Attributes.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value, '300');
});

for (const [name, attribute, code, message] of [
  [
    'one that is unknown',
    ['nonsense', 'true'],
    'ValidationError',
    /attribute key 'nonsense' is not recognized/,
  ],
  ['a value out of range', ['idle_timeout.timeout_seconds', '4001'], 'ValidationError', /value '4001'/],
  [
    'access logs without a bucket',
    ['access_logs.s3.enabled', 'true'],
    'InvalidConfigurationRequest',
    /access_logs\.s3\.bucket/,
  ],
  ['zonal shift', ['zonal_shift.config.enabled', 'true'], 'NotModelled', /zonal_shift/],
] as const) {
  test(`attributes of a load balancer: ${name} is refused`, async () => {
    const region = elbRegion();
    const LoadBalancerArn = await newLoadBalancer(region, 'web');
    const Attributes = [{ Key: attribute[0], Value: attribute[1] }];
    await assert.rejects(
      region.call('elbv2', 'modifyLoadBalancerAttributes', { LoadBalancerArn, Attributes }),
      { code, message },
    );
  });
}

test('attributes reach the balancer', async () => {
  const region = elbRegion();
  const { loadBalancerArn } = await balanced(region);
  await region.call('elbv2', 'modifyLoadBalancerAttributes', {
    LoadBalancerArn: loadBalancerArn,
    Attributes: [
      { Key: 'idle_timeout.timeout_seconds', Value: '7' },
      { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
    ],
  });
  await region.advance(0);
  const attributes = region.plane.configurations.get(loadBalancerArn)?.attributes;
  assert.equal(attributes?.idleTimeoutSeconds, 7);
  assert.equal(attributes?.dropInvalidHeaderFields, true);
});

test('deletion protection refuses the deletion; without it the listeners go, the target group stays', async () => {
  const region = elbRegion();
  const {
    loadBalancerArn: LoadBalancerArn,
    targetGroupArn: TargetGroupArn,
    listenerArn,
  } = await balanced(region);
  const protect = (Value: string) =>
    region.call('elbv2', 'modifyLoadBalancerAttributes', {
      LoadBalancerArn,
      Attributes: [{ Key: 'deletion_protection.enabled', Value }],
    });
  await protect('true');
  await assert.rejects(region.call('elbv2', 'deleteLoadBalancer', { LoadBalancerArn }), {
    code: 'OperationNotPermitted',
  });
  await protect('false');
  await assert.rejects(region.call('elbv2', 'deleteTargetGroup', { TargetGroupArn }), {
    code: 'ResourceInUse',
  });
  await region.call('elbv2', 'deleteLoadBalancer', { LoadBalancerArn });
  await region.call('elbv2', 'deleteLoadBalancer', { LoadBalancerArn });
  await assert.rejects(region.call('elbv2', 'describeListeners', { ListenerArns: [listenerArn] }), {
    code: 'ListenerNotFound',
  });
  assert.equal(region.plane.configurations.size, 0);
  await region.call('elbv2', 'deleteTargetGroup', { TargetGroupArn });
  await assert.rejects(region.call('elbv2', 'describeTargetGroups', { TargetGroupArns: [TargetGroupArn] }), {
    code: 'TargetGroupNotFound',
  });
});

test('a target group belongs to one load balancer', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  const LoadBalancerArn = await newLoadBalancer(region, 'other');
  await assert.rejects(
    region.call('elbv2', 'createListener', {
      LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [forward(targetGroupArn)],
    }),
    { code: 'TargetGroupAssociationLimit' },
  );
});

test('a listener: ARN, default rule, port taken', async () => {
  const region = elbRegion();
  const { loadBalancerArn: LoadBalancerArn, listenerArn, targetGroupArn } = await balanced(region);
  assert.match(listenerArn, /:listener\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}$/);
  const { Rules = [] } = await region.call('elbv2', 'describeRules', { ListenerArn: listenerArn });
  assert.equal(Rules.length, 1);
  assert.equal(Rules[0]?.Priority, 'default');
  assert.match(
    Rules[0]?.RuleArn ?? '',
    /:listener-rule\/app\/web\/[0-9a-f]{16}\/[0-9a-f]{16}\/[0-9a-f]{16}$/,
  );
  await assert.rejects(region.call('elbv2', 'deleteRule', { RuleArn: Rules[0]?.RuleArn }), {
    code: 'OperationNotPermitted',
  });
  const DefaultActions = [forward(targetGroupArn)];
  await assert.rejects(
    region.call('elbv2', 'createListener', { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions }),
    { code: 'DuplicateListener' },
  );
});

test('rules are told to the balancer in the order of their priorities, and can change places', async () => {
  const region = elbRegion();
  const { loadBalancerArn, listenerArn: ListenerArn, targetGroupArn } = await balanced(region);
  const rule = async (Priority: number, path: string) =>
    (
      await region.call('elbv2', 'createRule', {
        ListenerArn,
        Priority,
        Conditions: [{ Field: 'path-pattern', Values: [path] }],
        Actions: [forward(targetGroupArn)],
      })
    ).Rules?.[0]?.RuleArn ?? '';
  const b = await rule(20, '/b');
  const a = await rule(10, '/a');
  await assert.rejects(rule(10, '/c'), {
    code: 'PriorityInUse',
    message: "Priority '10' is currently in use",
  });
  const told = () =>
    region.plane.configurations
      .get(loadBalancerArn)
      ?.listeners[0]?.rules.map(({ priority, conditions }) => [
        priority,
        ...conditions.flatMap((condition) => (condition.field === 'path-pattern' ? condition.values : [])),
      ]);
  assert.deepEqual(told(), [[10, '/a'], [20, '/b'], [0]]);
  await region.call('elbv2', 'setRulePriorities', {
    RulePriorities: [
      { RuleArn: a, Priority: 20 },
      { RuleArn: b, Priority: 10 },
    ],
  });
  await region.advance(0);
  assert.deepEqual(told(), [[10, '/b'], [20, '/a'], [0]]);
  await region.call('elbv2', 'deleteRule', { RuleArn: a });
  const { Rules } = await region.call('elbv2', 'describeRules', { ListenerArn });
  assert.deepEqual(
    Rules?.map(({ Priority }) => Priority),
    ['10', 'default'],
  );
});

for (const [name, conditions, message] of [
  ['an unknown field', [{ Field: 'cookie', Values: ['x'] }], /must be one of/],
  [
    'two path patterns',
    [
      { Field: 'path-pattern', Values: ['/a'] },
      { Field: 'path-pattern', Values: ['/b'] },
    ],
    /only have one 'path-pattern'/,
  ],
  [
    'six values',
    [{ Field: 'path-pattern', Values: ['/a', '/b', '/c', '/d', '/e', '/f'] }],
    /'5' condition values/,
  ],
  ['a host without a dot', [{ Field: 'host-header', Values: ['localhost'] }], /not valid/],
  ['a path with a bad character', [{ Field: 'path-pattern', Values: ['/a%20'] }], /not valid/],
  [
    'Host as a header',
    [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['x'] } }],
    /not valid/,
  ],
  ['no CIDR', [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }], /not a valid CIDR/],
  [
    'a bad regular expression',
    [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['('] } }],
    /regular expression/,
  ],
] as const) {
  test(`CreateRule refuses ${name}`, async () => {
    const region = elbRegion();
    const { listenerArn: ListenerArn, targetGroupArn } = await balanced(region);
    const input = { ListenerArn, Priority: 1, Conditions: conditions, Actions: [forward(targetGroupArn)] };
    await assert.rejects(region.call('elbv2', 'createRule', input as never), {
      code: 'ValidationError',
      message,
    });
  });
}

for (const [name, action, code] of [
  ['a login', { Type: 'authenticate-oidc' }, 'NotModelled'],
  [
    'a redirect to itself',
    { Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } },
    'InvalidConfigurationRequest',
  ],
  [
    'a fixed response of 302',
    { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '302' } },
    'ValidationError',
  ],
  ['a target group that is not there', { Type: 'forward', TargetGroupArn: 'arn:x' }, 'TargetGroupNotFound'],
  [
    'stickiness of groups without a duration',
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [{ TargetGroupArn: 'arn:x' }],
        TargetGroupStickinessConfig: { Enabled: true },
      },
    },
    'ValidationError',
  ],
] as const) {
  test(`CreateListener refuses ${name}`, async () => {
    const region = elbRegion();
    const LoadBalancerArn = await newLoadBalancer(region, 'web');
    const input = { LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions: [action] };
    await assert.rejects(region.call('elbv2', 'createListener', input as never), { code });
  });
}

test('targets: public addresses and addresses outside the VPC are refused; a port is taken from the group', async () => {
  const region = elbRegion();
  const TargetGroupArn = await newTargetGroup(region, 'tasks');
  const register = (Id: string) =>
    region.call('elbv2', 'registerTargets', { TargetGroupArn, Targets: [{ Id }] });
  await assert.rejects(register('8.8.8.8'), { code: 'InvalidTarget' });
  await assert.rejects(register('10.9.0.1'), { code: 'InvalidTarget' });
  await assert.rejects(register('i-123'), { code: 'ValidationError' });
  await register('10.0.2.9');
  const { TargetHealthDescriptions } = await region.call('elbv2', 'describeTargetHealth', { TargetGroupArn });
  assert.deepEqual(TargetHealthDescriptions?.[0]?.Target, {
    Id: '10.0.2.9',
    Port: 3000,
    AvailabilityZone: 'eu-central-1c',
  });
});

test('tags are added, replaced, removed and listed', async () => {
  const region = elbRegion();
  const TargetGroupArn = await newTargetGroup(region, 'tasks');
  const ResourceArns = [TargetGroupArn];
  await region.call('elbv2', 'addTags', {
    ResourceArns,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  await region.call('elbv2', 'addTags', { ResourceArns, Tags: [{ Key: 'a', Value: '3' }] });
  await region.call('elbv2', 'removeTags', { ResourceArns, TagKeys: ['b'] });
  const { TagDescriptions } = await region.call('elbv2', 'describeTags', { ResourceArns });
  assert.deepEqual(TagDescriptions, [{ ResourceArn: TargetGroupArn, Tags: [{ Key: 'a', Value: '3' }] }]);
  await assert.rejects(
    region.call('elbv2', 'addTags', { ResourceArns, Tags: [{ Key: 'a' }, { Key: 'a' }] }),
    { code: 'DuplicateTagKeys' },
  );
});

test('lists come in pages', async () => {
  const region = elbRegion();
  for (const name of ['a', 'b', 'c']) await newTargetGroup(region, name);
  const first = await region.call('elbv2', 'describeTargetGroups', { PageSize: 2 });
  assert.deepEqual(
    first.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName),
    ['a', 'b'],
  );
  const second = await region.call('elbv2', 'describeTargetGroups', {
    PageSize: 2,
    Marker: first.NextMarker,
  });
  assert.deepEqual(
    second.TargetGroups?.map(({ TargetGroupName }) => TargetGroupName),
    ['c'],
  );
  assert.equal(second.NextMarker, undefined);
});

test('the local address is that of the listener on port 80; a busy port makes the load balancer failed, until it is free', async () => {
  const region = elbRegion();
  region.plane.busy.add(80);
  const { loadBalancerArn } = await balanced(region);
  const state = async () =>
    (await region.call('elbv2', 'describeLoadBalancers', {})).LoadBalancers?.[0]?.State;
  assert.deepEqual(await state(), { Code: 'failed', Reason: 'Listener on port 80: in use' });
  assert.equal(localAddress(region.tables, loadBalancerArn), undefined);
  assert.deepEqual(localLoadBalancers(region.tables)[0]?.listeners, [
    { listenerPort: 80, reason: 'Listener on port 80: in use' },
  ]);
  assert.ok(region.messages.some(({ code }) => code === 'listener-not-bound'));
  region.plane.busy.clear();
  await region.advance(5);
  assert.deepEqual(await state(), { Code: 'active' });
  assert.equal(localAddress(region.tables, loadBalancerArn), 'http://localhost:10080');
});
