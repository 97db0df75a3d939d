import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { lacksGroupStickiness } from '../actions.ts';
import { changedAttributes, listAttributes, targetGroupAttributes } from '../attributes.ts';
import { stopChecks } from '../check-rounds.ts';
import {
  duplicateTargetGroupName,
  groupStickinessRequired,
  limitExceeded,
  targetGroupInUse,
  targetGroupNotFound,
  validationError,
} from '../errors.ts';
import { endSlowStarts, refreshChecks } from '../health-checks.ts';
import { isGrpcMatcher, isMatcher } from '../matcher.ts';
import { page } from '../pages.ts';
import { configure } from '../routing-changes.ts';
import {
  actionsTo,
  type Elbv2State,
  groupsUsedBy,
  type HealthCheck,
  type Http2Version,
  loadBalancerOf,
  loadBalancersUsing,
  type TargetGroupRecord,
  targetGroupOf,
  targetKey,
  targetsOf,
} from '../state.ts';
import { withTags } from '../tags.ts';
import { checkTargetGroupAttributes } from '../target-group-rules.ts';

export function createTargetGroup(
  ctx: Context,
  state: Elbv2State,
  input: Elb.CreateTargetGroupInput,
): Elb.CreateTargetGroupOutput {
  const name = checkedName(input.Name);
  checkModelled(input);
  if (input.VpcId === undefined) throw validationError('A VPC ID must be specified');
  const { ProtocolVersion: version } = input;
  const protocolVersion: Http2Version | undefined =
    version === 'HTTP2' || version === 'GRPC' ? version : undefined;
  const healthCheck = checkedHealthCheck(
    protocolVersion === 'GRPC' ? DEFAULT_GRPC_HEALTH_CHECK : DEFAULT_HEALTH_CHECK,
    input,
    protocolVersion,
  );
  const wanted = {
    port: checkedPort(input.Port),
    ...(protocolVersion && { protocolVersion }),
    vpcId: input.VpcId,
    healthCheck,
  };
  const known = state.targetGroups.find((group) => group.name === name);
  if (known) {
    const { port, vpcId } = known;
    const settings = {
      port,
      ...(known.protocolVersion && { protocolVersion: known.protocolVersion }),
      vpcId,
      healthCheck: known.healthCheck,
    };
    if (JSON.stringify(settings) !== JSON.stringify(wanted)) {
      throw duplicateTargetGroupName(name);
    }
    return { TargetGroups: [described(state, known)] };
  }
  if (state.targetGroups.size >= 3000) {
    throw limitExceeded(
      'TooManyTargetGroups',
      'The limit of 3000 target groups for this account has been reached',
    );
  }
  const id = ctx.random.hex(16);
  const arn = ctx.arn('elasticloadbalancing', `targetgroup/${name}/${id}`);
  const group: TargetGroupRecord = {
    arn,
    name,
    id,
    attributes: {},
    tags: withTags({}, input.Tags),
    ...wanted,
  };
  state.targetGroups.put(arn, group);
  return { TargetGroups: [described(state, group)] };
}

export function describeTargetGroups(
  _ctx: Context,
  state: Elbv2State,
  input: Elb.DescribeTargetGroupsInput,
): Elb.DescribeTargetGroupsOutput {
  const { items, NextMarker } = page(selected(state, input), input, ({ arn }) => arn);
  return { TargetGroups: items.map((group) => described(state, group)), ...(NextMarker && { NextMarker }) };
}

function selected(state: Elbv2State, input: Elb.DescribeTargetGroupsInput): TargetGroupRecord[] {
  const { LoadBalancerArn, TargetGroupArns, Names } = input;
  if (LoadBalancerArn !== undefined) {
    return groupsUsedBy(state, loadBalancerOf(state, LoadBalancerArn).arn).map((arn) =>
      targetGroupOf(state, arn),
    );
  }
  if (TargetGroupArns && TargetGroupArns.length > 0)
    return TargetGroupArns.map((arn) => targetGroupOf(state, arn));
  if (!Names || Names.length === 0) return [...state.targetGroups.values()];
  const found = state.targetGroups.filter(({ name }) => Names.includes(name));
  if (found.length < Names.length) throw targetGroupNotFound();
  return found;
}

export function modifyTargetGroup(
  ctx: Context,
  state: Elbv2State,
  input: Elb.ModifyTargetGroupInput,
): Elb.ModifyTargetGroupOutput {
  const group = targetGroupOf(state, input.TargetGroupArn);
  checkModelled(input);
  const changed = {
    ...group,
    healthCheck: checkedHealthCheck(group.healthCheck, input, group.protocolVersion),
  };
  state.targetGroups.put(group.arn, changed);
  refreshChecks(ctx, state, changed);
  return { TargetGroups: [described(state, changed)] };
}

