import type {
  Action,
  AvailabilityZone,
  RuleCondition,
  RuleTransform,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { type ServingCertificate, servingCertificate } from '../acm/views.ts';
import { listenerNotFound, loadBalancerNotFound, ruleNotFound, targetGroupNotFound } from './errors.ts';
import type { TargetStatus } from './target-health.ts';
import { TargetIndex } from './target-index.ts';

export type Tags = Readonly<Record<string, string>>;
export type Attributes = Readonly<Record<string, string>>;

export interface LoadBalancerRecord {
  readonly arn: string;
  readonly name: string;
  /** The 16 digits at the end of the ARN. */
  readonly id: string;
  readonly dnsName: string;
  readonly canonicalHostedZoneId: string;
  readonly createdTime: Instant;
  readonly scheme: 'internet-facing' | 'internal';
  readonly vpcId: string;
  readonly state: { readonly code: 'provisioning' | 'active' | 'failed'; readonly reason?: string };
  readonly availabilityZones: readonly AvailabilityZone[];
  readonly securityGroups: readonly string[];
  /** Only what was set; the defaults are in `attributes.ts`. */
  readonly attributes: Attributes;
  readonly tags: Tags;
}

export interface HealthCheck {
  readonly enabled: boolean;
  /** `traffic-port` or a number. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
  /** `200`, `200,302`, `200-299`; of gRPC `12`, `0,12`, `0-99`. */
  readonly matcher: string;
}

/** What targets speak, when not HTTP/1.1. */
export type Http2Version = 'HTTP2' | 'GRPC';

export interface TargetGroupRecord {
  readonly arn: string;
  readonly name: string;
  readonly id: string;
  readonly port: number;
  /** Absent: HTTP1. */
  readonly protocolVersion?: Http2Version;
  readonly vpcId: string;
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
  readonly tags: Tags;
}

/** What makes a listener one of HTTPS. */
export interface ListenerTls {
  readonly sslPolicy: string;
  readonly defaultCertificateArn: string;
  /** Further certificates, chosen by the name that the client asks for. */
  readonly certificateArns: readonly string[];
}

export interface ListenerRecord {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly port: number;
  /** Absent: HTTP. */
  readonly tls?: ListenerTls;
  readonly defaultRuleArn: string;
  readonly defaultActions: readonly Action[];
  readonly attributes: Attributes;
  readonly tags: Tags;
  /** Where the plane bound it. */
  readonly local?:
    | { readonly kind: 'listening'; readonly host: string; readonly port: number }
    | { readonly kind: 'failed'; readonly reason: string };
}

export interface RuleRecord {
  readonly arn: string;
  readonly listenerArn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
  readonly transforms?: readonly RuleTransform[];
  readonly tags: Tags;
}

export interface TargetRecord {
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
  /** Undefined when its address is in no subnet of the group's VPC. */
  readonly availabilityZone?: string;
  readonly status: TargetStatus;
  /** When its status last became `initial`, or it was registered. */
  readonly initialSince: Instant;
  /** It was registered into an empty group. */
  readonly isFirst?: true;
  /** When it became healthy, while its share of the requests still grows. */
  readonly slowStartSince?: Instant;
  /** Changes with each registration, so that an outcome for an earlier one is dropped. */
  readonly registration: string;
}

/** What the balancers of the region encrypt cookies with. */
export interface CookieKeyRecord {
  /** 32 hexadecimal digits. */
  readonly key: string;
}

/** Lines of an access log that are in no file yet. */
export interface AccessLogLinesRecord {
  readonly loadBalancerArn: string;
  readonly text: string;
}

/** A file on its way to S3. */
export interface AccessLogFileRecord {
  readonly bucket: string;
  readonly key: string;
  readonly text: string;
  readonly form: 'plain' | 'gzip';
}

export interface Elbv2State {
  /** How many load balancers the account may have. */
  readonly loadBalancerQuota: number;
  readonly cookieKeys: Table<CookieKeyRecord>;
  readonly loadBalancers: Table<LoadBalancerRecord>;
  readonly targetGroups: Table<TargetGroupRecord>;
  readonly listeners: Table<ListenerRecord>;
  readonly rules: Table<RuleRecord>;
  readonly targets: Table<TargetRecord>;
  readonly targetIndex: TargetIndex<TargetRecord>;
  readonly accessLogLines: Table<AccessLogLinesRecord>;
  readonly accessLogFiles: Table<AccessLogFileRecord>;
  /** Of ACM. Undefined: there is none. */
  servingCertificate(arn: string): ServingCertificate | undefined;
}

export function openElbv2(tables: Tables, loadBalancerQuota = 50): Elbv2State {
  const targets = tables.table<TargetRecord>('elbv2.targets');
  return {
    loadBalancerQuota,
    cookieKeys: tables.table('elbv2.cookieKeys'),
    loadBalancers: tables.table('elbv2.loadBalancers'),
    targetGroups: tables.table('elbv2.targetGroups'),
    listeners: tables.table('elbv2.listeners'),
    rules: tables.table('elbv2.rules'),
    targets,
    targetIndex: new TargetIndex(tables, targets),
    accessLogLines: tables.table('elbv2.accessLogLines'),
    accessLogFiles: tables.table('elbv2.accessLogFiles'),
    servingCertificate: (arn) => servingCertificate(tables, arn),
  };
}

const COOKIE_KEY = 'stickiness';

export function cookieKeyOf(state: Elbv2State): string {
  return state.cookieKeys.get(COOKIE_KEY)?.key ?? '';
}

/** Draws the key when the region first starts. It is kept, so that sessions outlive a restart. */
export function drawCookieKey({ secrets }: Context, state: Elbv2State): void {
  if (!state.cookieKeys.has(COOKIE_KEY))
    state.cookieKeys.put(COOKIE_KEY, { key: secrets.text(32, '0123456789abcdef') });
}

export function loadBalancerOf(state: Elbv2State, arn: string | undefined): LoadBalancerRecord {
  const found = state.loadBalancers.get(arn ?? '');
  if (!found) throw loadBalancerNotFound();
  return found;
}

export function targetGroupOf(state: Elbv2State, arn: string | undefined): TargetGroupRecord {
  const found = state.targetGroups.get(arn ?? '');
  if (!found) throw targetGroupNotFound();
  return found;
}

export function listenerOf(state: Elbv2State, arn: string | undefined): ListenerRecord {
  const found = state.listeners.get(arn ?? '');
  if (!found) throw listenerNotFound();
  return found;
}

export function ruleOf(state: Elbv2State, arn: string | undefined): RuleRecord {
  const found = state.rules.get(arn ?? '');
  if (!found) throw ruleNotFound();
  return found;
}

export function targetKey(targetGroupArn: string, id: string, port: number): string {
  return `${targetGroupArn} ${id}:${port}`;
}

export function targetsOf(state: Elbv2State, targetGroupArn: string): TargetRecord[] {
  return state.targetIndex.ofGroup(targetGroupArn);
}

export function listenersOf(state: Elbv2State, loadBalancerArn: string): ListenerRecord[] {
  return state.listeners.filter((listener) => listener.loadBalancerArn === loadBalancerArn);
}

/** All certificates of a listener, the default one first. */
export function certificatesOf({ tls }: ListenerRecord): readonly string[] {
  return tls ? [tls.defaultCertificateArn, ...tls.certificateArns] : [];
}

/** In the order of their priority, without the default rule. */
export function rulesOf(state: Elbv2State, listenerArn: string): RuleRecord[] {
  return state.rules
    .filter((rule) => rule.listenerArn === listenerArn)
    .sort((a, b) => a.priority - b.priority);
}

/** The target groups that an action forwards to. */
export function forwardedGroups(actions: readonly Action[]): string[] {
  return actions.flatMap(({ ForwardConfig, TargetGroupArn }) =>
    ForwardConfig?.TargetGroups
      ? ForwardConfig.TargetGroups.map((group) => group.TargetGroupArn ?? '')
      : (TargetGroupArn ?? []),
  );
}

/** The actions of all listeners and rules that forward to a target group. */
export function actionsTo(state: Elbv2State, targetGroupArn: string): Action[] {
  return [
    ...[...state.listeners.values()].flatMap(({ defaultActions }) => defaultActions),
    ...[...state.rules.values()].flatMap(({ actions }) => actions),
  ].filter((action) => forwardedGroups([action]).includes(targetGroupArn));
}

/** The target groups that a load balancer's listeners and rules name, each once. */
export function groupsUsedBy(state: Elbv2State, loadBalancerArn: string): string[] {
  const actions = listenersOf(state, loadBalancerArn).flatMap((listener) => [
    ...listener.defaultActions,
    ...rulesOf(state, listener.arn).flatMap((rule) => rule.actions),
  ]);
  return [...new Set(forwardedGroups(actions))];
}

/** The same of all load balancers, in one pass over their listeners and rules: there are many, and it is asked each minute. */
export function groupsByLoadBalancer(state: Elbv2State): ReadonlyMap<string, ReadonlySet<string>> {
  const rules = new Map<string, RuleRecord[]>();
  for (const rule of state.rules.values()) {
    const known = rules.get(rule.listenerArn);
    if (known) known.push(rule);
    else rules.set(rule.listenerArn, [rule]);
  }
  const groups = new Map<string, Set<string>>();
  for (const { arn, loadBalancerArn, defaultActions } of state.listeners.values()) {
    const used = groups.get(loadBalancerArn) ?? new Set();
    for (const group of groupsOf(defaultActions)) used.add(group);
    for (const { actions } of rules.get(arn) ?? []) for (const group of groupsOf(actions)) used.add(group);
    groups.set(loadBalancerArn, used);
  }
  return groups;
}

/** By the actions of a record, which are never changed in place. */
const forwarded = new WeakMap<readonly Action[], readonly string[]>();

function groupsOf(actions: readonly Action[]): readonly string[] {
  const known = forwarded.get(actions) ?? forwardedGroups(actions);
  forwarded.set(actions, known);
  return known;
}

/** The load balancers that use a target group. AWS allows one. */
export function loadBalancersUsing(state: Elbv2State, targetGroupArn: string): LoadBalancerRecord[] {
  return state.loadBalancers.filter(({ arn }) => groupsUsedBy(state, arn).includes(targetGroupArn));
}
