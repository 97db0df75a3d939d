import type * as Elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../kernel/context.ts';
import { awaitMinute, endedMinute } from '../../kernel/metric-minutes.ts';
import { type Operation, operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import {
  type AccessLogStored,
  isAccessLogTimer,
  onAccessLogStored,
  onPeriodEnded,
  onRequestsLogged,
  type RequestsLogged,
  resumeAccessLogs,
  type StoreAccessLog,
} from './access-logs.ts';
import { describeAccountLimits } from './api/account-limits.ts';
import {
  addListenerCertificates,
  describeListenerCertificates,
  removeListenerCertificates,
} from './api/listener-certificates.ts';
import {
  createListener,
  deleteListener,
  describeListenerAttributes,
  describeListeners,
  modifyListener,
  modifyListenerAttributes,
} from './api/listeners.ts';
import {
  createLoadBalancer,
  deleteLoadBalancer,
  describeLoadBalancerAttributes,
  describeLoadBalancers,
  modifyLoadBalancerAttributes,
  setSecurityGroups,
  setSubnets,
} from './api/load-balancers.ts';
import { createRule, deleteRule, describeRules, modifyRule, setRulePriorities } from './api/rules.ts';
import { describeSslPolicies } from './api/ssl-policies.ts';
import { addTags, describeTags, removeTags } from './api/tags.ts';
import {
  createTargetGroup,
  deleteTargetGroup,
  describeTargetGroupAttributes,
  describeTargetGroups,
  modifyTargetGroup,
  modifyTargetGroupAttributes,
} from './api/target-groups.ts';
import { deregisterTargets, describeTargetHealth, registerTargets } from './api/targets.ts';
import { checkTimer, PreparedRounds } from './check-rounds.ts';
import { listenerType } from './cloudformation/listener.ts';
import { listenerCertificateType } from './cloudformation/listener-certificate.ts';
import { listenerRuleType } from './cloudformation/listener-rule.ts';
import { loadBalancerType } from './cloudformation/load-balancer.ts';
import { targetGroupType } from './cloudformation/target-group.ts';
import { check, onProbed, onTargetTimer, restartChecks } from './health-checks.ts';
import { KeepAliveAdvice } from './keep-alive-advice.ts';
import { LoadBalancerMetrics } from './metrics.ts';
import { ElbMetrics, type MinuteEnded, publishMetrics } from './metrics-publishing.ts';
import type { AccessLogFiles, CounterReport, LoadBalancing } from './ports.ts';
import { type ProbeAction, type ProbedEvent, probeAll } from './probes.ts';
import {
  type ConfiguredEvent,
  configureAll,
  configureUsersOf,
  onConfigured,
  onLoadBalancerTimer,
  type RoutingAction,
} from './routing-changes.ts';
import { drawCookieKey, type Elbv2State, openElbv2 } from './state.ts';

export interface Elbv2Dependencies {
  readonly tables: Tables;
  readonly plane: LoadBalancing;
  /** Needed where access logs are switched on. */
  readonly accessLogFiles?: AccessLogFiles;
  /** Whether CloudWatch is told each minute; the region needs that service then. Default false. */
  readonly publishesMetrics?: boolean;
  /** How many load balancers the account may have: AWS raises it on request. Default 50. */
  readonly loadBalancerQuota?: number;
}

type ElbAction = ProbeAction | RoutingAction | StoreAccessLog;
type ElbEvent = ProbedEvent | ConfiguredEvent | CountedEvent | MinuteEnded | RequestsLogged | AccessLogStored;

interface CountedEvent {
  readonly kind: 'counted';
  readonly reports: readonly CounterReport[];
}

/** Elastic Load Balancing v2: Application Load Balancers whose traffic the plane really carries. */
export function elbv2(dependencies: Elbv2Dependencies): ServiceModule {
  const { tables, plane, publishesMetrics = false } = dependencies;
  const state = openElbv2(tables, dependencies.loadBalancerQuota);
  const metrics = { counts: new LoadBalancerMetrics(), published: new ElbMetrics() };
  const rounds = new PreparedRounds(state);
  let report: (event: ElbEvent) => void = () => {};
  const keepAlive = new KeepAliveAdvice(state);
  const onCounted = (ctx: Context, { reports }: CountedEvent): void => {
    keepAlive.give(ctx, reports);
    if (publishesMetrics) metrics.counts.record(ctx.now, reports);
  };
  return {
    name: 'elbv2',
    operations: operationsOf(state),
    resourceTypes: [
      loadBalancerType,
      targetGroupType,
      listenerType(state),
      listenerRuleType(state),
      listenerCertificateType(state),
    ],
    onStart(ctx) {
      drawCookieKey(ctx, state);
      restartChecks(ctx, state);
      configureAll(ctx, state);
      resumeAccessLogs(ctx, state);
      if (publishesMetrics) awaitMinute(ctx);
    },
    onTimer(ctx, timer) {
      const minute = endedMinute(timer);
      if (minute !== undefined) {
        awaitMinute(ctx);
        ctx.raise({ kind: 'minuteEnded', minute } satisfies MinuteEnded);
      } else if (isAccessLogTimer(timer)) onPeriodEnded(ctx, state, timer);
      else if (state.loadBalancers.has(timer.subject)) onLoadBalancerTimer(ctx, state, timer.subject);
      else onTargetTimer(ctx, state, timer);
    },
    onEvent(ctx, event: ElbEvent) {
      switch (event.kind) {
        case 'probed':
          return onProbed(ctx, state, event);
        case 'configured':
          return onConfigured(ctx, state, event);
        case 'counted':
          return onCounted(ctx, event);
        case 'minuteEnded':
          return publishMetrics(ctx, state, metrics, event);
        case 'requestsLogged':
          return onRequestsLogged(ctx, state, event);
        case 'accessLogStored':
          return onAccessLogStored(ctx, state, event);
      }
    },
    onChanged: (ctx, services, written) => {
      if (services.has('acm')) configureUsersOf(ctx, state, written);
    },
    round: { timer: checkTimer, onTimers: (ctx, timers) => check(ctx, state, timers, rounds) },
    perform: (action: ElbAction) => perform(dependencies, action, report),
    connect: (deliver) => {
      report = deliver;
      plane.watch((outcome) => deliver({ kind: 'configured', outcome } satisfies ElbEvent));
      plane.watchCounters((reports) => deliver({ kind: 'counted', reports } satisfies ElbEvent));
      plane.watchRequests((batches) => deliver({ kind: 'requestsLogged', batches } satisfies ElbEvent));
    },
  };
}

async function perform(
  { plane, accessLogFiles }: Elbv2Dependencies,
  action: ElbAction,
  report: (event: ElbEvent) => void,
): Promise<ElbEvent | undefined> {
  switch (action.kind) {
    case 'configure':
      return { kind: 'configured', outcome: await plane.configure(action.configuration) };
    case 'remove':
      await plane.remove(action.loadBalancerArn);
      return undefined;
    case 'storeAccessLog': {
      if (!accessLogFiles) throw new Error('no place for access logs was given');
      const { file } = action;
      return { kind: 'accessLogStored', file, body: await accessLogFiles.store(file.text, file.form) };
    }
    case 'probe':
      return probeAll(plane, action, report);
  }
}

type Handler<Input, Output> = (ctx: Context, state: Elbv2State, input: Input) => Output;

function operationsOf(state: Elbv2State): ServiceModule['operations'] {
  const define = <Input extends object, Output>(
    handler: Handler<Input, Output>,
    accepts: readonly (keyof Input & string)[],
  ): Operation<never, unknown> =>
    operation<Input, Output>({ accepts, handler: (ctx, input) => handler(ctx, state, input) });
  return {
    CreateLoadBalancer: define<Elb.CreateLoadBalancerInput, Elb.CreateLoadBalancerOutput>(
      createLoadBalancer,
      ['Name', 'Subnets', 'SubnetMappings', 'SecurityGroups', 'Scheme', 'Tags', 'Type', 'IpAddressType'],
    ),
    DescribeLoadBalancers: define(describeLoadBalancers, ['LoadBalancerArns', 'Names', 'Marker', 'PageSize']),
    DeleteLoadBalancer: define(deleteLoadBalancer, ['LoadBalancerArn']),
    DescribeLoadBalancerAttributes: define(describeLoadBalancerAttributes, ['LoadBalancerArn']),
    ModifyLoadBalancerAttributes: define(modifyLoadBalancerAttributes, ['LoadBalancerArn', 'Attributes']),
    SetSecurityGroups: define(setSecurityGroups, ['LoadBalancerArn', 'SecurityGroups']),
    SetSubnets: define(setSubnets, ['LoadBalancerArn', 'Subnets', 'SubnetMappings']),
    CreateTargetGroup: define(createTargetGroup, [
      'Name',
      'Protocol',
      'ProtocolVersion',
      'Port',
      'VpcId',
      ...HEALTH_CHECK_MEMBERS,
      'TargetType',
      'Tags',
      'IpAddressType',
    ]),
    DescribeTargetGroups: define(describeTargetGroups, [
      'LoadBalancerArn',
      'TargetGroupArns',
      'Names',
      'Marker',
      'PageSize',
    ]),
    ModifyTargetGroup: define(modifyTargetGroup, ['TargetGroupArn', ...HEALTH_CHECK_MEMBERS]),
    DeleteTargetGroup: define(deleteTargetGroup, ['TargetGroupArn']),
    DescribeTargetGroupAttributes: define(describeTargetGroupAttributes, ['TargetGroupArn']),
    ModifyTargetGroupAttributes: define(modifyTargetGroupAttributes, ['TargetGroupArn', 'Attributes']),
    CreateListener: define(createListener, ['LoadBalancerArn', 'Tags', ...LISTENER_MEMBERS]),
    DescribeListeners: define(describeListeners, ['LoadBalancerArn', 'ListenerArns', 'Marker', 'PageSize']),
    ModifyListener: define(modifyListener, ['ListenerArn', ...LISTENER_MEMBERS]),
    DeleteListener: define(deleteListener, ['ListenerArn']),
    DescribeListenerAttributes: define(describeListenerAttributes, ['ListenerArn']),
    ModifyListenerAttributes: define(modifyListenerAttributes, ['ListenerArn', 'Attributes']),
    AddListenerCertificates: define(addListenerCertificates, ['ListenerArn', 'Certificates']),
    RemoveListenerCertificates: define(removeListenerCertificates, ['ListenerArn', 'Certificates']),
    DescribeListenerCertificates: define(describeListenerCertificates, ['ListenerArn', 'Marker', 'PageSize']),
    DescribeSSLPolicies: define(describeSslPolicies, ['Names', 'Marker', 'PageSize', 'LoadBalancerType']),
    CreateRule: define(createRule, [
      'ListenerArn',
      'Priority',
      'Conditions',
      'Actions',
      'Transforms',
      'Tags',
    ]),
    DescribeRules: define(describeRules, ['ListenerArn', 'RuleArns', 'Marker', 'PageSize']),
    ModifyRule: define(modifyRule, ['RuleArn', 'Conditions', 'Actions', 'Transforms', 'ResetTransforms']),
    DeleteRule: define(deleteRule, ['RuleArn']),
    SetRulePriorities: define(setRulePriorities, ['RulePriorities']),
    RegisterTargets: define(registerTargets, ['TargetGroupArn', 'Targets']),
    DeregisterTargets: define(deregisterTargets, ['TargetGroupArn', 'Targets']),
    DescribeTargetHealth: define(describeTargetHealth, ['TargetGroupArn', 'Targets']),
    AddTags: define(addTags, ['ResourceArns', 'Tags']),
    RemoveTags: define(removeTags, ['ResourceArns', 'TagKeys']),
    DescribeTags: define(describeTags, ['ResourceArns']),
    DescribeAccountLimits: define(describeAccountLimits, ['Marker', 'PageSize']),
  };
}

const LISTENER_MEMBERS = [
  'Protocol',
  'Port',
  'DefaultActions',
  'SslPolicy',
  'Certificates',
  'AlpnPolicy',
  'MutualAuthentication',
] as const;

const HEALTH_CHECK_MEMBERS = [
  'HealthCheckProtocol',
  'HealthCheckPort',
  'HealthCheckEnabled',
  'HealthCheckPath',
  'HealthCheckIntervalSeconds',
  'HealthCheckTimeoutSeconds',
  'HealthyThresholdCount',
  'UnhealthyThresholdCount',
  'Matcher',
] as const;
