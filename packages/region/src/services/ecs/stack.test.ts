import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created, region, template } from './testing/stack-region.ts';

test('a stack is complete once its service is steady, released by a new task definition, and gone without a trace', async () => {
  const r = await created();
  assert.deepEqual(await r.failures(), []);
  assert.equal(await r.status(), 'CREATE_COMPLETE');
  assert.deepEqual(r.images(), ['v1', 'v1']);
  assert.equal(r.runner.started[0]?.environment['Mode'], 'x');

  await r.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: template('v2') });
  await r.advance(12);
  assert.equal(await r.status(), 'UPDATE_IN_PROGRESS');
  await r.advance(120);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2']);

  await r.call('cloudformation', 'deleteStack', { StackName: 'app' });
  await r.advance(300);
  assert.equal(r.runner.running.size, 0);
  const [interfaces, targets] = r.sizes();
  assert.equal(interfaces, 0);
  assert.equal(targets, 0);
  const { StackSummaries } = await r.call('cloudformation', 'listStacks', {});
  assert.equal(StackSummaries?.[0]?.StackStatus, 'DELETE_COMPLETE');
});

test('a release that the circuit breaker stops fails the update with AWS’s text; the stack rolls back, the old tasks serve', async () => {
  const r = await created();
  await r.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: template('sick') });
  await r.advance(600);
  assert.equal(await r.status(), 'UPDATE_ROLLBACK_COMPLETE');
  const [failure] = (await r.failures()).filter((text) => text.startsWith('Service'));
  assert.match(
    failure ?? '',
    /Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'\." \(RequestToken: [-0-9a-f]+, HandlerErrorCode: GeneralServiceException\)$/,
  );
  assert.deepEqual(r.images(), ['v1', 'v1']);
  const { services } = await r.call('ecs', 'describeServices', {
    cluster: 'app',
    services: [String((await r.call('ecs', 'listServices', { cluster: 'app' })).serviceArns?.[0])],
  });
  assert.equal(services?.[0]?.deployments?.length, 1);
  assert.match(services?.[0]?.taskDefinition ?? '', /:1$/);
});

test('a service that fails at its creation takes the stack back, and nothing is left', async () => {
  const r = await created('sick');
  await r.advance(600);
  assert.equal(await r.status(), 'ROLLBACK_COMPLETE');
  assert.ok(
    (await r.failures()).some((text) => text.includes('ECS Deployment Circuit Breaker was triggered')),
  );
  assert.equal(r.runner.running.size, 0);
  assert.deepEqual(r.sizes().slice(0, 2), [0, 0]);
});

test('an update that leaves DesiredCount out keeps the count that scaling chose', async () => {
  const r = await created();
  await r.call('ecs', 'updateService', {
    cluster: 'app',
    service: String((await r.call('ecs', 'listServices', { cluster: 'app' })).serviceArns?.[0]),
    desiredCount: 4,
  });
  await r.advance(60);
  await r.call('cloudformation', 'updateStack', {
    StackName: 'app',
    TemplateBody: template('v2', { DesiredCount: undefined }),
  });
  await r.advance(200);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2', 'v2', 'v2']);
});

for (const [what, service, reason] of [
  ['property', { ServiceConnectConfiguration: { Enabled: true } }, /ServiceConnectConfiguration/],
  ['launch type', { LaunchType: 'EC2' }, /launchType EC2 is not modelled/],
] as const) {
  test(`a ${what} that is not modelled is refused by name`, async () => {
    const r = region();
    const TemplateBody = template('v1', service);
    let told = '';
    try {
      await r.call('cloudformation', 'createStack', { StackName: 'app', TemplateBody });
      await r.advance(300);
      told = (await r.failures()).join('\n');
    } catch (error) {
      told = String(error);
    }
    assert.match(told, reason);
  });
}

test('a region that is killed during a release goes on with it, and the stack completes', async () => {
  const before = await created();
  await before.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: template('v2') });
  await before.advance(8);
  assert.equal(await before.status(), 'UPDATE_IN_PROGRESS');
  const r = region(before.commits, new Date(before.now() + 5000).toISOString());
  await r.advance(200);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2']);
  assert.deepEqual(
    r.messages.filter(({ level }) => level === 'error'),
    [],
  );
  const [service] = (await r.call('ecs', 'listServices', { cluster: 'app' })).serviceArns ?? [];
  const { services } = await r.call('ecs', 'describeServices', { cluster: 'app', services: [service ?? ''] });
  assert.equal(services?.[0]?.runningCount, 2);
});

