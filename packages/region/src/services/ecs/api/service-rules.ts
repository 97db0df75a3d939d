import type {
  AdvancedConfiguration,
  CapacityProviderStrategyItem,
  CreateServiceRequest,
  DeploymentConfiguration,
  LoadBalancer,
  NetworkConfiguration,
} from '@aws-sdk/client-ecs';
import { AwsError, notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameter } from '../errors.ts';
import { checkSecurityGroups, describeSubnets } from '../network.ts';
import type { ServiceRecord, ServiceRevisionRecord, TaskDefinitionRecord } from '../state.ts';

/** What this region does not do yet is refused before anything is checked. */
export function checkModelled(operation: string, input: Partial<CreateServiceRequest>): void {
  const refuse = (what: string): never => {
    throw notModelled(`ecs ${operation}: ${what}`, 'ecs');
  };
  if (input.launchType !== undefined && input.launchType !== 'FARGATE')
    refuse(`launchType ${input.launchType}`);
  if (input.schedulingStrategy === 'DAEMON') refuse('schedulingStrategy DAEMON');
  const controller = input.deploymentController?.type ?? 'ECS';
  if (controller !== 'ECS') refuse(`deploymentController ${controller}`);
  if (input.serviceConnectConfiguration?.enabled) refuse('serviceConnectConfiguration');
  for (const member of ['placementConstraints', 'placementStrategy', 'serviceRegistries'] as const) {
    if ((input[member] ?? []).length > 0) refuse(`member ${member}`);
  }
  checkStrategy(operation, input.capacityProviderStrategy ?? []);
  checkDeploymentModelled(operation, input.deploymentConfiguration ?? {});
}

export function checkStrategy(operation: string, strategy: readonly CapacityProviderStrategyItem[]): void {
  const other = strategy.find(({ capacityProvider }) => capacityProvider !== 'FARGATE');
  if (other) throw notModelled(`ecs ${operation}: capacity provider ${other.capacityProvider}`, 'ecs');
}

function checkDeploymentModelled(operation: string, configuration: DeploymentConfiguration): void {
  const { strategy, alarms, lifecycleHooks = [], earlySuccessCriteria } = configuration;
  const isRolling = strategy === 'ROLLING';
  const isOn = {
    'alarms of another strategy than ROLLING':
      alarms?.enable === true && strategy !== undefined && strategy !== 'ROLLING',
    'lifecycleHooks of targetType AWS_LAMBDA': lifecycleHooks.some(
      ({ targetType }) => targetType !== 'PAUSE',
    ),
    'lifecycleHooks of a rolling update': isRolling && lifecycleHooks.length > 0,
    earlySuccessCriteria: earlySuccessCriteria?.enable === true,
    'bakeTimeInMinutes of a rolling update': isRolling && (configuration.bakeTimeInMinutes ?? 0) > 0,
  };
  for (const [what, is] of Object.entries(isOn)) {
    if (is) throw notModelled(`ecs ${operation}: deploymentConfiguration ${what}`, 'ecs');
  }
}

/** Given values over current ones over AWS's defaults: Confirmed by API text, 100 and 200 percent. */
export function deploymentConfigurationOf(
  given: DeploymentConfiguration = {},
  current: DeploymentConfiguration = {},
): ServiceRecord['deploymentConfiguration'] {
  const merged = {
    deploymentCircuitBreaker: { enable: false, rollback: false },
    strategy: 'ROLLING',
    bakeTimeInMinutes: 0,
    ...current,
    ...given,
    minimumHealthyPercent: given.minimumHealthyPercent ?? current.minimumHealthyPercent ?? 100,
    maximumPercent: given.maximumPercent ?? current.maximumPercent ?? 200,
  } as const;
  const { minimumHealthyPercent, maximumPercent } = merged;
  if (minimumHealthyPercent < 0 || minimumHealthyPercent > 100) {
    throw invalidParameter('minimumHealthyPercent must be between 0 and 100.');
  }
  if (maximumPercent < 100 || maximumPercent > 200) {
    throw invalidParameter('maximumPercent must be between 100 and 200.');
  }
  // Confirmed*: the text.
  if (maximumPercent === 100 && minimumHealthyPercent === 100)
    throw invalidParameter(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    );
  if (maximumPercent <= minimumHealthyPercent) {
    // Known text.
    throw invalidParameter(
      'Invalid deployment configuration: maximumPercent must be greater than minimumHealthyPercent.',
    );
  }
  checkThreshold(merged.deploymentCircuitBreaker);
  checkAlarms(merged.alarms);
  checkShift(given, merged);
  return merged;
}