/** Confirmed by docs: refused while an action refers to it. */
export function deleteTargetGroup(
  ctx: Context,
  state: Elbv2State,
  { TargetGroupArn = '' }: Elb.DeleteTargetGroupInput,
): Elb.DeleteTargetGroupOutput {
  if (!state.targetGroups.has(TargetGroupArn)) return {};
  if (loadBalancersUsing(state, TargetGroupArn).length > 0) throw targetGroupInUse(TargetGroupArn);
  for (const { id, port } of targetsOf(state, TargetGroupArn)) {
    const key = targetKey(TargetGroupArn, id, port);
    stopChecks(ctx, state, key);
    ctx.timers.drop(key);
    state.targets.delete(key);
  }
  state.targetGroups.delete(TargetGroupArn);
  return {};
}

export function describeTargetGroupAttributes(
  _ctx: Context,
  state: Elbv2State,
  input: Elb.DescribeTargetGroupAttributesInput,
): Elb.DescribeTargetGroupAttributesOutput {
  const { attributes } = targetGroupOf(state, input.TargetGroupArn);
  return { Attributes: listAttributes(targetGroupAttributes, attributes) };
}

export function modifyTargetGroupAttributes(
  ctx: Context,
  state: Elbv2State,
  { TargetGroupArn, Attributes }: Elb.ModifyTargetGroupAttributesInput,
): Elb.ModifyTargetGroupAttributesOutput {
  const group = targetGroupOf(state, TargetGroupArn);
  const attributes = changedAttributes(
    'Target group',
    targetGroupAttributes,
    group.attributes,
    Attributes ?? [],
  );
  checkTargetGroupAttributes(attributes);
  if (Object.keys(attributes).some((key) => key.startsWith('target_group_health.dns_failover.'))) {
    ctx.warn(
      'elbv2-dns-failover',
      'target_group_health.dns_failover: the DNS names of load balancers are not resolved in this region, so nothing fails over. Routing failover works.',
    );
  }
  state.targetGroups.put(group.arn, { ...group, attributes });
  // A refusal undoes the step.
  if (actionsTo(state, group.arn).some((action) => lacksGroupStickiness(state, action)))
    throw groupStickinessRequired('InvalidConfigurationRequest');
  endSlowStarts(ctx, state, group.arn, attributes);
  for (const loadBalancer of loadBalancersUsing(state, group.arn)) configure(ctx, state, loadBalancer);
  return { Attributes: listAttributes(targetGroupAttributes, attributes) };
}

const DEFAULT_HEALTH_CHECK: HealthCheck = {
  enabled: true,
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThresholdCount: 5,
  unhealthyThresholdCount: 2,
  matcher: '200',
};

/** Confirmed by docs: a method that no service has, so that a server answers `UNIMPLEMENTED`, 12. */
const DEFAULT_GRPC_HEALTH_CHECK: HealthCheck = {
  ...DEFAULT_HEALTH_CHECK,
  path: '/AWS.ALB/healthcheck',
  matcher: '12',
};

/** A target group of AWS that this region has not: other protocols, other kinds of targets. */
function checkModelled(input: Partial<Elb.CreateTargetGroupInput>): void {
  const limits = {
    TargetType: ['ip'],
    Protocol: ['HTTP'],
    ProtocolVersion: ['HTTP1', 'HTTP2', 'GRPC'],
    HealthCheckProtocol: ['HTTP'],
    IpAddressType: ['ipv4'],
  } as const;
  const given: Readonly<Record<string, string | undefined>> = {
    TargetType: 'Name' in input ? (input.TargetType ?? 'instance') : undefined,
    Protocol: 'Name' in input ? (input.Protocol ?? '') : undefined,
    ProtocolVersion: input.ProtocolVersion,
    HealthCheckProtocol: input.HealthCheckProtocol,
    IpAddressType: input.IpAddressType,
  };
  if (given['Protocol'] === '') throw validationError('A protocol must be specified');
  for (const [member, allowed] of Object.entries(limits)) {
    const value = given[member];
    if (value !== undefined && !(allowed as readonly string[]).includes(value)) {
      throw notModelled(`elbv2: target group ${member} ${value}`, 'elbv2');
    }
  }
}

type HealthCheckInput = Pick<
  Elb.CreateTargetGroupInput,
  | 'HealthCheckEnabled'
  | 'HealthCheckPort'
  | 'HealthCheckPath'
  | 'HealthCheckIntervalSeconds'
  | 'HealthCheckTimeoutSeconds'
  | 'HealthyThresholdCount'
  | 'UnhealthyThresholdCount'
  | 'Matcher'