/** The template of a service that is released blue/green: two target groups, a production rule and a test listener. */
function shifting(image: string, configuration: object): string {
  const stack = JSON.parse(template(image)) as {
    Resources: Record<string, { Type: string; DependsOn?: unknown; Properties: Record<string, unknown> }>;
  };
  const { Targets, Listener, Service } = stack.Resources;
  assert.ok(Targets && Listener && Service);
  const rule = (listener: string) => ({
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: { Ref: listener },
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: { Ref: 'Targets' }, Weight: 100 },
              { TargetGroupArn: { Ref: 'Alternate' }, Weight: 0 },
            ],
          },
        },
      ],
    },
  });
  Object.assign(stack.Resources, {
    Alternate: Targets,
    TestListener: { ...Listener, Properties: { ...Listener.Properties, Port: 9000 } },
    ProductionRule: rule('Listener'),
    TestRule: rule('TestListener'),
  });
  Service.DependsOn = ['ProductionRule', 'TestRule'];
  Service.Properties['DeploymentConfiguration'] = configuration;
  Service.Properties['LoadBalancers'] = [
    {
      TargetGroupArn: { Ref: 'Targets' },
      ContainerName: 'app',
      ContainerPort: 3000,
      AdvancedConfiguration: {
        AlternateTargetGroupArn: { Ref: 'Alternate' },
        ProductionListenerRule: { Ref: 'ProductionRule' },
        TestListenerRule: { Ref: 'TestRule' },
        RoleArn: 'arn:aws:iam::000000000000:role/infrastructure',
      },
    },
  ];
  return JSON.stringify(stack);
}

/** Weights of the production rule and of the test rule, by the logical ids of their target groups. */
async function weights(r: ReturnType<typeof region>): Promise<string[]> {
  const { StackResources = [] } = await r.call('cloudformation', 'describeStackResources', {
    StackName: 'app',
  });
  const named = new Map(StackResources.map((one) => [one.PhysicalResourceId, one.LogicalResourceId]));
  const arns = ['ProductionRule', 'TestRule'].map(
    (id) => StackResources.find((one) => one.LogicalResourceId === id)?.PhysicalResourceId ?? '',
  );
  const { Rules = [] } = await r.call('elbv2', 'describeRules', { RuleArns: arns });
  return Rules.map(({ Actions }) =>
    (Actions?.[0]?.ForwardConfig?.TargetGroups ?? [])
      .map(({ TargetGroupArn, Weight }) => `${named.get(TargetGroupArn)} ${Weight}`)
      .sort()
      .join(', '),
  );
}

test('a canary release of a stack shifts the weights of its listener rules, and is complete after its bake time', async () => {
  const r = region();
  const canary = {
    Strategy: 'CANARY',
    BakeTimeInMinutes: 1,
    CanaryConfiguration: { CanaryPercent: 12.5, CanaryBakeTimeInMinutes: 2 },
  };
  await r.call('cloudformation', 'createStack', {
    StackName: 'app',
    TemplateBody: shifting('v1', canary),
  });
  await r.advance(300);
  assert.deepEqual(await r.failures(), []);
  assert.equal(await r.status(), 'CREATE_COMPLETE');
  assert.deepEqual(await weights(r), ['Alternate 0, Targets 100', 'Alternate 0, Targets 100']);

  await r.call('cloudformation', 'updateStack', {
    StackName: 'app',
    TemplateBody: shifting('v2', canary),
  });
  await r.advance(60);
  assert.deepEqual(await weights(r), ['Alternate 125, Targets 875', 'Alternate 100, Targets 0']);
  assert.deepEqual(r.images(), ['v1', 'v1', 'v2', 'v2']);
  await r.advance(120);
  assert.deepEqual(await weights(r), ['Alternate 100, Targets 0', 'Alternate 100, Targets 0']);
  assert.equal(await r.status(), 'UPDATE_IN_PROGRESS');
  await r.advance(90);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2']);
});