/** Ranges Confirmed by API text; texts Chosen. */
function checkShift(given: DeploymentConfiguration, merged: DeploymentConfiguration): void {
  const { strategy, linearConfiguration: linear = {}, canaryConfiguration: canary = {} } = merged;
  if (given.strategy === 'BLUE_GREEN' && given.bakeTimeInMinutes === undefined) {
    throw invalidParameter('bakeTimeInMinutes must be specified for the BLUE_GREEN deployment strategy.');
  }
  for (const [name, own] of [
    ['linearConfiguration', 'LINEAR'],
    ['canaryConfiguration', 'CANARY'],
  ] as const) {
    if (given[name] !== undefined && strategy !== own)
      throw invalidParameter(`${name} is only valid for the ${own} deployment strategy.`);
  }
  checkRange('bakeTimeInMinutes', merged.bakeTimeInMinutes, 0, 1440);
  checkRange('stepPercent', linear.stepPercent, 3, 100);
  checkRange('stepBakeTimeInMinutes', linear.stepBakeTimeInMinutes, 0, 1440);
  checkRange('canaryPercent', canary.canaryPercent, 0.1, 100);
  checkRange('canaryBakeTimeInMinutes', canary.canaryBakeTimeInMinutes, 0, 1440);
  for (const { lifecycleStages = [], timeoutConfiguration } of given.lifecycleHooks ?? []) {
    if (lifecycleStages.length === 0) throw invalidParameter('lifecycleStages must be specified.');
    const stage = lifecycleStages.find((one) => /^(TEST|PRODUCTION)_TRAFFIC_SHIFT$/.test(one));
    if (stage) throw invalidParameter(`PAUSE hooks cannot be configured at ${stage}.`);
    checkRange('timeoutInMinutes', timeoutConfiguration?.timeoutInMinutes, 1, 20160);
  }
}

/** Texts Chosen. */
function checkAlarms(alarms: DeploymentConfiguration['alarms']): void {
  if (alarms === undefined) return;
  if (alarms.enable && (alarms.alarmNames ?? []).length === 0)
    throw invalidParameter('alarmNames must be specified when deployment alarms are enabled.');
}

function checkRange(name: string, value: number | undefined, from: number, to: number): void {
  if (value === undefined || (value >= from && value <= to)) return;
  throw invalidParameter(`${name} must be between ${from} and ${to}.`);
}

function checkThreshold(breaker: DeploymentConfiguration['deploymentCircuitBreaker']): void {
  const { type, value = 0 } = breaker?.thresholdConfiguration ?? {};
  if (type === undefined) return;
  const maximum = type === 'COUNT' ? Number.MAX_SAFE_INTEGER : 100;
  if (value < 1 || value > maximum)
    throw invalidParameter(`thresholdConfiguration value ${value} is invalid.`);
}

/** Everything that a deployment rolls out, checked against what is there. */
export function revisionOf(
  ctx: Context,
  request: {
    readonly taskDefinition: TaskDefinitionRecord;
    readonly networkConfiguration: NetworkConfiguration | undefined;
    readonly loadBalancers: readonly LoadBalancer[];
    readonly platformVersion: string;
  },
): Omit<ServiceRevisionRecord, 'arn' | 'createdAt'> {
  const { taskDefinition, loadBalancers, platformVersion } = request;
  const { networkConfiguration, subnets } = checkNetwork(ctx, request.networkConfiguration);
  for (const loadBalancer of loadBalancers) checkLoadBalancer(ctx, taskDefinition, loadBalancer);
  return {
    taskDefinition: taskDefinition.arn,
    networkConfiguration,
    loadBalancers,
    platformVersion: checkPlatformVersion(platformVersion),
    subnets,
  };
}

/** Known: `LATEST` is 1.4.0. */
export function checkPlatformVersion(version = 'LATEST'): string {
  if (version === 'LATEST' || version === '1.4.0') return version;
  throw invalidParameter('The specified platform does not exist.');
}