>;

function checkedHealthCheck(
  before: HealthCheck,
  input: HealthCheckInput,
  protocolVersion: Http2Version | undefined,
): HealthCheck {
  const check: HealthCheck = {
    enabled: input.HealthCheckEnabled ?? before.enabled,
    port: input.HealthCheckPort ?? before.port,
    path: input.HealthCheckPath ?? before.path,
    intervalSeconds: input.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThresholdCount: input.HealthyThresholdCount ?? before.healthyThresholdCount,
    unhealthyThresholdCount: input.UnhealthyThresholdCount ?? before.unhealthyThresholdCount,
    matcher: checkedMatcher(input.Matcher, protocolVersion) ?? before.matcher,
  };
  checkRange('Health check interval', check.intervalSeconds, 5, 300);
  checkRange('Health check timeout', check.timeoutSeconds, 2, 120);
  checkRange('Healthy threshold count', check.healthyThresholdCount, 2, 10);
  checkRange('Unhealthy threshold count', check.unhealthyThresholdCount, 2, 10);
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw validationError(
      `Health check timeout '${check.timeoutSeconds}' must be smaller than the interval '${check.intervalSeconds}'`,
    );
  }
  // The path goes into a request line: what may not stand there is refused here.
  if (!/^\/[\x21-\x7e]*$/.test(check.path) || check.path.length > 1024) {
    throw validationError(
      `Health check path '${check.path}' must begin with a '/' character and can be at most 1024 characters`,
    );
  }
  if (check.port !== 'traffic-port') checkedPort(Number(check.port));
  return check;
}

/** Confirmed by docs: codes of gRPC for target groups of gRPC, of HTTP for all others. */
function checkedMatcher(
  given: Elb.Matcher | undefined,
  protocolVersion: Http2Version | undefined,
): string | undefined {
  const { HttpCode, GrpcCode } = given ?? {};
  const isGrpc = protocolVersion === 'GRPC';
  if (isGrpc ? HttpCode !== undefined : GrpcCode !== undefined) {
    throw validationError(
      `Health check matcher ${isGrpc ? 'HTTP' : 'GRPC'} codes cannot be specified for protocol version '${protocolVersion ?? 'HTTP1'}'`,
    );
  }
  if (GrpcCode !== undefined && !isGrpcMatcher(GrpcCode))
    throw validationError(`Health check matcher GRPC code '${GrpcCode}' must be within '0-99' inclusive`);
  if (HttpCode !== undefined && !isMatcher(HttpCode))
    throw validationError(`Health check matcher HTTP code '${HttpCode}' must be within '200-499' inclusive`);
  return GrpcCode ?? HttpCode;
}

function checkRange(name: string, value: number, from: number, to: number): void {
  if (!Number.isInteger(value) || value < from || value > to) {
    throw validationError(`${name} '${value}' must be between ${from} and ${to} inclusive`);
  }
}

function checkedPort(port: number | undefined): number {
  if (port === undefined) throw validationError('A port must be specified');
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw validationError(`Port '${port}' must be between 1 and 65535 inclusive`);
  return port;
}

function checkedName(name = ''): string {
  if (name.length === 0) throw validationError('Target group name must be specified');
  if (name.length > 32)
    throw validationError(`Target group name '${name}' cannot be longer than '32' characters`);
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `Target group name '${name}' can only contain characters that are alphanumeric characters or hyphens(-)`,
    );
  }
  if (name.startsWith('-') || name.endsWith('-')) {
    throw validationError(`Target group name '${name}' cannot begin or end with '-'`);
  }
  return name;
}

function described(state: Elbv2State, group: TargetGroupRecord): Elb.TargetGroup {
  const { healthCheck } = group;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: 'HTTP',
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: 'HTTP',
    HealthCheckPort: healthCheck.port,
    HealthCheckEnabled: healthCheck.enabled,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThresholdCount,
    UnhealthyThresholdCount: healthCheck.unhealthyThresholdCount,
    HealthCheckPath: healthCheck.path,
    Matcher:
      group.protocolVersion === 'GRPC'
        ? { GrpcCode: healthCheck.matcher }
        : { HttpCode: healthCheck.matcher },
    LoadBalancerArns: loadBalancersUsing(state, group.arn).map(({ arn }) => arn),
    TargetType: 'ip',
    ProtocolVersion: group.protocolVersion ?? 'HTTP1',
    IpAddressType: 'ipv4',
  };
}