test('a blue/green release of a stack that is stopped fails the update; the stack and the traffic go back', async () => {
  const r = region();
  const blueGreen = { Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 10 };
  await r.call('cloudformation', 'createStack', {
    StackName: 'app',
    TemplateBody: shifting('v1', blueGreen),
  });
  await r.advance(300);
  await r.call('cloudformation', 'updateStack', {
    StackName: 'app',
    TemplateBody: shifting('v2', blueGreen),
  });
  await r.advance(120);
  assert.deepEqual((await weights(r))[0], 'Alternate 100, Targets 0');
  const { serviceArns = [] } = await r.call('ecs', 'listServices', { cluster: 'app' });
  const { serviceDeployments } = await r.call('ecs', 'listServiceDeployments', {
    cluster: 'app',
    service: serviceArns[0] ?? '',
  });
  const serviceDeploymentArn = serviceDeployments?.[0]?.serviceDeploymentArn ?? '';
  await r.call('ecs', 'stopServiceDeployment', { serviceDeploymentArn });
  await r.advance(120);
  assert.match((await r.failures()).join(), /operation 'ECS deployment stopped: a user stopped it'/);
  assert.equal(await r.status(), 'UPDATE_ROLLBACK_COMPLETE');
  assert.deepEqual(await weights(r), ['Alternate 0, Targets 100', 'Alternate 0, Targets 100']);
  assert.deepEqual(r.images(), ['v1', 'v1']);
});

test('a listener itself may be named for its default action, and a default rule: their weights are shifted just so', async () => {
  const blueGreen = { Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 1 };
  const named = (image: string, production: object): string => {
    type Resources = Record<string, { readonly Properties: Record<string, unknown> }>;
    const stack = JSON.parse(shifting(image, blueGreen)) as { Resources: Resources };
    const { ProductionRule, TestRule: _test, ...Resources } = stack.Resources;
    // Both target groups have to be in use from the beginning.
    for (const listener of [Resources['Listener'], Resources['TestListener']]) {
      if (listener) listener.Properties['DefaultActions'] = ProductionRule?.Properties['Actions'];
    }
    const text = JSON.stringify({ ...stack, Resources });
    return text
      .replace(
        '"ProductionListenerRule":{"Ref":"ProductionRule"}',
        `"ProductionListenerRule":${JSON.stringify(production)}`,
      )
      .replace('"TestListenerRule":{"Ref":"TestRule"}', '"TestListenerRule":{"Ref":"TestListener"}')
      .replace('"DependsOn":["ProductionRule","TestRule"]', '"DependsOn":["Listener","TestListener"]');
  };
  const r = region();
  await r.call('cloudformation', 'createStack', {
    StackName: 'app',
    TemplateBody: named('v1', { Ref: 'Listener' }),
  });
  await r.advance(300);
  assert.deepEqual(await r.failures(), []);
  const { StackResources = [] } = await r.call('cloudformation', 'describeStackResources', {
    StackName: 'app',
  });
  const idOf = (name: string): string =>
    StackResources.find(({ LogicalResourceId }) => LogicalResourceId === name)?.PhysicalResourceId ?? '';
  const production = async (): Promise<string[]> => {
    const { Listeners } = await r.call('elbv2', 'describeListeners', { ListenerArns: [idOf('Listener')] });
    const groups = Listeners?.[0]?.DefaultActions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    return groups.filter(({ Weight }) => Weight === 100).map(({ TargetGroupArn = '' }) => TargetGroupArn);
  };
  assert.deepEqual(await production(), [idOf('Targets')]);

  const { Rules } = await r.call('elbv2', 'describeRules', { ListenerArn: idOf('Listener') });
  const defaultRule = Rules?.find(({ IsDefault }) => IsDefault)?.RuleArn ?? '';
  for (const [image, by, group] of [
    ['v2', { Ref: 'Listener' }, 'Alternate'],
    ['v3', defaultRule, 'Targets'],
  ] as const) {
    await r.call('cloudformation', 'updateStack', {
      StackName: 'app',
      TemplateBody: named(image, by as object),
    });
    await r.advance(300);
    assert.equal(await r.status(), 'UPDATE_COMPLETE', (await r.failures()).join());
    assert.deepEqual(await production(), [idOf(group)]);
    assert.deepEqual(r.images(), [image, image]);
  }
});

test('tasks of a target group that a stack replaces are stopped, though no listener sends to it any more', async () => {
  const r = await created();
  const body = template('v1').replace(
    '"Port":80,"Protocol":"HTTP","HealthCheck',
    '"Port":81,"Protocol":"HTTP","HealthCheck',
  );
  await r.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: body });
  await r.advance(600);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
});