/** Texts Known. */
export function checkNetwork(
  ctx: Context,
  networkConfiguration: NetworkConfiguration | undefined,
): {
  readonly networkConfiguration: NetworkConfiguration;
  readonly subnets: ServiceRevisionRecord['subnets'];
} {
  const vpc = networkConfiguration?.awsvpcConfiguration;
  if (!vpc) {
    throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  const subnetIds = vpc.subnets ?? [];
  if (subnetIds.length === 0) throw invalidParameter('subnets can not be empty.');
  if (subnetIds.length > 16) throw invalidParameter('subnets can have at most 16 items.');
  if ((vpc.securityGroups ?? []).length > 5)
    throw invalidParameter('securityGroups can have at most 5 items.');
  const subnets = describeSubnets(ctx, subnetIds);
  checkSecurityGroups(ctx, vpc.securityGroups ?? []);
  return {
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: subnetIds,
        securityGroups: vpc.securityGroups ?? [],
        assignPublicIp: vpc.assignPublicIp ?? 'DISABLED',
      },
    },
    subnets: subnets.map(({ subnetId, availabilityZone }) => ({ subnetId, availabilityZone })),
  };
}

/** Texts Confirmed* in public logs. */
function checkLoadBalancer(ctx: Context, definition: TaskDefinitionRecord, loadBalancer: LoadBalancer): void {
  const { targetGroupArn, loadBalancerName, containerName, containerPort, advancedConfiguration } =
    loadBalancer;
  if (loadBalancerName !== undefined) throw notModelled('ecs loadBalancers[].loadBalancerName', 'ecs');
  if (!targetGroupArn) throw invalidParameter('targetGroupArn must be specified.');
  const container = definition.definition.containerDefinitions.find(({ name }) => name === containerName);
  if (!container) {
    throw invalidParameter(`The container ${containerName} does not exist in the task definition.`);
  }
  if (!container.portMappings?.some((mapping) => mapping.containerPort === containerPort)) {
    throw invalidParameter(
      `The container ${containerName} did not have a container port ${containerPort} defined.`,
    );
  }
  checkTargetGroup(ctx, targetGroupArn);
  if (advancedConfiguration) checkAdvanced(ctx, advancedConfiguration);
}

/** Texts Chosen. */
function checkAdvanced(
  ctx: Context,
  { alternateTargetGroupArn, productionListenerRule, testListenerRule }: AdvancedConfiguration,
): void {
  if (!alternateTargetGroupArn) throw invalidParameter('alternateTargetGroupArn must be specified.');
  if (!productionListenerRule) throw invalidParameter('productionListenerRule must be specified.');
  checkTargetGroup(ctx, alternateTargetGroupArn);
  for (const rule of [productionListenerRule, testListenerRule]) {
    if (rule !== undefined && !isRuleOrListener(ctx, rule)) {
      throw invalidParameter(`The listener rule ${rule} does not exist.`);
    }
  }
}

function isRuleOrListener(ctx: Context, arn: string): boolean {
  try {
    if (arn.includes(':listener/')) ctx.call('elbv2', 'describeListeners', { ListenerArns: [arn] });
    else ctx.call('elbv2', 'describeRules', { RuleArns: [arn] });
    return true;
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
    return false;
  }
}

/** Confirmed by docs: a shift of traffic needs two target groups. */
export function checkStrategyOf(
  { strategy }: DeploymentConfiguration,
  loadBalancers: readonly LoadBalancer[],
): void {
  const lacks = loadBalancers.some(({ advancedConfiguration }) => advancedConfiguration === undefined);
  if (strategy !== 'ROLLING' && lacks) {
    throw invalidParameter(
      `advancedConfiguration must be specified for load balancers with the ${strategy} deployment strategy.`,
    );
  }
  if ((strategy === 'LINEAR' || strategy === 'CANARY') && loadBalancers.length === 0) {
    throw invalidParameter(`A load balancer must be specified for the ${strategy} deployment strategy.`);
  }
}

function checkTargetGroup(ctx: Context, targetGroupArn: string): void {
  const group = findTargetGroup(ctx, targetGroupArn);
  if (group.TargetType !== 'ip') {
    throw invalidParameter(
      `The provided target group ${targetGroupArn} has target type ${group.TargetType}, which is incompatible with ` +
        'the awsvpc network mode specified in the task definition.',
    );
  }
  if ((group.LoadBalancerArns ?? []).length === 0) {
    throw invalidParameter(
      `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
    );
  }
}

function findTargetGroup(ctx: Context, targetGroupArn: string) {
  try {
    const { TargetGroups } = ctx.call('elbv2', 'describeTargetGroups', { TargetGroupArns: [targetGroupArn] });
    if (TargetGroups?.[0]) return TargetGroups[0];
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
  }
  throw invalidParameter(`The specified target group does not exist.`);
}
